/* The client's side of its server: finding it, registering, staying
 * registered, calls and pushes. A pull machine: after every input and expire
 * the owner takes the news until there is none.
 *
 *   IDLE -> RESOLVING -> KNOCKING -> SHAKING -> CONFIRMING -> IDLE (is_up)
 *                |           |          |            |
 *                '-----------+----------+------------'-> WAITING (back-off)
 *   SHAKING -> REFUSED (name), STOPPED (server key changed, left)
 *
 * state says what registration is doing; is_up whether there is a session that
 * works. Both go on at the same time: when heartbeats stay unanswered a new
 * registration begins beside the session in doubt. */
#ifndef UPLINK_H
#define UPLINK_H

#include "calls.h"
#include "frame.h"
#include "self.h"
#include "session.h"

enum uplink_state {
	UPLINK_IDLE,
	UPLINK_RESOLVING,
	UPLINK_KNOCKING,
	UPLINK_SHAKING,
	UPLINK_CONFIRMING,
	UPLINK_WAITING,
	UPLINK_REFUSED,
	UPLINK_STOPPED,
};

/* design.md section 3, "Client and server". */
#define UPLINK_TCP_AFTER_US (600 * USEC_MS)
#define UPLINK_UNREACHABLE_US (10 * USEC_S)
/* Without a network nothing is sent, so to try costs nothing; the next try is
 * earlier when the network changes. */
#define UPLINK_NO_NETWORK_US (4 * USEC_S)
#define UPLINK_KEY_PATIENCE_US (3 * USEC_S)
/* A stream that brought no answer for so long gives way to the next address. */
#define UPLINK_DIAL_US (1500 * USEC_MS)
#define UPLINK_REKEY_US (24 * 3600 * USEC_S)

enum news_kind {
	NEWS_REGISTERED,   /* accept */
	NEWS_REFUSED,      /* accept: status and suggestion */
	NEWS_LOST,         /* was registered, is not any more */
	NEWS_UNREACHABLE,  /* nobody answered for 10 s; ms: next try */
	NEWS_NO_NETWORK,   /* no way to any of its addresses; ms: next try */
	NEWS_RESOLVE,      /* the host name was not found; ms: next try */
	NEWS_KEY_CHANGED,  /* the server has another key; it is stopped */
	NEWS_STOPPED,      /* the server said goodbye; ms: next try */
	NEWS_SEEN,         /* self->seen changed */
	NEWS_REPLY,        /* op, tag, status, body */
	NEWS_CALL_FAILED,  /* op, tag: nobody answered */
	NEWS_PUSH,         /* push, body: acknowledged already */
	NEWS_OBSERVED,     /* tag (token), addr, ticket */
};

struct news {
	enum news_kind kind;
	const struct wire_accept *accept;
	uint8_t op, status, push;
	uint64_t tag;
	uint64_t ticket;   /* 0: none */
	uint64_t ms;
	struct addr addr;
	struct rd body;    /* borrowed until the next call */
};

struct uplink {
	const char *host;
	uint16_t port;
	enum uplink_state state;
	bool is_up;
	bool was_up;             /* registered before: LOST, not UNREACHABLE */
	bool hidden, subscribe;
	char wanted[NAME_SIZE];

	struct addr addrs[RESOLVED_MAX];
	size_t addrs_count;
	uint32_t no_routes;      /* bit i: nothing can be sent to addrs[i] */
	usec_t began_at;         /* of this attempt to register */
	usec_t next_at;          /* of the next step of state */
	unsigned tries;          /* steps of state so far */
	unsigned failures;       /* attempts in a row that failed */
	bool is_tcp_dialled, is_tcp_open;
	bool is_tcp_free;        /* not from our own port: that is in use */
	size_t tcp_next;         /* the address to dial next */
	struct addr tcp_peer;    /* whom SOCK_UPLINK was dialled to */
	usec_t dialled_at;
	struct frame_reader tcp_in;

