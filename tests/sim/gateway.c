#include "inside.h"

#include "natpmp.h"
#include "pcp.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { GRANTS_MAX = 32 };

/* How long a search for UPnP devices takes in vain, and a mapping. */
#define UPNP_SEARCH (2 * USEC_S)
#define UPNP_TIME (150 * USEC_MS)

struct grant {
	uint8_t proto; /* enum pkt_proto */
	struct addr in; /* unset: free */
	uint16_t port;
	usec_t until;
	uint8_t nonce[PCP_NONCE_LEN]; /* zero: not by PCP */
};

struct gateway {
	struct gateway_conf conf;
	usec_t started_at;
	struct grant grants[GRANTS_MAX];
	unsigned asked;
};

void
gateway_serve(struct router *r, const struct gateway_conf *conf)
{
	struct gateway *g = calloc(1, sizeof *g);

	assert(g != NULL && r->gateway == NULL);
	g->conf = *conf;
	g->started_at = r->world->now;
	r->gateway = g;
}

void
gateway_change(struct router *r, const struct gateway_conf *conf)
{
	r->gateway->conf = *conf;
}

void
gateway_free(struct router *r)
{
	free(r->gateway);
}

struct addr
gateway_addr(const struct router *r)
{
	struct addr none = { 0 };

	return r->gateway != NULL ? r->gateway->conf.inside : none;
}

void
gateway_reboot(struct router *r, bool new_ports, const struct addr *outside)
{
	struct gateway *g = r->gateway;

	if (outside != NULL)
		nat_readdress(r->nat, outside, 1);
	else
		nat_reboot(r->nat, new_ports);
	if (g == NULL)
		return;
	memset(g->grants, 0, sizeof g->grants);
	g->started_at = r->world->now;
	if (outside != NULL)
		g->conf.outside = *outside;
}

static uint32_t
epoch(const struct router *r)
{
	return (uint32_t)((r->world->now - r->gateway->started_at) / USEC_S);
}

/* ---- what it gave ---- */

static void
end_grant(struct router *r, struct grant *grant)
{
	nat_unforward(r->nat, (enum pkt_proto)grant->proto, grant->port);
	*grant = (struct grant) { 0 };
}

static void
sweep(struct router *r)
{
	for (size_t i = 0; i < GRANTS_MAX; i++) {
		struct grant *grant = &r->gateway->grants[i];

		if (addr_is_set(&grant->in) && grant->until <= r->world->now)
			end_grant(r, grant);
	}
}

static void
sweep_later(struct world *w, void *what)
{
	(void)w;
	sweep(*(struct router **)what);
}

size_t
gateway_count(const struct router *r)
{
	size_t n = 0;

	for (size_t i = 0; i < GRANTS_MAX; i++)
		n += addr_is_set(&r->gateway->grants[i].in);
	return n;
}

unsigned
gateway_asked(const struct router *r)
{
	return r->gateway->asked;
}

static struct grant *
find_grant(struct router *r, uint8_t proto, const struct addr *in)
{
	for (size_t i = 0; i < GRANTS_MAX; i++) {
		struct grant *grant = &r->gateway->grants[i];

		if (grant->proto == proto && addr_eq(&grant->in, in))
			return grant;
	}
	return NULL;
}

static struct grant *
new_grant(struct router *r, uint8_t proto, const struct addr *in,
    uint16_t wish)
{
	const struct gateway_conf *conf = &r->gateway->conf;
	uint16_t port = conf->port_from != 0 ? conf->port_from : wish;
	struct grant *grant = NULL;

	for (size_t i = 0; i < GRANTS_MAX; i++)
		if (!addr_is_set(&r->gateway->grants[i].in))
			grant = &r->gateway->grants[i];
	for (int i = 0; grant != NULL && i < 100; i++, port++) {
		if (!nat_forward(r->nat, r->world->now, (enum pkt_proto)proto,
		    in, port))
			continue;
		*grant = (struct grant) { .proto = proto, .in = *in,
			.port = port };
		return grant;
	}
	return NULL;
}

/* Gives or renews; NULL: no room. */
static struct grant *
give(struct router *r, uint8_t proto, const struct addr *in, uint16_t wish,
    uint32_t *lifetime_s)
{
	uint32_t most = r->gateway->conf.lifetime_max_s;
	struct grant *grant = find_grant(r, proto, in);
	struct router **what;

	if (grant == NULL)
		grant = new_grant(r, proto, in, wish);
	if (grant == NULL)
		return NULL;
	if (most != 0 && *lifetime_s > most)
		*lifetime_s = most;
	grant->until = r->world->now + *lifetime_s * USEC_S;
	what = malloc(sizeof *what);
	assert(what != NULL);
	*what = r;
	world_at(r->world, grant->until, sweep_later, what);
	return grant;
}

