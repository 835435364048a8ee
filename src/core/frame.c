#include "frame.h"
#include "err.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
frame_put(uint8_t out[static FRAME_HEADER], size_t len)
{
	assert(len > 0 && len <= FRAME_MAX);
	out[0] = (uint8_t)(len >> 8);
	out[1] = (uint8_t)len;
}

bool
frame_is_open(const struct frame_reader *f)
{
	return f->have > 0;
}

void
frame_fini(struct frame_reader *f)
{
	free(f->buf);
	f->buf = NULL;
	f->have = f->size = 0;
}

/* The size of a packet with its header, or 0 for a length that is refused. */
static size_t
size_of(const struct frame_reader *f, uint8_t high, uint8_t low)
{
	const size_t len = (size_t)(high << 8 | low);
	const size_t limit = f->limit != 0 ? f->limit : FRAME_MAX;

	return len > 0 && len <= limit ? len + FRAME_HEADER : 0;
}

/* The whole packet lies in the input. */
static bool
is_whole(const struct frame_reader *f, const uint8_t *bytes, size_t count)
{
	size_t size;

	if (f->have > 0 || count < FRAME_HEADER)
		return false;
	size = size_of(f, bytes[0], bytes[1]);
	return size != 0 && count >= size;
}

static void
move(struct frame_reader *f, const uint8_t **bytes, size_t *count, size_t want)
{
	size_t n = want - f->have;

	if (n > *count)
		n = *count;
	memcpy(f->buf + f->have, *bytes, n);
	f->have += (uint16_t)n;
	*bytes += n;
	*count -= n;
}

static bool
hold(struct frame_reader *f, size_t size)
{
	uint8_t *buf = realloc(f->buf, size);

	if (buf == NULL)
		return false;
	f->buf = buf;
	return true;
}

/* The header alone is kept first: it says how much more to hold. */
static int
collect_header(struct frame_reader *f, const uint8_t **bytes, size_t *count)
{
	if (f->buf == NULL && !hold(f, FRAME_HEADER))
		return E_FULL;
	move(f, bytes, count, FRAME_HEADER);
	if (f->have < FRAME_HEADER)
		return E_AGAIN;
	f->size = (uint16_t)size_of(f, f->buf[0], f->buf[1]);
	if (f->size == 0)
		return E_BAD;
	return hold(f, f->size) ? E_OK : E_FULL;
}

int
frame_next(struct frame_reader *f, const uint8_t **bytes, size_t *count,
    const uint8_t **packet, size_t *len)
{
	_Static_assert(FRAME_MAX + FRAME_HEADER <= UINT16_MAX, "sizes fit");
	int err;

	if (f->size != 0 && f->have == f->size)
		frame_fini(f); /* it was handed out */
	if (*count == 0)
		return E_AGAIN;
	if (is_whole(f, *bytes, *count)) {
		*len = size_of(f, (*bytes)[0], (*bytes)[1]) - FRAME_HEADER;
		*packet = *bytes + FRAME_HEADER;
		*bytes += *len + FRAME_HEADER;
		*count -= *len + FRAME_HEADER;
		return E_OK;
	}
	if (f->size == 0 && (err = collect_header(f, bytes, count)) != E_OK)
		return err;
	move(f, bytes, count, f->size);
	if (f->have < f->size)
		return E_AGAIN;
	*packet = f->buf + FRAME_HEADER;
	*len = f->size - (size_t)FRAME_HEADER;
	return E_OK;
}
