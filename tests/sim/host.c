#include "inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct host *
world_host(struct world *w, const char *name)
{
	struct host *h = calloc(1, sizeof *h);

	assert(h != NULL);
	h->world = w;
	snprintf(h->name, sizeof h->name, "%s", name);
	h->disk_delay = USEC_MS;
	list_add(&w->hosts, h);
	return h;
}

void
host_free(struct host *h)
{
	tcp_free_all(h);
	for (size_t i = 0; i < h->udps.count; i++)
		free(h->udps.items[i]);
	for (size_t i = 0; i < h->listeners.count; i++)
		free(h->listeners.items[i]);
	disk_free(h);
	list_fini(&h->nodes);
	list_fini(&h->udps);
	list_fini(&h->listeners);
	list_fini(&h->tcps);
	nat_free(h->firewall);
	free(h);
}

/* ---- plugs ---- */

static void
set_plug(struct plug *plug, struct net *net, const struct addr *v4,
    const struct addr *v6)
{
	plug->net = net;
	plug->v4 = v4 != NULL ? *v4 : (struct addr) { 0 };
	plug->v6 = v6 != NULL ? *v6 : (struct addr) { 0 };
	plug->v4.port = plug->v6.port = 0;
	if (net != NULL)
		list_add(&net->plugs, plug);
}

int
host_plug(struct host *h, struct net *net, const struct addr *v4,
    const struct addr *v6, struct cable cable)
{
	struct plug *plug = &h->plugs[h->plug_count];

	assert(h->plug_count < PLUGS_MAX);
	plug->host = h;
	plug->cable = cable;
	set_plug(plug, net, v4, v6);
	for (size_t i = 0; i < h->nodes.count; i++)
		host_netif(h->nodes.items[i]);
	return h->plug_count++;
}

void
host_replug(struct host *h, int plug, struct net *net, const struct addr *v4,
    const struct addr *v6)
{
	struct plug *p = &h->plugs[plug];

	if (p->net != NULL)
		list_remove(&p->net->plugs, p);
	set_plug(p, net, v4, v6);
	for (size_t i = 0; i < h->nodes.count; i++)
		host_netif(h->nodes.items[i]);
}

struct cable *
host_cable(struct host *h, int plug)
{
	return &h->plugs[plug].cable;
}

const struct addr *
host_addr(const struct host *h, int plug, enum addr_family family)
{
	return family == ADDR_V4 ? &h->plugs[plug].v4 : &h->plugs[plug].v6;
}

/* Routers that give no ports are not mentioned: nobody there would listen. */
static void
tell_gateways(struct node *n)
{
	const struct host *h = n->host;
	struct addr pairs[2];
	struct input in = { .kind = IN_GATEWAYS, .addrs = pairs };

	for (int i = 0; i < h->plug_count && in.count == 0; i++) {
		const struct net *net = h->plugs[i].net;

		if (net == NULL || net->gateway == NULL)
			continue;
		pairs[0] = gateway_addr(net->gateway->router);
		pairs[1] = h->plugs[i].v4;
		in.count = addr_is_set(&pairs[0]) && addr_is_set(&pairs[1]) ?
		    2 : 0;
	}
	node_tell(n, 0, &in);
}

void
host_netif(struct node *n)
{
	const struct host *h = n->host;
	struct input in = { .kind = IN_NETIF };
	struct addr addrs[2 * PLUGS_MAX];

	for (int i = 0; i < h->plug_count; i++) {
		const struct plug *plug = &h->plugs[i];

		if (plug->net == NULL)
			continue;
		if (addr_is_set(&plug->v4))
			addrs[in.count++] = plug->v4;
		if (addr_is_set(&plug->v6))
			addrs[in.count++] = plug->v6;
	}
	in.addrs = addrs;
	node_tell(n, 0, &in);
	tell_gateways(n);
}

void
host_firewall(struct host *h, const struct nat_conf *conf)
{
	struct nat_conf own = *conf;

	own.is_firewall = true;
	h->firewall = nat_new(&own, rng_u64(&h->world->rng));
	assert(h->firewall != NULL);
}

void
host_suspend(struct host *h, bool asleep)
{
	h->is_asleep = asleep;
}

void
host_syn_to_listener(struct host *h, bool yes)
{
	h->syn_to_listener = yes;
}

void
host_hears_ttl(struct host *h, bool yes)
{
	h->hears_ttl = yes;
}

void
host_silent(struct host *h, bool yes)
{
	h->is_silent = yes;
}

/* ---- sending ---- */

static const struct addr *
plug_addr(const struct plug *plug, const struct addr *dst)
{
	return dst->family == ADDR_V4 ? &plug->v4 : &plug->v6;
}

static bool
is_here(const struct net *net, const struct addr *dst)
{
	for (size_t i = 0; i < net->plugs.count; i++) {
		const struct plug *plug = net->plugs.items[i];

		if (addr_same_ip(&plug->v4, dst) ||
		    addr_same_ip(&plug->v6, dst))
			return true;
	}
	return false;
}

