/* Every state of the screen as a picture: tests/tui/golden has one file a
 * state, with four sizes. ASCII rows stand below where they differ; then how
 * the mono theme marks the rows (R reverse, B bold, U underlined).
 * GOP2P_GOLDEN=write writes the files anew; look at the difference. */
#include "runner.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct { int rows, cols; } sizes[] = {
	{ 40, 120 }, { 24, 80 }, { 12, 40 }, { 5, 20 },
};

/* ---- states ---- */

static const char *const others[] = { "Bob", "Carol", "Frank", "Grace" };

static void
at_bob(struct scene *s, enum transport transport)
{
	scene_registered(s);
	scene_online(s, others, 4);
	scene_connected(s, "Bob", transport);
}

static void
rtt(struct scene *s, uint32_t ms)
{
	struct client_path path = { .why.rtt_us = ms * 1000, .is_open = true };

	model_path(&s->m, s->now, model_shown(&s->m), &path);
}

static void
talk(struct scene *s)
{
	rtt(s, 38);
	scene_message(s, "Bob", "did the tunnel come up on your side?");
	scene_sent(s, "Bob", "yes, direct UDP, 38 ms", 1, true);
	scene_wait(s, 60 * USEC_S);
	scene_message(s, "Bob", "漢字 and emoji 👍 line up: every cell is "
	    "measured once, and wrapped lines hang under the text");
	scene_sent(s, "Bob", "sending it now", 2, false);
}

static void
registering(struct scene *s)
{
	struct event ev = scene_event(EV_SERVER, "");

	ev.server = SERVER_REGISTERING;
	scene_tell(s, &ev);
	scene_wait(s, 2 * USEC_S);
}

static void
first_start(struct scene *s)
{
	s->m.host[0] = '\0';
	s->m.asks_server = true;
	scene_type(s, "rv.example.net");
}

static void
idle(struct scene *s)
{
	scene_registered(s);
	scene_online(s, others, 4);
}

static void
alone(struct scene *s)
{
	scene_registered(s);
	scene_online(s, others, 0);
}

static void
name_taken(struct scene *s)
{
	struct event ev = scene_event(EV_ERROR, "Ann");

	ev.reason = REASON_NAME_TAKEN;
	ev.code = reason_token(ev.reason);
	ev.text = reason_text(ev.reason);
	ev.len = strlen(ev.text);
	snprintf(ev.old_name, sizeof(ev.old_name), "Ann2");
	scene_tell(s, &ev);
}

static void
asking(struct scene *s)
{
	idle(s);
	model_connect(&s->m, s->now, "Bob");
	scene_asking(s, "Bob");
	scene_wait(s, 18 * USEC_S);
}

static void
denied(struct scene *s)
{
	struct event ev = scene_event(EV_DENIED, "Bob");

	asking(s);
	ev.reason = REASON_DENIED;
	scene_tell(s, &ev);
}

static void
failed(struct scene *s)
{
	struct event ev = scene_event(EV_FAILED, "Bob");

	asking(s);
	ev.reason = REASON_NAT_HARD;
	scene_tell(s, &ev);
}

static void
punching(struct scene *s)
{
	struct client_path path = { .is_open = true, .is_punching = true,
		.probes = 7, .punch_ms = 1300,
		.why.own_public = addr_v4(203, 0, 113, 5, 61822) };

	asking(s);
	model_path(&s->m, s->now, model_shown(&s->m), &path);
	scene_sent(s, "Bob", "are you there?", 1, false);
	scene_wait(s, 1300 * USEC_MS);
}

static void
udp(struct scene *s)
{
	at_bob(s, TRANSPORT_UDP);
	talk(s);
}

static void
tcp(struct scene *s)
{
	at_bob(s, TRANSPORT_TCP);
	talk(s);
	scene_verified(s, "Bob");
}

static void
relay(struct scene *s)
{
	at_bob(s, TRANSPORT_RELAY);
	talk(s);
}

static void
key_changed(struct scene *s)
{
	struct event ev = scene_event(EV_DISCONNECTED, "Bob");

	udp(s);
	ev.reason = REASON_CLOSED;
	scene_tell(s, &ev);
	scene_asking(s, "Bob");
	ev = scene_event(EV_KEY_CHANGED, "Bob");
	memset(ev.new_key, 7, KEY_LEN);
	scene_tell(s, &ev);
}

