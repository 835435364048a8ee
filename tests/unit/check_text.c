#include "runner.h"

#include "rng.h"
#include "text.h"
#include "text_props.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* decode */

static const struct decode_row {
	const char *in;
	size_t size;
	uint32_t cp;
} decode_rows[] = {
	{ "a", 1, 'a' },
	{ "\x7f", 1, 0x7f },
	{ "\xc2\x80", 2, 0x80 },
	{ "\xdf\xbf", 2, 0x7ff },
	{ "\xe0\xa0\x80", 3, 0x800 },
	{ "\xed\x9f\xbf", 3, 0xd7ff },
	{ "\xee\x80\x80", 3, 0xe000 },
	{ "\xef\xbf\xbd", 3, 0xfffd },
	{ "\xef\xbf\xbf", 3, 0xffff },
	{ "\xf0\x90\x80\x80", 4, 0x10000 },
	{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
	/* ill-formed: Unicode 3.9, tables 3-8 to 3-11 */
	{ "\x80", 1, 0xfffd },
	{ "\xbf", 1, 0xfffd },
	{ "\xc0\xaf", 1, 0xfffd },
	{ "\xc1\xbf", 1, 0xfffd },
	{ "\xc2", 1, 0xfffd },
	{ "\xc2" "a", 1, 0xfffd },
	{ "\xe0\x80\xbf", 1, 0xfffd },
	{ "\xe1\x80\xe2", 2, 0xfffd },
	{ "\xe2\x82", 2, 0xfffd },
	{ "\xed\xa0\x80", 1, 0xfffd },
	{ "\xf0\x80\x80\x80", 1, 0xfffd },
	{ "\xf0\x91\x92" "A", 3, 0xfffd },
	{ "\xf1\xbf" "A", 2, 0xfffd },
	{ "\xf4\x90\x80\x80", 1, 0xfffd },
	{ "\xf4\x91\x92\x93", 1, 0xfffd },
	{ "\xf5\x80\x80\x80", 1, 0xfffd },
	{ "\xfe", 1, 0xfffd },
	{ "\xff", 1, 0xfffd },
};

START_TEST(decode_takes_one_character_or_a_maximal_subpart)
{
	const struct decode_row *row = &decode_rows[_i];
	uint32_t cp;
	size_t size = text_decode(u8(row->in), strlen(row->in), &cp);

	ck_assert_msg(size == row->size && cp == row->cp,
	    "row %d: %zu bytes, U+%04X", _i, size, (unsigned)cp);
}
END_TEST

START_TEST(every_scalar_value_is_decoded)
{
	for (uint32_t cp = 1; cp < 0x110000; cp++) {
		char s[5];
		size_t len = utf8_of(cp, s), size;
		bool ok = cp < 0xd800 || cp > 0xdfff;
		uint32_t got;

		size = text_decode(u8(s), len, &got);
		must(got == (ok ? cp : 0xfffd) && size == (ok ? len : 1) &&
		    text_is_utf8(s, len) == ok, "U+%04X", (unsigned)cp);
	}
}
END_TEST

/* Every sequence of three bytes and some of four against the plain reading:
 * well-formed is what utf8_of makes of a scalar value. */
START_TEST(every_sequence_of_bytes_is_judged)
{
	for (uint32_t v = 0; v < 1u << 24; v++) {
		uint8_t s[4] = { (uint8_t)(v >> 16), (uint8_t)(v >> 8),
			(uint8_t)v, 0x80 };
		uint32_t cp;
		char back[5];
		size_t size = text_decode(s, sizeof s, &cp);

		if (cp != 0xfffd)
			must((cp < 0xd800 || cp > 0xdfff) &&
			    utf8_of(cp, back) == size &&
			    memcmp(back, s, size) == 0, "%06x", (unsigned)v);
		if (s[0] < 0x80 || s[0] > 0xf4)
			v |= 0xffff;
	}
}
END_TEST

START_TEST(is_utf8_knows_a_written_replacement)
{
	ck_assert(text_is_utf8("\xef\xbf\xbd", 3));
	ck_assert(text_is_utf8("", 0));
	ck_assert(!text_is_utf8("\xf0\x90\x80", 3));
	ck_assert(!text_is_utf8("a\xef\xbf", 3));
	ck_assert(text_is_utf8("a\0b", 3));
}
END_TEST

/* clean */

static const struct clean_row {
	const char *in;
	const char *out;
} clean_rows[] = {
	{ "", "" },
	{ "plain text.", "plain text." },
	{ "two\nlines\n", "two\nlines\n" },
	{ "cr\r\nlf\rcr\r", "cr\nlf\ncr\n" },
	{ "\r\r\n\n", "\n\n\n" },
	{ "\xe2\x80\xa8\xe2\x80\xa9", "\n\n" },
	{ "\x1b[31m", "\xef\xbf\xbd[31m" },
	{ "\x07\x7f\xc2\x9b", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xe2\x82" "a\xff", "\xef\xbf\xbd" "a\xef\xbf\xbd" },
	/* tabs stop at multiples of 8 of the columns, not the bytes */
	{ "\t|", "        |" },
	{ "a\t|", "a       |" },
	{ "1234567\t|", "1234567 |" },
	{ "12345678\t|", "12345678        |" },
	{ "a\tb\t|", "a       b       |" },
	{ "a\n\t|", "a\n        |" },
	{ "\xe6\xbc\xa2\t|", "\xe6\xbc\xa2      |" },
	{ "e\xcc\x81\t|", "e\xcc\x81       |" },
	/* bidi, zero width, tags, private, noncharacter, unassigned */
	{ "a\xe2\x80\xae" "b", "a<U+202E>b" },
	{ "\xe2\x81\xa6\xd8\x9c", "<U+2066><U+061C>" },
	{ "\xe2\x80\x8b\xef\xbb\xbf\xe2\x81\xa0", "<U+200B><U+FEFF><U+2060>" },
	{ "\xc2\xad", "<U+00AD>" },
	{ "\xf3\xa0\x81\xa7", "<U+E0067>" },
	{ "\xee\x80\x80\xf4\x8f\xbf\xbd", "<U+E000><U+10FFFD>" },
	{ "\xef\xbf\xbf\xf4\x8f\xbf\xbf", "<U+FFFF><U+10FFFF>" },
	{ "\xcd\xb8", "<U+0378>" },
	{ "\xe3\x85\xa4", "<U+3164>" },
	/* joiners: between letters, between emoji, else shown */
	{ "\xd9\x85\xe2\x80\x8c\xd9\x85", "\xd9\x85\xe2\x80\x8c\xd9\x85" },
	{ "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9",
	    "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9" },
	{ "\xe2\x80\x8d" "a", "<U+200D>a" },
	{ "a\xe2\x80\x8d", "a<U+200D>" },
	{ "a\xe2\x80\x8d\xe2\x80\x8d" "b", "a<U+200D><U+200D>b" },
	{ "1\xe2\x80\x8c" "2", "1<U+200C>2" },
	{ "a\xe2\x80\x8d\xf0\x9f\x91\xa9", "a<U+200D>\xf0\x9f\x91\xa9" },
	/* four marks a base, one replacement for the rest */
	{ "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
	    "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81" },
	{ "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81n\xcc\x83",
	    "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xef\xbf\xbdn\xcc\x83" },
	/* a mark without a base gets a dotted circle */
	{ "\xcc\x81", "\xe2\x97\x8c\xcc\x81" },
	{ "a\n\xcc\x81\xcc\x81", "a\n\xe2\x97\x8c\xcc\x81\xcc\x81" },
	/* selectors after a base only */
	{ "\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4\xef\xb8\x8f" },
	{ "\xef\xb8\x8f", "<U+FE0F>" },
	{ "a\xef\xb8\x8f\xef\xb8\x8f", "a\xef\xb8\x8f<U+FE0F>" },
	/* a skin tone follows its emoji */
	{ "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd",
	    "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd" },
	{ "\xf0\x9f\x8f\xbd", "<U+1F3FD>" },
	{ "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd\xf0\x9f\x8f\xbd",
	    "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd<U+1F3FD>" },
	/* Burmese stacks more marks than four: two of them take columns */
	{ "\xe1\x80\x80\xe1\x80\xbc\xe1\x80\xbd\xe1\x80\xbe\xe1\x80\xb1"
	  "\xe1\x80\xac\xe1\x80\xb7",
	  "\xe1\x80\x80\xe1\x80\xbc\xe1\x80\xbd\xe1\x80\xbe\xe1\x80\xb1"
	  "\xe1\x80\xac\xe1\x80\xb7" },
};

START_TEST(clean_makes_text_harmless)
{
	const struct clean_row *row = &clean_rows[_i];
	char out[256];
	size_t len = text_clean(row->in, strlen(row->in), out, sizeof out);

	ck_assert_str_eq(out, row->out);
	ck_assert_uint_eq(len, strlen(out));
	check_input(row->in, strlen(row->in), row->in);
}
END_TEST

START_TEST(clean_replaces_nul)
{
	char out[16];

	text_clean("a\0b", 3, out, sizeof out);
	ck_assert_str_eq(out, "a\xef\xbf\xbd" "b");
}
END_TEST

START_TEST(clean_line_has_one_line)
{
	char out[64];

	text_clean_line("a\r\nb\n\nc\xe2\x80\xa8", 10, out, sizeof out);
	ck_assert_str_eq(out, "a b  c ");
	text_clean_line("a\n\tb", 4, out, sizeof out);
	ck_assert_str_eq(out, "a       b");
}
END_TEST

START_TEST(clean_text_that_is_cut_is_a_clean_beginning)
{
	static const char *const in[] = {
		"a\tb\xe2\x80\xae" "c\xd9\x85\xe2\x80\x8c\xd9\x85\xcc\x81\xff",
		"\xcc\x81" "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81z",
		"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xef\xb8\x8f",
	};

	for (size_t i = 0; i < sizeof in / sizeof *in; i++) {
		char whole[128], cut[128], again[128];
		size_t len = strlen(in[i]);
		size_t full = text_clean(in[i], len, whole, sizeof whole);

		for (size_t cap = 1; cap <= full + 1; cap++) {
			size_t n = text_clean(in[i], len, cut, cap);

			ck_assert_uint_lt(n, cap);
			ck_assert_int_eq(strncmp(cut, whole, n), 0);
			check_clean(cut, n, in[i]);
			text_clean(cut, n, again, sizeof again);
			ck_assert_str_eq(cut, again);
		}
		ck_assert_str_eq(cut, whole);
	}
}
END_TEST

START_TEST(clean_never_needs_more_than_it_says)
{
	char in[64], out[8 * 64 + 2];

	for (int byte = 0; byte < 256; byte++) {
		memset(in, byte, sizeof in);
		ck_assert_uint_lt(text_clean(in, sizeof in, out, sizeof out),
		    text_clean_max(sizeof in));
	}
}
END_TEST

START_TEST(a_flood_of_tabs_is_not_quadratic)
{
	enum { MANY = 1 << 20 };
	char *in = malloc(MANY), *out = malloc(text_clean_max(MANY));

	memset(in, '\t', MANY);
	ck_assert_uint_eq(text_clean(in, MANY, out, text_clean_max(MANY)),
	    8 * MANY);
	free(in);
	free(out);
}
END_TEST

START_TEST(every_byte_and_pair_of_bytes_is_cleaned)
{
	char what[16];

	for (unsigned v = 0; v < 65536; v++) {
		uint8_t in[2] = { (uint8_t)(v >> 8), (uint8_t)v };

		snprintf(what, sizeof what, "%04x", v);
		if (v < 256)
			check_input(in + 1, 1, what);
		check_input(in, 2, what);
	}
}
END_TEST

/* Each between two letters, so that joiners and marks do their work. */
START_TEST(every_scalar_value_is_cleaned)
{
	for (uint32_t cp = 0; cp < 0x110000; cp++) {
		char in[8] = "a", out[72], again[72 * 8], one[5], hex[16];
		size_t len = utf8_of(cp, one), n;

		memcpy(in + 1, one, len);
		in[1 + len] = 'z';
		n = text_clean(in, len + 2, out, sizeof out);
		snprintf(hex, sizeof hex, "U+%04X", (unsigned)cp);
		check_clean(out, n, hex);
		must(text_clean(out, n, again, sizeof again) == n &&
		    memcmp(out, again, n) == 0, "%s: twice", hex);
		check_line(out, n, hex);
	}
}
END_TEST

/* Characters on which the rules turn, mixed at random. */
START_TEST(random_mixtures_are_cleaned)
{
	static const uint32_t picks[] = { 'a', ' ', '\n', '\r', '\t', 0x301,
		0x200d, 0x200c, 0xfe0f, 0x1f3fd, 0x1f468, 0x2764, 0x627, 0x915,
		0x94d, 0x93e, 0x1100, 0x1161, 0x11a8, 0x1f1e6, 0x20e3, 0x202e,
		0xe0041, 0xfffd, 0x25cc, 0x4e00, 0xd800, 0x0, 0x1160, 0x34f };
	struct rng rng;

	rng_init_test(&rng, test_seed(), "text");
	for (int i = 0; i < 20000; i++) {
		char in[128], what[32];
		size_t len = 0, count = rng_below(&rng, 24);

		while (count-- > 0)
			len += utf8_of(picks[rng_below(&rng,
			    sizeof picks / sizeof *picks)], in + len);
		snprintf(what, sizeof what, "mixture %d", i);
		check_input(in, len, what);
	}
}
END_TEST

START_TEST(random_bytes_are_cleaned)
{
	struct rng rng;

	rng_init_test(&rng, test_seed(), "bytes");
	for (int i = 0; i < 5000; i++) {
		uint8_t in[64];
		char what[32];
		size_t len = rng_below(&rng, sizeof in);

		rng_fill(&rng, in, len);
		snprintf(what, sizeof what, "bytes %d", i);
		check_input(in, len, what);
	}
}
END_TEST

/* columns */

static const struct width_row {
	const char *s;
	size_t width;
	size_t clusters;
} width_rows[] = {
	{ "", 0, 0 },
	{ "abc", 3, 3 },
	{ "e\xcc\x81", 1, 1 },
	{ "\xe6\xbc\xa2\xe5\xad\x97", 4, 2 },
	{ "\xef\xbc\xa1", 2, 1 },                     /* fullwidth A */
	{ "\xef\xbd\xb1", 1, 1 },                     /* halfwidth katakana */
	{ "\xed\x95\x9c", 2, 1 },                     /* Hangul syllable */
	{ "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", 2, 1 }, /* as three jamo */
	{ "\xe0\xa4\x95\xe0\xa4\xbe", 2, 1 },         /* Devanagari ka, aa */
	{ "\xe0\xb8\x81\xe0\xb8\xb5\xe0\xb9\x88", 1, 1 }, /* Thai, two marks */
	{ "\xf0\x9f\x98\x80", 2, 1 },                 /* an emoji */
	{ "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", 2, 1 }, /* with a skin tone */
	{ "\xf0\x9f\x8f\xbd", 2, 1 },                 /* the tone alone */
	{ "a\xf0\x9f\x8f\xbd", 3, 2 },
	{ "\xe2\x9d\xa4\xef\xb8\x8f", 1, 1 },         /* heart, selector */
	{ "1\xef\xb8\x8f\xe2\x83\xa3", 1, 1 },        /* keycap */
	{ "\xf0\x9f\x87\xab\xf0\x9f\x87\xb7", 2, 1 }, /* flag */
	{ "\xf0\x9f\x87\xab\xf0\x9f\x87\xb7\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa",
	    4, 2 },
	/* a family: three emoji of two columns, joined or not */
	{ "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d"
	  "\xf0\x9f\x91\xa7", 6, 3 },
	{ "\xe4\xb7\x80", 2, 1 },                     /* hexagram */
	{ "\xe2\x80\xa6", 1, 1 },                     /* ellipsis: ambiguous */
};

START_TEST(clusters_have_their_columns)
{
	const struct width_row *row = &width_rows[_i];
	size_t clusters = 0, len = strlen(row->s);

	for (size_t i = 0, size; i < len; i += size, clusters++)
		text_cluster(row->s + i, len - i, &size);
	ck_assert_msg(text_width(row->s, len) == row->width, "row %d: %zu", _i,
	    text_width(row->s, len));
	ck_assert_msg(clusters == row->clusters, "row %d: %zu", _i, clusters);
}
END_TEST

static const struct clean_row plain_rows[] = {
	{ "plain", "plain" },
	{ "\xe2\x9d\xa4\xef\xb8\x8f!", "\xe2\x9d\xa4!" },
	{ "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd!", "\xf0\x9f\x91\x8d!" },
	{ "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9",
	    "\xf0\x9f\x91\xa8\xf0\x9f\x91\xa9" },
	{ "\xd9\x85\xe2\x80\x8c\xd9\x85", "\xd9\x85\xe2\x80\x8c\xd9\x85" },
	{ "e\xcc\x81", "e\xcc\x81" },
};

START_TEST(plain_text_has_nothing_on_which_terminals_differ)
{
	const struct clean_row *row = &plain_rows[_i];
	char out[64];

	ck_assert_uint_eq(text_plain(row->in, strlen(row->in), out),
	    strlen(row->out));
	ck_assert_str_eq(out, row->out);
}
END_TEST

START_TEST(plain_text_may_be_made_in_place)
{
	char s[] = "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd ok";

	text_plain(s, strlen(s), s);
	ck_assert_str_eq(s, "\xf0\x9f\x91\x8d ok");
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

Suite *
make_suite(void)
{
	Suite *s = suite_create("text");
	TCase *decode = tcase_create("decode");
	TCase *clean = tcase_create("clean");
	TCase *columns = tcase_create("columns");

	tcase_set_timeout(decode, 60);
	tcase_add_loop_test(decode,
	    decode_takes_one_character_or_a_maximal_subpart, 0,
	    ROWS(decode_rows));
	tcase_add_test(decode, every_scalar_value_is_decoded);
	tcase_add_test(decode, every_sequence_of_bytes_is_judged);
	tcase_add_test(decode, is_utf8_knows_a_written_replacement);
	suite_add_tcase(s, decode);
	tcase_set_timeout(clean, 60);
	tcase_add_loop_test(clean, clean_makes_text_harmless, 0,
	    ROWS(clean_rows));
	tcase_add_test(clean, clean_replaces_nul);
	tcase_add_test(clean, clean_line_has_one_line);
	tcase_add_test(clean, clean_text_that_is_cut_is_a_clean_beginning);
	tcase_add_test(clean, clean_never_needs_more_than_it_says);
	tcase_add_test(clean, a_flood_of_tabs_is_not_quadratic);
	tcase_add_test(clean, every_byte_and_pair_of_bytes_is_cleaned);
	tcase_add_test(clean, every_scalar_value_is_cleaned);
	tcase_add_test(clean, random_mixtures_are_cleaned);
	tcase_add_test(clean, random_bytes_are_cleaned);
	suite_add_tcase(s, clean);
	tcase_add_loop_test(columns, clusters_have_their_columns, 0,
	    ROWS(width_rows));
	tcase_add_loop_test(columns,
	    plain_text_has_nothing_on_which_terminals_differ, 0,
	    ROWS(plain_rows));
	tcase_add_test(columns, plain_text_may_be_made_in_place);
	suite_add_tcase(s, columns);
	return s;
}
