#include "edit.h"
#include "rng.h"
#include "runner.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One editor and its history for every case: each case is a process. The
 * cursor is written as "|". */
static struct history history;
static struct edit edit;
static usec_t now;

static void
setup(void)
{
	history_init(&history);
	ck_assert(edit_init(&edit, &history));
	now = USEC_S;
}

static void
teardown(void)
{
	edit_fini(&edit);
	history_fini(&history);
}

static struct key
key(const char *name)
{
	struct key k;

	ck_assert_msg(keys_parse(name, &k), "%s", name);
	return k;
}

static enum edit_result
press(const char *name)
{
	return edit_key(&edit, now, key(name));
}

static void
press_times(const char *name, int times)
{
	for (int i = 0; i < times; i++)
		press(name);
}

static void
type(const char *s)
{
	size_t len = strlen(s), used;
	struct key k = { 0, 0 };

	for (; len > 0; s += used, len -= used) {
		used = text_decode((const uint8_t *)s, len, &k.code);
		edit_key(&edit, now, k);
	}
}

/* Enters a line. */
static void
enter(const char *s)
{
	type(s);
	ck_assert_int_eq(press("Enter"), EDIT_SUBMIT);
	ck_assert_str_eq(edit.text.s, s);
	edit_accept(&edit);
}

static void
put(const char *marked)
{
	const char *mark = strchr(marked, '|');
	char text[256];

	snprintf(text, sizeof(text), "%.*s%s", (int)(mark - marked), marked,
	    mark + 1);
	edit_set(&edit, text, strlen(text));
	edit.text.at = (size_t)(mark - marked);
}

static const char *
marked(char out[static 512])
{
	snprintf(out, 512, "%.*s|%s", (int)edit.text.at, edit.text.s,
	    edit.text.s + edit.text.at);
	return out;
}

#define expect(want) do { \
	char have_[512]; \
	ck_assert_str_eq(marked(have_), want); \
} while (0)

/* What keys make of a text. */
#define becomes(before, keys_, after) do { \
	put(before); \
	press(keys_); \
	expect(after); \
} while (0)

START_TEST(characters_go_in_at_the_cursor)
{
	type("fo bar");
	press_times("Left", 4);
	type("o");
	expect("foo| bar");
}
END_TEST

START_TEST(a_text_begins_with_its_first_key)
{
	enter("before");
	now += EDIT_READ_US;
	type("al");
	now += EDIT_READ_US;
	type("low");
	ck_assert_uint_eq(edit.began_at, now - EDIT_READ_US);
	edit_accept(&edit);
	press("Up");
	press("Up");
	ck_assert_uint_eq(edit.began_at, now);
}
END_TEST

START_TEST(what_came_while_typing_was_not_read_before)
{
	ck_assert(edit_is_hasty(now, USEC_NEVER));
	ck_assert(edit_is_hasty(now, now + 1));
	ck_assert(edit_is_hasty(now, now));
	ck_assert(edit_is_hasty(now + EDIT_READ_US - 1, now));
	ck_assert(!edit_is_hasty(now + EDIT_READ_US, now));
}
END_TEST

START_TEST(motion_goes_by_characters_words_and_lines)
{
	becomes("foo |bar", "Ctrl+A", "|foo bar");
	becomes("foo |bar", "Home", "|foo bar");
	becomes("foo |bar", "Ctrl+E", "foo bar|");
	becomes("foo |bar", "End", "foo bar|");
	becomes("foo |bar", "Ctrl+B", "foo| bar");
	becomes("foo |bar", "Right", "foo b|ar");
	becomes("foo b|ar", "Alt+B", "foo |bar");
	becomes("foo, |bar", "Alt+B", "|foo, bar");
	becomes("|foo, bar", "Alt+F", "foo|, bar");
	becomes("foo|, bar", "Ctrl+Right", "foo, bar|");
	becomes("a\nfoo |bar\nb", "Ctrl+A", "a\n|foo bar\nb");
	becomes("a\nfoo |bar\nb", "Ctrl+E", "a\nfoo bar|\nb");
}
END_TEST

