#include "text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

enum {
	REPLACEMENT = 0xfffd,
	DOTTED_CIRCLE = 0x25cc,
	ZWNJ = 0x200c,
	ZWJ = 0x200d,
	TAB_STOP = 8,
	UNIT_MAX = 12, /* bytes: a joiner and a character, or "<U+10FFFF>" */
};

/* Unicode 15, table 3-7: what the second byte may be after a first one. */
static bool
is_second(uint8_t first, uint8_t second)
{
	uint8_t low = 0x80, high = 0xbf;

	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	return second >= low && second <= high;
}

size_t
text_decode(const uint8_t *s, size_t len, uint32_t *cp)
{
	uint32_t v;
	size_t size;

	assert(len > 0);
	v = s[0];
	*cp = REPLACEMENT;
	if (v < 0x80) {
		*cp = v;
		return 1;
	}
	if (v < 0xc2 || v > 0xf4)
		return 1;
	size = v < 0xe0 ? 2 : v < 0xf0 ? 3 : 4;
	v &= 0x7f >> size;
	for (size_t i = 1; i < size; i++) {
		if (i == len || (i == 1 && !is_second(s[0], s[1])) ||
		    (s[i] & 0xc0) != 0x80)
			return i;
		v = v << 6 | (s[i] & 0x3f);
	}
	*cp = v;
	return size;
}

size_t
text_encode(uint32_t cp, char out[static 4])
{
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)cp,
	    (utf8proc_uint8_t *)out);
}

bool
text_is_utf8(const void *s, size_t len)
{
	const uint8_t *p = s;
	uint32_t cp;

	for (size_t i = 0, size; i < len; i += size) {
		size = text_decode(p + i, len - i, &cp);
		/* A replacement that was written takes three bytes too. */
		if (cp == REPLACEMENT && (size != 3 || p[i] != 0xef))
			return false;
	}
	return true;
}

struct range {
	uint32_t first, last;
};

static bool
is_in(const struct range *ranges, size_t count, uint32_t cp)
{
	for (size_t i = 0; i < count; i++)
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	return false;
}

/* Marks and letters that show nothing (Default_Ignorable_Code_Point). */
static bool
is_invisible(uint32_t cp)
{
	static const struct range ranges[] = {
		{ 0x34f, 0x34f }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },
		{ 0x3164, 0x3164 }, { 0xffa0, 0xffa0 },
	};

	return is_in(ranges, sizeof ranges / sizeof *ranges, cp);
}

static bool
is_selector(uint32_t cp)
{
	static const struct range ranges[] = {
		{ 0x180b, 0x180d }, { 0x180f, 0x180f }, { 0xfe00, 0xfe0f },
		{ 0xe0100, 0xe01ef },
	};

	return is_in(ranges, sizeof ranges / sizeof *ranges, cp);
}

/* Columns of a character by itself. utf8proc, but where terminals and libc
 * agree on something else. */
static int
columns(uint32_t cp)
{
	/* Vowels and finals of Hangul join the initial before them. */
	if ((cp >= 0x1160 && cp <= 0x11ff) || (cp >= 0xd7b0 && cp <= 0xd7ff))
		return 0;
	/* Wide since Unicode 16, and before in every libc. */
	if ((cp >= 0x3248 && cp <= 0x324f) || (cp >= 0x4dc0 && cp <= 0x4dff))
		return 2;
	if (utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_MC)
		return 1;
	return utf8proc_charwidth((utf8proc_int32_t)cp);
}

static bool
is_emoji(uint32_t cp)
{
	return utf8proc_get_property((utf8proc_int32_t)cp)->boundclass ==
	    UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static enum text_kind
ascii_kind(uint32_t cp)
{
	if (cp == '\t')
		return TEXT_TAB;
	if (cp == '\n' || cp == '\r')
		return TEXT_BREAK;
	if (cp < 0x20 || cp == 0x7f)
		return TEXT_CONTROL;
	return (cp | 0x20) >= 'a' && (cp | 0x20) <= 'z' ?
	    TEXT_LETTER : TEXT_OTHER;
}

static enum text_kind
printable_kind(uint32_t cp, bool is_letter)
{
	if (is_selector(cp))
		return TEXT_SELECTOR;
	if (is_invisible(cp))
		return TEXT_HIDDEN;
	if (cp >= 0x1f3fb && cp <= 0x1f3ff)
		return TEXT_TONE;
	if (columns(cp) == 0)
		return TEXT_MARK;
	if (is_letter)
		return TEXT_LETTER;
	return is_emoji(cp) ? TEXT_EMOJI : TEXT_OTHER;
}

enum text_kind
text_kind(uint32_t cp)
{
	if (cp < 0x80)
		return ascii_kind(cp);
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_CC:
		return TEXT_CONTROL;
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return TEXT_BREAK;
	case UTF8PROC_CATEGORY_CF:
		return cp == ZWNJ || cp == ZWJ ? TEXT_JOINER : TEXT_HIDDEN;
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CS:
		return TEXT_HIDDEN;
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MC:
		return printable_kind(cp, true);
	default:
		return printable_kind(cp, false);
	}
}

