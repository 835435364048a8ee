#include "name.h"
#include "script.h"
#include "text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

enum {
	/* Bytes before NFC that can become NAME_MAX_LEN: U+0390 takes two and
	 * comes from six. */
	INPUT_MAX = 4 * NAME_MAX_LEN,
	/* Characters on the way: U+FDFA, three bytes, becomes 18. */
	CHARS_MAX = 6 * INPUT_MAX,
	BRAILLE_BLANK = 0x2800,
	FIRST_NUMBER = 10,
	LAST_NUMBER = 99,
};

/* Normalises into at most CHARS_MAX characters; negative if ill-formed. */
static int
normalize(const void *in, size_t len, utf8proc_option_t options,
    utf8proc_int32_t chars[static CHARS_MAX])
{
	utf8proc_ssize_t count;

	count = utf8proc_decompose(in, (utf8proc_ssize_t)len, chars, CHARS_MAX,
	    options);
	if (count < 0 || count > CHARS_MAX)
		return -1;
	return (int)utf8proc_normalize_utf32(chars, count, options);
}

/* Whole characters into cap bytes with NUL; returns how many of count fit. */
static int
encode(const utf8proc_int32_t *chars, int count, char *out, size_t cap)
{
	size_t n = 0;
	int i;

	for (i = 0; i < count; i++) {
		utf8proc_uint8_t one[4];
		size_t size = (size_t)utf8proc_encode_char(chars[i], one);

		if (n + size >= cap)
			break;
		memcpy(out + n, one, size);
		n += size;
	}
	out[n] = '\0';
	return i;
}

/* True if the next character may stand there. marks counts those of the
 * base, *base is its kind, TEXT_BREAK before the first. */
