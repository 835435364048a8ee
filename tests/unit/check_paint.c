#include "core/edit.h"
#include "core/text.h"
#include "face/paint.h"
#include "rng.h"
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A terminal: a grid of clusters that wraps like xterm (a full row waits for
 * the next character) and keeps what scrolls off its top. */
enum { COLS_MAX = 100, ROWS_MAX = 40, LOG_MAX = 200000 };

static struct screen {
	size_t width, height;
	char cells[ROWS_MAX][COLS_MAX][24]; /* "" : right half of a wide one */
	bool wrapped[ROWS_MAX]; /* goes on in the next row */
	size_t row, column;
	bool waits; /* the row is full */
	char log[LOG_MAX];
	size_t log_len;
} screen;

static void
clear_row(size_t row, size_t from)
{
	for (size_t i = from; i < screen.width; i++)
		strcpy(screen.cells[row][i], " ");
	screen.wrapped[row] = false;
}

static void
screen_init(size_t width, size_t height)
{
	memset(&screen, 0, sizeof(screen));
	screen.width = width;
	screen.height = height;
	for (size_t row = 0; row < height; row++)
		clear_row(row, 0);
}

/* The text of a row without the blanks at its end. */
static const char *
row_text(size_t row, char out[static 4096])
{
	size_t len = 0;

	for (size_t i = 0; i < screen.width; i++)
		len += (size_t)sprintf(out + len, "%s", screen.cells[row][i]);
	while (len > 0 && out[len - 1] == ' ' && !screen.wrapped[row])
		len--;
	out[len] = '\0';
	return out;
}

static void
line_feed(bool wraps)
{
	char text[4096];

	screen.wrapped[screen.row] = wraps;
	if (screen.row + 1 < screen.height) {
		screen.row++;
		return;
	}
	row_text(0, text);
	ck_assert_uint_lt(screen.log_len + strlen(text) + 2, LOG_MAX);
	screen.log_len += (size_t)sprintf(screen.log + screen.log_len, "%s%s",
	    text, screen.wrapped[0] ? "" : "\n");
	memmove(screen.cells[0], screen.cells[1],
	    (screen.height - 1) * sizeof(screen.cells[0]));
	memmove(screen.wrapped, screen.wrapped + 1, screen.height - 1);
	clear_row(screen.height - 1, 0);
}

static void
put_char(const char *s, size_t size, size_t columns)
{
	if (columns == 0) { /* joins the one before */
		ck_assert_uint_gt(screen.column, 0);
		size_t at = screen.column - !screen.waits;

		if (screen.cells[screen.row][at][0] == '\0')
			at--;
		ck_assert_uint_lt(strlen(screen.cells[screen.row][at]) + size,
		    24);
		strncat(screen.cells[screen.row][at], s, size);
		return;
	}
	if (screen.waits || screen.column + columns > screen.width) {
		line_feed(true);
		screen.column = 0;
		screen.waits = false;
	}
	memcpy(screen.cells[screen.row][screen.column], s, size);
	screen.cells[screen.row][screen.column][size] = '\0';
	if (columns == 2)
		screen.cells[screen.row][screen.column + 1][0] = '\0';
	screen.column += columns;
	if (screen.column >= screen.width) {
		screen.column = screen.width - 1;
		screen.waits = true;
	}
}

static const char *
escape(const char *s)
{
	unsigned long n;
	char *end;

	ck_assert_int_eq(s[1], '[');
	n = strtoul(s + 2, &end, 10);
	switch (*end) {
	case 'A':
		ck_assert_uint_gt(n, 0);
		ck_assert_msg(n <= screen.row, "up %lu from row %zu", n,
		    screen.row);
		screen.row -= n;
		break;
	case 'C':
		ck_assert_uint_lt(screen.column + n, screen.width);
		screen.column += n;
		break;
	case 'J':
		clear_row(screen.row, screen.column);
		for (size_t row = screen.row + 1; row < screen.height; row++)
			clear_row(row, 0);
		break;
	case 'K':
		clear_row(screen.row, screen.column);
		break;
	default:
		ck_abort_msg("an unknown sequence: %c", *end);
	}
	screen.waits = false;
	return end + 1;
}