START_TEST(motion_stops_at_the_ends)
{
	put("|a");
	ck_assert_int_eq(press("Left"), EDIT_REFUSED);
	ck_assert_int_eq(press("Alt+B"), EDIT_REFUSED);
	put("a|");
	ck_assert_int_eq(press("Right"), EDIT_REFUSED);
	ck_assert_int_eq(press("Alt+F"), EDIT_REFUSED);
	expect("a|");
}
END_TEST

START_TEST(words_are_words_in_every_script)
{
	becomes("na\u00efve \u0438\u043c\u044f|", "Alt+B",
	    "na\u00efve |\u0438\u043c\u044f");
	becomes("na\u00efve |\u0438\u043c\u044f", "Alt+B",
	    "|na\u00efve \u0438\u043c\u044f");
	becomes("\u6f22\u5b57\u3000\u6f22|", "Ctrl+W",
	    "\u6f22\u5b57\u3000|");
}
END_TEST

START_TEST(deleting_goes_by_clusters)
{
	becomes("foo |bar", "Backspace", "foo|bar");
	becomes("foo |bar", "Delete", "foo |ar");
	becomes("foo |bar", "Ctrl+D", "foo |ar");
	becomes("xe\u0301|y", "Backspace", "x|y");
	becomes("x|e\u0301y", "Delete", "x|y");
	becomes("\u6f22\u5b57|", "Backspace", "\u6f22|");
	becomes("a\U0001f468\u200d\U0001f469|", "Backspace",
	    "a\U0001f468\u200d|"); /* as text_cluster has it */
	becomes("a|\U0001f1e9\U0001f1ea", "Delete", "a|");
}
END_TEST

START_TEST(killing_takes_words_and_lines)
{
	becomes("foo |bar", "Ctrl+K", "foo |");
	becomes("foo |bar", "Ctrl+U", "|bar");
	becomes("a foo.b|ar", "Ctrl+W", "a |ar");
	becomes("a foo.b|ar", "Alt+Backspace", "a foo.|ar");
	becomes("foo| bar baz", "Alt+D", "foo| baz");
	becomes("a|\nb", "Ctrl+K", "a|b");
	becomes("a|b\nc", "Ctrl+K", "a|\nc");
	becomes("a\nb|c", "Ctrl+U", "|c");
}
END_TEST

START_TEST(yank_puts_back_what_was_killed)
{
	put("foo bar| baz");
	press("Ctrl+W");
	press("End");
	press("Ctrl+Y");
	expect("foo  bazbar|");
}
END_TEST

START_TEST(kills_in_a_row_are_one)
{
	put("one two |three four");
	press("Ctrl+W");
	press("Ctrl+K");
	press("Ctrl+W");
	expect("|");
	press("Ctrl+Y");
	expect("one two three four|");
}
END_TEST

START_TEST(alt_y_goes_back_in_the_kill_ring)
{
	for (int i = 0; i < KILLS_MAX + 2; i++) {
		char s[2] = { (char)('a' + i), '\0' };

		type(s);
		press("Ctrl+U");
		press("Right");
	}
	ck_assert_int_eq(press("Alt+Y"), EDIT_REFUSED);
	press("Ctrl+Y");
	expect("j|");
	press("Alt+Y");
	expect("i|");
	press_times("Alt+Y", KILLS_MAX - 2);
	expect("c|");
	press("Alt+Y");
	expect("j|");
}
END_TEST

START_TEST(transpose_swaps_clusters)
{
	becomes("ab|c", "Ctrl+T", "acb|");
	becomes("abc|", "Ctrl+T", "acb|");
	becomes("a|\u6f22b", "Ctrl+T", "\u6f22a|b");
	becomes("|abc", "Ctrl+T", "|abc");
	becomes("a|", "Ctrl+T", "a|");
	becomes("a\n|b", "Ctrl+T", "a\n|b");
}
END_TEST