/* Text on its way from in to out. What follows a base is judged by what came
 * out, so that cleaning again changes nothing. */
struct cleaner {
	const uint8_t *in;
	size_t len;
	char *out;
	size_t cap, n;
	bool is_full;
	bool one_line;
	enum text_kind base; /* LETTER, EMOJI, OTHER; BREAK: none in the line */
	unsigned marks;      /* on the base */
	bool takes_tone;     /* an emoji, with a selector or not, was last */
	size_t measured;     /* of out, up to the last tab or line */
	size_t column;       /* there */
};

static void
put(struct cleaner *c, const char *unit, size_t len)
{
	if (c->is_full || len >= c->cap - c->n) {
		c->is_full = true;
		return;
	}
	memcpy(c->out + c->n, unit, len);
	c->n += len;
}

static void
put_base(struct cleaner *c, uint32_t cp, enum text_kind kind)
{
	char unit[UNIT_MAX];

	put(c, unit, text_encode(cp, unit));
	c->base = kind;
	c->marks = 0;
	c->takes_tone = kind == TEXT_EMOJI;
}

static void
put_hidden(struct cleaner *c, uint32_t cp)
{
	char unit[UNIT_MAX];
	int len = snprintf(unit, sizeof unit, "<U+%04X>", (unsigned)cp);

	assert(len > 0 && (size_t)len < sizeof unit);
	put(c, unit, (size_t)len);
	c->base = TEXT_OTHER;
	c->marks = 0;
	c->takes_tone = false;
}

static void
put_break(struct cleaner *c)
{
	if (c->one_line) {
		put_base(c, ' ', TEXT_OTHER);
		return;
	}
	put_base(c, '\n', TEXT_BREAK);
	c->measured = c->n;
	c->column = 0;
}

static void
put_tab(struct cleaner *c)
{
	c->column += text_width(c->out + c->measured, c->n - c->measured);
	do {
		put_base(c, ' ', TEXT_OTHER);
		c->column++;
	} while (c->column % TAB_STOP != 0);
	c->measured = c->n;
}

static void
put_mark(struct cleaner *c, uint32_t cp)
{
	char unit[UNIT_MAX];
	size_t len = 0;

	if (c->marks == TEXT_MARKS_MAX) {
		put_base(c, REPLACEMENT, TEXT_OTHER);
		c->marks = TEXT_MARKS_MAX + 1;
	}
	if (c->marks > TEXT_MARKS_MAX)
		return;
	if (c->base == TEXT_BREAK) {
		len = text_encode(DOTTED_CIRCLE, unit);
		c->base = TEXT_OTHER;
	}
	len += text_encode(cp, unit + len);
	put(c, unit, len);
	c->marks++;
	c->takes_tone = c->takes_tone && is_selector(cp);
}

/* A joiner goes out together with what it joins, or not at all. Returns how
 * many bytes of input went with it. */
static size_t
put_joiner(struct cleaner *c, uint32_t joiner)
{
	char unit[UNIT_MAX];
	size_t size, len = text_encode(joiner, unit);
	uint32_t next = 0;
	enum text_kind kind;

	size = c->len > 0 ? text_decode(c->in, c->len, &next) : 0;
	kind = text_kind(next);
	if (c->base == TEXT_LETTER && kind == TEXT_MARK &&
	    c->marks < TEXT_MARKS_MAX) {
		c->marks++;
	} else if (kind == c->base &&
	    (kind == TEXT_LETTER || kind == TEXT_EMOJI)) {
		c->marks = 0;
	} else {
		put_hidden(c, joiner);
		return 0;
	}
	c->takes_tone = kind == TEXT_EMOJI;
	len += text_encode(next, unit + len);
	put(c, unit, len);
	return size;
}

