/* TCP connections. One is half-open until an authentic packet came on it, and
 * has until then a deadline for the whole handshake, not for each read; half
 * of all places taken, it shrinks. An open one is closed when nothing authentic
 * comes any more. No read buffer while it is idle. */
#ifndef STREAM_H
#define STREAM_H

#include "addr.h"
#include "fifo.h"
#include "frame.h"
#include "map.h"
#include "usec.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	STREAM_HALF_MAX = 256,
	STREAM_HALF_PER_SITE = 8,
	STREAM_HALF_S = 5,       /* for the handshake; 1 s above half */
	STREAM_HALF_FAST_S = 1,
	STREAM_IDLE_S = 60,      /* of an open one: a client is gone at 55 */
};

struct stream {
	struct addr from;
	int sock;                /* -1: free */
	uint32_t member;         /* that is registered over it, or FIFO_NONE */
	bool is_open;
	uint16_t generation;     /* of its place */
	usec_t heard;            /* accepted, or the last authentic packet */
	struct frame_reader reader;
};

struct streams {
	struct stream *all;
	struct fifo_link *links;
	uint32_t max, end, free;
	struct fifo half, open;
	struct map by_sock;
};

bool streams_init(struct streams *t, uint32_t max,
    const uint8_t key[static MAP_KEY_LEN]);
void streams_fini(struct streams *t);

/* A half-open stream; FIFO_NONE if there is no room. */
uint32_t stream_new(struct streams *t, usec_t now, int sock,
    const struct addr *from);
void stream_free(struct streams *t, uint32_t slot);

/* The stream of a socket, or FIFO_NONE. */
uint32_t stream_find(const struct streams *t, int sock);

/* Something authentic came on it: it is open. */
void stream_heard(struct streams *t, usec_t now, uint32_t slot);

/* The stream that is to be closed next, and when; FIFO_NONE and USEC_NEVER if
 * there is none. */
uint32_t stream_oldest(const struct streams *t, usec_t *when);

/* The half-open stream that has waited longest, or FIFO_NONE. */
uint32_t stream_oldest_half(const struct streams *t);

#endif
