/* The ways to a peer: a table of addresses under trial or in use, each with
 * its challenges, round trip and silence. Pure bookkeeping: nothing is sent
 * here.
 *
 *            ping               pong                asked, no pong
 *   FREE ----------> TRYING -----------> VALID --------------------> DEAD
 *                      |                   ^      PATH_LOST_US         |
 *                      '---- forgotten     '------------ pong ---------'
 */
#ifndef PATH_H
#define PATH_H

#include "addr.h"
#include "event.h"
#include "limit.h"
#include "rng.h"
#include "usec.h"
#include "wire.h"

enum path_state { PATH_FREE, PATH_TRYING, PATH_VALID, PATH_DEAD };

/* As many as can be under way within a round trip of a second and a half. */
enum { PATH_PINGS = 16 };

/* A question of the peer brings about one of ours, but no more of them than
 * one in this time: two sides that ask whenever they are asked never end. */
#define PATH_TRIGGER_US (150 * USEC_MS)
enum { PATH_TRIGGER_FREE = 3 };

/* nat.md 6.4: a path is dead after 6.5 s without a pong while it is used; and
 * never before it was asked for 4 s, eight times in vain. */
#define PATH_LOST_US (6500 * USEC_MS)
#define PATH_ASKED_US (4000 * USEC_MS)
/* Loss, as the pings and pongs of a path show it, round trip, in thousandths:
 * a share of 1/64 for each. A lossy path (more than 5 % one way) is left for
 * one that costs less, and comes back when it is good; one lost ping is enough
 * to look more closely. */
enum {
	PATH_LOSS_WEIGHT = 64,
	PATH_LOSS_RELAY = 30,     /* of a relay that takes over, at most */
	PATH_LOSS_DOUBT = 10,
	PATH_LOSS_BAD = 90,
	PATH_LOSS_GOOD = 20,
};

/* What a thousandth of loss costs: so many messages come a round trip and a
 * time-out later. */
#define PATH_LOSS_COST_US (2 * USEC_MS)
/* Not back to a path that was lossy before this time. */
#define PATH_LOSS_REST_US (30 * USEC_S)
/* Paths whose loss is to be measured are asked at this pace. */
#define PATH_MEASURE_US (500 * USEC_MS)
/* Asked again at this pace once the first answer is late. */
#define PATH_ASK_AGAIN_US (500 * USEC_MS)
/* What answers a guess may be lost, and the other side does not know which of
 * many that was: it is said again at once. */
#define PATH_REPEAT_US (60 * USEC_MS)
/* While messages flow the path in use is asked this often. */
#define PATH_ACTIVE_US (2500 * USEC_MS)
/* Round trip assumed before one was measured. */
#define PATH_RTT_FIRST_US (333 * USEC_MS)

struct path {
	uint8_t state;       /* enum path_state */
	uint8_t transport;   /* enum transport */
	uint8_t kind;        /* enum cand_kind */
	int sock;            /* of TCP; of UDP -1 for the usual one */
	struct addr addr;    /* of the peer; of the server for the relay */
	struct path_ping {
		uint64_t token;
		usec_t at;
	} pings[PATH_PINGS]; /* a ring of unanswered challenges */
	uint8_t pings_next;
	usec_t asked_at;     /* first ping since the last pong, or USEC_NEVER */
	usec_t ping_at;      /* when to ask next, or USEC_NEVER */
	usec_t heard_at;     /* last authenticated packet */
	usec_t proved_at;    /* last pong */
	usec_t died_at;      /* DEAD since then */
	usec_t rtt_us;       /* smoothed; 0: not measured */
	usec_t tried_at;     /* first ping ever */
	usec_t answered_at;  /* first pong ever, or USEC_NEVER */
	uint32_t sent, received;
	uint32_t loss;       /* PATH_LOSS_WEIGHT times thousandths */
	uint32_t loss_samples;
	bool is_lossy;
	usec_t lossy_at;     /* since then */
};

struct paths {
	struct path list[PATHS_MAX];
};

void paths_init(struct paths *p);

/* The path of a transport: of TCP on sock, of UDP to addr and on sock, or NULL.
 * There is one relay. */
struct path *paths_find(struct paths *p, enum transport transport, int sock,
    const struct addr *addr);

/* The same, added as PATH_TRYING if absent. When the table is full the path
 * that was heard least recently and is neither VALID nor keep gives way; NULL
 * if there is none. */
struct path *paths_add(struct paths *p, usec_t now, enum transport transport,
    enum cand_kind kind, int sock, const struct addr *addr,
    const struct path *keep);

void path_forget(struct path *path);

/* Whether a question of the peer on it is to be answered with one of ours
 * (RFC 8445 section 7.3.1.4). */
bool path_is_triggered(const struct path *path, usec_t now);

/* A fresh challenge to be sent on the path now. */
uint64_t path_challenge(struct path *path, usec_t now, struct rng *rng);

/* A pong came back (by whatever path): the path that it proves, now VALID with
 * a new round trip sample, or NULL if the token is not ours. */
struct path *paths_answer(struct paths *p, usec_t now, uint64_t token);

/* The path answered what was asked at that time. */
void path_proved(struct path *path, usec_t now, usec_t asked_at);

/* An authenticated packet came in on the path. */
void path_heard(struct path *path, usec_t now);

/* True while the path may be relied on: VALID and not late with an answer. */
bool path_is_sure(const struct path *path, usec_t now);

/* An answer is late by this measure. */
usec_t path_patience(const struct path *path);

/* When the path counts as dead if no pong comes; USEC_NEVER: not asked. */
usec_t path_lost_at(const struct path *path);
bool path_is_lost(const struct path *path, usec_t now);

/* Loss of late in thousandths, round trip. */
uint32_t path_loss(const struct path *path);

/* Whether it is lossy, and the relay clearly better; or, if that is the current
 * one, still better. */
bool path_gives_way(const struct path *path, const struct path *relay,
    const struct path *current);

/* The VALID path to use: of the preferred transport if it is sure, else the
 * best direct one that is sure, UDP first, else the best VALID one, else the
 * relay, else NULL. Stays with current unless another is clearly better
 * (hysteresis of 20 % and 5 ms of round trip). A lossy one is not sure, and
 * comes last where it gives way, unless UDP is preferred. Not the relay if
 * relay_ok is false. */
struct path *paths_best(struct paths *p, usec_t now, enum transport preferred,
    const struct path *current, bool relay_ok);

#endif
