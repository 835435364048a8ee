/* What a client knows of itself: identity, sockets, addresses, and where its
 * acts go. One per client, handed to every engine below it. */
#ifndef SELF_H
#define SELF_H

#include "addr.h"
#include "guesses.h"
#include "keep.h"
#include "limit.h"
#include "log.h"
#include "noise.h"
#include "outbox.h"
#include "ports.h"
#include "rng.h"
#include "wire.h"

/* The client's sockets by number (act.h). */
enum client_sock {
	SOCK_UDP4,
	SOCK_UDP6,
	SOCK_LISTEN4,
	SOCK_LISTEN6,
	SOCK_UPLINK,         /* TCP to the server, for everything */
	SOCK_OBSERVE,        /* TCP to the server from our own port */
	SOCK_DIAL,           /* TCP to peers: SOCK_DIAL + n */
	DIALS_MAX = 16,
	SOCK_RESOLVE = SOCK_DIAL + DIALS_MAX,
	SOCK_MAP4,           /* UDP to the router (portmap.h) */
	SOCK_MAP6,
	SOCK_EAR4,           /* UDP, what routers announce (portmap.h) */
	SOCK_EAR6,
	SOCK_COUNT,
	SOCK_EXTRA = SOCK_COUNT, /* further UDP sockets for a time */
	EXTRAS_MAX = 256,
	SOCK_SALVO = SOCK_EXTRA + EXTRAS_MAX, /* SYNs at ports that are
	                                         guessed */
	SALVO_MAX = 256,
};

enum extra_state { EXTRA_FREE, EXTRA_OPENING, EXTRA_OPEN };

struct self {
	struct outbox out;
	struct rng rng;
	const struct log *log;
	struct keypair identity;
	char name[NAME_SIZE];    /* registered; "" before */
	char name_beside[NAME_SIZE]; /* the one before, or one asked for: who
	                            looked for us may have found that */
	bool no_relay;
	bool lan;                /* private addresses are tried whoever has
	                            them: there may be a VPN */
	bool is_tcp_only;        /* no UDP reaches the server */
	bool is_open[2];         /* SOCK_UDP4, SOCK_UDP6 */
	uint16_t port;           /* ours, UDP and TCP; 0 before it is bound */
	struct addr server;      /* of the registration; the relay's address */
	struct addr seen;        /* our UDP address as the server sees it */
	struct addr seen_other;  /* the same of the other family */
	struct addr seen_extra;  /* that of a fresh socket; unset: none */
	struct addr seen_tcp;    /* our TCP address as the server sees it */
	struct addr mapped[2];   /* ports at our routers, UDP; as is_open */
	struct addr mapped_tcp[2];
	struct addr locals[LOCAL_ADDRS_MAX]; /* interfaces, port 0 */
	size_t locals_count;
	struct keep keep;        /* how long our mappings live */
	uint8_t nat;             /* ours: nat_mapping_of, nat_filter_of */
	int16_t nat_step;        /* from one mapping to the next; 0: no order */
	struct ports ports;      /* that it gives to us */
	uint8_t depth;           /* routers up to our last NAT (depth.h); 0:
	                            not known */
	struct addr hops[HOPS_MAX]; /* those routers; unset: one is silent */
	struct guesses guesses;  /* what went to guessed ports */
	uint8_t extras[EXTRAS_MAX]; /* enum extra_state of SOCK_EXTRA + n */
	uint8_t plain[FRAME_MAX]; /* of the packet being read */
};

/* Is this the IP of an interface of ours? */
bool self_has_ip(const struct self *self, const struct addr *addr);

/* The UDP socket for a destination, or -1 when that family is not open. */
int self_sock(const struct self *self, const struct addr *to);

/* Opens a further IPv4 UDP socket on any port: its number in extras, or -1. It
 * is there once IN_OPENED made it EXTRA_OPEN (self_extra_opened). */
int self_extra_open(struct self *self);
void self_extra_opened(struct self *self, int n, int err);
void self_extra_close(struct self *self, int n);

/* A DATA packet sealed elsewhere, or any other datagram, on the UDP socket
 * that fits. Lost when there is none. */
void self_send(struct self *self, const struct addr *to, uint8_t ttl,
    const void *buf, size_t len);

/* The same on a stream, with its length in front (frame.h). */
void self_write(struct self *self, int sock, const void *buf, size_t len);

#endif
