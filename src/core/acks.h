/* What the peer must be told about packets that arrived: which, and when to
 * say it (RFC 9000 section 13.2). */
#ifndef ACKS_H
#define ACKS_H

#include "bytes.h"
#include "ranges.h"
#include "usec.h"

enum {
	ACKS_RANGES = 32, /* the newest ones are kept and told */
	ACKS_EVERY = 2,   /* ack-eliciting packets that call for an ack */
	/* Bytes of the body of an ACK frame with one range, at most. */
	ACKS_BODY_MIN = 26,
};

struct acks {
	struct ranges seen;  /* packet numbers received */
	usec_t largest_at;   /* when the largest of them came */
	usec_t due_at;       /* an ack must leave then; USEC_NEVER: none */
	uint32_t waiting;    /* ack-eliciting packets since the last ack */
	bool is_due;         /* an ack must leave now */
};

void acks_init(struct acks *a);
void acks_fini(struct acks *a);

/* A packet arrived and was processed. Each number comes once. */
void acks_received(struct acks *a, usec_t now, uint64_t pn,
    bool is_ack_eliciting);

/* True if there is something new to tell that calls for an ack. */
bool acks_pending(const struct acks *a);

/* The time has come: makes an ack due whose delay is over. */
void acks_expire(struct acks *a, usec_t now);

/* Writes the body of an ACK frame, as many ranges as fit (w has room for
 * ACKS_BODY_MIN at least): largest, delay in us, number of further ranges,
 * first range, then gap and length of each (RFC 9000 section 19.3).
 * There must be a packet to acknowledge. Returns the largest number told. */
uint64_t acks_put(struct acks *a, usec_t now, struct wr *w);

/* The peer may have missed the last ack: another is due now. */
void acks_repeat(struct acks *a);

/* The peer knows of everything up to largest: no need to tell it again. */
void acks_forget(struct acks *a, uint64_t largest);

#endif
