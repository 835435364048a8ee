/* A server made of the protocol's parts, for tests of whoever talks to one. It
 * knows one client, answers what it is told to, and says what it is told to
 * say. A packet comes in, at most one goes out. */
#ifndef FAKE_H
#define FAKE_H

#include "noise.h"
#include "rng.h"
#include "session.h"
#include "wire.h"

/* What it does not answer. */
enum {
	FAKE_NO_HELLO = 1,
	FAKE_NO_INIT = 2,
	FAKE_NO_BEAT = 4,
	FAKE_NO_CALL = 8,
	FAKE_NO_OBSERVE = 16,
	FAKE_MUTE = 31,
};

enum {
	FAKE_CALLS = 64,   /* remembered, the oldest give way */
	FAKE_OPS = 16,
	FAKE_PACKET = 2048,
};

struct fake_call {
	uint32_t id;
	uint8_t op;
	size_t len;
	uint8_t body[DGRAM_MAX];
};

/* The answer to calls of an op. */
struct fake_reply {
	bool is_set;     /* else it is not answered */
	uint8_t status;
	size_t len;
	uint8_t body[1024];
};

struct fake {
	struct keypair keys;
	struct keypair *shown;       /* in COOKIE; NULL: keys */
	struct rng rng;
	unsigned silence;
	struct wire_accept accept;   /* to INIT; name "" : the one wanted, */
	bool is_verbatim;            /* if this is not set */
	struct fake_reply replies[FAKE_OPS];
	bool is_forgetful;           /* answers calls of any id anew */
	bool has_tickets;            /* for whoever asks for one */

	/* The client. */
	uint8_t nonce[NONCE_LEN], cookie[COOKIE_LEN];
	uint8_t client[KEY_LEN];
	char wanted[NAME_SIZE];
	uint8_t flags;               /* of INIT */
	bool has_session;
	struct session session;
	uint32_t index, remote;
	uint64_t counter;
	uint64_t presence;           /* head, told in heartbeats */
	uint64_t cursor;             /* the client's */

	unsigned hellos, inits, beats, observes, goodbyes, rejects;
	uint8_t init[INIT_LEN], answer[256]; /* a repeated INIT gets the same */
	size_t answer_len;
	uint64_t tokens[8];          /* of the last observes */
	struct fake_call calls[FAKE_CALLS];
	size_t call_count;
	uint32_t acked;              /* the last push */
	uint32_t pushes;
};

/* Its key and randomness come from label. It answers everything but calls. */
void fake_init(struct fake *f, const char *label);
void fake_fini(struct fake *f);

/* Forgets the client, as a restart does. */
void fake_restart(struct fake *f);

/* A packet of from comes in; the answer is written to out (FAKE_PACKET bytes).
 * Returns its length or 0. */
size_t fake_take(struct fake *f, const struct addr *from, const void *packet,
    size_t len, uint8_t *out);

/* Frames for the client in a DATA packet; returns its length. */
size_t fake_seal(struct fake *f, const struct wr *frames, uint8_t *out);

/* A push, a reply to a call, a goodbye, an answer to OBSERVE as packets. */
size_t fake_push(struct fake *f, enum push push, const void *body, size_t len,
    uint8_t *out);
size_t fake_reply(struct fake *f, uint32_t id, enum status status,
    const void *body, size_t len, uint8_t *out);
size_t fake_goodbye(struct fake *f, uint32_t ms, uint8_t *out);
size_t fake_observed(struct fake *f, uint64_t token, const struct addr *seen,
    uint8_t *out);

/* Sets the answer to calls of an op. */
void fake_answers(struct fake *f, enum op op, enum status status,
    const void *body, size_t len);

/* The last call of an op that came, or NULL; how many did. */
const struct fake_call *fake_called(const struct fake *f, enum op op);
size_t fake_count(const struct fake *f, enum op op);

#endif