/* ---- NAT-PMP ---- */

static void
pmp_map(struct router *r, const struct addr *from, struct rd *req,
    struct wr *ans, uint8_t op)
{
	uint8_t proto = op == NATPMP_MAP_UDP ? PKT_UDP : PKT_TCP;
	struct addr in = *from;
	struct grant *grant;
	uint32_t lifetime_s;
	uint16_t wish;

	get_u16(req);
	in.port = get_u16(req);
	wish = get_u16(req);
	lifetime_s = get_u32(req);
	if (lifetime_s == 0) {
		grant = find_grant(r, proto, &in);
		if (grant != NULL)
			end_grant(r, grant);
		wish = 0;
	} else {
		grant = give(r, proto, &in, wish, &lifetime_s);
		wish = grant != NULL ? grant->port : 0;
	}
	put_u16(ans, lifetime_s > 0 && grant == NULL ? NATPMP_FULL :
	    NATPMP_OK);
	put_u32(ans, epoch(r));
	put_u16(ans, in.port);
	put_u16(ans, wish);
	put_u32(ans, lifetime_s);
}

static void
pmp(struct router *r, const struct addr *from, struct rd *req, struct wr *ans)
{
	struct addr external = r->gateway->conf.outside;
	uint8_t op = get_u8(req);

	put_u8(ans, 0);
	put_u8(ans, op | 128);
	if (r->gateway->conf.refuses || op > NATPMP_MAP_TCP) {
		put_u16(ans, op > NATPMP_MAP_TCP ? NATPMP_NO_SUCH_OP :
		    NATPMP_REFUSED);
		put_u32(ans, epoch(r));
	} else if (op == NATPMP_ADDRESS) {
		put_u16(ans, NATPMP_OK);
		put_u32(ans, epoch(r));
		put_bytes(ans, external.ip, 4);
	} else
		pmp_map(r, from, req, ans, op);
}

/* ---- PCP ---- */

struct pcp_request {
	uint8_t op, nonce[PCP_NONCE_LEN], protocol;
	uint16_t internal, wish;
	uint32_t lifetime_s;
};

static void
read_pcp(struct rd *req, struct pcp_request *q)
{
	q->op = get_u8(req);
	get_u16(req);
	q->lifetime_s = get_u32(req);
	get_bytes(req, 16);
	if (q->op != PCP_MAP)
		return;
	get_copy(req, q->nonce, PCP_NONCE_LEN);
	q->protocol = get_u8(req);
	get_bytes(req, 3);
	q->internal = get_u16(req);
	q->wish = get_u16(req);
}

/* RFC 6887 section 11.3: who does not know the nonce gets nothing. */
static uint8_t
pcp_grant(struct router *r, const struct addr *from, struct pcp_request *q)
{
	struct addr in = *from;
	uint8_t proto = q->protocol == PCP_UDP ? PKT_UDP : PKT_TCP;
	struct grant *grant;

	in.port = q->internal;
	grant = find_grant(r, proto, &in);
	if (r->gateway->conf.refuses || (grant != NULL &&
	    memcmp(grant->nonce, q->nonce, PCP_NONCE_LEN) != 0))
		return PCP_NOT_AUTHORIZED;
	if (q->lifetime_s == 0) {
		if (grant != NULL)
			end_grant(r, grant);
		return PCP_OK;
	}
	grant = give(r, proto, &in, q->wish, &q->lifetime_s);
	if (grant == NULL)
		return PCP_FULL;
	memcpy(grant->nonce, q->nonce, PCP_NONCE_LEN);
	q->wish = grant->port;
	return PCP_OK;
}

static void
put_pcp(struct router *r, struct wr *ans, const struct pcp_request *q,
    uint8_t result)
{
	struct addr external = r->gateway->conf.outside;

	put_u8(ans, 2);
	put_u8(ans, q->op | 0x80);
	put_u8(ans, 0);
	put_u8(ans, result);
	put_u32(ans, q->lifetime_s);
	put_u32(ans, epoch(r));
	put_zeros(ans, 12);
	if (q->op != PCP_MAP)
		return;
	put_bytes(ans, q->nonce, PCP_NONCE_LEN);
	put_u8(ans, q->protocol);
	put_zeros(ans, 3);
	put_u16(ans, q->internal);
	put_u16(ans, q->wish);
	put_zeros(ans, 10);
	put_u16(ans, 0xffff);
	put_bytes(ans, external.ip, 4);
}