START_TEST(undo_goes_back_word_by_word)
{
	type("one two");
	press("Ctrl+W");
	press("Ctrl+_");
	expect("one two|");
	press("Ctrl+_");
	expect("one |");
	press("Ctrl+_");
	expect("|");
	ck_assert_int_eq(press("Ctrl+_"), EDIT_REFUSED);
}
END_TEST

START_TEST(undo_has_a_bound)
{
	for (int i = 0; i < 2 * TEXTBUF_UNDO_MAX; i++) {
		type("x");
		press("Left");
	}
	press_times("Ctrl+_", 2 * TEXTBUF_UNDO_MAX);
	ck_assert_uint_eq(edit.text.len, TEXTBUF_UNDO_MAX);
}
END_TEST

START_TEST(newline_keys_do_not_enter)
{
	type("a");
	ck_assert_int_eq(press("Alt+Enter"), EDIT_DONE);
	type("b");
	ck_assert_int_eq(press("Ctrl+J"), EDIT_DONE);
	ck_assert_int_eq(press("Enter"), EDIT_SUBMIT);
	expect("a\nb\n|");
}
END_TEST

START_TEST(backslash_before_enter_goes_on)
{
	edit.joins_lines = true;
	type("a\\");
	ck_assert_int_eq(press("Enter"), EDIT_DONE);
	expect("a\n|");
	type("b\\\\");
	ck_assert_int_eq(press("Enter"), EDIT_SUBMIT);
	edit.joins_lines = false;
	type("\\");
	ck_assert_int_eq(press("Enter"), EDIT_SUBMIT);
}
END_TEST

START_TEST(up_and_down_keep_the_column)
{
	put("abcdef\nxy\n123456|");
	press("Left");
	press("Up");
	expect("abcdef\nxy|\n123456");
	press("Up");
	expect("abcde|f\nxy\n123456");
	press("Down");
	press("Down");
	expect("abcdef\nxy\n12345|6");
	put("\u6f22\u5b57\nab|c");
	press("Up");
	expect("\u6f22|\u5b57\nabc");
}
END_TEST

START_TEST(up_recalls_and_down_returns_to_the_draft)
{
	enter("first");
	enter("second");
	type("dra");
	press("Up");
	expect("second|");
	press("Up");
	expect("first|");
	ck_assert_int_eq(press("Up"), EDIT_REFUSED);
	press("Down");
	press("Down");
	expect("dra|");
	ck_assert_int_eq(press("Down"), EDIT_REFUSED);
	ck_assert_int_eq(press("Ctrl+P"), EDIT_DONE);
	expect("second|");
	press("Ctrl+N");
	expect("dra|");
}
END_TEST

START_TEST(changed_lines_are_found_as_they_were_left)
{
	enter("first");
	enter("second");
	press("Up");
	type(" changed");
	press("Up");
	press("Down");
	expect("second changed|");
	ck_assert_int_eq(press("Enter"), EDIT_SUBMIT);
	edit_accept(&edit);
	press("Up");
	expect("second changed|");
	press("Up");
	expect("second|");
}
END_TEST

START_TEST(draft_goes_to_the_history_when_another_line_is_entered)
{
	enter("first");
	type("draft");
	press("Up");
	ck_assert_int_eq(press("Enter"), EDIT_SUBMIT);
	edit_accept(&edit);
	expect("|");
	press("Up");
	expect("first|");
	press("Up");
	expect("draft|");
}
END_TEST

START_TEST(control_c_clears_and_up_brings_back)
{
	type("hello");
	ck_assert_int_eq(press("Ctrl+C"), EDIT_DONE);
	expect("|");
	ck_assert_int_eq(press("Ctrl+C"), EDIT_INTERRUPT);
	press("Up");
	expect("hello|");
	press("Down");
	expect("|");
}
END_TEST

START_TEST(control_d_ends_only_an_empty_line)
{
	type("a");
	ck_assert_int_eq(press("Ctrl+D"), EDIT_REFUSED);
	press("Left");
	ck_assert_int_eq(press("Ctrl+D"), EDIT_DONE);
	ck_assert_int_eq(press("Ctrl+D"), EDIT_EOF);
}
END_TEST