	uint8_t nonce[NONCE_LEN];
	struct addr peer;        /* who answered: of COOKIE, then ACCEPT */
	bool is_tcp;             /* over TCP */
	bool has_pin, has_other;
	bool is_expected;        /* the COOKIE showed the key that we use */
	uint8_t pin[KEY_LEN];    /* the key that we expect */
	uint8_t other[KEY_LEN];  /* another one that a COOKIE showed */
	uint8_t key[KEY_LEN];    /* the key that this handshake uses */
	struct noise noise;
	uint8_t init[INIT_LEN];  /* repeated as it is */
	uint32_t index;          /* ours in the handshake */
	struct wire_accept accept;

	bool has_session;
	struct session session;
	uint32_t own_index, server_index;
	uint64_t counter;
	struct addr session_peer;
	bool session_tcp;
	usec_t rekey_at;         /* when to register for fresh keys */

	uint32_t beat_seq;
	usec_t beat_at;          /* of the next heartbeat */
	usec_t beat_sent_at;
	usec_t rtt_us;
	unsigned beats_missed;   /* in a row */
	uint64_t presence;       /* cursor */
	usec_t udp_test_at;      /* while registered over TCP */
	uint64_t udp_test;       /* token */
	usec_t other_at;         /* next look through the other family */
	uint64_t other_test;

	struct calls calls;

	uint32_t flags;          /* news that wait, by kind */
	uint64_t wait_ms;
	uint8_t plain[FRAME_MAX];
	struct rd frames;        /* of plain, not read yet */
	bool frames_tcp;
	struct addr frames_from;
};

/* host is borrowed for ever. pin: the key known for it, or NULL. */
void uplink_init(struct uplink *u, const char *host, uint16_t port,
    const uint8_t *pin);
void uplink_fini(struct uplink *u);

/* Begins to register, or begins anew with u->wanted. */
void uplink_start(struct uplink *u, struct self *self, usec_t now);

/* Says goodbye and stops. */
void uplink_stop(struct uplink *u, struct self *self, usec_t now);

/* The network changed: ask at once whether the session still lives. */
void uplink_doubt(struct uplink *u, usec_t now);

/* A datagram; or, from being NULL, a frame of the stream SOCK_UPLINK or
 * SOCK_OBSERVE. True if it was ours (then there may be news). */
bool uplink_packet(struct uplink *u, struct self *self, usec_t now,
    const struct addr *from, const uint8_t *buf, size_t len);

/* What happens to SOCK_UPLINK and SOCK_RESOLVE, and IN_NO_ROUTE (act.h). For
 * IN_BYTES the owner takes frames out of u->tcp_in itself. */
void uplink_input(struct uplink *u, struct self *self, usec_t now,
    const struct input *in);

bool uplink_news(struct uplink *u, struct self *self, usec_t now,
    struct news *news);

void uplink_expire(struct uplink *u, struct self *self, usec_t now);
usec_t uplink_deadline(const struct uplink *u);

/* Calls, see calls.h. Sent at once when registered. False: it is too long for
 * a datagram, or too many wait. */
bool uplink_call(struct uplink *u, struct self *self, usec_t now, enum op op,
    uint64_t tag, const void *body, size_t len);

/* One packet with an OBSERVE frame over UDP to port (sock -1 or SOCK_EXTRA and
 * above), or over a TCP stream of ours to the server. */
void uplink_observe(struct uplink *u, struct self *self, int sock,
    uint16_t port, uint64_t token, bool from_other_port);

/* The same from a SOCK_EXTRA to where the session goes, with a time to live
 * that may end on the way. */
void uplink_trace(struct uplink *u, struct self *self, int sock, uint8_t ttl,
    uint64_t token);

/* The same all the way, for a ticket as well. */
void uplink_ask_ticket(struct uplink *u, struct self *self, int sock,
    uint64_t token);

/* The next heartbeat is due earlier if self->keep says so. */
void uplink_hurry(struct uplink *u, const struct self *self);

/* A packet for a peer by way of the server: begin gives room for cap bytes
 * (NULL: lost), end sends len of them. */
uint8_t *uplink_relay_begin(struct uplink *u, struct self *self,
    uint64_t route, size_t cap);
void uplink_relay_end(struct uplink *u, struct self *self, size_t len);

#endif