static void
feed(const struct str *out)
{
	const char *s = out->s, *end = s + out->len;
	size_t size;

	while (s < end) {
		if (*s == '\033') {
			s = escape(s);
		} else if (*s == '\r') {
			screen.column = 0;
			screen.waits = false;
			s++;
		} else if (*s == '\n') {
			line_feed(false);
			screen.waits = false;
			s++;
		} else if (*s == '\b') {
			screen.column -= screen.column > 0;
			s++;
		} else {
			int columns;

			ck_assert((unsigned char)*s >= ' ');
			columns = text_cluster(s, (size_t)(end - s), &size);
			put_char(s, size, (size_t)columns);
			s += size;
		}
	}
}

static struct paint paint;
static struct str out;

static struct paint_view
view_of(const char *prompt, const char *marked)
{
	static char text[4096];
	const char *mark = strchr(marked, '|');

	ck_assert_ptr_nonnull(mark);
	snprintf(text, sizeof(text), "%.*s%s", (int)(mark - marked), marked,
	    mark + 1);
	return (struct paint_view){ prompt, text, strlen(text),
		(size_t)(mark - marked), "" };
}

static void
flush(void)
{
	if (out.len > 0)
		feed(&out);
	str_reset(&out);
}

static void
show(const struct paint_view *v)
{
	paint_show(&paint, &out, v);
	flush();
}

static void
say(const char *lines)
{
	paint_hide(&paint, &out);
	paint_lines(&out, lines, strlen(lines));
}

static void
setup_size(size_t width, size_t height)
{
	paint = (struct paint){ .width = width, .height = height };
	screen_init(width, height);
}

static void
expect_rows(size_t first, const char *const *rows, size_t count)
{
	char text[4096];

	for (size_t i = 0; i < count; i++)
		ck_assert_str_eq(row_text(first + i, text), rows[i]);
	for (size_t row = first + count; row < screen.height; row++)
		ck_assert_str_eq(row_text(row, text), "");
}

#define EXPECT(first, ...) do { \
	static const char *const rows_[] = { __VA_ARGS__ }; \
	expect_rows(first, rows_, sizeof(rows_) / sizeof(rows_[0])); \
} while (0)

static void
expect_cursor(size_t row, size_t column)
{
	ck_assert_uint_eq(screen.row, row);
	ck_assert_uint_eq(screen.column, column);
}

START_TEST(prompt_and_line_are_shown)
{
	struct paint_view v = view_of("[Ann]> ", "hel|lo");

	setup_size(40, 5);
	show(&v);
	EXPECT(0, "[Ann]> hello");
	expect_cursor(0, 10);
}
END_TEST

START_TEST(lines_scroll_by_above)
{
	struct paint_view v = view_of("[Ann]> ", "hel|lo");

	setup_size(40, 5);
	show(&v);
	say("Bob: one\nBob: two\n");
	show(&v);
	EXPECT(0, "Bob: one", "Bob: two", "[Ann]> hello");
	expect_cursor(2, 10);
}
END_TEST

START_TEST(a_wrapped_line_is_taken_away_whole)
{
	struct paint_view v = view_of("> ", "0123456789abcdefghij|xyz");

	setup_size(10, 6);
	show(&v);
	EXPECT(0, "> 01234567", "89abcdefgh", "ijxyz");
	expect_cursor(2, 2);
	say("Bob: one\n");
	show(&v);
	EXPECT(0, "Bob: one", "> 01234567", "89abcdefgh", "ijxyz");
	expect_cursor(3, 2);
}
END_TEST

