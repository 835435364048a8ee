/* The sending half of a stream: messages, each a varint length and its bytes,
 * kept until the peer's application has them. Which bytes are under way, which
 * must be sent again and which messages are done is told by offsets. */
#ifndef SENDBUF_H
#define SENDBUF_H

#include "flat.h"
#include "ranges.h"

#include <stddef.h>

struct sendbuf {
	struct flat data;       /* bytes from consumed to end */
	struct ranges unacked;  /* sent, no ack yet */
	struct ranges lost;     /* part of unacked: to be sent again */
	uint64_t consumed;      /* the peer's application has all before */
	uint64_t sent;          /* first byte that was never sent */
	uint64_t end;           /* first byte that is not written yet */
	uint64_t limit;         /* first byte that the peer has no room for */
	uint64_t reported;      /* last id that next_delivered gave out */
	uint64_t delivered;     /* id of the last message before consumed */
	uint64_t written;       /* id of the last message before end */
	uint32_t max;           /* bound of end - consumed */
};

/* A part of the stream. */
struct chunk {
	uint64_t offset;
	uint16_t len;
	uint8_t stream;
};

/* At most max bytes are kept; the peer has room for window bytes. */
void sendbuf_init(struct sendbuf *b, uint32_t max, uint32_t window);
void sendbuf_fini(struct sendbuf *b);

/* Appends a message of 1 or more bytes, copied. E_FULL: over max, or no
 * memory. Ids count from 1. */
int sendbuf_write(struct sendbuf *b, const uint8_t *msg, size_t len,
    uint64_t *id);

/* True if there are bytes to be sent: lost ones, or new ones that the peer has
 * room for. */
bool sendbuf_has_data(const struct sendbuf *b);

/* What to send next, lost bytes first; false if nothing. The offset is set and
 * len is at most cap (> 0). *data is valid until the next call. Nothing
 * changes before sendbuf_sent. */
bool sendbuf_next(const struct sendbuf *b, size_t cap, struct chunk *chunk,
    const uint8_t **data);
void sendbuf_sent(struct sendbuf *b, const struct chunk *chunk);

/* The fate of bytes that were sent. A chunk may be lost or acknowledged
 * several times and in any order; what was acknowledged once is not sent
 * again. */
void sendbuf_acked(struct sendbuf *b, const struct chunk *chunk);
void sendbuf_lost(struct sendbuf *b, const struct chunk *chunk);

/* Some of the bytes under way, the first ones, at most max of them, are to be
 * sent again although they may yet arrive. Returns how many. */
uint64_t sendbuf_repeat(struct sendbuf *b, uint64_t max);

/* The peer's application has everything before consumed, and the peer has room
 * up to limit. Older news than what is known are ignored. E_BAD: consumed was
 * never sent, is inside a message, or is beyond limit. */
int sendbuf_window(struct sendbuf *b, uint64_t consumed, uint64_t limit);

/* The next message that the peer's application has got; each id comes once,
 * in order. False if none is new. */
bool sendbuf_next_delivered(struct sendbuf *b, uint64_t *id);

/* Messages that are not delivered yet, oldest first. *at is 0 before the first
 * call, and *id stays as it was. *msg is valid until the next change of b. */
bool sendbuf_next_undelivered(const struct sendbuf *b, uint64_t *at,
    uint64_t *id, const uint8_t **msg, size_t *len);

#endif
