/* The server's parts in one place, and what all of them need: sending. */
#ifndef HUB_H
#define HUB_H

#include "block.h"
#include "cookie.h"
#include "outbox.h"
#include "presence.h"
#include "push.h"
#include "registry.h"
#include "relay.h"
#include "rendezvous.h"
#include "server.h"
#include "site.h"
#include "stream.h"
#include "wire.h"

enum {
	BEAT_MIN_S = 20,
	BEAT_MAX_S = 25,
	GONE_S = 55,       /* silence after which a client is dropped */
	HALF_S = 10,       /* from ACCEPT to the first DATA packet */
	NAME_LIFE_DAYS = 90,
	DAY_S = 86400,
};

/* Where a packet came from, or goes to. */
struct place {
	struct addr addr;
	uint32_t stream;   /* NOBODY: UDP */
	bool is_probe;     /* by the probe port */
};

/* The handshake of a HALF member. */
struct half {
	uint8_t nonce[NONCE_LEN];
	uint8_t key[KEY_LEN];
	char name[NAME_SIZE];   /* that it will have */
	uint8_t flags;          /* of the INIT */
	uint32_t stream;        /* that it came on, or NOBODY */
	uint16_t len;
	uint8_t accept[12 + 48 + ACCEPT_PAYLOAD_MAX];
	uint32_t next;          /* free */
};

struct halves {
	struct half *all;
	uint32_t max, end, free;
	struct map by_nonce;
};

/* A change of names that the store is writing. */
struct save {
	uint32_t id;            /* 0: free */
	uint32_t member;        /* its index */
	uint32_t account;
	uint32_t answer;        /* seq of a heartbeat, or id of the call */
	bool is_call;           /* RENAME; else a registration */
	bool has_answer;
	bool is_new;            /* the account came with it */
	char old_name[NAME_SIZE]; /* "": as before */
};

enum { SAVES_MAX = 256 };

/* A CALL while it is carried out. What does so gives a status, or QUERY_LATER
 * if the answer comes later; out is the body of the reply. */
struct query {
	uint32_t id;
	uint32_t member, account;
	struct rd in;
	struct wr out;
};

enum { QUERY_LATER = -1 };

enum phase { PHASE_NEW, PHASE_OPENING, PHASE_RUNNING, PHASE_STOPPING,
	PHASE_DONE };

struct server {
	struct server_conf conf;
	enum phase phase;
	usec_t start;
	usec_t now;              /* of the last input or expire */
	uint64_t wall_s;         /* at start */
	struct rng rng;
	struct cookie cookie;
	uint8_t proof_key[16];   /* of addresses that clients move to */
	struct outbox out;
	struct registry reg;
	struct halves halves;
	struct sites sites;
	struct bulletin presence;
	struct pushes pushes;
	struct relay relay;
	struct rendezvous rendezvous;
	struct blocks blocks;
	struct streams streams;
	struct save saves[SAVES_MAX];
	uint32_t save_last;      /* id */
	usec_t store_broken;     /* until then names are not even tried */
	usec_t store_quiet;      /* nor is it logged before; 0: it works */
	struct bucket handshakes, relayed;
	uint8_t waiting;         /* for this many IN_OPENED */
	bool is_bound[SERVER_SOCKS];
	char trouble[SERVER_SOCKS][64]; /* why one could not be opened */
	uint16_t probe_port;     /* as bound; 0: none */
	uint32_t stop_at;        /* next member to be told to go */
	uint32_t stop_rounds;
	usec_t stop_due;
	uint32_t sweep_at;       /* next account to be looked at */
	usec_t sweep_due;
	struct bucket notes;
	uint32_t notes_missed;
	char failure[160];
	struct server_stats stats;
	uint8_t plain[FRAME_MAX]; /* of the packet that is being read */
};

/* Seconds since the Epoch. */
uint64_t hub_wall(const struct server *s, usec_t now);

/* A line of the log about what clients do: at most 10 a second, so that nobody
 * can fill a disk. Never an address (security.md S21). */
void hub_note(struct server *s, usec_t now, const char *name,
    const char *what);

/* A packet as it is. False: no room, or not reachable in one piece. */
bool hub_send(struct server *s, const struct place *to, const void *packet,
    size_t len);

/* The same for a DATA packet between peers, in the envelope of the relay. */
bool hub_send_relay(struct server *s, const struct place *to, uint64_t route,
    const void *packet, size_t len);

/* Frames, in a DATA packet for a member. */
void hub_seal(struct server *s, uint32_t member, const struct place *to,
    const void *frames, size_t len);

/* The address that a member has proved; false while it has none. */
bool hub_path(const struct server *s, uint32_t member, struct place *out);

/* True if the socket of that UDP path is open. */
bool hub_is_bound(const struct server *s, const struct place *path);

/* True if a packet from there is from the member's own address. */
bool hub_is_path(const struct server *s, uint32_t member,
    const struct place *from);

/* What peers are told of a member's address. */
struct addr hub_public(const struct server *s, uint32_t member);

/* Tells an account something until it is acknowledged. False: no room. */
bool hub_push(struct server *s, usec_t now, uint32_t account, enum push kind,
    const struct wr *body);

/* Sends the pushes that are due, and a part of the presence events. */
void hub_push_turns(struct server *s, usec_t now);

/* The frame that answers a heartbeat. */
void hub_put_beat(const struct server *s, struct wr *w, uint32_t seq,
    const struct addr *seen);

/* Something authentic came on a stream. */
void hub_prove_stream(struct server *s, usec_t now, uint32_t stream);

/* Closes a stream that no member is registered over, without ceremony if
 * nothing authentic came on it; the same for one that was closed from
 * outside. */
void hub_close(struct server *s, uint32_t stream);
void hub_closed(struct server *s, uint32_t stream);

/* Sends one GOODBYE. */
void hub_goodbye(struct server *s, uint32_t member, const struct place *to,
    uint32_t retry_ms);

#endif