static void
pcp(struct router *r, const struct addr *from, struct rd *req, struct wr *ans)
{
	struct pcp_request q = { 0 };
	uint8_t result = PCP_OK;

	read_pcp(req, &q);
	if (q.op == PCP_MAP)
		result = pcp_grant(r, from, &q);
	put_pcp(r, ans, &q, result);
}

/* ---- asked ---- */

static void
answer_datagram(struct router *r, const struct pkt *p)
{
	const struct gateway_conf *conf = &r->gateway->conf;
	struct rd req = rd_of(p->data, p->len);
	uint8_t buf[PCP_LEN_MAX], version = get_u8(&req);
	struct wr ans = wr_of(buf, sizeof buf);
	struct pkt q = { .proto = PKT_UDP, .ttl = PKT_TTL_DEFAULT,
		.src = p->dst, .dst = p->src, .data = buf };

	r->gateway->asked++;
	if (version == 0 && conf->natpmp)
		pmp(r, &p->src, &req, &ans);
	else if (version == 2 && conf->pcp)
		pcp(r, &p->src, &req, &ans);
	else if (version != 0 && conf->natpmp) {
		/* RFC 6886 section 3.5. */
		put_u8(&ans, 0);
		put_u8(&ans, get_u8(&req) | 128);
		put_u16(&ans, NATPMP_VERSION);
		put_u32(&ans, epoch(r));
	} else
		return;
	q.len = ans.len;
	net_send(&r->in, &q);
}

bool
gateway_take(struct router *r, const struct pkt *p)
{
	if (r->gateway == NULL || p->proto != PKT_UDP ||
	    p->dst.port != NATPMP_PORT ||
	    !addr_same_ip(&p->dst, &r->gateway->conf.inside))
		return false;
	sweep(r);
	answer_datagram(r, p);
	return true;
}

/* ---- announcing ---- */

static void
flood(struct router *r, const struct wr *what)
{
	struct pkt p = { .proto = PKT_UDP, .ttl = PKT_TTL_DEFAULT,
		.src = r->gateway->conf.inside,
		.dst = addr_v4(224, 0, 0, 1, PCP_ANNOUNCE_PORT),
		.data = what->p, .len = what->len };

	p.src.port = NATPMP_PORT;
	net_flood(&r->in, &p);
}

void
gateway_announce(struct router *r)
{
	const struct pcp_request none = { .op = PCP_ANNOUNCE };
	const uint8_t address[] = { NATPMP_ADDRESS };
	struct rd req = rd_of(address, sizeof address);
	uint8_t buf[PCP_HEADER_LEN];
	struct wr w = wr_of(buf, sizeof buf);

	if (r->gateway->conf.natpmp) {
		pmp(r, &r->gateway->conf.inside, &req, &w);
		flood(r, &w);
	}
	w = wr_of(buf, sizeof buf);
	if (r->gateway->conf.pcp) {
		put_pcp(r, &w, &none, PCP_OK);
		flood(r, &w);
	}
}

/* ---- UPnP ---- */

static struct router *
router_of(const struct host *h, const struct addr *inside)
{
	for (int i = 0; i < h->plug_count; i++) {
		const struct net *net = h->plugs[i].net;

		if (net != NULL && net->gateway != NULL &&
		    net->gateway->router->gateway != NULL &&
		    addr_same_ip(inside,
		    &net->gateway->router->gateway->conf.inside))
			return net->gateway->router;
	}
	return NULL;
}

/* Returns for how long. */
static uint32_t
upnp_port(struct router *r, const struct act *act, uint8_t proto,
    struct addr *out)
{
	struct grant *grant = find_grant(r, proto, &act->from);
	uint32_t lifetime_s = act->id;

	if (lifetime_s > 0)
		grant = give(r, proto, &act->from, act->from.port,
		    &lifetime_s);
	else if (grant != NULL)
		end_grant(r, grant);
	if (lifetime_s == 0 || grant == NULL)
		return 0;
	*out = r->gateway->conf.outside;
	out->port = grant->port;
	return lifetime_s;
}

void
gateway_upnp(struct node *n, const struct act *act)
{
	struct router *r = router_of(n->host, &act->to);
	struct input in = { .kind = IN_UPNP, .sock = act->sock };

	if (r == NULL || !r->gateway->conf.upnp) {
		in.err = E_NONE;
		in.text = "no router answers";
		node_tell(n, UPNP_SEARCH, &in);
		return;
	}
	r->gateway->asked++;
	sweep(r);
	if (r->gateway->conf.refuses) {
		in.err = E_DENIED;
		in.text = "refused";
	} else {
		in.id = upnp_port(r, act, PKT_UDP, &in.from);
		upnp_port(r, act, PKT_TCP, &in.to);
	}
	node_tell(n, UPNP_TIME, &in);
}
