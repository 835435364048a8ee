/* The parts of a world, for the files that it consists of. */
#ifndef INSIDE_H
#define INSIDE_H

#include "due.h"
#include "gateway.h"
#include "world.h"

#include "err.h"
#include "limit.h"

enum {
	NAME_LEN = 32,
	PLUGS_MAX = 4,       /* of a host */
	NAMES_MAX = 16,      /* that resolve */
	RESOLVED_COUNT = 8,
	FAILURE_LEN = 256,
	IP_UDP_HEADERS = 28, /* IPv4; IPv6 takes 20 more */
	EPHEMERAL_LO = 32768,
	EPHEMERAL_HI = 60999,
};

/* A grown array of pointers. */
struct list {
	void **items;
	size_t count, capacity;
};

void list_add(struct list *l, void *item);
void list_remove(struct list *l, const void *item); /* keeps the order */
void list_fini(struct list *l);

struct plug {
	struct net *net;
	struct host *host;     /* or ... */
	struct router *router; /* ... one of these */
	bool is_inside;        /* of the router */
	struct addr v4, v6;    /* of a host */
	struct cable cable;
};

struct net {
	struct world *world;
	uint8_t hops;
	struct addr router;   /* one of those; unset: they are silent */
	struct list plugs;
	struct plug *gateway; /* the router's inside plug; NULL: none */
};

struct router {
	struct world *world;
	struct nat *nat;
	struct gateway *gateway; /* gateway.h; NULL: none */
	bool is_firewall;
	struct plug in, out;
	usec_t wakes; /* the deadline that is planned */
};

struct file {
	char name[NAME_LEN];
	uint8_t *buf;
	size_t len;
};

/* A UDP socket or a TCP listener. */
struct sock {
	struct node *node;
	int sock;
	struct addr local; /* port set; IP may be unspecified */
};

struct host {
	struct world *world;
	char name[NAME_LEN];
	struct plug plugs[PLUGS_MAX];
	int plug_count;
	struct nat *firewall;
	struct list nodes, udps, listeners, tcps, files, stored;
	bool is_asleep, is_silent, syn_to_listener, hears_ttl, disk_fails;
	usec_t disk_delay;
};

struct node {
	struct world *world;
	struct host *host;
	char name[NAME_LEN];
	uint32_t id;
	const struct node_ops *ops;
	void *self;
	usec_t offset;
	usec_t wakes;       /* in the world's time; USEC_NEVER: not by itself */
	int next_accepted;
	unsigned late;      /* wake-ups in a row with a deadline in the past */
	bool is_running;
};

struct name {
	char name[256];
	struct addr addrs[RESOLVED_COUNT];
	size_t count;
	usec_t delay;
};

struct world {
	usec_t now;
	struct dues dues;
	struct rng rng;
	struct list nets, routers, hosts, nodes;
	struct name names[NAMES_MAX];
	size_t name_count;
	bool resolver_down;
	uint64_t trace;
	char failure[FAILURE_LEN];
	struct world_watch watch;
	uint64_t mask;
	unsigned masked;
	bool has_mask;
	flow_fn *flow;
	const void *flow_ctx;
	flow_fn *blocked;
	const void *blocked_ctx;
	uint64_t next_tcp;
};

/* ---- world.c ---- */

/* Plans an input of a node: bytes, addresses and text are copied. after is
 * the delay. Nothing happens if the node has stopped by then. */
void node_tell(struct node *n, usec_t after, const struct input *in);

/* Gives a node an input at once. Not while one of its acts is carried out. */
void node_input(struct node *n, const struct input *in);

/* Forgets inputs that are planned for a socket. */
void node_forget(struct node *n, int sock);

/* ---- net.c ---- */

/* Sends a packet from a plug; what it points to is copied. */
void net_send(struct plug *from, const struct pkt *p);

/* To all others on its network. */
void net_flood(struct plug *from, const struct pkt *p);
void net_free(struct net *net);
void router_free(struct router *r);

/* ---- gateway.c ---- */

/* True if p was meant for the router itself, which has answered. */
bool gateway_take(struct router *r, const struct pkt *p);

void gateway_upnp(struct node *n, const struct act *act);
void gateway_free(struct router *r);

/* ---- host.c ---- */

void host_receive(struct host *h, const struct pkt *p);

/* Chooses plug and source address for a packet that has p->dst and p->src's
 * port (and address if it is set), and sends it. False without a way. */
bool host_send(struct host *h, struct pkt *p);

/* The address from which dst is reached; false without a way. */
bool host_source(const struct host *h, const struct addr *dst,
    struct addr *src);

/* A port that nothing on the host uses. */
uint16_t host_free_port(struct host *h);
void host_open(struct node *n, const struct act *act);
void host_listen(struct node *n, const struct act *act);
void host_datagram(struct node *n, const struct act *act);
void host_close(struct node *n, int sock, bool is_cut);
void host_netif(struct node *n);
void host_forget_node(struct node *n, enum node_end end);
void host_free(struct host *h);

/* ---- disk.c ---- */

void disk_save(struct node *n, const struct act *act);
void disk_store(struct node *n, const struct act *act);
void disk_free(struct host *h);

/* ---- tcp.c ---- */

void tcp_dial(struct node *n, const struct act *act);
void tcp_write(struct node *n, const struct act *act);
/* False if sock is none of its streams. is_cut: with a reset. */
bool tcp_close(struct node *n, int sock, bool is_cut);
void tcp_receive(struct host *h, const struct pkt *p);
/* An ICMP error about a segment. */
void tcp_refused(struct host *h, const struct pkt *p);
void tcp_forget_node(struct node *n, enum node_end end);
/* True if a connection uses the local port. */
bool tcp_uses(const struct host *h, uint16_t port);
void tcp_free_all(struct host *h);

#endif