START_TEST(keys_of_the_face_are_not_used)
{
	static const char *const names[] = { "Esc", "PgUp", "F1", "Ctrl+L",
	    "Ctrl+Z", "Alt+1", "FocusIn", "Ctrl+Q", "Alt+Left" };

	type("a");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_int_eq(press(names[i]), EDIT_UNUSED);
	expect("a|");
}
END_TEST

START_TEST(characters_that_harm_a_terminal_cannot_be_typed)
{
	static const uint32_t codes[] = { 0, 0x1b, 0x7f, 0x9b, 0x202e, 0x200b,
	    0xfffe, 0xe0041, 0xe000 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		ck_assert_int_eq(edit_key(&edit, now,
		    (struct key){ codes[i], 0 }), EDIT_REFUSED);
	type("\u0645\u06cc\u200c\u062e");
	expect("\u0645\u06cc\u200c\u062e|");
}
END_TEST

START_TEST(search_finds_older_lines)
{
	enter("connect Bob");
	enter("msg hello");
	enter("connect Carol");
	type("dr");
	press("Ctrl+R");
	ck_assert(edit.recall.searching);
	type("CON");
	expect("|connect Carol");
	press("Ctrl+R");
	expect("|connect Bob");
	ck_assert_int_eq(press("Ctrl+R"), EDIT_REFUSED);
	ck_assert(edit.recall.failed);
	expect("|connect Bob");
	ck_assert_int_eq(press("Enter"), EDIT_SUBMIT);
	ck_assert(!edit.recall.searching);
}
END_TEST

START_TEST(search_follows_what_is_typed)
{
	enter("msg hello");
	enter("help");
	press("Ctrl+R");
	type("hel");
	expect("|help");
	type("l");
	expect("msg |hello");
	ck_assert_int_eq(edit_key(&edit, now, (struct key){ 'x', 0 }),
	    EDIT_REFUSED);
	press("Backspace");
	expect("msg |hello");
	press("Backspace");
	expect("|help");
	ck_assert_uint_eq(edit.recall.len, 3);
}
END_TEST

START_TEST(search_given_up_returns_to_the_draft)
{
	enter("help");
	put("dr|aft");
	press("Ctrl+R");
	type("he");
	press("Ctrl+G");
	expect("dr|aft");
	press("Ctrl+R");
	press("Ctrl+R"); /* the same query again */
	expect("|help");
	press("Ctrl+C");
	expect("dr|aft");
}
END_TEST

START_TEST(search_kept_can_be_edited)
{
	enter("connect Bob");
	type("draft");
	press("Ctrl+R");
	type("Bob");
	ck_assert_int_eq(press("Esc"), EDIT_DONE);
	expect("connect |Bob");
	press("Down");
	expect("draft|");
	press("Ctrl+R");
	type("Bob");
	press("End");
	expect("connect Bob|");
}
END_TEST

START_TEST(one_completion_is_put_in)
{
	static const char *const texts[] = { "connect" };

	type("con");
	ck_assert_int_eq(press("Tab"), EDIT_COMPLETE);
	ck_assert_int_eq(edit_offer(&edit, 0, texts, 1), EDIT_DONE);
	expect("connect |");
	ck_assert_uint_eq(edit.choices.count, 0);
	ck_assert_int_eq(edit_offer(&edit, 8, texts, 0), EDIT_REFUSED);
	press("Ctrl+_");
	expect("con|");
}
END_TEST

START_TEST(several_completions_are_shown_and_walked)
{
	static const char *const texts[] = { "Bob", "Bobby", "Bobina" };

	type("msg @b");
	press("Tab");
	ck_assert_int_eq(edit_offer(&edit, 5, texts, 3), EDIT_DONE);
	expect("msg @Bob|");
	ck_assert_uint_eq(edit.choices.count, 3);
	press("Tab");
	expect("msg @Bob|");
	press("Tab");
	expect("msg @Bobby|");
	press("Shift+Tab");
	press("Shift+Tab");
	expect("msg @Bobina|");
	press("Tab");
	expect("msg @Bob|");
	type(" ");
	ck_assert_uint_eq(edit.choices.count, 0);
	expect("msg @Bob |");
}
END_TEST

START_TEST(completion_never_shortens_what_was_typed)
{
	static const char *const texts[] = { "\u00c9va", "\u00c8ve" };

	type("\u00e9v");
	press("Tab");
	ck_assert_int_eq(edit_offer(&edit, 0, texts, 2), EDIT_DONE);
	expect("\u00e9v|");
	press("Esc");
	ck_assert_uint_eq(edit.choices.count, 0);
	expect("\u00e9v|");
}
END_TEST

START_TEST(more_completions_than_fit_are_counted)
{
	static char room[CHOICES_MAX + 9][8];
	const char *texts[CHOICES_MAX + 9];

	for (size_t i = 0; i < CHOICES_MAX + 9; i++) {
		snprintf(room[i], 8, "n%zu", i);
		texts[i] = room[i];
	}
	ck_assert_int_eq(edit_offer(&edit, 0, texts, CHOICES_MAX + 9),
	    EDIT_DONE);
	ck_assert_uint_eq(edit.choices.count, CHOICES_MAX);
	ck_assert_uint_eq(edit.choices.total, CHOICES_MAX + 9);
}
END_TEST

static void
paste(const char *s)
{
	press("PasteBegin");
	type(s);
	press("PasteEnd");
}

START_TEST(paste_lands_in_the_line_and_is_counted)
{
	type("msg ");
	paste("one\r\ntwo\rthree\n\n");
	expect("msg |");
	ck_assert_uint_eq(edit_deadline(&edit), now + PASTE_QUIET_US);
	ck_assert_int_eq(edit_expire(&edit, now), EDIT_UNUSED);
	now += PASTE_QUIET_US;
	ck_assert_int_eq(edit_expire(&edit, now), EDIT_DONE);
	expect("msg one\ntwo\nthree|");
	ck_assert_uint_eq(edit.pasted.lines, 3);
	ck_assert_uint_eq(edit.pasted.bytes, 13);
	ck_assert(!edit.pasted.cut);
	press("Ctrl+U");
	expect("|");
	ck_assert_uint_eq(edit.pasted.lines, 0);
}
END_TEST

START_TEST(paste_is_cleaned)
{
	paste("a\033[31mb\tc\003\u202ed\xc2\x9bx");
	edit_expire(&edit, now + PASTE_QUIET_US);
	expect("a[31mb  c<U+202E>dx|");
}
END_TEST

START_TEST(paste_with_an_end_mark_inside_stays_a_paste)
{
	press("PasteBegin");
	type("evil");
	press("PasteEnd");
	press("Enter");
	type("exit");
	press("Enter");
	press("Ctrl+C");
	press("PasteEnd");
	ck_assert_int_eq(edit_expire(&edit, now + PASTE_QUIET_US), EDIT_DONE);
	expect("evil\nexit|");
}
END_TEST

START_TEST(a_key_right_behind_a_paste_is_a_key)
{
	paste("hello");
	ck_assert_int_eq(press("Enter"), EDIT_DONE);
	ck_assert_int_eq(edit_expire(&edit, now + PASTE_QUIET_US),
	    EDIT_SUBMIT);
	expect("hello|");
}
END_TEST

START_TEST(paste_without_an_end_ends_after_ten_seconds)
{
	press("PasteBegin");
	type("abc");
	ck_assert_uint_eq(edit_deadline(&edit), now + PASTE_LOST_US);
	edit_expire(&edit, now + PASTE_LOST_US);
	expect("abc|");
	type("d");
	expect("abcd|");
}
END_TEST

START_TEST(paste_of_too_much_is_cut_and_says_so)
{
	type("msg ");
	press("PasteBegin");
	for (int i = 0; i < PASTE_MAX + 10; i++)
		edit_key(&edit, now, (struct key){ 'x', 0 });
	press("PasteEnd");
	edit_expire(&edit, now + PASTE_QUIET_US);
	ck_assert_uint_eq(edit.text.len, 4 + PASTE_MAX);
	ck_assert(edit.pasted.cut);
}
END_TEST

START_TEST(text_has_a_bound)
{
	static char big[EDIT_MAX + 10];

	memset(big, 'x', sizeof(big));
	edit_set(&edit, big, sizeof(big));
	ck_assert_uint_eq(edit.text.len, EDIT_MAX);
	ck_assert_int_eq(edit_key(&edit, now, (struct key){ 'y', 0 }),
	    EDIT_REFUSED);
	press("Ctrl+U");
	press("Ctrl+Y");
	ck_assert_int_eq(press("Ctrl+Y"), EDIT_REFUSED);
	ck_assert_uint_eq(edit.text.len, EDIT_MAX);
	memcpy(big + EDIT_MAX - 1, "\u6f22", 3);
	edit_set(&edit, big, EDIT_MAX + 2);
	ck_assert_uint_eq(edit.text.len, EDIT_MAX - 1);
}
END_TEST

START_TEST(works_without_a_history)
{
	edit_fini(&edit);
	ck_assert(edit_init(&edit, NULL));
	ck_assert_int_eq(press("Up"), EDIT_REFUSED);
	ck_assert_int_eq(press("Down"), EDIT_REFUSED);
	ck_assert_int_eq(press("Ctrl+R"), EDIT_REFUSED);
	type("a");
	ck_assert_int_eq(press("Ctrl+C"), EDIT_DONE);
	type("b");
	edit_accept(&edit);
	expect("|");
}
END_TEST

START_TEST(bindings_are_distinct_and_explained)
{
	size_t count;
	const struct edit_binding *b = edit_bindings(&count);

	ck_assert_ptr_nonnull(b[0].help);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert(!keys_eq(b[i].key, b[j].key));
}
END_TEST

/* The naive model: an array of clusters and an index. */
struct model {
	const char *clusters[4000];
	size_t count, at;
	const char *cut[4000];
	size_t cut_count;
};

static void
model_insert(struct model *m, const char *const *clusters, size_t count)
{
	memmove(m->clusters + m->at + count, m->clusters + m->at,
	    (m->count - m->at) * sizeof(m->clusters[0]));
	memcpy(m->clusters + m->at, clusters, count * sizeof(m->clusters[0]));
	m->count += count;
	m->at += count;
}

static void
model_remove(struct model *m, size_t from, size_t to, bool cut)
{
	if (cut && from < to) {
		m->cut_count = to - from;
		memcpy(m->cut, m->clusters + from,
		    m->cut_count * sizeof(m->cut[0]));
	}
	memmove(m->clusters + from, m->clusters + to,
	    (m->count - to) * sizeof(m->clusters[0]));
	m->count -= to - from;
	m->at = from;
}

static bool
is_lf(const struct model *m, size_t i)
{
	return m->clusters[i][0] == '\n';
}

static size_t
model_line_start(const struct model *m)
{
	size_t i = m->at;

	while (i > 0 && !is_lf(m, i - 1))
		i--;
	return i;
}

static size_t
model_line_end(const struct model *m)
{
	size_t i = m->at;

	while (i < m->count && !is_lf(m, i))
		i++;
	return i;
}

static void
model_check(const struct model *m)
{
	static char text[32000];
	size_t len = 0, at = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (i == m->at)
			at = len;
		memcpy(text + len, m->clusters[i], strlen(m->clusters[i]));
		len += strlen(m->clusters[i]);
	}
	if (m->at == m->count)
		at = len;
	text[len] = '\0';
	ck_assert_str_eq(edit.text.s, text);
	ck_assert_uint_eq(edit.text.len, len);
	ck_assert_uint_eq(edit.text.at, at);
}

