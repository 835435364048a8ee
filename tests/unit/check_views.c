/* Every state of the screen as a picture: tests/tui/golden has one file a
 * state, with four sizes. ASCII rows stand below where they differ; then how
 * the mono theme marks the rows (R reverse, B bold, U underlined).
 * GOP2P_GOLDEN=write writes the files anew; look at the difference. */
#include "runner.h"
#include "states.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct { int rows, cols; } sizes[] = {
	{ 40, 120 }, { 24, 80 }, { 12, 40 }, { 5, 20 },
};

enum { PICTURE = 1 << 20 };

/* ---- pictures ---- */

static char picture[PICTURE], golden[PICTURE];
static size_t used;

static void
put(const char *s, size_t len)
{
	must(used + len < PICTURE, "the picture is too large");
	memcpy(picture + used, s, len);
	used += len;
	picture[used] = '\0';
}

static void
put_row(char what, int row, const char *s, size_t len)
{
	char head[16];

	put(head, (size_t)snprintf(head, sizeof(head), "%c%02d ", what, row));
	while (len > 0 && s[len - 1] == ' ')
		len--;
	put(s, len);
	put("\n", 1);
}

/* Rows of ASCII that differ from those of UTF-8. */
static void
put_ascii(struct scene *s, const char *utf8)
{
	const char *ascii, *a, *b;

	s->grid.is_ascii = true;
	ascii = scene_draw(s);
	s->grid.is_ascii = false;
	a = ascii;
	b = utf8;
	for (int row = 0; row < s->grid.rows; row++) {
		size_t m = strcspn(a, "\n"), n = strcspn(b, "\n");

		if (m != n || memcmp(a, b, m) != 0)
			put_row('a', row, a, m);
		for (size_t i = 0; i < m; i++)
			must((unsigned char)a[i] < 0x80, "not ASCII");
		a += m + 1;
		b += n + 1;
	}
}

static void
put_mono(const struct scene *s)
{
	char line[GRID_COLS_MAX];

	for (int row = 0; row < s->grid.rows; row++) {
		bool has_any = false;

		for (int col = 0; col < s->grid.cols; col++) {
			uint8_t attrs = style_look(THEME_MONO, (enum style)
			    grid_at(&s->grid, row, col)->style).attrs;

			line[col] = attrs & STYLE_REVERSE ?
			    (attrs & STYLE_BOLD ? '#' : 'R') :
			    attrs & STYLE_BOLD ? 'B' :
			    attrs & STYLE_UNDERLINE ? 'U' : ' ';
			has_any |= line[col] != ' ';
		}
		if (has_any)
			put_row('m', row, line, (size_t)s->grid.cols);
	}
}

static void
put_size(const struct state *state, int rows, int cols)
{
	struct scene s;
	char head[64];
	char *utf8, *row;
	size_t len;

	scene_init(&s, rows, cols);
	state->make(&s);
	utf8 = strdup(scene_draw(&s));
	must(utf8 != NULL, "no memory");
	len = (size_t)snprintf(head, sizeof(head),
	    "== %s %dx%d, cursor %d,%d\n", state->name, cols, rows,
	    s.grid.cursor_row, s.grid.cursor_col);
	put(head, len);
	row = utf8;
	for (int i = 0; i < rows; i++) {
		len = strcspn(row, "\n");
		put_row(' ', i, row, len);
		row += len + 1;
	}
	put_mono(&s);
	put_ascii(&s, utf8);
	free(utf8);
	scene_fini(&s);
}

static void
path_of(const char *name, char out[static 512])
{
	const char *top = getenv("srcdir");

	snprintf(out, 512, "%s/tests/tui/golden/%s.txt", top == NULL ? "." :
	    top, name);
}

static void
write_golden(const char *path)
{
	FILE *f = fopen(path, "w");

	must(f != NULL, "cannot write %s", path);
	must(fwrite(picture, 1, used, f) == used, "cannot write %s", path);
	fclose(f);
}

