/* Packets on a stream: each follows its length, two bytes, 1 to FRAME_MAX.
 * A packet that arrives in one piece is handed on where it lies; only while
 * one is incomplete memory is held, and never more than it needs. */
#ifndef FRAME_H
#define FRAME_H

#include "limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_HEADER = 2 };

/* Writes the header of a packet of len bytes. */
void frame_put(uint8_t out[static FRAME_HEADER], size_t len);

/* The reading end of a stream; all zero is a fresh one. */
struct frame_reader {
	uint8_t *buf;   /* an incomplete packet with its header, or NULL */
	uint16_t have;  /* bytes in it */
	uint16_t size;  /* bytes that it will have; 0: not known yet */
	uint16_t limit; /* longest packet that is taken; 0: FRAME_MAX */
};

/* Takes the next packet out of *bytes, which moves on by what was used.
 * 0: *packet is valid until the next call or frame_fini. E_AGAIN: everything
 * was used and no packet is complete. E_BAD: a length of 0 or above the limit;
 * E_FULL: no memory; after these two the stream is of no more use. */
int frame_next(struct frame_reader *f, const uint8_t **bytes, size_t *count,
    const uint8_t **packet, size_t *len);

/* True while part of a packet waits for the rest. */
bool frame_is_open(const struct frame_reader *f);

/* Frees. Any number of times. */
void frame_fini(struct frame_reader *f);

#endif
