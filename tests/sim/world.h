/* A world in virtual time: networks, routers with NATs, hosts, and nodes
 * (act.h) that run on hosts. Everything random comes from the seed, nothing
 * from the machine that it runs on. No threads, no clock, no sleeping.
 *
 *   network 0 is the internet; a router joins an inside network to an outside
 *   one; a host has a plug in each network that it is on. A plug (of a host or
 *   of a router) has a cable, and the way from plug to plug takes both cables'
 *   delays. Addresses need to be unique within a network only. */
#ifndef WORLD_H
#define WORLD_H

#include "act.h"
#include "cable.h"
#include "nat.h"
#include "rng.h"

struct world;
struct net;
struct host;
struct router;
struct node;

/* ---- time ---- */

struct world *world_new(uint64_t seed);
void world_free(struct world *w);
usec_t world_now(const struct world *w);

/* Lets the next thing happen; false if nothing ever will, or only after
 * until: then it is until. */
bool world_step(struct world *w, usec_t until);

/* All that happens up to and including that time. */
void world_run(struct world *w, usec_t until);

/* fn(what) at that time; what is freed after that (malloc or NULL). */
void world_at(struct world *w, usec_t at,
    void (*fn)(struct world *w, void *what), void *what);

/* A hash of (time, node, act) of everything that nodes did so far. */
uint64_t world_trace(const struct world *w);

/* The first broken rule of the world's own, such as a node whose deadline
 * stays in the past; NULL if none. Others may add theirs. */
const char *world_failure(const struct world *w);
void world_fail(struct world *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The world's own randomness, for faults and worlds made by chance. */
struct rng *world_rng(struct world *w);

/* ---- networks and hosts ---- */

struct net *world_internet(struct world *w);

/* A network; packets through it pass so many routers that lower their TTL. */
struct net *world_net(struct world *w, uint8_t hops);

/* What those routers call themselves when a TTL runs out; NULL: they are
 * silent. At first they are routers of the internet. */
void net_hops(struct net *net, const struct addr *router);

/* Joins inside to outside. conf names the external addresses (on outside) and
 * the router's inside address. */
struct router *world_router(struct world *w, struct net *inside,
    struct net *outside, const struct nat_conf *conf, struct cable cable);
struct nat *router_nat(struct router *r);
struct cable *router_cable(struct router *r);

struct host *world_host(struct world *w, const char *name);

/* Plugs a host into a network, with one address of either or both families
 * (NULL: none). Returns the number of the plug. */
int host_plug(struct host *h, struct net *net, const struct addr *v4,
    const struct addr *v6, struct cable cable);
struct cable *host_cable(struct host *h, int plug);
const struct addr *host_addr(const struct host *h, int plug,
    enum addr_family family);

bool host_has_addr(const struct host *h, const struct addr *a);
const char *host_name(const struct host *h);
size_t host_udp_count(const struct host *h); /* sockets that are open */

/* Another network and other addresses from now on; nodes are told. A NULL net
 * unplugs. */
void host_replug(struct host *h, int plug, struct net *net,
    const struct addr *v4, const struct addr *v6);

/* A stateful firewall on the host itself. */
void host_firewall(struct host *h, const struct nat_conf *conf);

/* Sleep: nothing runs, what arrives is lost, time passes. */
void host_suspend(struct host *h, bool asleep);

/* Incoming SYNs go to a listener although a SYN_SENT socket matches (stacks
 * other than Linux). */
void host_syn_to_listener(struct host *h, bool yes);

/* ICMP "time exceeded" is told from "unreachable" by no socket (stacks other
 * than Linux). */
void host_hears_ttl(struct host *h, bool yes);

/* Closed ports answer nothing. */
void host_silent(struct host *h, bool yes);

/* ---- what outlives a crash ---- */

/* A saved file, NULL if there is none. */
const uint8_t *host_file(const struct host *h, const char *name, size_t *len);
void host_put_file(struct host *h, const char *name, const void *buf,
    size_t len);

/* The server's store: the i-th binding; NULL after the last. */
const struct store_change *host_stored(const struct host *h, size_t i);

/* Saves and stores fail from now on, or take so long. */
void host_disk(struct host *h, bool fails, usec_t delay);

/* ---- names ---- */

/* What a resolver answers; count 0: no such name. Unknown names: E_NONE. */
void world_name(struct world *w, const char *name, const struct addr *addrs,
    size_t count, usec_t delay);

/* Resolvers do not answer: E_IO after 5 s. */
void world_resolver(struct world *w, bool is_down);

/* ---- nodes ---- */

/* Runs a node on a host. Its clock reads offset more than the world's. self is
 * the caller's and must live until node_stop. */
struct node *world_node(struct world *w, struct host *h, const char *name,
    const struct node_ops *ops, void *self, usec_t offset);

enum node_end {
	NODE_EXITS,  /* the kernel closes what it had open */
	NODE_POWER,  /* nobody is told */
};
void node_stop(struct node *n, enum node_end end);

/* Carries out what a node wants after it was called from outside. */
void node_settle(struct node *n);

/* The clock that the node sees. */
usec_t node_now(const struct node *n);
const char *node_name(const struct node *n);
struct host *node_host(const struct node *n);

/* ---- looking on, and interfering ---- */

struct world_watch {
	void *ctx;
	/* Every act of every node, before it is carried out. */
	void (*act)(void *ctx, struct node *n, const struct act *act);
	/* Every input of a node, before it gets it. */
	void (*input)(void *ctx, struct node *n, const struct input *in);
	/* Every packet that leaves a host, and every one that reaches one. */
	void (*sent)(void *ctx, struct host *h, const struct pkt *p);
	void (*got)(void *ctx, struct host *h, const struct pkt *p);
	/* After every wake-up of a node. */
	void (*settled)(void *ctx, struct node *n);
};
void world_set_watch(struct world *w, const struct world_watch *watch);

/* From now on the i-th datagram (UDP) that leaves a host and that flow says
 * yes to (NULL: every one) is lost if bit i of mask is set, i < 64. */
typedef bool flow_fn(const void *ctx, const struct host *h,
    const struct pkt *p);
void world_mask(struct world *w, uint64_t mask, flow_fn *flow,
    const void *ctx);

/* Whatever leaves a host and flow says yes to is lost; NULL: nothing. */
void world_block(struct world *w, flow_fn *flow, const void *ctx);

/* Datagrams that the mask has seen. */
unsigned world_masked(const struct world *w);

/* Puts a packet with any source into a network, as a hostile host would. */
void world_inject(struct world *w, struct net *net, const struct pkt *p);

#endif