static void
model_step(struct model *m, struct rng *rng)
{
	/* None of these joins with another. */
	static const char *const alphabet[] = { "a", "Z", " ", "_", "\u00e9",
	    "e\u0301", "\u6f22", "\U0001f44d", "\u0644", "\n" };
	const char *c;
	size_t end;

	switch (rng_below(rng, 12)) {
	case 0: press("Left"); m->at -= m->at > 0; break;
	case 1: press("Right"); m->at += m->at < m->count; break;
	case 2: press("Home"); m->at = model_line_start(m); break;
	case 3: press("End"); m->at = model_line_end(m); break;
	case 4:
		press("Backspace");
		if (m->at > 0)
			model_remove(m, m->at - 1, m->at, false);
		break;
	case 5:
		press("Delete");
		if (m->at < m->count)
			model_remove(m, m->at, m->at + 1, false);
		break;
	case 6:
		if (rng_below(rng, 4) != 0)
			break;
		press("Ctrl+U");
		model_remove(m, 0, m->at, true);
		edit.last = 0; /* the model has no ring */
		break;
	case 7:
		press("Ctrl+K");
		end = model_line_end(m);
		end += end == m->at && end < m->count;
		model_remove(m, m->at, end, true);
		edit.last = 0;
		break;
	case 8:
		if (m->count + m->cut_count > 3000)
			break;
		press("Ctrl+Y");
		model_insert(m, m->cut, m->cut_count);
		break;
	default:
		if (m->count > 3000)
			break;
		c = alphabet[rng_below(rng, 10)];
		if (c[0] == '\n')
			press("Ctrl+J");
		else
			type(c);
		model_insert(m, &c, 1);
	}
}

