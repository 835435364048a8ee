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
	RECOVERY_PTO_LOST = 3,     /* so many PTOs in a row: all is lost, like
	                              in section 7.6, and records stay few */
	RECOVERY_PTO_MAX = 1000000,/* back-off ends here: peers that still
	                              have a path want their message */
	RECOVERY_LOST_KEEP = 3000000, /* an ack of a lost packet may be late */
	RECOVERY_LOSS_ONE = 65536, /* loss_share when everything is lost */
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
	uint32_t in_flight;     /* packets */
	uint64_t first, end;    /* serial numbers of what is in the ring */
	uint64_t acked_end;     /* serials below: a later packet has arrived */
	uint32_t epoch;         /* number of the path */
	uint32_t pto_count;
	uint32_t probes;        /* packets that may leave in spite of window
	                           and pace */
	uint32_t loss_share;    /* recent losses, of RECOVERY_LOSS_ONE */
	usec_t old_pto;         /* of the path before */
	usec_t armed_at;        /* the wait for an ack began */
	usec_t loss_at;         /* the next packet counts as lost then */
	usec_t sample_at;       /* of packet sample_pn, see recovery_acked */
	uint64_t sample_pn;
	usec_t first_sample_at;
	usec_t run_at;          /* see recovery_next_lost: first packet of an
	                           unbroken row of losses */
	uint64_t sent_count, lost_count;
	bool has_news;          /* since the last recovery_acked */
};

void recovery_init(struct recovery *r, usec_t rtt_hint);
void recovery_fini(struct recovery *r);

/* Bytes of a packet that must be acknowledged which may leave now; 0: none. */
size_t recovery_room(const struct recovery *r, usec_t now);

/* When pace alone holds a packet back: until when; else USEC_NEVER. */
usec_t recovery_paced(const struct recovery *r);

/* Makes a place for one more packet. False without memory. */
bool recovery_reserve(struct recovery *r);

/* Remembers a packet, in the place that was reserved; its number is above all
 * before. recovery_copied: the newest packet was sent again as pn. */
void recovery_sent(struct recovery *r, usec_t now, const struct sent *s);
void recovery_copied(struct recovery *r, uint64_t pn);

/* ACK frame: for each of its ranges lo to hi-1, take the packets that it
 * acknowledges for the first time from recovery_next_acked until NULL (*at is 0
 * before the first call of a range); then call recovery_acked once, then empty
 * recovery_next_lost. A packet counts at most once, a lost one may still be
 * acknowledged. */
const struct sent *recovery_next_acked(struct recovery *r, uint64_t lo,
    uint64_t hi, uint64_t *at);
void recovery_acked(struct recovery *r, usec_t now, uint64_t largest,
    usec_t ack_delay);

/* The next packet that counts as lost by now, each once (*at is 0 before the
 * first call); NULL: no more. */
const struct sent *recovery_next_lost(struct recovery *r, usec_t now,
    uint64_t *at);

/* Arms probes if an ack is overdue; recovery_next_lost must be emptied
 * afterwards. True if it is overdue for so long that all that was under way
 * has been given up and must be sent again. */
bool recovery_expire(struct recovery *r, usec_t now);
usec_t recovery_deadline(const struct recovery *r);

/* Another path carries the packets from now on: window, pace and round trip
 * start again; what is under way counts for the old path. */
void recovery_path_changed(struct recovery *r, usec_t now, usec_t rtt_hint);

/* Waits no longer for what is under way, and blames nobody. */
void recovery_give_up(struct recovery *r);

#endif
