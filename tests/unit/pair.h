/* Two chans and the paths between them, in virtual time: what the tests of the
 * transport share. Every message is computed from who sends it, its stream and
 * its number, so that the pair itself checks that each one arrives once, in
 * order and unaltered, and that delivered marks come once, in order, and never
 * before the message was taken. */
#ifndef PAIR_H
#define PAIR_H

#include "chan.h"
#include "rng.h"

enum { PAIR_PATHS = 2, PAIR_PACKET = DGRAM_MAX - CHAN_OVERHEAD };

/* How a path treats packets, in both directions. */
struct pair_path {
	usec_t delay;
	usec_t jitter;             /* added, uniform: reorders */
	unsigned loss_permille;
	unsigned twice_permille;   /* arrives twice */
};

struct pair_flight {
	usec_t at;
	uint64_t pn;
	size_t len;
	int to;
	uint8_t buf[PAIR_PACKET];
};

struct pair_end {
	struct chan chan;
	uint64_t next_pn;
	uint8_t *is_seen;          /* by packet number */
	size_t seen_cap;
	unsigned path;             /* that it sends on */
	bool copies;               /* and sends everything on the other too */
	bool is_slow;              /* its application takes no messages */
	uint64_t sent[STREAM_COUNT], taken[STREAM_COUNT];
	uint64_t delivered[STREAM_COUNT];
	uint64_t packets;          /* sent */
	int err;                   /* of chan_frame */
};

struct pair {
	struct pair_end end[2];
	struct pair_path path[PAIR_PATHS];
	struct pair_flight *flight;
	size_t count, cap;
	struct rng rng;
	const uint8_t *bytes;      /* decide instead of rng, if set; no faults
	                              after them */
	size_t byte_count;
	usec_t now;
	size_t len_min, len_max;   /* of messages */
	/* Fate of the first packets, both ends together: bit set, lost. */
	uint64_t mask;
	unsigned mask_len;
	uint64_t packets;
};

/* Path 0 is without faults and takes 40 ms each way, as does path 1. */
void pair_init(struct pair *p, uint64_t seed);
void pair_fini(struct pair *p);

/* Sends the next messages of end from on stream, count of them or as many as
 * fit. Returns how many. */
unsigned pair_send(struct pair *p, int from, unsigned stream, unsigned count);

/* A number below bound (> 0) from rng or bytes. */
uint32_t pair_draw(struct pair *p, uint32_t bound);

/* Moves what is ready, without advancing the time. */
void pair_turn(struct pair *p);

/* Goes to the next event, at most to time until, and processes it. False if
 * there is none before. */
bool pair_step(struct pair *p, usec_t until);

/* Steps until both ends have nothing unacknowledged and all marks are there, or
 * until the time is up. True if it became quiet. */
bool pair_run(struct pair *p, usec_t until);

/* True if all messages were taken and all delivered marks are there. */
bool pair_is_complete(const struct pair *p);

#endif