START_TEST(cursor_behind_a_full_row_stands_on_the_next)
{
	struct paint_view v = view_of("> ", "01234567|");

	setup_size(10, 4);
	show(&v);
	EXPECT(0, "> 01234567");
	expect_cursor(1, 0);
	say("Bob: one\n");
	show(&v);
	EXPECT(0, "Bob: one", "> 01234567");
	expect_cursor(2, 0);
	v = view_of("> ", "01234567|8");
	show(&v);
	expect_cursor(2, 0);
}
END_TEST

START_TEST(wide_characters_wrap_before_the_edge)
{
	struct paint_view v = view_of("> ", "\u6f22\u6f22\u6f22|\u6f22");

	setup_size(7, 4);
	show(&v);
	EXPECT(0, "> \u6f22\u6f22 ", "\u6f22\u6f22");
	expect_cursor(1, 2);
}
END_TEST

START_TEST(several_lines_are_shown_as_such)
{
	struct paint_view v = view_of("> ", "one\n\nthr|ee\n");

	setup_size(20, 6);
	show(&v);
	EXPECT(0, "> one", "", "three");
	expect_cursor(2, 3);
	say("Bob: hi\n");
	show(&v);
	EXPECT(0, "Bob: hi", "> one", "", "three");
}
END_TEST

START_TEST(lines_below_are_shown_and_taken_away)
{
	struct paint_view v = view_of("> ", "co|");

	setup_size(10, 5);
	v.below = "connect\nconfusion of tongues";
	show(&v);
	EXPECT(0, "> co", "connect", "confusion");
	expect_cursor(0, 4);
	v.below = "";
	show(&v);
	EXPECT(0, "> co");
}
END_TEST

START_TEST(what_is_higher_than_the_screen_is_shown_around_the_cursor)
{
	struct paint_view v = view_of("> ", "1\n2\n3\n4\n5\n6|");

	setup_size(10, 4);
	show(&v);
	EXPECT(0, "3", "4", "5", "6");
	say("Bob: hi\n");
	show(&v);
	EXPECT(0, "3", "4", "5", "6");
	ck_assert_str_eq(screen.log, "Bob: hi\n");
	v = view_of("> ", "1|\n2\n3\n4\n5\n6");
	show(&v);
	EXPECT(0, "> 1", "2", "3", "4");
	expect_cursor(0, 3);
}
END_TEST

START_TEST(entered_line_stays)
{
	struct paint_view v = view_of("> ", "he|lp");

	setup_size(10, 5);
	v.below = "choices";
	show(&v);
	paint_leave(&paint, &out, &v);
	flush();
	say("help text\n");
	v = view_of("> ", "|");
	show(&v);
	EXPECT(0, "> help", "help text", ">");
}
END_TEST

START_TEST(typing_at_the_end_costs_a_byte)
{
	struct paint_view v = view_of("[Ann]> ", "hello|");

	setup_size(40, 5);
	show(&v);
	v = view_of("[Ann]> ", "hello!|");
	paint_show(&paint, &out, &v);
	ck_assert_str_eq(out.s, "!");
	flush();
	EXPECT(0, "[Ann]> hello!");
	v = view_of("[Ann]> ", "hello!\u00e9|");
	show(&v);
	EXPECT(0, "[Ann]> hello!\u00e9");
}
END_TEST

START_TEST(a_resize_wraps_anew)
{
	struct paint_view v = view_of("> ", "0123456789abcdefg|h");

	setup_size(20, 6);
	say("Bob: hi\n");
	show(&v);
	expect_cursor(1, 19);
	/* The terminal shows the line in two rows now. */
	screen_init(10, 6);
	screen.row = 1;
	paint_resize(&paint, 10, 6);
	say("Bob: hi\n");
	show(&v);
	EXPECT(0, "Bob: hi", "> 01234567", "89abcdefgh");
	expect_cursor(2, 9);
	paint_resize(&paint, 5, 6);
	ck_assert_uint_eq(paint.row, 3);
	paint_resize(&paint, 40, 6);
	ck_assert_uint_eq(paint.row, 0);
}
END_TEST

