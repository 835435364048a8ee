/* The server: it knows who is online under which name, introduces two clients
 * to each other, and passes ciphertext between those that both agreed. Pure:
 * see act.h for its world. Every table has its size from the start; nothing is
 * kept for an address that has not proved itself. */
#ifndef SERVER_H
#define SERVER_H

#include "act.h"
#include "addr.h"
#include "crypt.h"
#include "log.h"
#include "rng.h"
#include "usec.h"

#include <stdbool.h>
#include <stdint.h>

/* The sockets of the node. Only those of the families in the configuration
 * are opened, the PROBE and OTHER ones only where there is such a port. */
enum server_sock {
	SERVER_UDP4,
	SERVER_UDP6,
	SERVER_PROBE4,
	SERVER_PROBE6,
	SERVER_TCP4,
	SERVER_TCP6,
	SERVER_OTHER4,
	SERVER_OTHER6,
	SERVER_SOCKS
};

struct server_conf {
	struct addr bind4, bind6;  /* UDP and TCP; not set: not that family */
	uint16_t probe_port;       /* of the second UDP port; 0: none */
	uint16_t tcp_port;         /* of the second TCP port; 0: none */
	struct keypair identity;   /* copied; wiped by server_free */
	bool relay;                /* false: introduces, forwards no talk */
	/* Fixed at start: the sizes of the tables. */
	uint32_t clients_max;      /* online at once */
	uint32_t names_max;        /* bound to keys; at least clients_max */
	uint32_t streams_max;      /* TCP connections */
	/* May change while it runs (server_reload). */
	uint32_t site_names;       /* clients of one IPv4 address or IPv6 /56 */
	uint32_t site_burst;       /* new keys of one at once; then 1/s */
	uint32_t handshakes_per_s; /* of all: 1,000 cost about 1/3 of a core */
	uint32_t relay_user;       /* relayed bytes a second, of one client */
	uint32_t relay_burst;      /* bytes of one client at once */
	uint32_t relay_total;      /* relayed bytes a second, of all */
	const struct log *log;     /* borrowed; may be NULL */
};

/* What gop2pd uses where its configuration is silent; identity, bind4 and
 * bind6 are left for the caller. */
struct server_conf server_conf_default(void);

/* Counters since start, but for the first five, which are current. */
struct server_stats {
	uint32_t online, names, streams, half_open, pairs;
	uint64_t hellos;         /* answered with a cookie */
	uint64_t handshakes;     /* key agreements */
	uint64_t registered;     /* committed */
	uint64_t refused;        /* told why */
	uint64_t limited;        /* dropped because of a rate or a quota */
	uint64_t left, lost;     /* said goodbye; went silent */
	uint64_t malformed;      /* packets of no use */
	uint64_t forged;         /* not authentic, or replayed */
	uint64_t calls, requests, allows, resumes;
	uint64_t relayed, relayed_bytes, relay_dropped;
	uint64_t dropped;        /* no room in the outbox */
};

struct server;

/* A server that has not opened anything yet. seed keys all its randomness and
 * its tables; wall_s is the time of day at now, in seconds since the Epoch.
 * NULL without memory, or if clients_max or names_max make no sense. */
struct server *server_new(const struct server_conf *conf,
    const uint8_t seed[static RNG_SEED_LEN], usec_t now, uint64_t wall_s);
void server_free(struct server *s);

/* A name of the store, before the first expire: change->remove is not set.
 * Of two names of one key the later used one counts. False when full. */
bool server_bind(struct server *s, const struct store_change *change);

/* The four verbs (act.h). The first expire opens the sockets. */
void server_input(struct server *s, usec_t now, const struct input *in);
void server_expire(struct server *s, usec_t now);
bool server_next(struct server *s, usec_t now, struct act *out);
usec_t server_deadline(const struct server *s);
extern const struct node_ops server_ops;

/* Takes over what may change while it runs; the rest of conf is ignored. What
 * is too small to work with is taken as the least that does. */
void server_reload(struct server *s, const struct server_conf *conf);

/* Tells every client when to come back, spread so that they do not all return
 * at once, takes no new ones, and is done soon. */
void server_stop(struct server *s, usec_t now);

/* True while it serves: its sockets are open. */
bool server_is_ready(const struct server *s);

/* True once all was said after server_stop, or after a failure. */
bool server_is_done(const struct server *s);

/* Why it cannot serve (a port is taken), as a sentence; NULL if it can. */
const char *server_failure(const struct server *s);

/* The second UDP port as it was opened; 0: none. */
uint16_t server_probe_port(const struct server *s);

/* The second TCP port, likewise. */
uint16_t server_tcp_port(const struct server *s);

const struct server_stats *server_stats(struct server *s);

#endif
