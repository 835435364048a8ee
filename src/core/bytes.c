#include "bytes.h"

#include <assert.h>
#include <string.h>

enum { VAR_PREFIX_SHIFT = 6 }; /* RFC 9000 §16: two bits of length */

struct rd
rd_of(const void *buf, size_t len)
{
	return (struct rd){ .p = buf, .len = len };
}

struct wr
wr_of(void *buf, size_t cap)
{
	return (struct wr){ .p = buf, .cap = cap };
}

const uint8_t *
get_bytes(struct rd *r, size_t len)
{
	static const uint8_t none[1];
	const uint8_t *p = r->p != NULL ? r->p : none;

	if (r->bad || len > r->len) {
		r->bad = true;
		return NULL;
	}
	r->p = p + len;
	r->len -= len;
	return p;
}

static uint64_t
get_int(struct rd *r, size_t size)
{
	const uint8_t *p = get_bytes(r, size);
	uint64_t v = 0;

	if (p == NULL)
		return 0;
	for (size_t i = 0; i < size; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t
get_u8(struct rd *r)
{
	return (uint8_t)get_int(r, 1);
}

uint16_t
get_u16(struct rd *r)
{
	return (uint16_t)get_int(r, 2);
}

uint32_t
get_u32(struct rd *r)
{
	return (uint32_t)get_int(r, 4);
}

uint64_t
get_u64(struct rd *r)
{
	return get_int(r, 8);
}

uint64_t
get_var(struct rd *r)
{
	struct rd ahead = *r;
	size_t size;
	uint64_t v;

	if (r->bad || r->len == 0) {
		r->bad = true;
		return 0;
	}
	size = (size_t)1 << (r->p[0] >> VAR_PREFIX_SHIFT);
	v = get_int(&ahead, size) & (UINT64_MAX >> (64 - 8 * size + 2));
	if (ahead.bad || var_size(v) != size) {
		r->bad = true;
		return 0;
	}
	*r = ahead;
	return v;
}

void
get_copy(struct rd *r, void *out, size_t len)
{
	const uint8_t *p = get_bytes(r, len);

	if (len == 0)
		return;
	if (p == NULL)
		memset(out, 0, len);
	else
		memcpy(out, p, len);
}

bool
rd_done(const struct rd *r)
{
	return !r->bad && r->len == 0;
}

/* Room for len more bytes, or NULL. */
static uint8_t *
claim(struct wr *w, size_t len)
{
	uint8_t *p;

	assert(w->len <= w->cap);
	if (w->bad || len > w->cap - w->len) {
		w->bad = true;
		return NULL;
	}
	if (len == 0)
		return NULL;
	p = w->p + w->len;
	w->len += len;
	return p;
}

static void
put_int(struct wr *w, uint64_t v, size_t size)
{
	uint8_t *p = claim(w, size);

	if (p == NULL)
		return;
	for (size_t i = size; i > 0; i--, v >>= 8)
		p[i - 1] = (uint8_t)v;
}

void
put_u8(struct wr *w, uint8_t v)
{
	put_int(w, v, 1);
}

void
put_u16(struct wr *w, uint16_t v)
{
	put_int(w, v, 2);
}

void
put_u32(struct wr *w, uint32_t v)
{
	put_int(w, v, 4);
}

void
put_u64(struct wr *w, uint64_t v)
{
	put_int(w, v, 8);
}

size_t
var_size(uint64_t v)
{
	assert(v <= VAR_MAX);
	if (v < 1u << 6)
		return 1;
	if (v < 1u << 14)
		return 2;
	return v < 1u << 30 ? 4 : 8;
}

void
put_var(struct wr *w, uint64_t v)
{
	static const uint8_t prefix[] = { [1] = 0, [2] = 1, [4] = 2, [8] = 3 };
	size_t size = var_size(v);

	put_int(w, v | (uint64_t)prefix[size] << (8 * size - 2), size);
}

void
put_bytes(struct wr *w, const void *buf, size_t len)
{
	uint8_t *p = claim(w, len);

	if (p != NULL)
		memcpy(p, buf, len);
}

void
put_zeros(struct wr *w, size_t len)
{
	uint8_t *p = claim(w, len);

	if (p != NULL)
		memset(p, 0, len);
}
