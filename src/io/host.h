/* The other side of act.h: one node in the real world. Feeds it what the
 * sockets say and carries out what it wants, in batches: one clock reading,
 * one drain and one flush a wake-up. */
#ifndef HOST_H
#define HOST_H

#include "core/act.h"
#include "io/loop.h"
#include "io/saver.h"
#include "io/tcp.h"
#include "io/udp.h"

struct host;

/* What the world of this node can do beyond sockets. Each may be NULL. */
struct host_hooks {
	/* ACT_EVENT. Not a place to call the node: that is turn. */
	void (*event)(void *ctx, const struct event *event);
	/* Called in every wake-up after the node's acts; may call the node, and
	 * returns true if it did: then once more, after its acts. */
	bool (*turn)(void *ctx, usec_t now);
	/* ACT_SAVE: 0 or E_IO with the reason in why. Called in a child
	 * process, so that the loop does not wait for a disk; one at a time,
	 * in order. keep_fd is left open for it. */
	int (*save)(void *ctx, const char *name, const void *buf, size_t len,
	    char why[static WHY_SIZE]);
	int keep_fd;
	/* ACT_STORE: many changes, then one commit, before anything that the
	 * node wanted later is seen outside. 0 or E_IO with the reason. If
	 * the commit fails, none of them has happened. */
	int (*store)(void *ctx, const struct store_change *change,
	    char why[static WHY_SIZE]);
	int (*commit)(void *ctx, char why[static WHY_SIZE]);
	/* ACT_UPNP: false if there will be no answer, with the reason in why;
	 * else it comes by host_feed. */
	bool (*upnp)(void *ctx, const struct act *act, const char **why);
	/* Tell the node the addresses of the machine (IN_NETIF) and the
	 * routers (IN_GATEWAYS). */
	bool wants_netif;
	void *ctx;
};

/* Puts a node into a loop; it starts in the first wake-up. NULL and errno when
 * something is lacking. */
struct host *host_new(struct loop *l, const struct node_ops *ops, void *node,
    const struct host_hooks *hooks);

/* An input of another source, not while one of the node's acts is carried
 * out. */
void host_feed(struct host *h, const struct input *in);

/* After the loop has stopped: carries out what the node still wants, closes
 * its sockets and runs the loop until what waited has gone out (TCP_LINGER at
 * most) and every save has ended. The node is not fed any more. */
void host_finish(struct host *h);

/* Cuts off whatever is left. */
void host_free(struct host *h);

struct host_stats {
	struct udp_stats udp;
	struct tcp_stats tcp;
	uint64_t refused;  /* connections without a descriptor */
	uint64_t strays;   /* acts for a socket that is not there */
};

struct host_stats host_stats(const struct host *h);

#endif
