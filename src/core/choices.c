#include "choices.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static size_t
common_prefix(const char *const *texts, size_t count)
{
	size_t len = strlen(texts[0]), n;

	for (size_t i = 1; i < count; i++) {
		for (n = 0; n < len && texts[i][n] == texts[0][n]; n++)
			continue;
		len = n;
	}
	while (len > 0 && ((unsigned char)texts[0][len] & 0xc0) == 0x80)
		len--;
	return len;
}

static bool
put_single(struct textbuf *b, size_t from, const char *text)
{
	char spaced[CHOICES_SIZE + 1];
	size_t len;

	len = (size_t)snprintf(spaced, sizeof(spaced), "%s ", text);
	assert(len < sizeof(spaced));
	if (b->s[b->at] == ' ') /* the one that is there will do */
		len--;
	return textbuf_replace(b, from, b->at, spaced, len, false);
}

bool
choices_offer(struct choices *c, struct textbuf *b, size_t from,
    const char *const *texts, size_t count)
{
	size_t len;

	assert(from <= b->at);
	c->count = 0;
	if (count == 0)
		return false;
	if (count == 1)
		return put_single(b, from, texts[0]);
	len = common_prefix(texts, count);
	if (len > b->at - from)
		textbuf_replace(b, from, b->at, texts[0], len, false);
	c->from = from;
	c->to = b->at;
	c->total = count;
	c->count = count < CHOICES_MAX ? count : CHOICES_MAX;
	c->picked = c->count;
	for (size_t i = 0; i < c->count; i++)
		snprintf(c->text[i], CHOICES_SIZE, "%s", texts[i]);
	return true;
}

bool
choices_pick(struct choices *c, struct textbuf *b, bool forward)
{
	const char *text;
	size_t to;

	assert(c->count > 0);
	if (forward)
		to = c->picked + 1 < c->count ? c->picked + 1 : 0;
	else
		to = (c->picked > 0 ? c->picked : c->count) - 1;
	text = c->text[to];
	if (!textbuf_replace(b, c->from, c->to, text, strlen(text), false))
		return false;
	c->picked = to;
	c->to = b->at;
	return true;
}
