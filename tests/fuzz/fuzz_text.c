/* Text from a stranger: clean once is clean for ever, at any length. */
#include "fuzz.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

static void
columns(const char *s, size_t len)
{
	char *plain = malloc(len + 1);
	size_t n = text_plain(s, len, plain);

	assert(text_is_utf8(plain, n));
	assert(text_width(plain, n) == text_width(s, len));
	for (size_t i = 0, size; i < len; i += size) {
		int width = text_cluster(s + i, len - i, &size);

		assert(width >= 0 && width <= 2);
		assert(size > 0 && size <= len - i);
	}
	free(plain);
}

static void
clean(const uint8_t *data, size_t size, size_t cap)
{
	char *out = malloc(cap), *again = malloc(text_clean_max(cap));
	size_t n = text_clean(data, size, out, cap);

	assert(n < cap && strlen(out) == n && text_is_utf8(out, n));
	assert(text_clean(out, n, again, text_clean_max(cap)) == n);
	assert(memcmp(out, again, n) == 0);
	n = text_clean_line(data, size, out, cap);
	assert(n < cap && strlen(out) == n && strchr(out, '\n') == NULL);
	columns(out, n);
	free(out);
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	clean(data + 1, size - 1, text_clean_max(size - 1));
	clean(data + 1, size - 1, 1 + data[0] % 64);
	return 0;
}
