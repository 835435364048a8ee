/* How far a peer's switch to TCP has come: make before break (nat.md
 * section 4). Learn our TCP mapping from the server, tell the peer, dial each
 * other from the port that listens at the same moment, retry fast; the first
 * stream that proves itself carries the link, and UDP stays up beside it.
 * client_tcp.c does the work.
 *
 *   IDLE --start---> LEARNING --seen, or 1.5 s--> TELLING --theirs--> DIALLING
 *   IDLE --theirs--> LEARNING --seen, or 1.5 s---------------------> DIALLING
 *   DIALLING --a stream proves itself--> IDLE (won)
 *   any      --10 s, or the peer gave up--> IDLE (failed)
 *
 * Where UDP does not reach the server from one side, both begin by themselves
 * as soon as they agreed; where UDP loses too much, or brought no direct path,
 * one does (client_tcpauto.c). Of two attempts begun at once that of the lower
 * key counts. */
#ifndef TCPSWITCH_H
#define TCPSWITCH_H

#include "bucket.h"
#include "cand.h"
#include "reason.h"

enum tcpswitch_state {
	TCPSWITCH_IDLE,
	TCPSWITCH_LEARNING,
	TCPSWITCH_TELLING,
	TCPSWITCH_DIALLING,
};

enum {
	TCPSWITCH_DIALS = 4,       /* addresses */
	TCPSWITCH_DIALS_BURST = 256, /* of an attempt: again and again, */
	TCPSWITCH_DIALS_PER_S = 64,  /* but no more than that */
	TCPSWITCH_STREAMS = 8,     /* of a peer */
	TCPSWITCH_DEAF_TTL = 32,   /* reaches everybody, and less than what any
	                              other host begins with: see ACT_DIAL */
};

/* Nobody waits for less than this to be in step: the way is too short. */
#define TCPSWITCH_STEP_US (10 * USEC_MS)

/* Failure within this time leaves the link as it was. */
#define TCPSWITCH_ENDS_US (10 * USEC_S)
/* Once nothing is left to be tried the plain way has this long. */
#define TCPSWITCH_VAIN_US (2500 * USEC_MS)
#define TCPSWITCH_LEARN_US (1500 * USEC_MS)
/* What begins by itself comes so much later than any other attempt, and on the
 * side with the higher key so much later than on the other. */
#define TCPSWITCH_PAUSE_US (300 * USEC_S)
#define TCPSWITCH_YIELD_US (10 * USEC_S)
/* A stream proves whose it is within this time. */
#define TCPSWITCH_PROVE_US (5 * USEC_S)

struct tcpswitch {
	enum tcpswitch_state state;
	bool is_asked;       /* by a person: TCP is to be used once it is up */
	bool has_theirs, has_ours; /* so that we, or they, can dial */
	bool is_answered;    /* theirs came for ours: they dial in step */
	uint32_t attempt;
	uint32_t serial;     /* of the command that waits, or 0 */
	usec_t ends_at;
	usec_t dialled_at;   /* DIALLING: when it began */
	usec_t salvo_at;     /* when to begin to guess ports */
	struct cands theirs;
	struct bucket dial_budget;
	enum reason reason;  /* why it will fail, if that is known */
	uint32_t lanes;      /* addresses that are dialled */
	struct {             /* a row against a row (client_tcpspray.c) */
		usec_t next_at;  /* when to look for a fresh port */
		unsigned count;  /* rows so far */
		bool has_ours, has_theirs; /* fresh ports for the next */
	} match;
	uint32_t dials;      /* made in this attempt */
	uint32_t refusals;   /* of them answered by a reset or an error */
};

static inline void
tcpswitch_init(struct tcpswitch *t)
{
	*t = (struct tcpswitch){ .ends_at = USEC_NEVER,
		.salvo_at = USEC_NEVER, .match.next_at = USEC_NEVER };
}

#endif