START_TEST(editing_agrees_with_a_naive_model)
{
	static struct model m;
	struct rng rng;

	rng_init_test(&rng, test_seed(), "edit");
	for (int i = 0; i < 20000; i++) {
		model_step(&m, &rng);
		model_check(&m);
	}
}
END_TEST

START_TEST(undo_of_everything_restores_every_step)
{
	static char texts[150][2000];
	static const char *const names[] = { "Ctrl+W", "Ctrl+K",
	    "Backspace", "Alt+D", "Ctrl+Y", "Delete" };
	struct rng rng;
	int n = 0;

	rng_init_test(&rng, test_seed(), "undo");
	edit_set(&edit, "one two three four five six seven", 33);
	while (n < 150 && edit.text.len < 1900) {
		strcpy(texts[n], edit.text.s);
		edit.text.at = rng_below(&rng, (uint32_t)edit.text.len + 1);
		press(rng_below(&rng, 3) == 0
		    ? "x" : names[rng_below(&rng, 6)]);
		n += strcmp(texts[n], edit.text.s) != 0;
		press("FocusIn");
		edit.last = 0;
	}
	ck_assert_int_gt(n, 20);
	while (n-- > 0) {
		ck_assert_int_eq(press("Ctrl+_"), EDIT_DONE);
		ck_assert_str_eq(edit.text.s, texts[n]);
	}
	ck_assert_int_eq(press("Ctrl+_"), EDIT_REFUSED);
}
END_TEST

