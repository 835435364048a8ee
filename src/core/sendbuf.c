#include "sendbuf.h"

#include "bytes.h"
#include "err.h"

#include <assert.h>

/* Ranges that are told apart; beyond it some bytes are sent in vain. */
enum { RANGES_MAX = 1024 };

void
sendbuf_init(struct sendbuf *b, uint32_t max, uint32_t window)
{
	*b = (struct sendbuf){ .max = max, .limit = window };
}

void
sendbuf_fini(struct sendbuf *b)
{
	flat_fini(&b->data);
	ranges_fini(&b->unacked);
	ranges_fini(&b->lost);
}

int
sendbuf_write(struct sendbuf *b, const uint8_t *msg, size_t len, uint64_t *id)
{
	size_t size = var_size(len) + len;
	struct wr w;

	assert(len > 0);
	if (size > b->max - (b->end - b->consumed))
		return E_FULL;
	if (!flat_reserve(&b->data, b->consumed, b->end, b->end + size))
		return E_FULL;
	w = wr_of(flat_at(&b->data, b->end), size);
	put_var(&w, len);
	put_bytes(&w, msg, len);
	assert(!w.bad && w.len == size);
	b->end += size;
	*id = ++b->written;
	return 0;
}

/* New bytes that the peer has room for. */
static uint64_t
fresh(const struct sendbuf *b)
{
	uint64_t end = b->end < b->limit ? b->end : b->limit;

	return end > b->sent ? end - b->sent : 0;
}

bool
sendbuf_has_data(const struct sendbuf *b)
{
	return b->lost.count > 0 || fresh(b) > 0;
}

bool
sendbuf_next(const struct sendbuf *b, size_t cap, struct chunk *chunk,
    const uint8_t **data)
{
	uint64_t offset = b->sent, len = fresh(b);

	assert(cap > 0);
	if (b->lost.count > 0) {
		const struct range *r = ranges_at(&b->lost, 0);

		offset = r->lo;
		len = r->hi - r->lo;
	}
	if (len == 0)
		return false;
	if (len > cap)
		len = cap;
	chunk->offset = offset;
	chunk->len = len < UINT16_MAX ? (uint16_t)len : UINT16_MAX;
	*data = flat_at(&b->data, offset);
	return true;
}

void
sendbuf_sent(struct sendbuf *b, const struct chunk *chunk)
{
	uint64_t end = chunk->offset + chunk->len;

	assert(chunk->offset <= b->sent);
	if (chunk->offset < b->sent) {
		assert(end <= b->sent);
		ranges_cut(&b->lost, chunk->offset, end, RANGES_MAX);
		return;
	}
	ranges_cover(&b->unacked, chunk->offset, end, RANGES_MAX);
	b->sent = end;
}

void
sendbuf_acked(struct sendbuf *b, const struct chunk *chunk)
{
	uint64_t end = chunk->offset + chunk->len;

	/* If there is no room to note a hole, its bytes go out again. */
	ranges_cut(&b->unacked, chunk->offset, end, RANGES_MAX);
	ranges_cut(&b->lost, chunk->offset, end, RANGES_MAX);
}

void
sendbuf_lost(struct sendbuf *b, const struct chunk *chunk)
{
	uint64_t end = chunk->offset + chunk->len;
	uint32_t i = ranges_find(&b->unacked, chunk->offset);

	for (; i < b->unacked.count; i++) {
		struct range r = *ranges_at(&b->unacked, i);

		if (r.lo >= end)
			break;
		if (r.lo < chunk->offset)
			r.lo = chunk->offset;
		if (r.hi > end)
			r.hi = end;
		ranges_cover(&b->lost, r.lo, r.hi, RANGES_MAX);
	}
}

uint64_t
sendbuf_repeat(struct sendbuf *b, uint64_t max)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < b->unacked.count && count < max; i++) {
		struct range r = *ranges_at(&b->unacked, i);

		if (r.hi - r.lo > max - count)
			r.hi = r.lo + (max - count);
		count += r.hi - r.lo;
		ranges_cover(&b->lost, r.lo, r.hi, RANGES_MAX);
	}
	return count;
}

/* Where the message at offset at ends, and its text. */
static uint64_t
message_at(const struct sendbuf *b, uint64_t at, const uint8_t **msg,
    size_t *len)
{
	struct rd r = rd_of(flat_at(&b->data, at), b->end - at);

	*len = get_var(&r);
	*msg = get_bytes(&r, *len);
	assert(!r.bad);
	return b->end - r.len;
}

int
sendbuf_window(struct sendbuf *b, uint64_t consumed, uint64_t limit)
{
	uint64_t at = b->consumed, id = b->delivered;
	const uint8_t *msg;
	size_t len;

	if (consumed > b->sent || consumed > limit)
		return E_BAD;
	for (; at < consumed; id++)
		at = message_at(b, at, &msg, &len);
	if (consumed >= b->consumed && at != consumed)
		return E_BAD;
	if (limit > b->limit)
		b->limit = limit;
	if (consumed <= b->consumed)
		return 0;
	ranges_cut(&b->unacked, 0, consumed, RANGES_MAX);
	ranges_cut(&b->lost, 0, consumed, RANGES_MAX);
	b->consumed = consumed;
	b->delivered = id;
	if (b->consumed == b->end)
		flat_fini(&b->data);
	return 0;
}

bool
sendbuf_next_delivered(struct sendbuf *b, uint64_t *id)
{
	if (b->reported == b->delivered)
		return false;
	*id = ++b->reported;
	return true;
}

bool
sendbuf_next_undelivered(const struct sendbuf *b, uint64_t *at, uint64_t *id,
    const uint8_t **msg, size_t *len)
{
	if (*at == 0) {
		*at = b->consumed;
		*id = b->delivered;
	}
	if (*at >= b->end)
		return false;
	*at = message_at(b, *at, msg, len);
	++*id;
	return true;
}
