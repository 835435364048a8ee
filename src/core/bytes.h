/* Reading and writing of packets: cursors with a sticky error. Read or write
 * every field, then test .bad once. Integers are in network byte order. */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest variable-length integer (RFC 9000 section 16). */
#define VAR_MAX ((UINT64_C(1) << 62) - 1)

/* Reads from borrowed bytes. After a short read .bad is set, every further
 * get returns 0 (or NULL) and nothing moves. */
struct rd {
	const uint8_t *p;
	size_t len; /* what is left */
	bool bad;
};

/* Writes into a borrowed buffer. A put that does not fit writes nothing and
 * sets .bad. */
struct wr {
	uint8_t *p;
	size_t cap;
	size_t len; /* what was written */
	bool bad;
};

struct rd rd_of(const void *buf, size_t len);
struct wr wr_of(void *buf, size_t cap);

uint8_t get_u8(struct rd *r);
uint16_t get_u16(struct rd *r);
uint32_t get_u32(struct rd *r);
uint64_t get_u64(struct rd *r);

/* A variable-length integer of 1, 2, 4 or 8 bytes, 0 to VAR_MAX
 * (RFC 9000 section 16). A value in a longer form than it needs is refused,
 * so that every value has one encoding. */
uint64_t get_var(struct rd *r);

/* The next len bytes, borrowed from the input, or NULL. */
const uint8_t *get_bytes(struct rd *r, size_t len);

/* Copies the next len bytes to out; on a short read out is zeroed. */
void get_copy(struct rd *r, void *out, size_t len);

/* True if everything was read and nothing was short. */
bool rd_done(const struct rd *r);

void put_u8(struct wr *w, uint8_t v);
void put_u16(struct wr *w, uint16_t v);
void put_u32(struct wr *w, uint32_t v);
void put_u64(struct wr *w, uint64_t v);
void put_var(struct wr *w, uint64_t v); /* v <= VAR_MAX */
void put_bytes(struct wr *w, const void *buf, size_t len);
void put_zeros(struct wr *w, size_t len);

/* Bytes that put_var(v) takes. */
size_t var_size(uint64_t v);

#endif
