#include "inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { TCP_HEADER_MORE = 12 };

/* A packet on its way: through the cable it left by, the network, the cable
 * of where it goes. */
struct flight {
	struct plug *from; /* NULL: injected */
	struct plug *to;
	struct pkt p;
	uint8_t data[];
};

struct net *
world_net(struct world *w, uint8_t hops)
{
	struct net *net = calloc(1, sizeof *net);

	assert(net != NULL);
	net->world = w;
	net->hops = hops;
	net->router = addr_v4(4, 68, 0, 1, 0);
	list_add(&w->nets, net);
	return net;
}

void
net_hops(struct net *net, const struct addr *router)
{
	net->router = router != NULL ? *router : (struct addr) { 0 };
}

struct net *
world_internet(struct world *w)
{
	return w->nets.items[0];
}

void
net_free(struct net *net)
{
	list_fini(&net->plugs);
	free(net);
}

struct router *
world_router(struct world *w, struct net *inside, struct net *outside,
    const struct nat_conf *conf, struct cable cable)
{
	struct router *r = calloc(1, sizeof *r);

	assert(r != NULL && inside->gateway == NULL);
	r->world = w;
	r->nat = nat_new(conf, rng_u64(&w->rng));
	assert(r->nat != NULL);
	r->is_firewall = conf->is_firewall;
	r->in = (struct plug) { .net = inside, .router = r, .is_inside = true,
		.cable = cable_lan() };
	r->out = (struct plug) { .net = outside, .router = r, .cable = cable };
	r->wakes = USEC_NEVER;
	inside->gateway = &r->in;
	list_add(&outside->plugs, &r->out);
	list_add(&w->routers, r);
	return r;
}

struct nat *
router_nat(struct router *r)
{
	return r->nat;
}

struct cable *
router_cable(struct router *r)
{
	return &r->out.cable;
}

void
router_free(struct router *r)
{
	gateway_free(r);
	nat_free(r->nat);
	free(r);
}

/* ---- where to ---- */

static bool
plug_has(const struct plug *plug, const struct addr *dst);

static const struct plug *
net_find(const struct net *net, const struct addr *dst)
{
	for (size_t i = 0; i < net->plugs.count; i++)
		if (plug_has(net->plugs.items[i], dst))
			return net->plugs.items[i];
	return NULL;
}

/* A router answers for its external addresses, and for what it does not
 * translate behind it. */
static bool
plug_has(const struct plug *plug, const struct addr *dst)
{
	const struct router *r = plug->router;

	if (r == NULL)
		return addr_same_ip(&plug->v4, dst) ||
		    addr_same_ip(&plug->v6, dst);
	if (dst->family == ADDR_V6 || r->is_firewall)
		return net_find(r->in.net, dst) != NULL;
	return nat_owns(r->nat, dst);
}

/* ---- what links do ---- */

static size_t
wire_size(const struct pkt *p)
{
	size_t size = p->len + IP_UDP_HEADERS;

	if (p->src.family == ADDR_V6)
		size += 20;
	return p->proto == PKT_TCP ? size + TCP_HEADER_MORE : size;
}

/* UDP's checksum is 16 bits and sometimes off: what is corrupt arrives. TCP
 * and ICMP drop it. */
static bool
corrupt(struct world *w, struct flight *f)
{
	size_t flips = 1 + rng_below(&w->rng, 4);

	if (f->p.proto != PKT_UDP || f->p.len == 0)
		return false;
	for (size_t i = 0; i < flips; i++)
		f->data[rng_below(&w->rng, (uint32_t)f->p.len)] ^=
		    (uint8_t)(1u << rng_below(&w->rng, 8));
	return true;
}

/* ---- on the way ---- */

static struct flight *
flight_new(struct plug *from, struct plug *to, const struct pkt *p)
{
	struct flight *f = malloc(sizeof *f + p->len);

	assert(f != NULL);
	f->from = from;
	f->to = to;
	f->p = *p;
	if (p->len > 0)
		memcpy(f->data, p->data, p->len);
	return f;
}

