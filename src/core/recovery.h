/* Which packets are under way, which are lost, and when to ask again: RFC 9002
 * sections 5 to 7. Knows nothing of what is in them. */
#ifndef RECOVERY_H
#define RECOVERY_H

#include "congest.h"
#include "rtt.h"
#include "sendbuf.h"

enum {
	RECOVERY_PACKETS = 1024,   /* remembered at once */
	RECOVERY_CHUNKS = 4,       /* of streams, in one packet */
	RECOVERY_THRESHOLD = 3,    /* RFC 9002 section 6.1.1 */
	RECOVERY_PROBES = 2,       /* packets at each PTO (section 6.2.4) */
	RECOVERY_PTO_MAX = 2000000,/* back-off ends here: peers that still
	                              have a path want their message */
	RECOVERY_LOST_KEEP = 3000000, /* an ack of a lost packet may be late */
};

enum sent_state {
	SENT_IN_FLIGHT,
	SENT_ACKED,
	SENT_LOST,
};

/* A packet that must be acknowledged. */
struct sent {
	uint64_t pn;
	uint64_t copy_pn;   /* the same frames on another path; else pn */
	uint64_t ack_end;   /* its ACK frame told of numbers below; 0: none */
	usec_t at;
	uint32_t epoch;     /* path it was sent on */
	uint16_t size;
	uint8_t state;      /* enum sent_state */
	uint8_t windows;    /* bit s: WINDOW frame of stream s */
	uint8_t chunk_count;
	struct chunk chunks[RECOVERY_CHUNKS];
};

struct recovery {
	struct rtt rtt;
	struct congest congest;
	struct sent *ring;      /* cap is a power of two; NULL while idle */
	uint32_t cap;
	uint64_t first, end;    /* serial numbers of what is in the ring */
	uint32_t in_flight;     /* packets */
	uint64_t acked_end;     /* serial numbers below: something as late was
	                           acknowledged on the path in use */
	uint32_t epoch;
	usec_t old_pto;         /* of the path before */
	usec_t last_at;         /* when the last packet left */
	usec_t loss_at;         /* then the next one counts as lost */
	uint32_t pto_count;
	uint32_t probes;        /* packets that may leave in spite of window
	                           and pace */
	uint64_t sample_pn;     /* while an ACK frame is processed */
	usec_t first_sample_at;
	uint32_t loss_share;    /* recent losses, of 65,536 */
	uint64_t sent_count, lost_count;
};

void recovery_init(struct recovery *r, usec_t rtt_hint);
void recovery_fini(struct recovery *r);

/* True if an ack-eliciting packet may leave now. */
bool recovery_may_send(const struct recovery *r, usec_t now);

/* Remembers a packet; pn is above all before. False without memory: then it
 * must not be sent. */
bool recovery_sent(struct recovery *r, usec_t now, const struct sent *s);

/* ACK frame: for each range lo to hi-1 (all below what was ever sent) take the
 * packets that it acknowledges for the first time from recovery_next_acked
 * (*at is 0 before the first call of a range) until NULL; then call
 * recovery_acked once. */
struct sent *recovery_next_acked(struct recovery *r, usec_t now, uint64_t lo,
    uint64_t hi, uint64_t *at);
void recovery_acked(struct recovery *r, usec_t now, uint64_t largest,
    usec_t ack_delay);

/* The next packet that counts as lost by now; NULL: no more. To be emptied
 * after recovery_acked and recovery_expire. */
struct sent *recovery_next_lost(struct recovery *r, usec_t now);

/* The time has come: after it, lost packets and probes may be there. */
void recovery_expire(struct recovery *r, usec_t now);
usec_t recovery_deadline(const struct recovery *r);

/* Another path carries the packets from now on: window, pace and round trip
 * start again; what is under way counts for the old path. */
void recovery_path_changed(struct recovery *r, usec_t now, usec_t rtt_hint);

/* The packets in flight, oldest first (*at is 0 before the first call). */
struct sent *recovery_next_in_flight(struct recovery *r, uint64_t *at);

/* Ends the wait for a packet in flight, without any conclusion. */
void recovery_forget(struct recovery *r, struct sent *s);

#endif
