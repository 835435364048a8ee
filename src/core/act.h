/* The border between a node (client or server) and its world. The world
 * tells the node things (struct input), the node says what it wants done
 * (struct act).
 * Sockets are small integers: the node names those that it opens, listens on
 * and dials (0 to ACT_ACCEPTED-1), the world those that it accepts.
 *
 * One wake-up, in every world: read the clock once; feed every ready input with
 * that time; expire if deadline <= now; take acts from next until it says no;
 * arm one timer for deadline. */
#ifndef ACT_H
#define ACT_H

#include "addr.h"
#include "usec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event;

enum {
	ACT_ACCEPTED = 0x10000,  /* first number of accepted connections */
	ACT_WRITE_QUEUE = 65536, /* bytes that may wait on a stream */
};

enum in_kind {
	/* ACT_OPEN or ACT_LISTEN of sock was carried out: to is the local
	 * address; or not: err is E_TAKEN (port in use) or E_IO (text says
	 * what). */
	IN_OPENED,
	/* A datagram on sock from from. */
	IN_DGRAM,
	/* The network refused a datagram sent on sock to from (ICMP). A hint,
	 * never proof of anything (security.md P2). */
	IN_UNREACHABLE,
	/* This machine has no way to from: a datagram was not sent there. */
	IN_NO_ROUTE,
	/* The time to live of a datagram sent on sock to from ran out at to, a
	 * router on the way that says so (ICMP). A hint as well. */
	IN_EXPIRED,
	/* ACT_DIAL of sock has an end: from is the remote, to the local
	 * address; err is 0, E_DENIED (refused or reset), E_NONE
	 * (unreachable, timed out), E_TAKEN (local address in use), E_IO. */
	IN_CONNECTED,
	/* A connection was accepted as sock on listener; from and to as
	 * above. */
	IN_ACCEPTED,
	/* Bytes of a stream, in order. */
	IN_BYTES,
	/* The stream ended from outside (err as above, 0: orderly). sock is
	 * free again; no ACT_CLOSE is needed. */
	IN_CLOSED,
	/* Answer to ACT_RESOLVE sock: addrs and count in the order to try; or
	 * err E_NONE (no such name), E_AGAIN (this machine has no way to
	 * anybody who could be asked) or E_IO, with text. */
	IN_RESOLVED,
	/* The addresses of this machine, once at start and at every change. */
	IN_NETIF,
	/* Result of ACT_SAVE or ACT_STORE with id; err 0, E_IO (text says
	 * why). */
	IN_SAVED,
	/* The routers through which this machine reaches the rest of the
	 * world, at most one of each family, after IN_NETIF and at every
	 * change. addrs are pairs: the router, and our own address towards
	 * it; count is even. */
	IN_GATEWAYS,
	/* Answer to ACT_UPNP of sock: from and to are the external UDP and TCP
	 * address (unset: none), id is for how many seconds (0: for ever); or
	 * err E_NONE (the router does not speak UPnP), E_DENIED, E_IO, with
	 * text. */
	IN_UPNP,
};

struct input {
	enum in_kind kind;
	int sock;
	int listener;
	int err;              /* enum err */
	struct addr from, to;
	const uint8_t *buf;   /* borrowed for the call */
	size_t len;
	const struct addr *addrs; /* borrowed for the call */
	size_t count;
	uint32_t id;
	const char *text;     /* why, for err != 0; may be NULL */
};

enum act_kind {
	/* Bind a UDP socket to from (port 0: any). Answered by IN_OPENED. If
	 * from is a multicast group, join it where our own address is to (IPv6:
	 * where from.scope says), beside others that have the same port. */
	ACT_OPEN,
	/* Listen for TCP at from. Answered by IN_OPENED. */
	ACT_LISTEN,
	/* Send buf to to; ttl 0 means the default. Datagrams that cannot be
	 * sent are lost, as on any network. */
	ACT_SEND,
	/* Connect a TCP socket to to, bound to from if set (address and port
	 * are shared with other sockets of the node: SO_REUSEPORT and
	 * SO_REUSEADDR). Answered by IN_CONNECTED. With a ttl the first packet
	 * may die on its way, and whoever reports that or refuses it by ICMP
	 * is not believed; nor is heard whoever has fewer hops left than it
	 * begins with. Where the system cannot do this it is ignored. */
	ACT_DIAL,
	/* Write buf, one frame, on a stream. If more than ACT_WRITE_QUEUE
	 * bytes wait already, the whole frame is dropped. */
	ACT_WRITE,
	/* Close a socket of any kind: nothing is reported any more, the number
	 * is free at once. What waits on a stream is still tried for a second
	 * or, if is_cut, lost, and the other side gets a reset. */
	ACT_CLOSE,
	/* Look up text (a host name) with port to.port. Answered by
	 * IN_RESOLVED with the same sock. */
	ACT_RESOLVE,
	/* Ask the router to, by UPnP, for mappings of UDP and TCP to from, or
	 * with IPv6 for openings in its firewall, for id seconds; 0 ends them.
	 * Answered by IN_UPNP with the same sock. */
	ACT_UPNP,
	/* Replace the file called text (of the profile) by buf, atomically and
	 * durably. Answered by IN_SAVED with id. */
	ACT_SAVE,
	/* A change of the server's store (struct store_change in ev).
	 * Carried out before any later act; answered by IN_SAVED with id. */
	ACT_STORE,
	/* Something happened that a person or a program wants to know. */
	ACT_EVENT,
};

struct act {
	enum act_kind kind;
	int sock;
	uint8_t ttl;
	bool is_cut;
	uint32_t id;
	struct addr from, to;
	const uint8_t *buf; /* valid until the following call of next */
	size_t len;
	const char *text;
	const struct event *event;              /* ACT_EVENT */
	const struct store_change *change;      /* ACT_STORE */
};

/* A name belongs to a key: what the server's store keeps. */
struct store_change {
	bool remove;
	char name[33];       /* as shown */
	char fold[64];       /* as compared: the primary key */
	uint8_t key[32];
	uint64_t used;       /* seconds since the Epoch of the last use */
};

/* The four verbs of a node. */
struct node_ops {
	void (*input)(void *node, usec_t now, const struct input *in);
	void (*expire)(void *node, usec_t now);
	bool (*next)(void *node, usec_t now, struct act *out);
	usec_t (*deadline)(const void *node);
};

#endif