START_TEST(any_keys_leave_clean_text_and_a_cursor_in_it)
{
	static const char *const offers[] = { "Bob", "Bobby" };
	const struct edit_binding *b;
	struct rng rng;
	size_t count;
	struct key k;

	b = edit_bindings(&count);
	rng_init_test(&rng, test_seed(), "any keys");
	for (int i = 0; i < 50000; i++) {
		switch (rng_below(&rng, 4)) {
		case 0: k = b[rng_below(&rng, (uint32_t)count)].key; break;
		case 1: k = (struct key){ KEYS_NONE + rng_below(&rng, 40),
		    (uint8_t)rng_below(&rng, 8) }; break;
		case 2: k = (struct key){ rng_below(&rng, 0x300), 0 }; break;
		default: k = (struct key){ rng_below(&rng, 0x110000), 0 };
		}
		now += rng_below(&rng, 5) == 0 ? PASTE_LOST_US : 1;
		if (edit_expire(&edit, now) == EDIT_SUBMIT)
			edit_accept(&edit);
		switch (edit_key(&edit, now, k)) {
		case EDIT_SUBMIT:
			edit_accept(&edit);
			break;
		case EDIT_COMPLETE:
			edit_offer(&edit, edit.text.at, offers,
			    rng_below(&rng, 3));
			break;
		default:
			break;
		}
		ck_assert_uint_le(edit.text.at, edit.text.len);
		ck_assert_uint_eq(strlen(edit.text.s), edit.text.len);
		ck_assert(text_is_utf8(edit.text.s, edit.text.len));
		if (edit.text.len > 3000)
			edit_set(&edit, "", 0);
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("edit");
	TCase *tc = tcase_create("edit");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, characters_go_in_at_the_cursor);
	tcase_add_test(tc, a_text_begins_with_its_first_key);
	tcase_add_test(tc, what_came_while_typing_was_not_read_before);
	tcase_add_test(tc, motion_goes_by_characters_words_and_lines);
	tcase_add_test(tc, motion_stops_at_the_ends);
	tcase_add_test(tc, words_are_words_in_every_script);
	tcase_add_test(tc, deleting_goes_by_clusters);
	tcase_add_test(tc, killing_takes_words_and_lines);
	tcase_add_test(tc, yank_puts_back_what_was_killed);
	tcase_add_test(tc, kills_in_a_row_are_one);
	tcase_add_test(tc, alt_y_goes_back_in_the_kill_ring);
	tcase_add_test(tc, transpose_swaps_clusters);
	tcase_add_test(tc, undo_goes_back_word_by_word);
	tcase_add_test(tc, undo_has_a_bound);
	tcase_add_test(tc, newline_keys_do_not_enter);
	tcase_add_test(tc, backslash_before_enter_goes_on);
	tcase_add_test(tc, up_and_down_keep_the_column);
	tcase_add_test(tc, up_recalls_and_down_returns_to_the_draft);
	tcase_add_test(tc, changed_lines_are_found_as_they_were_left);
	tcase_add_test(tc,
	    draft_goes_to_the_history_when_another_line_is_entered);
	tcase_add_test(tc, control_c_clears_and_up_brings_back);
	tcase_add_test(tc, control_d_ends_only_an_empty_line);
	tcase_add_test(tc, keys_of_the_face_are_not_used);
	tcase_add_test(tc, characters_that_harm_a_terminal_cannot_be_typed);
	tcase_add_test(tc, search_finds_older_lines);
	tcase_add_test(tc, search_follows_what_is_typed);
	tcase_add_test(tc, search_given_up_returns_to_the_draft);
	tcase_add_test(tc, search_kept_can_be_edited);
	tcase_add_test(tc, one_completion_is_put_in);
	tcase_add_test(tc, several_completions_are_shown_and_walked);
	tcase_add_test(tc, completion_never_shortens_what_was_typed);
	tcase_add_test(tc, more_completions_than_fit_are_counted);
	tcase_add_test(tc, paste_lands_in_the_line_and_is_counted);
	tcase_add_test(tc, paste_is_cleaned);
	tcase_add_test(tc, paste_with_an_end_mark_inside_stays_a_paste);
	tcase_add_test(tc, a_key_right_behind_a_paste_is_a_key);
	tcase_add_test(tc, paste_without_an_end_ends_after_ten_seconds);
	tcase_add_test(tc, paste_of_too_much_is_cut_and_says_so);
	tcase_add_test(tc, text_has_a_bound);
	tcase_add_test(tc, works_without_a_history);
	tcase_add_test(tc, bindings_are_distinct_and_explained);
	tcase_add_test(tc, editing_agrees_with_a_naive_model);
	tcase_add_test(tc, undo_of_everything_restores_every_step);
	tcase_add_test(tc, any_keys_leave_clean_text_and_a_cursor_in_it);
	suite_add_tcase(s, tc);
	return s;
}