START_TEST(dumb_terminals_get_no_escapes)
{
	struct paint_view v = view_of("> ", "ab|");

	setup_size(20, 8);
	paint.is_dumb = true;
	show(&v);
	v = view_of("> ", "abc|");
	paint_show(&paint, &out, &v);
	ck_assert_str_eq(out.s, "c");
	flush();
	v = view_of("> ", "a|");
	paint_show(&paint, &out, &v);
	ck_assert_str_eq(out.s, "\b \b\b \b");
	flush();
	say("Bob: hi\n");
	show(&v);
	EXPECT(0, "> a", "Bob: hi", "> a");
	v = view_of("> ", "|xyz");
	show(&v);
	EXPECT(0, "> a", "Bob: hi", "> a", "> xyz");
	paint_leave(&paint, &out, &v);
	ck_assert_str_eq(out.s, "\r\n");
}
END_TEST

START_TEST(silent_terminals_do_not_show_what_is_typed)
{
	struct paint_view v = view_of("> ", "secret|");

	setup_size(20, 8);
	paint.is_dumb = paint.is_silent = true;
	paint_show(&paint, &out, &v);
	ck_assert_str_eq(out.s, "> ");
	paint_leave(&paint, &out, &v);
	ck_assert_str_eq(out.s, "> ");
}
END_TEST