static void
compare_golden(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t len, line = 1, from = 0;

	must(f != NULL, "there is no %s: GOP2P_GOLDEN=write makes it", path);
	len = fread(golden, 1, PICTURE - 1, f);
	fclose(f);
	for (size_t i = 0; i < len || i < used; i++) {
		if (i < len && i < used && golden[i] == picture[i]) {
			if (golden[i] == '\n') {
				line++;
				from = i + 1;
			}
			continue;
		}
		ck_abort_msg("%s:%zu is now: %.*s", path, line,
		    (int)strcspn(picture + from, "\n"), picture + from);
	}
}

START_TEST(every_state_looks_as_its_picture)
{
	const struct state *state = &states[_i];
	const char *mode = getenv("GOP2P_GOLDEN");
	char path[512];

	used = 0;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		put_size(state, sizes[i].rows, sizes[i].cols);
	path_of(state->name, path);
	if (mode != NULL && strcmp(mode, "write") == 0)
		write_golden(path);
	else
		compare_golden(path);
}
END_TEST

/* In a style of its own, which costs a terminal few bytes. */
START_TEST(a_minute_changes_nothing_but_the_clock)
{
	struct cell before[80];
	struct scene s;
	int changed = 0;

	scene_init(&s, 24, 80);
	states_enter(&s, "udp");
	scene_draw(&s);
	memcpy(before, grid_at(&s.grid, 22, 0), sizeof before);
	s.wall_s += 60;
	scene_draw(&s);
	for (int col = 0; col < 80; col++) {
		const struct cell *is = grid_at(&s.grid, 22, col);

		if (memcmp(is, &before[col], sizeof *is) == 0)
			continue;
		ck_assert_int_eq(is->style, STYLE_CLOCK);
		changed++;
	}
	ck_assert_int_eq(changed, 1);
	scene_fini(&s);
}
END_TEST

/* ---- what holds for every state and size ---- */

static void
check_cells(const struct scene *s)
{
	for (int row = 0; row < s->grid.rows; row++)
		for (int col = 0; col < s->grid.cols; col++) {
			const struct cell *c = grid_at(&s->grid, row, col);

			must(c->width <= 2, "width %u", c->width);
			must(c->width == 0 ||
			    (unsigned char)c->s[0] >= 0x20, "a control");
			must(c->width < 2 || (col + 1 < s->grid.cols &&
			    grid_at(&s->grid, row, col + 1)->width == 0),
			    "half a character");
		}
	must(s->grid.cursor_row < s->grid.rows &&
	    s->grid.cursor_col < s->grid.cols, "the cursor is outside");
}

START_TEST(every_state_can_be_drawn_at_every_size)
{
	static const int odd[] = { 1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 13, 19, 20,
		21, 22, 25, 33, 39, 40, 41, 59, 60, 61, 79, 99, 109, 110, 111,
		133, 200 };
	struct scene s;

	scene_init(&s, 24, 80);
	states[_i].make(&s);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		for (size_t j = 0; j < sizeof(odd) / sizeof(odd[0]); j++) {
			scene_resize(&s, odd[i], odd[j]);
			scene_draw(&s);
			check_cells(&s);
		}
	scene_resize(&s, 200, 500);
	scene_draw(&s);
	check_cells(&s);
	scene_fini(&s);
}
END_TEST

/* ---- what the documents show ---- */

static void
sample(struct scene *s)
{
	static const char *const people[] = { "Bob", "Carol", "Eve", "Frank",
		"Grace" };

	scene_init(s, 14, 72);
	snprintf(s->m.host, sizeof(s->m.host), "example.org:9000");
	states_at_bob(s, TRANSPORT_UDP);
	scene_online(s, people, 5);
	scene_connected(s, "Carol", TRANSPORT_TCP);
	states_rtt(s, 38);
	scene_verified(s, "Bob");
	backlog_fini(&s->m.chats[1]->log);
	backlog_fini(&s->m.chats[2]->log);
	scene_message(s, "Bob", "did the tunnel come up on your side?");
	scene_sent(s, "Bob", "yes, direct UDP, 38 ms", 1, true);
	scene_wait(s, 11 * 60 * USEC_S);
	scene_message(s, "Carol", "one");
	scene_message(s, "Carol", "two");
	scene_message(s, "Carol", "three");
	scene_message(s, "Bob", "can you send me the log?");
	scene_request(s, "Eve");
	scene_wait(s, 19 * USEC_S);
	scene_type(s, "the log is on its way");
	s->grid.is_ascii = true;
}