/* The plug that packets from src (its IP if set) to dst leave through: where
 * dst is a neighbour, else the first with a way on. */
static struct plug *
way(const struct host *h, const struct addr *src, const struct addr *dst)
{
	struct plug *found = NULL;

	for (int i = 0; i < h->plug_count; i++) {
		struct plug *plug = (struct plug *)&h->plugs[i];
		struct net *net = plug->net;

		if (net == NULL || !addr_is_set(plug_addr(plug, dst)))
			continue;
		if (src != NULL && !addr_same_ip(plug_addr(plug, dst), src))
			continue;
		if (is_here(net, dst))
			return plug;
		if (found == NULL && (net->gateway != NULL ||
		    net == world_internet(h->world)))
			found = plug;
	}
	return found;
}

static bool
has_ip(const struct addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->ip, zero, sizeof zero) != 0;
}

bool
host_source(const struct host *h, const struct addr *dst, struct addr *src)
{
	const struct plug *plug = way(h, NULL, dst);
	uint16_t port = src->port;

	if (plug == NULL)
		return false;
	*src = *plug_addr(plug, dst);
	src->port = port;
	return true;
}

bool
host_has_addr(const struct host *h, const struct addr *a)
{
	for (int i = 0; i < h->plug_count; i++)
		if (h->plugs[i].net != NULL &&
		    addr_same_ip(plug_addr(&h->plugs[i], a), a))
			return true;
	return false;
}

size_t
host_udp_count(const struct host *h)
{
	return h->udps.count;
}

const char *
host_name(const struct host *h)
{
	return h->name;
}

bool
host_send(struct host *h, struct pkt *p)
{
	struct world *w = h->world;
	struct plug *plug;

	if (!has_ip(&p->src) && !host_source(h, &p->dst, &p->src))
		return false;
	plug = way(h, &p->src, &p->dst);
	if (plug == NULL || h->is_asleep)
		return false;
	if (w->watch.sent != NULL)
		w->watch.sent(w->watch.ctx, h, p);
	if (h->firewall != NULL) {
		p->ttl++;
		if (nat_outbound(h->firewall, w->now, p) != NAT_OUT)
			return true;
	}
	if (w->blocked != NULL && w->blocked(w->blocked_ctx, h, p))
		return true;
	if (w->has_mask && p->proto == PKT_UDP &&
	    (w->flow == NULL || w->flow(w->flow_ctx, h, p))) {
		unsigned i = w->masked++;

		if (i < 64 && (w->mask >> i & 1))
			return true;
	}
	net_send(plug, p);
	return true;
}

/* ---- receiving ---- */

static struct sock *
find_udp(const struct host *h, const struct addr *to)
{
	struct sock *any = NULL;

	for (size_t i = 0; i < h->udps.count; i++) {
		struct sock *u = h->udps.items[i];

		if (u->local.port != to->port ||
		    u->local.family != to->family)
			continue;
		if (addr_same_ip(&u->local, to))
			return u;
		if (!has_ip(&u->local))
			any = u;
	}
	return any;
}

static void
refuse_datagram(struct host *h, const struct pkt *p)
{
	struct pkt q = { .proto = PKT_ICMP, .ttl = PKT_TTL_DEFAULT,
		.error = PKT_PORT, .about = p->proto, .about_src = p->src,
		.about_dst = p->dst, .src = p->dst, .dst = p->src };

	if (h->is_silent)
		return;
	q.src.port = q.dst.port = 0;
	host_send(h, &q);
}

static void
receive_error(struct host *h, const struct pkt *p)
{
	struct input in = { .kind = IN_UNREACHABLE, .from = p->about_dst,
		.to = p->src };
	struct sock *u;

	if (p->about == PKT_TCP) {
		tcp_refused(h, p);
		return;
	}
	if (p->error == PKT_TTL && !h->hears_ttl)
		in.kind = IN_EXPIRED;
	u = find_udp(h, &p->about_src);
	if (u == NULL)
		return;
	in.sock = u->sock;
	node_input(u->node, &in);
}

/* The firewall's answer, if it has one, goes back at once. */
static bool
passes_firewall(struct host *h, struct pkt *p)
{
	enum nat_verdict verdict = NAT_IN;
	struct plug *plug;

	if (h->firewall != NULL) {
		p->ttl++;
		verdict = nat_inbound(h->firewall, h->world->now, p);
	}
	plug = way(h, NULL, &p->dst);
	if (verdict == NAT_OUT && plug != NULL)
		net_send(plug, p);
	return verdict == NAT_IN;
}

static void
receive_datagram(const struct sock *u, const struct pkt *p)
{
	struct input in = { .kind = IN_DGRAM, .sock = u->sock, .from = p->src,
		.to = p->dst, .buf = p->data, .len = p->len };

	node_input(u->node, &in);
}

static bool
is_group(const struct addr *a)
{
	return addr_class(a) == ADDR_IS_MULTICAST;
}