START_TEST(long_prompts_leave_room_for_typing)
{
	static const struct {
		const char *state, *address;
		size_t width;
		const char *want;
	} rows[] = {
		{ NULL, "", 80, "[Ann]> " },
		{ "UDP", "198.51.100.7:41234", 80,
		    "[Ann][UDP 198.51.100.7:41234]> " },
		{ "TCP", "[2001:db8::a]:41234", 80,
		    "[Ann][TCP [2001:db8::a]:41234]> " },
		{ "RELAY", "203.0.113.5:9000", 0,
		    "[Ann][RELAY 203.0.113.5:9000]> " },
		{ "UDP", "198.51.100.7:41234", 51,
		    "[Ann][UDP 198.51.100.7:41234]> " },
		{ "UDP", "198.51.100.7:41234", 50,
		    "[Ann][UDP 198.51.1\u2026.7:41234]> " },
		{ "UDP", "198.51.100.7:41234", 37,
		    "[Ann][UDP 1\u202634]> " },
		{ "UDP", "198.51.100.7:41234", 36, "[Ann][UDP]> " },
		{ "UDP", "198.51.100.7:41234", 1, "[Ann][UDP]> " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		paint_prompt(&out, "Ann", rows[i].state, rows[i].address,
		    rows[i].width);
		ck_assert_str_eq(out.s, rows[i].want);
	}
}
END_TEST

/* Everything that scrolled by, and what is above the prompt. */
static void
collect(char *all, size_t above)
{
	char text[4096];
	size_t len;

	strcpy(all, screen.log);
	len = screen.log_len;
	for (size_t row = 0; row < above; row++)
		len += (size_t)sprintf(all + len, "%s%s", row_text(row, text),
		    screen.wrapped[row] ? "" : "\n");
}

/* Draws the view alone on a new screen. */
static void
draw_alone(const struct paint_view *v, size_t width, size_t height)
{
	struct paint fresh = { .width = width, .height = height };
	struct str bytes = { 0 };

	screen_init(width, height);
	paint_show(&fresh, &bytes, v);
	feed(&bytes);
	str_fini(&bytes);
	paint_fini(&fresh);
}

/* Types, and says things meanwhile, on a screen of a size. */
static void
type_and_say(struct rng *rng, size_t width, size_t height)
{
	static const char *const keys[] = { "Left", "Right", "Home", "End",
	    "Backspace", "Ctrl+W", "Ctrl+J", "Ctrl+Y", "Ctrl+U", "Up" };
	static const uint32_t chars[] = { 'a', ' ', 0xe9, 0x6f22, 0x1f44d,
	    0x301, 'Z' };
	static char said[LOG_MAX], all[2 * LOG_MAX], rows[ROWS_MAX][4096];
	static struct screen seen;
	static struct edit edit;
	struct key key;
	char line[32], text[4096];
	size_t said_len = 0, above;
	struct paint_view v;

	ck_assert(edit_init(&edit, NULL));
	setup_size(width, height);
	said[0] = '\0';
	for (int i = 0; i < 1500; i++) {
		if (rng_below(rng, 3) == 0)
			ck_assert(keys_parse(keys[rng_below(rng, 10)], &key));
		else
			key = (struct key){ chars[rng_below(rng, 7)], 0 };
		edit_key(&edit, 0, key);
		if (edit.text.len > 300)
			edit_set(&edit, "", 0);
		v = (struct paint_view){ rng_below(rng, 9) == 0
		    ? "[Ann][UDP 1.2.3.4:5]> " : "[Ann]> ", edit.text.s,
		    edit.text.len, edit.text.at,
		    rng_below(rng, 5) == 0 ? "one\ntwo" : "" };
		if (rng_below(rng, 4) == 0) {
			snprintf(line, sizeof(line), "Bob: message %d\n", i);
			say(line);
			strcpy(said + said_len, line);
			said_len += strlen(line);
		}
		show(&v);
		/* The rows of the view are as on a fresh screen. */
		seen = screen;
		draw_alone(&v, width, height);
		ck_assert_uint_eq(screen.row, paint.row);
		above = seen.row - screen.row;
		ck_assert_uint_eq(seen.column, screen.column);
		for (size_t row = 0; above + row < height; row++)
			strcpy(rows[row], row_text(row, text));
		screen = seen;
		for (size_t row = 0; above + row < height; row++)
			ck_assert_str_eq(row_text(above + row, text),
			    rows[row]);
		collect(all, above);
		ck_assert_str_eq(all, said);
	}
	edit_fini(&edit);
	paint_fini(&paint);
}

START_TEST(whatever_happens_the_line_stands_below_all_messages)
{
	static const size_t sizes[][2] = { { 23, 7 }, { 80, 24 }, { 40, 12 },
	    { 20, 5 }, { 7, 3 }, { 3, 2 }, { 2, 4 }, { 30, 1 } };
	struct rng rng;

	rng_init_test(&rng, test_seed(), "paint");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		type_and_say(&rng, sizes[i][0], sizes[i][1]);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("paint");
	TCase *tc = tcase_create("paint");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, prompt_and_line_are_shown);
	tcase_add_test(tc, lines_scroll_by_above);
	tcase_add_test(tc, a_wrapped_line_is_taken_away_whole);
	tcase_add_test(tc, cursor_behind_a_full_row_stands_on_the_next);
	tcase_add_test(tc, wide_characters_wrap_before_the_edge);
	tcase_add_test(tc, several_lines_are_shown_as_such);
	tcase_add_test(tc, lines_below_are_shown_and_taken_away);
	tcase_add_test(tc,
	    what_is_higher_than_the_screen_is_shown_around_the_cursor);
	tcase_add_test(tc, entered_line_stays);
	tcase_add_test(tc, typing_at_the_end_costs_a_byte);
	tcase_add_test(tc, a_resize_wraps_anew);
	tcase_add_test(tc, dumb_terminals_get_no_escapes);
	tcase_add_test(tc, silent_terminals_do_not_show_what_is_typed);
	tcase_add_test(tc, long_prompts_leave_room_for_typing);
	tcase_add_test(tc,
	    whatever_happens_the_line_stands_below_all_messages);
	suite_add_tcase(s, tc);
	return s;
}
