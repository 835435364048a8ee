/* A peer of the client: who it is, how the introduction stands, and the link
 * once both agreed.
 *
 *            connect              REQUEST taken           ALLOW came
 *   (new) ----------> LOOKING ------------> ASKING -----------------> OPEN
 *            REQUEST came          allow               START came
 *   (new) ----------> ASKED -------------> ALLOWING ----------------> OPEN
 *
 * From every state it may end: the client tells why and drops it. */
#ifndef PEER_H
#define PEER_H

#include "bucket.h"
#include "cand.h"
#include "link.h"
#include "punch.h"
#include "spray.h"
#include "tcpswitch.h"

enum peer_state {
	PEER_LOOKING,  /* asking the server for the key of the name */
	PEER_ASKING,   /* our request is with the target */
	PEER_ASKED,    /* their request is with our user */
	PEER_ALLOWING, /* we said yes, the server has not answered yet */
	PEER_OPEN,
};

/* design.md, Introductions. */
#define PEER_REQUEST_US (60 * USEC_S)
/* From both having agreed to the first sign of life: a punch, a spray and a
 * switch to TCP fit in. */
#define PEER_CONNECT_US (30 * USEC_S)
/* A full attempt at a direct path while there is none (nat.md 6.4 R5). */
#define PEER_RETRY_US (60 * USEC_S)
/* The same at UDP, while TCP does instead. */
#define PEER_RETRY_BESIDE_US (300 * USEC_S)

struct peer {
	uint64_t id;             /* tag of its calls */
	enum peer_state state;
	char name[NAME_SIZE];    /* checked */
	uint8_t key[KEY_LEN];    /* zero while LOOKING */
	bool has_key, known, verified;
	bool key_changed;        /* the name is pinned with another key */
	bool is_hidden;          /* ASKED, but our own request counts */
	usec_t began_at;         /* connect or allow here; 0: neither */
	usec_t expires_at;       /* of the request, or of the attempt to reach
	                            the peer; USEC_NEVER */
	uint32_t serial;         /* of the command that waits, or 0 */
	uint8_t command;         /* enum command_id of it */

	uint8_t nonce[NONCE_LEN];
	struct noise noise;
	uint32_t index, remote;
	bool no_relay;           /* said by the peer */
	uint8_t request[REQUEST_LEN_MAX]; /* ASKING: what we sent */
	size_t request_len;
	bool is_tcp_only;        /* it is registered over TCP */
	bool has_our_tcp;        /* message 2 told our TCP address */

	struct link link;
	struct punch punch;
	struct tcpswitch tcp;
	struct bucket tcp_budget; /* attempts that the peer began */
	struct bucket punch_budget, name_budget;
	char new_name[NAME_SIZE]; /* as the peer calls itself now */
	usec_t rename_at;        /* when the server is to be asked for that */
	bool is_connected;       /* EV_CONNECTED was said */
	uint64_t messages_in;    /* handed out so far */
	struct addr seen;        /* the peer, as the server sees it */
	struct cands cands;      /* the peer's own word */
	struct cands asked;      /* in this attempt at a direct path */
	uint8_t nat;             /* the same of its NAT */
	int16_t nat_step;
	struct ports ports;      /* that it gives to the peer */
	struct ports told_ports; /* of ours */
	usec_t reroll_at;        /* when to try a fresh socket */
	unsigned rerolls;        /* of this attempt */
	uint32_t reroll_attempt; /* of punch.attempts */
	struct guess guess;      /* of its NAT's ports */
	uint32_t guessed_udp, guessed_tcp; /* probes and SYNs, in all */
	uint32_t refused_tcp;    /* of the SYNs, on the way */
	enum reason tcp_reason;  /* of the last attempt that failed; or NONE */
	uint32_t cands_generation, own_generation;
	usec_t resume_at;        /* not earlier the next RESUME */
	unsigned resumes;        /* without an answer that helped */
	usec_t retry_at;         /* next attempt at a direct path */
	usec_t udp_failed_at;    /* the last one; NEVER: it did not fail */
	usec_t consider_at;      /* when to think about TCP again */
	usec_t auto_at;          /* not earlier TCP by itself */
	enum link_state link_told;
	usec_t link_told_at;
	enum transport told_transport; /* of the last event */
	struct addr told_addr;
	struct rekey {
		struct noise noise;
		bool is_under_way;
		uint32_t index, epoch;
		usec_t began_at;
	} rekey;
};

/* In locked memory, for it holds keys; wiped when it is freed. NULL without
 * memory. */
struct peer *peer_new(uint64_t id, const char *name, enum peer_state state);
void peer_free(struct peer *p);

/* Our request: writes the body of OP_REQUEST. p->name and p->key say to whom.
 * False if the key is of no use. */
bool peer_ask(struct peer *p, struct self *self, struct wr *body);

/* PUSH_REQUEST: reads the body into a new ASKED peer (name, key, noise). False
 * if it is not authentic or not for us. */
bool peer_hear(struct peer *p, const struct self *self, struct rd *body);

/* Our yes: writes the body of OP_ALLOW; the link has keys from now on. */
bool peer_allow(struct peer *p, struct self *self, usec_t now,
    struct wr *body);

/* Message 2, after nonce, address and route of PUSH_ALLOW: the link has keys
 * from now on, p->cands the peer's candidates. False if not authentic; nothing
 * has changed then. */
bool peer_allowed(struct peer *p, bool own_no_relay, usec_t now,
    struct rd *body);

/* Where to send probes: what the server saw, and what the peer said, within the
 * limits of the attempt that is under way, or else begins. */
void peer_targets(struct peer *p, const struct self *self, struct cands *out);

/* Control messages with our candidates, and our ports if those changed. */
void peer_send_cands(struct peer *p, const struct self *self);

#endif
