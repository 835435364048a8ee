#include "log.h"
#include "runner.h"

#include <string.h>

struct sink {
	char line[LOG_LINE_MAX];
	enum log_level level;
	int lines;
};

static void
keep(void *ctx, enum log_level level, const char *line)
{
	struct sink *sink = ctx;

	ck_assert_uint_lt(strlen(line), sizeof sink->line);
	strcpy(sink->line, line);
	sink->level = level;
	sink->lines++;
}

static struct log
log_to(struct sink *sink, enum log_level level)
{
	return (struct log){ .write = keep, .ctx = sink, .level = level };
}

START_TEST(line_arrives_with_its_level)
{
	struct sink sink = { .lines = 0 };
	struct log log = log_to(&sink, LOG_LEVEL_DEBUG);

	log_err(&log, "port %d is taken", 9000);
	ck_assert_str_eq(sink.line, "port 9000 is taken");
	ck_assert_int_eq(sink.level, LOG_LEVEL_ERR);
	log_warn(&log, "a");
	ck_assert_int_eq(sink.level, LOG_LEVEL_WARN);
	log_info(&log, "b");
	ck_assert_int_eq(sink.level, LOG_LEVEL_INFO);
	log_debug(&log, "c");
	ck_assert_int_eq(sink.level, LOG_LEVEL_DEBUG);
	ck_assert_int_eq(sink.lines, 4);
}
END_TEST

START_TEST(lines_above_the_level_are_dropped)
{
	struct sink sink = { .lines = 0 };
	struct log log = log_to(&sink, LOG_LEVEL_WARN);

	log_debug(&log, "no");
	log_info(&log, "no");
	ck_assert_int_eq(sink.lines, 0);
	log_warn(&log, "yes");
	log_err(&log, "yes");
	ck_assert_int_eq(sink.lines, 2);
}
END_TEST

START_TEST(no_log_drops_everything)
{
	struct log none = { .level = LOG_LEVEL_DEBUG };

	log_err(NULL, "nowhere");
	log_err(&none, "nowhere");
}
END_TEST

START_TEST(unprintable_bytes_are_escaped)
{
	struct sink sink = { .lines = 0 };
	struct log log = log_to(&sink, LOG_LEVEL_INFO);

	log_info(&log, "%s", "a\n\x1b[31m\x7f \xc3\xa9~");
	ck_assert_str_eq(sink.line, "a\\x0a\\x1b[31m\\x7f \\xc3\\xa9~");
}
END_TEST

START_TEST(a_backslash_cannot_fake_an_escape)
{
	struct sink sink = { .lines = 0 };
	struct log log = log_to(&sink, LOG_LEVEL_INFO);

	log_info(&log, "%s", "\\x0a");
	ck_assert_str_eq(sink.line, "\\\\x0a");
}
END_TEST

START_TEST(long_lines_are_cut_with_a_mark)
{
	struct sink sink = { .lines = 0 };
	struct log log = log_to(&sink, LOG_LEVEL_INFO);
	char text[2 * LOG_LINE_MAX] = "";

	memset(text, 'x', sizeof text - 1);
	log_info(&log, "%s", text);
	ck_assert_uint_eq(strlen(sink.line), 511);
	ck_assert_str_eq(sink.line + 506, "xx...");
}
END_TEST

START_TEST(an_escape_is_never_cut_in_half)
{
	for (int lead = 0; lead < 8; lead++) {
		struct sink sink = { .lines = 0 };
		struct log log = log_to(&sink, LOG_LEVEL_INFO);
		char text[300] = "";
		size_t len;

		memset(text, '\n', sizeof text - 1);
		log_info(&log, "%.*s%s", lead, "12345678", text);
		len = strlen(sink.line);
		ck_assert_uint_gt(len, 504);
		ck_assert_str_eq(sink.line + len - 7, "\\x0a...");
	}
}
END_TEST

START_TEST(a_line_that_just_fits_is_whole)
{
	struct sink sink = { .lines = 0 };
	struct log log = log_to(&sink, LOG_LEVEL_INFO);
	char text[509] = "";

	memset(text, 'x', sizeof text - 1);
	log_info(&log, "%s", text);
	ck_assert_str_eq(sink.line, text);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("log");
	TCase *tc = tcase_create("log");

	tcase_add_test(tc, line_arrives_with_its_level);
	tcase_add_test(tc, lines_above_the_level_are_dropped);
	tcase_add_test(tc, no_log_drops_everything);
	tcase_add_test(tc, unprintable_bytes_are_escaped);
	tcase_add_test(tc, a_backslash_cannot_fake_an_escape);
	tcase_add_test(tc, long_lines_are_cut_with_a_mark);
	tcase_add_test(tc, an_escape_is_never_cut_in_half);
	tcase_add_test(tc, a_line_that_just_fits_is_whole);
	suite_add_tcase(s, tc);
	return s;
}
