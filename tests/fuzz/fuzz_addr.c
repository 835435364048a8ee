/* Addresses as text and on the wire: what is accepted comes back the same. */
#include "fuzz.h"

#include "addr.h"

#include <string.h>

static void
text(const uint8_t *data, size_t size)
{
	char s[128], buf[ADDR_TEXT], host[64];
	struct addr a, again;
	uint16_t port;

	if (size >= sizeof s)
		return;
	memcpy(s, data, size);
	s[size] = '\0';
	if (addr_split(s, 9000, host, sizeof host, &port))
		assert(host[0] != '\0' && port != 0);
	if (!addr_parse(s, 9000, &a))
		return;
	assert(addr_parse(addr_format(&a, buf), 1, &again));
	assert(addr_eq(&a, &again));
	assert(a.port != 0 && addr_same_site(&a, &again));
}

static void
wire(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size), r2;
	struct addr a = addr_get(&r), again;
	uint8_t buf[ADDR_WIRE_MAX];
	struct wr w = wr_of(buf, sizeof buf);

	if (r.bad) {
		assert(!addr_is_set(&a));
		return;
	}
	addr_put(&w, &a);
	assert(!w.bad);
	r2 = rd_of(buf, w.len);
	again = addr_get(&r2);
	assert(rd_done(&r2) && addr_eq(&a, &again));
	assert(addr_class(&a) == addr_class(&again));
	/* A mapped address has become the shorter IPv4. */
	assert(w.len == size - r.len || a.family == ADDR_V4);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	text(data, size);
	wire(data, size);
	return 0;
}
