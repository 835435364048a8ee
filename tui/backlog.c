#include "tui/backlog.h"

#include "core/text.h"

#include <stdlib.h>
#include <string.h>

static struct entry *
nth(const struct backlog *b, size_t i)
{
	return &b->ring[(b->first + i) % b->cap];
}

static size_t
cost(const struct entry *e)
{
	return sizeof(*e) + e->len + 1;
}

static void
drop_oldest(struct backlog *b)
{
	struct entry *e = nth(b, 0);

	b->bytes -= cost(e);
	free(e->text);
	e->text = NULL;
	b->first = (b->first + 1) % b->cap;
	b->count--;
}

void
backlog_fini(struct backlog *b)
{
	while (b->count > 0)
		drop_oldest(b);
	free(b->ring);
	memset(b, 0, sizeof(*b));
}

static bool
grow(struct backlog *b)
{
	size_t cap = b->cap == 0 ? 32 : b->cap * 2;
	struct entry *ring;

	if (cap > BACKLOG_ENTRIES)
		cap = BACKLOG_ENTRIES;
	ring = calloc(cap, sizeof(*ring));
	if (ring == NULL)
		return false;
	for (size_t i = 0; i < b->count; i++)
		ring[i] = *nth(b, i);
	free(b->ring);
	b->ring = ring;
	b->cap = cap;
	b->first = 0;
	return true;
}

static char *
clean(const char *text, size_t *len)
{
	size_t cap = text_clean_max(*len);
	char *s = malloc(cap), *small;

	if (s == NULL)
		return NULL;
	*len = text_clean(text, *len, s, cap);
	*len = text_plain(s, *len, s);
	small = realloc(s, *len + 1);
	return small != NULL ? small : s;
}

struct entry *
backlog_add(struct backlog *b, enum entry_kind kind, int64_t wall_s,
    const char *text, size_t len)
{
	char *s = clean(text, &len);
	struct entry *e;

	if (s == NULL)
		return NULL;
	if (b->count == BACKLOG_ENTRIES)
		drop_oldest(b);
	if (b->count == b->cap && !grow(b)) {
		free(s);
		return NULL;
	}
	if (b->next == 0)
		b->next = 1;
	e = nth(b, b->count++);
	*e = (struct entry){ .number = b->next++, .wall_s = wall_s,
		.kind = kind, .text = s, .len = len };
	b->bytes += cost(e);
	while (b->bytes > BACKLOG_BYTES && b->count > 1)
		drop_oldest(b);
	return e;
}

uint64_t
backlog_end(const struct backlog *b)
{
	return b->next == 0 ? 1 : b->next;
}

uint64_t
backlog_begin(const struct backlog *b)
{
	return backlog_end(b) - b->count;
}

struct entry *
backlog_get(const struct backlog *b, uint64_t number)
{
	if (number < backlog_begin(b) || number >= backlog_end(b))
		return NULL;
	return nth(b, (size_t)(number - backlog_begin(b)));
}

struct entry *
backlog_message(const struct backlog *b, uint64_t id)
{
	for (size_t i = b->count; i-- > 0;) {
		struct entry *e = nth(b, i);

		if (e->kind == ENTRY_OWN && e->id == id)
			return e;
	}
	return NULL;
}

static bool
contains(const struct entry *e, const char *text, size_t len)
{
	for (size_t i = 0; i + len <= e->len; i++) {
		size_t n = 0;

		while (n < len) {
			char a = e->text[i + n], b = text[n];

			a = a >= 'A' && a <= 'Z' ? (char)(a + 32) : a;
			b = b >= 'A' && b <= 'Z' ? (char)(b + 32) : b;
			if (a != b)
				break;
			n++;
		}
		if (n == len)
			return true;
	}
	return false;
}

struct entry *
backlog_find(const struct backlog *b, uint64_t before, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = b->count; i-- > 0;) {
		struct entry *e = nth(b, i);

		if (e->number < before && contains(e, text, len))
			return e;
	}
	return NULL;
}

size_t
backlog_messages(const struct backlog *b, uint64_t from)
{
	size_t n = 0;

	for (size_t i = b->count; i-- > 0 && nth(b, i)->number >= from;)
		n += nth(b, i)->kind == ENTRY_THEIRS ||
		    nth(b, i)->kind == ENTRY_OWN;
	return n;
}