static bool
is_allowed(uint32_t cp, enum text_kind *base, int *marks)
{
	enum text_kind kind = text_kind(cp);

	if (kind == TEXT_TONE)
		kind = *base == TEXT_EMOJI && *marks == 0 ?
		    TEXT_MARK : TEXT_HIDDEN;
	if (kind == TEXT_MARK)
		return *base != TEXT_BREAK && (*marks)++ < TEXT_MARKS_MAX;
	if (*base == TEXT_BREAK && cp < 0x80 && strchr("/-.", (int)cp) != NULL)
		return false;
	*base = kind;
	*marks = 0;
	if (cp == '@' || cp == BRAILLE_BLANK || utf8proc_category(
	    (utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_ZS)
		return false;
	return kind == TEXT_LETTER || kind == TEXT_EMOJI || kind == TEXT_OTHER;
}

/* Letters, marks and numbers tell of a script. */
static bool
has_script(uint32_t cp)
{
	return strchr("LMN",
	    *utf8proc_category_string((utf8proc_int32_t)cp)) != NULL;
}

static enum name_fault
check_chars(const utf8proc_int32_t *chars, int count)
{
	enum text_kind base = TEXT_BREAK;
	uint32_t scripts = 0;
	int marks = 0;

	for (int i = 0; i < count; i++) {
		uint32_t cp = (uint32_t)chars[i];

		if (!is_allowed(cp, &base, &marks))
			return NAME_BAD_CHAR;
		if (has_script(cp))
			scripts |= 1u << script_of(cp);
	}
	return script_may_mix(scripts) ? NAME_OK : NAME_MIXED;
}

enum name_fault
name_check(const void *in, size_t len, char out[static NAME_SIZE])
{
	utf8proc_int32_t chars[CHARS_MAX];
	enum name_fault fault;
	char name[NAME_SIZE];
	int count;

	if (len == 0)
		return NAME_EMPTY;
	if (!text_is_utf8(in, len))
		return NAME_NOT_UTF8;
	if (len > INPUT_MAX)
		return NAME_TOO_LONG;
	count = normalize(in, len, UTF8PROC_STABLE | UTF8PROC_COMPOSE, chars);
	assert(count > 0);
	if (encode(chars, count, name, sizeof name) < count)
		return NAME_TOO_LONG;
	fault = check_chars(chars, count);
	if (fault == NAME_OK)
		memcpy(out, name, sizeof name);
	return fault;
}

const char *
name_fault_text(enum name_fault fault)
{
	switch (fault) {
	case NAME_OK:
		return "it is fine";
	case NAME_EMPTY:
		return "it is empty; give 1 to 32 bytes";
	case NAME_TOO_LONG:
		return "it is longer than 32 bytes";
	case NAME_NOT_UTF8:
		return "it is not UTF-8 text";
	case NAME_BAD_CHAR:
		return "it has a space, an invisible character or '@', or "
		    "begins with '/', '-' or '.'";
	case NAME_MIXED:
		return "it mixes alphabets that look alike; use one";
	}
	assert(!"not a fault");
}

size_t
name_fold(const char *name, char out[static NAME_FOLD_SIZE])
{
	utf8proc_int32_t chars[CHARS_MAX];
	const size_t len = strlen(name);
	int count = -1;

	/* NFKC_Casefold: Unicode 3.13, R5 after D144. */
	if (len <= INPUT_MAX && text_is_utf8(name, len))
		count = normalize(name, len, UTF8PROC_STABLE |
		    UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
		    UTF8PROC_IGNORE, chars);
	if (count >= 0)
		encode(chars, count, out, NAME_FOLD_SIZE);
	else
		snprintf(out, NAME_FOLD_SIZE, "%s", name);
	return strlen(out);
}

bool
name_same(const char *a, const char *b)
{
	char fold_a[NAME_FOLD_SIZE], fold_b[NAME_FOLD_SIZE];

	name_fold(a, fold_a);
	name_fold(b, fold_b);
	return strcmp(fold_a, fold_b) == 0;
}

static const char *const moods[] = {
	"able", "agile", "amber", "ample", "apt", "avid", "azure", "bold",
	"brave", "breezy", "bright", "brisk", "calm", "candid", "cheerful",
	"civil", "clear", "clever", "cosy", "crisp", "curious", "dapper",
	"daring", "deft", "eager", "early", "earnest", "fair",
	"famous", "fancy", "fleet", "fluent", "fond", "frank", "fresh",
	"gentle", "glad", "golden", "graceful", "grand", "green", "happy",
	"hardy", "hearty", "honest", "humble", "jolly", "jovial", "keen",
	"kind", "light", "lively", "loyal", "lucid", "lucky", "mellow",
	"merry", "mighty", "mild", "modest", "neat", "nimble", "noble",
	"patient", "placid", "polite", "proud", "prudent", "quick", "quiet",
	"rapid", "ready", "robust", "rosy", "sage", "sedate", "serene",
	"sharp", "silent", "silver", "sincere", "smart", "snug", "solar",
	"solid", "spry", "steady", "still", "stout", "sunny", "sure", "swift",
	"tidy", "tranquil", "trusty", "upbeat", "valiant", "vivid", "warm",
	"wise", "witty", "worthy", "zesty",
};

static const char *const beings[] = {
	"acorn", "alder", "antelope", "aspen", "badger", "birch", "bison",
	"bittern", "brook", "bunting", "cedar", "clover", "comet", "condor",
	"coral", "cricket", "crane", "curlew", "dahlia", "deer", "dolphin",
	"dove", "dragonfly", "dunlin", "eagle", "egret", "elk", "elm", "ermine",
	"falcon", "fern", "finch", "fjord", "gannet", "gazelle", "gecko",
	"glacier", "grouse", "gull", "harbour", "hare", "hazel", "hedgehog",
	"heron", "ibex", "ibis", "iris", "island", "ivy", "jay", "juniper",
	"kestrel", "kingfisher", "koala", "lagoon", "lark", "lemur", "lilac",
	"linnet", "lynx", "magpie", "maple", "marmot", "marten", "meadow",
	"meteor", "moose", "newt", "nightingale", "oak", "orchid",
	"oriole", "osprey", "otter", "owl", "panda", "pebble", "pelican",
	"penguin", "petrel", "pika", "pine", "plover", "poppy", "quail",
	"rabbit", "raven", "reindeer", "river", "robin", "rowan", "salmon",
	"seal", "sparrow", "squirrel", "stork", "swan", "tern",
	"thrush", "turtle", "walrus", "willow", "wombat", "wren",
};

void
name_random(uint64_t random, char out[static NAME_SIZE])
{
	const size_t mood_count = sizeof moods / sizeof *moods;
	const size_t being_count = sizeof beings / sizeof *beings;
	const char *mood = moods[random % mood_count];
	const char *being;

	random /= mood_count;
	being = beings[random % being_count];
	random /= being_count;
	snprintf(out, NAME_SIZE, "%s-%s-%u", mood, being, (unsigned)(
	    FIRST_NUMBER + random % (LAST_NUMBER - FIRST_NUMBER + 1)));
}
