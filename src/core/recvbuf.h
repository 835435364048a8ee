/* The receiving half of a stream: puts chunks that come in any order, twice or
 * overlapping back together and hands out whole messages in order. */
#ifndef RECVBUF_H
#define RECVBUF_H

#include "flat.h"
#include "ranges.h"

#include <stddef.h>

enum { RECVBUF_RANGES = 256 }; /* parts with gaps between them, at most */

struct recvbuf {
	struct flat data;      /* bytes from consumed to the highest received */
	struct ranges have;    /* of these: what was received */
	uint64_t consumed;     /* start of the first message not popped */
	uint64_t checked;      /* start of the first message whose length was
	                          not seen yet; may lie above what is here */
	uint64_t told;         /* consumed as the peer was told last */
	uint64_t told_pn;      /* in this packet for the first time */
	bool window_is_due;    /* the peer is to be told consumed (again) */
	bool window_is_out;    /* no ack of told_pn or later yet */
	uint32_t window;       /* the peer may send to consumed + window */
	uint32_t msg_max;      /* longest message */
};

/* window holds a message of msg_max bytes with its length. */
void recvbuf_init(struct recvbuf *b, uint32_t window, uint32_t msg_max);
void recvbuf_fini(struct recvbuf *b);

/* Takes bytes of the stream, copied (len > 0). E_BAD: beyond the window, not
 * the same as received before, or a message with a wrong length. E_FULL: no
 * memory or too many gaps; the chunk must come again. */
int recvbuf_put(struct recvbuf *b, uint64_t offset, const uint8_t *data,
    size_t len);

/* The first message, if all of it is here. Valid until the next call that
 * changes b. */
bool recvbuf_next(const struct recvbuf *b, const uint8_t **msg, size_t *len);

/* Consumes the first message, which must be here. */
void recvbuf_pop(struct recvbuf *b);

#endif
