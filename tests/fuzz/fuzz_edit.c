/* What a terminal sends, down to the editor's text. The first byte says how
 * many bytes come at once and how long it takes. */
#include "fuzz.h"

#include "edit.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static void
check(const struct edit *e)
{
	assert(e->text.len <= EDIT_MAX && e->text.at <= e->text.len);
	assert(strlen(e->text.s) == e->text.len);
	assert(text_is_utf8(e->text.s, e->text.len));
	assert(strpbrk(e->text.s, "\x1b\r\t\x7f") == NULL);
	assert(e->recall.len <= sizeof(e->recall.query));
	assert(e->choices.count <= CHOICES_MAX);
}

static void
answer(struct edit *e, enum edit_result result)
{
	static const char *const offers[] = { "\u00e9va", "\u00e8ve", "eve" };

	if (result == EDIT_SUBMIT)
		edit_accept(e);
	else if (result == EDIT_COMPLETE)
		edit_offer(e, e->text.at, offers, e->text.len % 4);
	check(e);
}

static void
take(struct edit *e, struct keys *k, usec_t now, const uint8_t *buf,
    size_t len)
{
	struct key key;
	size_t used;

	answer(e, edit_expire(e, now));
	if (keys_expire(k, now, &key))
		answer(e, edit_key(e, now, key));
	for (; len > 0; buf += used, len -= used) {
		used = keys_read(k, now, buf, len, &key);
		assert(used > 0 || key.code != KEYS_NONE);
		if (key.code != KEYS_NONE)
			answer(e, edit_key(e, now, key));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct history *h = malloc(sizeof(*h));
	struct edit *e = malloc(sizeof(*e));
	struct keys k;
	usec_t now = USEC_S;
	size_t step = size > 0 ? data[0] % 16 + 1 : 1, n;

	assert(h != NULL && e != NULL);
	history_init(h);
	assert(edit_init(e, h));
	e->joins_lines = size > 0 && data[0] & 0x80;
	keys_init(&k);
	for (size_t at = 1; at < size; at += n) {
		n = size - at < step ? size - at : step;
		take(e, &k, now, data + at, n);
		now += (data[0] & 0x40) ? KEYS_ESC_US : 1000;
	}
	edit_fini(e);
	history_fini(h);
	free(e);
	free(h);
	return 0;
}