/* Everybody on this host who joined the group gets one. */
static void
receive_group(struct host *h, const struct pkt *p)
{
	for (size_t i = 0; i < h->udps.count; i++) {
		const struct sock *u = h->udps.items[i];

		if (addr_eq(&u->local, &p->dst))
			receive_datagram(u, p);
	}
}

void
host_receive(struct host *h, const struct pkt *arrived)
{
	struct world *w = h->world;
	struct pkt p = *arrived;
	struct sock *u;

	if (!h->is_asleep && is_group(&p.dst))
		receive_group(h, &p);
	if (h->is_asleep || !host_has_addr(h, &p.dst))
		return;
	if (!passes_firewall(h, &p))
		return;
	if (w->watch.got != NULL)
		w->watch.got(w->watch.ctx, h, &p);
	if (p.proto == PKT_ICMP) {
		receive_error(h, &p);
	} else if (p.proto == PKT_TCP) {
		tcp_receive(h, &p);
	} else if ((u = find_udp(h, &p.dst)) != NULL) {
		receive_datagram(u, &p);
	} else {
		refuse_datagram(h, &p);
	}
}

/* ---- sockets ---- */

static bool
clash(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && a->port == b->port &&
	    (!has_ip(a) || !has_ip(b) || addr_same_ip(a, b));
}

static bool
is_taken(const struct list *l, const struct addr *local)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct sock *u = l->items[i];

		if (clash(&u->local, local))
			return true;
	}
	return false;
}

uint16_t
host_free_port(struct host *h)
{
	for (;;) {
		struct addr any = addr_any(ADDR_V4, (uint16_t)rng_range(
		    &h->world->rng, EPHEMERAL_LO, EPHEMERAL_HI));

		if (!is_taken(&h->udps, &any) &&
		    !is_taken(&h->listeners, &any) && !tcp_uses(h, any.port))
			return any.port;
	}
}

static void
open_socket(struct node *n, const struct act *act, struct list *l)
{
	struct input in = { .kind = IN_OPENED, .sock = act->sock,
		.to = act->from };
	struct sock *u;

	if (in.to.port == 0)
		in.to.port = host_free_port(n->host);
	if (!is_group(&in.to) && is_taken(l, &in.to)) {
		in.err = E_TAKEN;
		in.text = "address already in use";
	} else if (has_ip(&in.to) && !is_group(&in.to) &&
	    !host_has_addr(n->host, &in.to)) {
		in.err = E_IO;
		in.text = "cannot assign requested address";
	} else {
		u = calloc(1, sizeof *u);
		assert(u != NULL);
		*u = (struct sock) { n, act->sock, in.to };
		list_add(l, u);
	}
	node_tell(n, 0, &in);
}

void
host_open(struct node *n, const struct act *act)
{
	open_socket(n, act, &n->host->udps);
}

void
host_listen(struct node *n, const struct act *act)
{
	open_socket(n, act, &n->host->listeners);
}

static struct sock *
find_socket(const struct list *l, const struct node *n, int sock)
{
	for (size_t i = 0; i < l->count; i++) {
		struct sock *u = l->items[i];

		if (u->node == n && u->sock == sock)
			return u;
	}
	return NULL;
}

static void
tell_no_route(struct node *n, const struct act *act)
{
	const struct input in = { .kind = IN_NO_ROUTE, .sock = act->sock,
		.from = act->to };

	node_tell(n, 0, &in);
}

void
host_datagram(struct node *n, const struct act *act)
{
	const struct sock *u = find_socket(&n->host->udps, n, act->sock);
	struct pkt p = { .proto = PKT_UDP, .dst = act->to, .data = act->buf,
		.len = act->len,
		.ttl = act->ttl != 0 ? act->ttl : PKT_TTL_DEFAULT };

	if (u == NULL || u->local.family != act->to.family ||
	    act->to.port == 0)
		return;
	p.src = u->local;
	if (way(n->host, has_ip(&p.src) ? &p.src : NULL, &p.dst) == NULL)
		tell_no_route(n, act);
	else
		host_send(n->host, &p);
}

static bool
close_socket(struct list *l, const struct node *n, int sock)
{
	struct sock *u = find_socket(l, n, sock);

	if (u == NULL)
		return false;
	list_remove(l, u);
	free(u);
	return true;
}

void
host_close(struct node *n, int sock, bool is_cut)
{
	node_forget(n, sock);
	if (close_socket(&n->host->udps, n, sock) ||
	    close_socket(&n->host->listeners, n, sock))
		return;
	tcp_close(n, sock, is_cut);
}

static void
close_all(struct list *l, const struct node *n)
{
	for (size_t i = l->count; i-- > 0;) {
		struct sock *u = l->items[i];

		if (u->node != n)
			continue;
		list_remove(l, u);
		free(u);
	}
}

void
host_forget_node(struct node *n, enum node_end end)
{
	close_all(&n->host->udps, n);
	close_all(&n->host->listeners, n);
	tcp_forget_node(n, end);
}