static void
silent(struct scene *s, enum link_state link, usec_t us)
{
	struct event ev = scene_event(EV_LINK, "Bob");

	udp(s);
	ev.link = link;
	ev.ms = 5000;
	scene_tell(s, &ev);
	scene_wait(s, us);
}

static void
quiet(struct scene *s)
{
	silent(s, LINK_QUIET, 2 * USEC_S);
}

static void
lost(struct scene *s)
{
	silent(s, LINK_LOST, 26 * USEC_S);
	scene_sent(s, "Bob", "this one waits", 3, false);
}

static void
server_lost(struct scene *s)
{
	struct event ev = scene_event(EV_SERVER, "");

	udp(s);
	ev.server = SERVER_LOST;
	ev.reason = REASON_SERVER_SILENT;
	ev.ms = 16000;
	scene_tell(s, &ev);
	scene_wait(s, 12 * USEC_S);
}

static void
scrolled(struct scene *s)
{
	char text[32];

	udp(s);
	for (int i = 1; i <= 50; i++) {
		snprintf(text, sizeof(text), "line %d", i);
		scene_message(s, "Bob", text);
	}
	scene_key(s, "PgUp");
	scene_message(s, "Bob", "new below");
}

static void
request(struct scene *s)
{
	udp(s);
	scene_request(s, "Eve");
	scene_wait(s, 19 * USEC_S);
	scene_request(s, "Mallory");
	scene_type(s, "the log is on its way");
}

static void
unread(struct scene *s)
{
	struct key out = { KEYS_FOCUS_OUT, 0 };

	udp(s);
	scene_connected(s, "Carol", TRANSPORT_TCP);
	model_key(&s->m, s->now, s->wall_s, out);
	scene_message(s, "Carol", "psst");
	scene_message(s, "Carol", "are you there?");
	scene_message(s, "Bob", "can you send me the log?");
}

static void
verify(struct scene *s)
{
	udp(s);
	scene_key(s, "Alt+V");
	scene_verified(s, "Bob");
}

static void
list(struct scene *s)
{
	request(s);
	scene_key(s, "Alt+S");
}

static void
help(struct scene *s)
{
	udp(s);
	scene_key(s, "F1");
}

static void
pasted(struct scene *s)
{
	udp(s);
	model_key(&s->m, s->now, s->wall_s,
	    (struct key){ KEYS_PASTE_BEGIN, 0 });
	scene_type(s, "one\rtwo\rthree and it is longer than forty columns");
	model_key(&s->m, s->now, s->wall_s, (struct key){ KEYS_PASTE_END, 0 });
	scene_wait(s, USEC_S);
}

static void
choices(struct scene *s)
{
	udp(s);
	scene_type(s, "/un");
	scene_key(s, "Ctrl+U");
	scene_type(s, "/b");
	scene_key(s, "Tab");
}

static const struct state {
	const char *name;
	void (*make)(struct scene *s);
} states[] = {
	{ "registering", registering }, { "first-start", first_start },
	{ "idle", idle }, { "alone", alone }, { "name-taken", name_taken },
	{ "asking", asking }, { "denied", denied }, { "failed", failed },
	{ "punching", punching }, { "udp", udp }, { "tcp", tcp },
	{ "relay", relay }, { "key-changed", key_changed },
	{ "quiet", quiet }, { "lost", lost }, { "server-lost", server_lost },
	{ "scrolled", scrolled }, { "request", request },
	{ "unread", unread }, { "verify", verify }, { "list", list },
	{ "help", help }, { "pasted", pasted }, { "choices", choices },
};

enum { STATES = sizeof(states) / sizeof(states[0]), PICTURE = 1 << 20 };

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
	udp(&s);
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
	at_bob(s, TRANSPORT_UDP);
	scene_online(s, people, 5);
	scene_connected(s, "Carol", TRANSPORT_TCP);
	rtt(s, 38);
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
		udp(&s);
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
			udp(&s);
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
	scene_online(&s, others, 1);
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	ck_assert(scene_shows(&s, "ONLINE (1)"));
	ck_assert(scene_shows(&s, "(all above)"));
	ck_assert(!scene_shows(&s, "+ Bob"));
	scene_online(&s, others, 2);
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
