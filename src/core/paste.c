#include "paste.h"

#include "text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void
begin(struct paste *p, usec_t now)
{
	memset(p, 0, sizeof(*p));
	p->s = malloc(PASTE_MAX);
	p->on = true;
	p->until = now + PASTE_LOST_US;
}

/* The character that a key stands for in a text; 0 for none. */
static uint32_t
character(struct key key)
{
	uint32_t c = key.code;

	if (c == KEYS_ENTER || (c == 'j' && key.mods == KEYS_CTRL))
		return '\n';
	if (c == KEYS_TAB)
		return '\t';
	if (c >= KEYS_NONE || key.mods != 0)
		return 0;
	if (c < ' ')
		return c == '\n' || c == '\r' || c == '\t' ? c : 0;
	return c >= 0x7f && c < 0xa0 ? 0 : c;
}

static void
take(struct paste *p, struct key key)
{
	uint32_t c = character(key);
	char s[4];
	size_t len;

	if (c == 0)
		return;
	len = text_encode(c, s);
	p->cut |= p->s == NULL || p->len + len > PASTE_MAX;
	if (p->cut)
		return;
	memcpy(p->s + p->len, s, len);
	p->len += len;
}

void
paste_key(struct paste *p, usec_t now, struct key key)
{
	if (!p->on) {
		assert(key.code == KEYS_PASTE_BEGIN);
		begin(p, now);
		return;
	}
	if (p->has_after) {
		take(p, p->after);
		p->has_after = false;
		p->mixed = true;
	}
	if (key.code == KEYS_PASTE_END) {
		p->ended = true;
		p->mixed = false;
	} else if (p->ended && !p->mixed) {
		p->after = key;
		p->has_after = true;
	} else {
		take(p, key);
	}
	p->until = now + (p->ended ? PASTE_QUIET_US : PASTE_LOST_US);
}

char *
paste_end(struct paste *p, size_t *len)
{
	size_t cap = text_clean_max(p->len);
	char *clean = p->s == NULL ? NULL : malloc(cap);

	*len = 0;
	if (clean != NULL)
		*len = text_clean(p->s, p->len, clean, cap);
	while (*len > 0 && clean[*len - 1] == '\n')
		--*len;
	paste_fini(p);
	return clean;
}

void
paste_fini(struct paste *p)
{
	p->on = false;
	free(p->s);
	p->s = NULL;
}