static enum text_kind
kind_here(const struct cleaner *c, uint32_t cp)
{
	enum text_kind kind = text_kind(cp);

	if (kind == TEXT_TONE)
		return c->takes_tone ? TEXT_MARK : TEXT_HIDDEN;
	if (kind == TEXT_SELECTOR)
		return c->base != TEXT_BREAK && c->marks == 0 ?
		    TEXT_MARK : TEXT_HIDDEN;
	return kind;
}

static void
skip(struct cleaner *c, size_t size)
{
	c->in += size;
	c->len -= size;
}

static void
clean_one(struct cleaner *c)
{
	uint32_t cp;
	enum text_kind kind;

	skip(c, text_decode(c->in, c->len, &cp));
	switch (kind = kind_here(c, cp)) {
	case TEXT_CONTROL:
		put_base(c, REPLACEMENT, TEXT_OTHER);
		break;
	case TEXT_TAB:
		put_tab(c);
		break;
	case TEXT_BREAK:
		if (cp != '\r' || c->len == 0 || *c->in != '\n')
			put_break(c);
		break;
	case TEXT_HIDDEN:
		put_hidden(c, cp);
		break;
	case TEXT_JOINER:
		skip(c, put_joiner(c, cp));
		break;
	case TEXT_MARK:
		put_mark(c, cp);
		break;
	case TEXT_LETTER:
	case TEXT_EMOJI:
	case TEXT_OTHER:
		put_base(c, cp, kind);
		break;
	case TEXT_TONE:
	case TEXT_SELECTOR:
		assert(!"kind_here leaves none");
	}
}

static size_t
clean(struct cleaner c)
{
	assert(c.cap > 0);
	while (c.len > 0 && !c.is_full)
		clean_one(&c);
	c.out[c.n] = '\0';
	return c.n;
}

size_t
text_clean(const void *in, size_t len, char *out, size_t cap)
{
	return clean((struct cleaner){ .in = in, .len = len, .out = out,
		.cap = cap, .base = TEXT_BREAK });
}

size_t
text_clean_line(const void *in, size_t len, char *out, size_t cap)
{
	return clean((struct cleaner){ .in = in, .len = len, .out = out,
		.cap = cap, .base = TEXT_BREAK, .one_line = true });
}

size_t
text_clean_max(size_t len)
{
	/* The longest are a tab and "<U+00AD>" for two bytes. */
	return TAB_STOP * len + 1;
}

/* What of a cluster was seen. */
struct cluster {
	uint32_t last;
	utf8proc_int32_t state;
	bool takes_tone; /* as in struct cleaner */
	int width;
};

/* True if cp goes on with the cluster. */
static bool
joins(struct cluster *c, uint32_t cp)
{
	enum text_kind kind = text_kind(cp);
	int width = kind == TEXT_TONE && c->takes_tone ? 0 : columns(cp);

	if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)c->last,
	    (utf8proc_int32_t)cp, &c->state))
		return false;
	if ((c->last == ZWJ && kind == TEXT_EMOJI) || c->width + width > 2)
		return false;
	c->last = cp;
	c->width += width;
	c->takes_tone = c->takes_tone && kind == TEXT_SELECTOR;
	return true;
}

int
text_cluster(const char *s, size_t len, size_t *size)
{
	const uint8_t *p = (const uint8_t *)s;
	struct cluster c = { 0 };
	uint32_t cp;
	size_t n = text_decode(p, len, &c.last);

	c.width = columns(c.last);
	c.takes_tone = text_kind(c.last) == TEXT_EMOJI;
	while (n < len) {
		size_t next = text_decode(p + n, len - n, &cp);

		if (!joins(&c, cp))
			break;
		n += next;
	}
	*size = n;
	return c.width;
}

size_t
text_width(const char *s, size_t len)
{
	size_t width = 0;

	for (size_t i = 0, size; i < len; i += size)
		width += (size_t)text_cluster(s + i, len - i, &size);
	return width;
}

size_t
text_plain(const char *s, size_t len, char *out)
{
	enum text_kind base = TEXT_OTHER;
	size_t n = 0;

	for (size_t i = 0, size; i < len; i += size) {
		uint32_t cp;
		enum text_kind kind;

		size = text_decode((const uint8_t *)s + i, len - i, &cp);
		kind = text_kind(cp);
		if (kind == TEXT_SELECTOR || (base == TEXT_EMOJI &&
		    (kind == TEXT_JOINER || kind == TEXT_TONE)))
			continue;
		if (kind != TEXT_MARK && kind != TEXT_JOINER)
			base = kind;
		memmove(out + n, s + i, size);
		n += size;
	}
	out[n] = '\0';
	return n;
}
