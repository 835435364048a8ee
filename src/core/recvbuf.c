#include "recvbuf.h"

#include "bytes.h"
#include "err.h"

#include <assert.h>
#include <string.h>

void
recvbuf_init(struct recvbuf *b, uint32_t window, uint32_t msg_max)
{
	assert(msg_max + var_size(msg_max) <= window);
	*b = (struct recvbuf){ .window = window, .msg_max = msg_max };
}

void
recvbuf_fini(struct recvbuf *b)
{
	flat_fini(&b->data);
	ranges_fini(&b->have);
}

/* Up to where everything is here. */
static uint64_t
whole_end(const struct recvbuf *b)
{
	const struct range *r;

	if (b->have.count == 0)
		return b->consumed;
	r = ranges_at(&b->have, 0);
	return r->lo == b->consumed ? r->hi : b->consumed;
}

static uint64_t
top(const struct recvbuf *b)
{
	return b->have.count > 0 ?
	    ranges_at(&b->have, b->have.count - 1)->hi : b->consumed;
}

/* True if bytes that are here already are the same in data. */
static bool
agrees(const struct recvbuf *b, uint64_t offset, const uint8_t *data,
    size_t len)
{
	uint64_t end = offset + len;

	for (uint32_t i = ranges_find(&b->have, offset); i < b->have.count;
	    i++) {
		struct range r = *ranges_at(&b->have, i);

		if (r.lo >= end)
			break;
		if (r.lo < offset)
			r.lo = offset;
		if (r.hi > end)
			r.hi = end;
		if (memcmp(flat_at(&b->data, r.lo), data + (r.lo - offset),
		    r.hi - r.lo) != 0)
			return false;
	}
	return true;
}

/* Reads the lengths of messages as far as they are here. */
static int
check_lengths(struct recvbuf *b)
{
	uint64_t end = whole_end(b), len;

	while (b->checked < end) {
		struct rd r = rd_of(flat_at(&b->data, b->checked),
		    end - b->checked);

		if (r.len < (size_t)1 << (r.p[0] >> 6))
			return 0; /* half a varint */
		len = get_var(&r);
		if (r.bad || len == 0 || len > b->msg_max)
			return E_BAD;
		b->checked = end - r.len + len;
	}
	return 0;
}

int
recvbuf_put(struct recvbuf *b, uint64_t offset, const uint8_t *data,
    size_t len)
{
	uint64_t end = offset + len;
	uint32_t max = RECVBUF_RANGES;

	assert(len > 0);
	if (end > b->consumed + b->window)
		return E_BAD;
	if (end <= b->consumed)
		return 0;
	if (offset < b->consumed) {
		data += b->consumed - offset;
		offset = b->consumed;
	}
	if (!agrees(b, offset, data, end - offset))
		return E_BAD;
	if (!flat_reserve(&b->data, b->consumed, top(b), end))
		return E_FULL;
	/* What closes the first gap is always taken, or it would stay open. */
	if (offset == b->consumed)
		max++;
	if (!ranges_add(&b->have, offset, end, max))
		return E_FULL;
	memcpy(flat_at(&b->data, offset), data, end - offset);
	return check_lengths(b);
}

bool
recvbuf_next(const struct recvbuf *b, const uint8_t **msg, size_t *len)
{
	uint64_t end = whole_end(b);
	const uint8_t *p;
	struct rd r;
	uint64_t size;

	if (b->checked <= b->consumed)
		return false;
	r = rd_of(flat_at(&b->data, b->consumed), end - b->consumed);
	size = get_var(&r);
	p = get_bytes(&r, size);
	if (p == NULL)
		return false;
	*msg = p;
	*len = size;
	return true;
}

void
recvbuf_pop(struct recvbuf *b)
{
	const uint8_t *msg;
	size_t len;
	bool is_here = recvbuf_next(b, &msg, &len);

	assert(is_here);
	b->consumed += var_size(len) + len;
	ranges_cut(&b->have, 0, b->consumed, RECVBUF_RANGES);
	b->window_is_due = true;
	if (b->have.count == 0)
		flat_fini(&b->data);
}
