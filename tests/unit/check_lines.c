#include "runner.h"

#include "lines.h"

#include <stdlib.h>
#include <string.h>

static struct slice
slice(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

START_TEST(lines_end_with_lf_or_crlf_or_the_text)
{
	static const char text[] = "one\ntwo\r\n\n\r\r\nlast";
	static const char *const want[] = { "one", "two", "", "", "last" };
	struct lines lines = lines_of(text, sizeof text - 1);
	struct slice line;

	for (uint32_t i = 0; i < 5; i++) {
		ck_assert(lines_next(&lines, &line));
		ck_assert_uint_eq(lines.number, i + 1);
		ck_assert_msg(slice_is(&line, want[i]), "%u", i);
	}
	ck_assert(!lines_next(&lines, &line));
	ck_assert_uint_eq(lines.number, 5);
}
END_TEST

START_TEST(no_line_follows_the_last_lf)
{
	struct lines lines = lines_of("one\n", 4);
	struct slice line;

	ck_assert(lines_next(&lines, &line));
	ck_assert(!lines_next(&lines, &line));
	lines = lines_of(NULL, 0);
	ck_assert(!lines_next(&lines, &line));
}
END_TEST

START_TEST(words_stand_between_blanks_and_tabs)
{
	struct slice line = slice("  one\t two three"), word;

	word = line_word(&line);
	ck_assert(slice_is(&word, "one"));
	word = line_word(&line);
	ck_assert(slice_is(&word, "two"));
	word = line_word(&line);
	ck_assert(slice_is(&word, "three"));
	word = line_word(&line);
	ck_assert_uint_eq(word.len, 0);
	ck_assert_uint_eq(line.len, 0);
}
END_TEST

START_TEST(comments_and_empty_lines_are_told_apart)
{
	struct slice line = slice(" \t ");

	ck_assert(line_is_empty(&line));
	ck_assert(!line_is_comment(&line));
	line = slice(" # word");
	ck_assert(!line_is_empty(&line));
	ck_assert(line_is_comment(&line));
	line = slice("word # more");
	ck_assert(!line_is_empty(&line));
	ck_assert(!line_is_comment(&line));
	line = slice("");
	ck_assert(line_is_empty(&line));
	ck_assert(!line_is_comment(&line));
}
END_TEST

START_TEST(slice_is_the_whole_text_only)
{
	struct slice s = slice("word");

	ck_assert(slice_is(&s, "word"));
	ck_assert(!slice_is(&s, "wor"));
	ck_assert(!slice_is(&s, "words"));
	ck_assert(!slice_is(&s, "Word"));
}
END_TEST

static struct slice
slice_of(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

START_TEST(edits_are_counted)
{
	static const struct {
		const char *a, *b;
		unsigned edits;
	} rows[] = {
		{ "", "", 0 },
		{ "port", "port", 0 },
		{ "prot", "port", 1 },
		{ "hlep", "help", 1 },
		{ "ab", "ba", 1 },
		{ "abcd", "badc", 2 },
		{ "abc", "ca", 3 },
		{ "por", "port", 1 },
		{ "ports", "port", 1 },
		{ "kitten", "sitting", 3 },
		{ "", "abc", 3 },
		{ "twenty-five bytes of text", "x", 24 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ck_assert_uint_eq(slice_edits(slice_of(rows[i].a),
		    slice_of(rows[i].b)), rows[i].edits);
		ck_assert_uint_eq(slice_edits(slice_of(rows[i].b),
		    slice_of(rows[i].a)), rows[i].edits);
	}
}
END_TEST

/* Nothing to see here but for the address sanitizer. */
START_TEST(nothing_beyond_the_text_is_read)
{
	static const char *const texts[] = { "", " ", "\n", "\r", "a\r", "a ",
	    "a b", "#" };
	struct lines lines;
	struct slice line;
	size_t len = strlen(texts[_i]);
	char *exact = malloc(len + (len == 0));

	memcpy(exact, texts[_i], len);
	lines = lines_of(exact, len);
	while (lines_next(&lines, &line)) {
		(void)line_is_empty(&line);
		(void)line_is_comment(&line);
		while (line_word(&line).len > 0)
			;
	}
	free(exact);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("lines");
	TCase *tcase = tcase_create("lines");

	tcase_add_test(tcase, lines_end_with_lf_or_crlf_or_the_text);
	tcase_add_test(tcase, no_line_follows_the_last_lf);
	tcase_add_test(tcase, words_stand_between_blanks_and_tabs);
	tcase_add_test(tcase, comments_and_empty_lines_are_told_apart);
	tcase_add_test(tcase, slice_is_the_whole_text_only);
	tcase_add_test(tcase, edits_are_counted);
	tcase_add_loop_test(tcase, nothing_beyond_the_text_is_read, 0, 8);
	suite_add_tcase(suite, tcase);
	return suite;
}