/* Line by line, in this order and with nothing between. */
static void
must_contain(const char *file, const char *text)
{
	const char *top = getenv("srcdir");
	char path[512];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", top == NULL ? "." : top, file);
	f = fopen(path, "r");
	must(f != NULL, "there is no %s", path);
	len = fread(golden, 1, PICTURE - 1, f);
	golden[len] = '\0';
	fclose(f);
	must(strstr(golden, text) != NULL, "%s does not show:\n%s", file, text);
}

START_TEST(documents_show_the_real_screen)
{
	struct scene s;
	const char *text;

	sample(&s);
	text = scene_draw(&s);
	must_contain("README", text);
	must_contain("man/gop2p-tui.1", text);
	scene_fini(&s);
}
END_TEST

/* tui.md 6.2: what never goes from the status line. */
START_TEST(peer_link_and_security_stay_from_20_columns)
{
	struct scene s;

	for (int cols = 20; cols <= 200; cols++) {
		scene_init(&s, 24, cols);
		states_enter(&s, "udp");
		ck_assert_msg(scene_shows(&s, "Bob"), "%d", cols);
		ck_assert_msg(scene_shows(&s, "UDP"), "%d", cols);
		ck_assert_msg(scene_shows(&s, "UNVERIF"), "%d", cols);
		scene_fini(&s);
	}
}
END_TEST

START_TEST(latest_message_and_input_are_shown_from_20_by_5)
{
	struct scene s;

	for (int rows = 5; rows <= 40; rows++)
		for (int cols = 20; cols <= 130; cols += 5) {
			scene_init(&s, rows, cols);
			states_enter(&s, "udp");
			scene_message(&s, "Bob", "latest");
			scene_type(&s, "mine");
			ck_assert_msg(scene_shows(&s, "latest"), "%dx%d",
			    cols, rows);
			ck_assert_msg(scene_shows(&s, "mine"), "%dx%d", cols,
			    rows);
			scene_fini(&s);
		}
}
END_TEST

START_TEST(a_lookalike_is_marked_in_the_list)
{
	const struct person people[] = { { .name = "B0b",
	    .lookalike = "Bob" }, { .name = "Carol" } };
	struct scene s;

	scene_init(&s, 24, 80);
	scene_registered(&s);
	model_people(&s.m, people, 2, 9);
	scene_draw(&s);
	ck_assert(scene_shows(&s, "! B0b"));
	ck_assert(scene_shows(&s, "+ Carol"));
	scene_fini(&s);
}
END_TEST

START_TEST(who_has_a_chat_is_listed_once_and_counted)
{
	struct scene s;

	scene_init(&s, 24, 80);
	scene_registered(&s);
	scene_online(&s, states_others, 1);
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	ck_assert(scene_shows(&s, "ONLINE (1)"));
	ck_assert(scene_shows(&s, "(all above)"));
	ck_assert(!scene_shows(&s, "+ Bob"));
	scene_online(&s, states_others, 2);
	ck_assert(!scene_shows(&s, "(all above)"));
	scene_resize(&s, 8, 20);
	scene_key(&s, "Alt+S");
	ck_assert(scene_shows(&s, "CHATS       Esc back"));
	scene_fini(&s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("views");
	TCase *tc = tcase_create("views");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_minute_changes_nothing_but_the_clock);
	tcase_add_loop_test(tc, every_state_looks_as_its_picture, 0, STATES);
	tcase_add_loop_test(tc, every_state_can_be_drawn_at_every_size, 0,
	    STATES);
	tcase_add_test(tc, documents_show_the_real_screen);
	tcase_add_test(tc, peer_link_and_security_stay_from_20_columns);
	tcase_add_test(tc, latest_message_and_input_are_shown_from_20_by_5);
	tcase_add_test(tc, a_lookalike_is_marked_in_the_list);
	tcase_add_test(tc, who_has_a_chat_is_listed_once_and_counted);
	suite_add_tcase(suite, tc);
	return suite;
}
