/* The first byte of a step says what to read; what was read is written again
 * and must be the same bytes. */
#include "fuzz.h"

#include "bytes.h"

#include <string.h>

static void
again(struct rd *r, struct wr *w, unsigned what)
{
	const uint8_t *p;

	switch (what % 6) {
	case 0:
		put_u8(w, get_u8(r));
		break;
	case 1:
		put_u16(w, get_u16(r));
		break;
	case 2:
		put_u32(w, get_u32(r));
		break;
	case 3:
		put_u64(w, get_u64(r));
		break;
	case 4:
		put_var(w, get_var(r));
		break;
	default:
		p = get_bytes(r, what / 6);
		if (p != NULL)
			put_bytes(w, p, what / 6);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size);

	while (!r.bad && r.len > 0) {
		unsigned what = get_u8(&r);
		const struct rd before = r;
		uint8_t buf[64];
		struct wr w = wr_of(buf, sizeof buf);

		again(&r, &w, what);
		if (r.bad) {
			assert(r.p == before.p && r.len == before.len);
			assert(get_u8(&r) == 0 && get_bytes(&r, 0) == NULL);
			break;
		}
		assert(!w.bad && r.len + w.len == before.len);
		assert(memcmp(buf, before.p, w.len) == 0);
	}
	assert(!r.bad || !rd_done(&r));
	return 0;
}