/* Sends a packet through a cable, once or twice; next gets a flight. */
static void
pass(struct plug *from, struct plug *to, struct cable *cable, int way,
    const struct pkt *p, due_fn *next)
{
	struct world *w = to->net->world;
	int copies = cable_copies(cable, &w->rng);

	while (copies-- > 0) {
		usec_t at = w->now;
		struct flight *f;

		if (!cable_cross(cable, &w->rng, way, wire_size(p), &at))
			continue;
		f = flight_new(from, to, p);
		if (cable_chance(&w->rng, cable->corrupt) && !corrupt(w, f)) {
			free(f);
			continue;
		}
		dues_add(&w->dues, at + cable_late(cable, &w->rng), next, f);
	}
}

static void arrive(struct world *w, void *what);

/* An error from a router on the way, about p, to whoever sent it. */
static void
die_of_age(struct plug *from, const struct pkt *p)
{
	struct pkt q = { .proto = PKT_ICMP, .ttl = PKT_TTL_DEFAULT,
		.error = PKT_TTL, .about = p->proto, .about_src = p->src,
		.about_dst = p->dst, .dst = p->src };

	if (from == NULL || from->net == NULL || p->proto == PKT_ICMP ||
	    p->src.family != from->net->router.family)
		return;
	q.src = from->net->router;
	q.dst.port = 0;
	pass(NULL, from, &from->cable, CABLE_DOWN, &q, arrive);
}

/* In the middle of a network: its routers count down. */
static void
cross_net(struct world *w, void *what)
{
	struct flight *f = what;
	struct plug *to = f->to;

	(void)w;
	f->p.data = f->data;
	if (to->net == NULL)
		return;
	if (to->net->hops >= f->p.ttl) {
		die_of_age(f->from, &f->p);
		return;
	}
	f->p.ttl -= to->net->hops;
	pass(f->from, to, &to->cable, CABLE_DOWN, &f->p, arrive);
}

/* Where packets to dst go from a plug of net; NULL: nowhere. */
static struct plug *
next_plug(struct net *net, const struct plug *from, const struct addr *dst)
{
	struct plug *to = (struct plug *)net_find(net, dst);

	if (to == NULL)
		to = net->gateway;
	return to == from && from != NULL && from->is_inside ? NULL : to;
}

void
net_send(struct plug *from, const struct pkt *p)
{
	struct plug *to;

	if (from->net == NULL)
		return;
	to = next_plug(from->net, from, &p->dst);
	if (to != NULL)
		pass(from, to, &from->cable, CABLE_UP, p, cross_net);
}

void
net_flood(struct plug *from, const struct pkt *p)
{
	for (size_t i = 0; i < from->net->plugs.count; i++) {
		struct plug *to = from->net->plugs.items[i];

		if (to != from)
			pass(from, to, &from->cable, CABLE_UP, p, cross_net);
	}
}

void
world_inject(struct world *w, struct net *net, const struct pkt *p)
{
	struct plug *to = next_plug(net, NULL, &p->dst);

	if (to != NULL)
		dues_add(&w->dues, w->now, cross_net, flight_new(NULL, to, p));
}

static void
wake_router(struct world *w, void *what)
{
	struct router *r = *(struct router **)what;
	struct pkt p;

	r->wakes = USEC_NEVER;
	while (nat_next(r->nat, w->now, &p))
		net_send(&r->out, &p);
}

static void
plan_router(struct router *r)
{
	usec_t at = nat_deadline(r->nat);
	struct router **what;

	if (at >= r->wakes)
		return;
	what = malloc(sizeof *what);
	assert(what != NULL);
	*what = r;
	r->wakes = at;
	world_at(r->world, at, wake_router, what);
}

static void
route(struct router *r, bool from_inside, struct pkt *p)
{
	usec_t now = r->world->now;
	enum nat_verdict verdict = from_inside ?
	    nat_outbound(r->nat, now, p) : nat_inbound(r->nat, now, p);

	if (verdict != NAT_DROP)
		net_send(verdict == NAT_OUT ? &r->out : &r->in, p);
	plan_router(r);
}

static void
arrive(struct world *w, void *what)
{
	struct flight *f = what;
	const struct plug *to = f->to;

	(void)w;
	f->p.data = f->data;
	if (to->router != NULL && to->is_inside &&
	    gateway_take(to->router, &f->p))
		return;
	if (to->router != NULL)
		route(to->router, to->is_inside, &f->p);
	else if (to->net != NULL)
		host_receive(to->host, &f->p);
}
