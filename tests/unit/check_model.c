#include "runner.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct scene s;

static void
setup(void)
{
	scene_init(&s, 24, 80);
	scene_registered(&s);
}

static void
teardown(void)
{
	scene_fini(&s);
}

/* ---- requests ---- */

START_TEST(a_request_is_armed_after_half_a_second)
{
	scene_request(&s, "Eve");
	scene_wait(&s, 499 * USEC_MS);
	scene_key(&s, "Alt+Y");
	scene_next_is(&s, COMMAND_NONE, "");
	scene_wait(&s, USEC_MS);
	scene_key(&s, "Alt+Y");
	scene_next_is(&s, COMMAND_ALLOW, "Eve");
	ck_assert_uint_eq(s.m.wish_count, 0);
}
END_TEST

START_TEST(an_answer_without_a_name_is_for_who_was_there_before_it)
{
	scene_type(&s, "/all");
	scene_request(&s, "Eve");
	scene_wait(&s, 10 * USEC_S);
	scene_type(&s, "ow");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_NONE, "");
	ck_assert(scene_shows(&s, "Eve has asked just now: \"/allow Eve\", if "
	    "that is whom you mean"));
	scene_key(&s, "Ctrl+U");
	scene_type(&s, "/deny");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_DENY, "Eve");
	scene_request(&s, "Mallory");
	scene_type(&s, "/allow");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_NONE, "");
	scene_type(&s, " Mallory");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_ALLOW, "Mallory");
}
END_TEST

/* A command is carried out later than its key is read: who comes between is
 * not meant by it. */
START_TEST(an_answer_says_for_whom_it_is)
{
	static const char *const lines[] = { "/allow", "/deny" };

	for (int i = 0; i < 2; i++) {
		scene_type(&s, lines[i]);
		scene_key(&s, "Enter");
		scene_next_is(&s, COMMAND_NONE, "");
		ck_assert(scene_shows(&s, "Nobody is asking"));
		scene_line_is(&s, lines[i]);
		scene_key(&s, "Ctrl+U");
	}
	scene_request(&s, "Eve");
	scene_request(&s, "Mallory");
	scene_wait(&s, USEC_S);
	scene_type(&s, "/allow");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_NONE, "");
	ck_assert(scene_shows(&s, "More than one is asking: /allow NAME"));
	scene_type(&s, " Eve");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_ALLOW, "Eve");
	scene_wait(&s, USEC_S);
	scene_type(&s, "/allow");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_ALLOW, "Mallory");
}
END_TEST

START_TEST(the_next_request_has_to_be_armed_again)
{
	scene_request(&s, "Eve");
	scene_request(&s, "Mallory");
	scene_wait(&s, USEC_S);
	scene_key(&s, "Alt+N");
	scene_next_is(&s, COMMAND_DENY, "Eve");
	scene_key(&s, "Alt+Y");
	scene_next_is(&s, COMMAND_NONE, "");
	scene_wait(&s, 500 * USEC_MS);
	scene_key(&s, "Alt+Y");
	scene_next_is(&s, COMMAND_ALLOW, "Mallory");
}
END_TEST

START_TEST(a_request_that_ends_makes_room_for_an_unarmed_one)
{
	struct event ev = scene_event(EV_REQUEST_ENDED, "Eve");

	scene_request(&s, "Eve");
	scene_request(&s, "Mallory");
	scene_wait(&s, USEC_S);
	scene_tell(&s, &ev);
	scene_key(&s, "Alt+Y");
	scene_next_is(&s, COMMAND_NONE, "");
}
END_TEST

START_TEST(a_changed_key_cannot_be_allowed_by_a_key)
{
	struct event ev = scene_event(EV_REQUEST, "Eve");

	ev.ok = false;
	ev.ms = 60000;
	scene_tell(&s, &ev);
	scene_wait(&s, USEC_S);
	ck_assert(scene_shows(&s, "KEY CHANGED"));
	scene_key(&s, "Alt+Y");
	scene_next_is(&s, COMMAND_NONE, "");
}
END_TEST

START_TEST(allowing_leaves_the_view_where_it_is)
{
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_request(&s, "Eve");
	scene_wait(&s, USEC_S);
	scene_type(&s, "typing");
	scene_key(&s, "Alt+Y");
	scene_connected(&s, "Eve", TRANSPORT_UDP);
	ck_assert_str_eq(model_shown(&s.m)->name, "Bob");
	scene_line_is(&s, "typing");
}
END_TEST

START_TEST(who_is_blocked_does_not_ask_any_more)
{
	scene_request(&s, "Eve");
	scene_request(&s, "Bob");
	scene_type(&s, "/block Eve");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_BLOCK, "Eve");
	ck_assert(!scene_shows(&s, "? Eve"));
	ck_assert(scene_shows(&s, "? Bob asks"));
	ck_assert(!model_is_armed(&s.m, s.now));
}
END_TEST

START_TEST(requests_leave_when_their_time_is_over)
{
	scene_request(&s, "Eve");
	scene_wait(&s, 60 * USEC_S);
	ck_assert_uint_eq(s.m.wish_count, 0);
}
END_TEST

START_TEST(a_flood_of_requests_is_bounded_and_rings_seldom)
{
	struct key out = { KEYS_FOCUS_OUT, 0 };
	struct deed d;
	size_t rings = 0;

	model_key(&s.m, s.now, s.wall_s, out);
	for (int i = 0; i < 500; i++) {
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "Eve%d", i);
		scene_request(&s, name);
		scene_wait(&s, 100 * USEC_MS);
	}
	while (model_next(&s.m, &d)) {
		rings += d.kind == DEED_BELL;
		free(d.text);
	}
	ck_assert_uint_ge(rings, 1);
	ck_assert_uint_le(rings, 3);
	ck_assert_uint_le(s.m.wish_count, REQUESTS_MAX);
}
END_TEST

/* ---- messages ---- */

START_TEST(marks_follow_a_message)
{
	struct chat *c;
	struct event ev = scene_event(EV_UNDELIVERED, "Bob");

	model_connect(&s.m, s.now, "Bob");
	scene_asking(&s, "Bob");
	c = model_find(&s.m, "Bob");
	scene_sent(&s, "Bob", "early", 1, false);
	ck_assert_int_eq(backlog_message(&c->log, 1)->mark, MARK_WAITING);
	scene_connected(&s, "Bob", TRANSPORT_RELAY);
	ck_assert_int_eq(backlog_message(&c->log, 1)->mark, MARK_SENT);
	scene_sent(&s, "Bob", "now", 2, true);
	ck_assert_int_eq(backlog_message(&c->log, 2)->mark, MARK_DELIVERED);
	ev.id = 1;
	scene_tell(&s, &ev);
	ck_assert_int_eq(backlog_message(&c->log, 1)->mark, MARK_FAILED);
	ck_assert_uint_eq(c->waiting, 0);
}
END_TEST

/* A random first name has 14 letters and more. */
START_TEST(long_names_leave_room_for_text)
{
	static const struct { int rows, cols, text; } sizes[] = {
		{ 24, 80, 39 }, { 12, 40, 25 }, { 5, 20, 9 } };
	struct flow flow;

	model_connect(&s.m, s.now, "Bob");
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	snprintf(s.m.name, sizeof(s.m.name), "tidy-plover-86");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		model_resize(&s.m, sizes[i].rows, sizes[i].cols);
		flow = model_flow(&s.m, model_shown(&s.m));
		ck_assert_int_eq(flow.text_cols, sizes[i].text);
	}
}
END_TEST

START_TEST(scrolled_up_nothing_that_arrives_moves_the_view)
{
	char before[8192];
	char text[32];

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "old %d", i);
		scene_message(&s, "Bob", text);
	}
	scene_key(&s, "PgUp");
	scene_draw(&s);
	grid_text(&s.grid, 5, before, sizeof(before));
	for (int i = 0; i < 500; i++)
		scene_message(&s, "Bob", "new");
	scene_draw(&s);
	grid_text(&s.grid, 5, text, sizeof(text));
	ck_assert_int_eq(strncmp(before, text, sizeof(text) - 1), 0);
	ck_assert(scene_shows(&s, "NEW 500"));
	scene_key(&s, "Ctrl+End");
	ck_assert(!scene_shows(&s, "MORE"));
	ck_assert_uint_eq(model_shown(&s.m)->unread, 0);
}
END_TEST

static size_t
lines_of_chat(void)
{
	const struct backlog *log = &model_shown(&s.m)->log;

	return (size_t)(backlog_end(log) - backlog_begin(log));
}

static void
link_is(enum link_state link)
{
	struct event ev = scene_event(EV_LINK, "Bob");

	ev.link = link;
	ev.ms = 5000;
	scene_tell(&s, &ev);
}

/* A path that changes and a peer who is silent now and then. */
START_TEST(what_flaps_is_told_a_few_times)
{
	struct event ev = scene_event(EV_TRANSPORT, "Bob");
	size_t before;

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	before = lines_of_chat();
	for (int i = 0; i < 10; i++) {
		ev.transport = i % 2 ? TRANSPORT_UDP : TRANSPORT_RELAY;
		scene_tell(&s, &ev);
		scene_wait(&s, USEC_S);
	}
	ck_assert_uint_le(lines_of_chat() - before, 6);
	ck_assert(scene_shows(&s, "The link changes often"));
	scene_wait(&s, 300 * USEC_S);
	before = lines_of_chat();
	for (int i = 0; i < 10; i++) {
		link_is(i % 2 ? LINK_OK : LINK_QUIET);
		ck_assert_int_eq(model_shown(&s.m)->link, i % 2 ? LINK_OK :
		    LINK_QUIET);
		scene_wait(&s, USEC_S);
	}
	ck_assert_uint_le(lines_of_chat() - before, 6);
	scene_wait(&s, 300 * USEC_S);
	before = lines_of_chat();
	link_is(LINK_LOST);
	ck_assert_uint_gt(lines_of_chat(), before);
}
END_TEST

/* Whoever takes a name does not get its colour. */
/* Terminals that draw bold as bright show bold black as gray, which nobody can
 * read on the colours of a status line. */
START_TEST(black_is_never_bold)
{
	for (int theme = 0; theme < THEME_COUNT; theme++)
		for (int i = 0; i < STYLE_COUNT; i++) {
			struct look look = style_look((enum theme)theme,
			    (enum style)i);

			ck_assert_msg(look.ink != 0 ||
			    (look.attrs & STYLE_BOLD) == 0,
			    "style %d of theme %d", i, theme);
		}
}
END_TEST

START_TEST(colours_come_from_keys)
{
	struct event ev = scene_event(EV_CLIENT, "Robert");
	enum style style;
	int same = 0;

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	style = model_find(&s.m, "Bob")->style;
	ev.presence = PRESENCE_RENAMED;
	snprintf(ev.old_name, sizeof(ev.old_name), "Bob");
	scene_tell(&s, &ev);
	ck_assert_int_eq(model_find(&s.m, "Robert")->style, style);
	for (uint8_t i = 0; i < 100; i++) {
		uint8_t key[KEY_LEN] = { i };

		same += style_of_key(key, KEY_LEN) == style;
	}
	ck_assert_int_lt(same, 25);
}
END_TEST

START_TEST(sending_returns_to_the_end)
{
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	for (int i = 0; i < 100; i++)
		scene_message(&s, "Bob", "line");
	scene_key(&s, "PgUp");
	scene_type(&s, "typing does not scroll");
	ck_assert(model_shown(&s.m)->at.is_scrolled);
	scene_key(&s, "Enter");
	ck_assert(!model_shown(&s.m)->at.is_scrolled);
}
END_TEST

START_TEST(the_unread_line_stays_until_one_goes_away)
{
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_connected(&s, "Carol", TRANSPORT_UDP);
	scene_message(&s, "Carol", "one");
	scene_message(&s, "Carol", "two");
	ck_assert(scene_shows(&s, "act 1(2)"));
	scene_key(&s, "Alt+A");
	ck_assert_str_eq(model_shown(&s.m)->name, "Carol");
	ck_assert(scene_shows(&s, "-- unread --"));
	ck_assert(!scene_shows(&s, "act "));
	scene_key(&s, "Alt+A");
	ck_assert_str_eq(model_shown(&s.m)->name, "Bob");
	scene_key(&s, "Alt+2");
	ck_assert(!scene_shows(&s, "-- unread --"));
}
END_TEST

START_TEST(hostile_text_stays_in_its_place)
{
	static const char *const texts[] = {
		"\033[2J\033[H\033]0;owned\a", "a\rAnn  I agree",
		"x\n14:20 Ann  ok",
		"\xe2\x80\xae" "abc", "\xc2\x9b" "31m", "\xff\xfe", "\tindent",
		"z\xcd\x81\xcd\x81\xcd\x81\xcd\x81\xcd\x81\xcd\x81\xcd\x81",
	};

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		scene_message(&s, "Bob", texts[i]);
	scene_draw(&s);
	for (int row = 1; row < 20; row++)
		for (int col = 21; col < 80; col++) {
			const char *cell = grid_at(&s.grid, row, col)->s;

			must((unsigned char)cell[0] >= 0x20 || *cell == '\0',
			    "a control");
			must(strncmp(cell, "\xe2\x80\xae", 3) != 0, "bidi");
		}
	/* A second line of a message hangs under its text. */
	ck_assert(scene_shows(&s, "           14:20 Ann  ok"));
}
END_TEST

START_TEST(a_backlog_has_its_bounds)
{
	struct chat *c;
	char *big = malloc(65536);

	memset(big, 'x', 65535);
	big[65535] = '\0';
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	c = model_shown(&s.m);
	for (int i = 0; i < 6000; i++)
		scene_message(&s, "Bob", "line");
	ck_assert_uint_eq(c->log.count, BACKLOG_ENTRIES);
	for (int i = 0; i < 100; i++)
		scene_message(&s, "Bob", big);
	ck_assert_uint_le(c->log.bytes, BACKLOG_BYTES);
	ck_assert(c->log.count >= 60);
	scene_draw(&s);
	free(big);
}
END_TEST

/* ---- commands ---- */

START_TEST(commands_are_about_the_chat_that_is_shown)
{
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_connected(&s, "Carol", TRANSPORT_UDP);
	scene_key(&s, "Alt+2");
	scene_type(&s, "/tcp");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_TCP, "Carol");
	scene_type(&s, "/disc");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_DISCONNECT, "Carol");
}
END_TEST

START_TEST(a_wrong_command_stays_in_the_line_with_advice)
{
	scene_type(&s, "/conect Bob");
	scene_key(&s, "Enter");
	scene_line_is(&s, "/conect Bob");
	ck_assert(scene_shows(&s, "connect"));
	scene_next_is(&s, COMMAND_NONE, "");
}
END_TEST

START_TEST(tab_offers_people_and_commands)
{
	static const char *const names[] = { "Bob", "Carol" };

	scene_online(&s, names, 2);
	scene_key(&s, "Tab");
	scene_line_is(&s, "/connect Bob");
	ck_assert(scene_shows(&s, "[Bob] Carol"));
	scene_key(&s, "Tab");
	scene_line_is(&s, "/connect Carol");
	scene_key(&s, "Ctrl+U");
	scene_type(&s, "/connect C");
	scene_key(&s, "Tab");
	scene_line_is(&s, "/connect Carol ");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_CONNECT, "Carol");
	ck_assert_str_eq(model_shown(&s.m)->name, "Carol");
	scene_line_is(&s, "");
}
END_TEST

START_TEST(a_changed_key_blocks_sending_until_it_is_trusted)
{
	struct event ev = scene_event(EV_KEY_CHANGED, "Bob");

	scene_asking(&s, "Bob");
	model_show(&s.m, s.now, 1);
	scene_tell(&s, &ev);
	ck_assert(scene_shows(&s, "!! KEY CHANGED !!"));
	scene_type(&s, "secret");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_NONE, "");
	scene_line_is(&s, "secret");
	scene_key(&s, "Ctrl+U");
	scene_type(&s, "/trust Bob");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_TRUST, "Bob");
	ev = scene_event(EV_DONE, "");
	ev.command = COMMAND_TRUST;
	ev.serial = s.m.last_serial;
	scene_tell(&s, &ev);
	ck_assert(scene_shows(&s, "The new key of Bob is accepted."));
	ck_assert(scene_shows(&s, "Bob  not connected  Enter asks"));
}
END_TEST

/* The one whose key it is may be verified already, under another name. */
START_TEST(a_refused_yes_shows_the_number)
{
	struct event ev = scene_event(EV_KEY_CHANGED, "Bob");

	scene_asking(&s, "Bob");
	model_show(&s.m, s.now, 1);
	scene_tell(&s, &ev);
	scene_type(&s, "/verify yes");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_VERIFY, "Bob");
	scene_number(&s, "Bob");
	ck_assert(scene_shows(&s, "VERIFY Bob"));
	ck_assert(scene_shows(&s, "12345   67890   12345   67890"));
	scene_key(&s, "Esc");
	ck_assert(!scene_shows(&s, "Bob is verified"));
	ck_assert(!scene_shows(&s, "is accepted"));
	ck_assert(scene_shows(&s, "!! KEY CHANGED !!"));
	scene_verified(&s, "Bob");
	ck_assert(scene_shows(&s, "Bob is verified"));
}
END_TEST

START_TEST(a_verified_key_is_not_accepted_for_another_name)
{
	struct event ev = scene_event(EV_KEY_CHANGED, "Bob");

	scene_asking(&s, "Bob");
	model_show(&s.m, s.now, 1);
	scene_tell(&s, &ev);
	ev = scene_event(EV_VERIFY, "Bob");
	ev.verified = true;
	ev.reason = REASON_KEY_CHANGED;
	scene_tell(&s, &ev);
	ck_assert(!scene_shows(&s, "is accepted"));
	ck_assert(scene_shows(&s, "!! KEY CHANGED !!"));
}
END_TEST

START_TEST(a_stranger_under_the_name_of_a_friend_ends_nothing)
{
	struct event ev = scene_event(EV_KEY_CHANGED, "Bob");

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_tell(&s, &ev);
	ck_assert(scene_shows(&s, "WARNING: THE KEY OF Bob HAS CHANGED"));
	ck_assert(scene_shows(&s, "Bob  UDP  198.51.100.7:41234"));
	scene_type(&s, "to the one I know");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_MSG, "Bob");
}
END_TEST

START_TEST(commands_in_advice_begin_with_a_slash)
{
	struct event ev = scene_event(EV_FAILED, "Bob");

	scene_asking(&s, "Bob");
	model_show(&s.m, s.now, 1);
	ev.reason = REASON_UNKNOWN_NAME;
	scene_tell(&s, &ev);
	ck_assert(scene_shows(&s, "'/all' shows who is online."));
	scene_type(&s, "/connect");
	scene_key(&s, "Enter");
	ck_assert(scene_shows(&s, "Type: /connect NAME"));
}
END_TEST

START_TEST(enter_on_an_empty_line_tries_the_server_again)
{
	struct event ev = scene_event(EV_SERVER, "");
	struct deed d;

	while (model_next(&s.m, &d))
		free(d.text);
	scene_key(&s, "Enter");
	ck_assert(!model_next(&s.m, &d));
	ev.server = SERVER_UNREACHABLE;
	ev.ms = 30000;
	scene_tell(&s, &ev);
	scene_key(&s, "Enter");
	ck_assert(model_next(&s.m, &d));
	ck_assert_int_eq(d.kind, DEED_RETRY);
}
END_TEST

START_TEST(the_status_tells_a_network_that_is_gone_from_a_silent_server)
{
	struct event ev = scene_event(EV_SERVER, "");

	ev.server = SERVER_UNREACHABLE;
	ev.reason = REASON_NETWORK;
	ev.ms = 4000;
	scene_tell(&s, &ev);
	ck_assert(scene_shows(&s, "NO NETWORK 0s"));
	ck_assert(scene_shows(&s, "Cannot reach the server: there is no"));
	ev.reason = REASON_SERVER_SILENT;
	scene_tell(&s, &ev);
	ck_assert(!scene_shows(&s, "NO NETWORK"));
	ck_assert(scene_shows(&s, "Cannot reach the server: the server did"));
}
END_TEST

START_TEST(server_answers_where_one_is_asked_for)
{
	struct deed d;

	while (model_next(&s.m, &d))
		free(d.text);
	s.m.asks_server = true;
	scene_type(&s, "/server a:b");
	scene_key(&s, "Enter");
	ck_assert(s.m.asks_server);
	ck_assert(scene_shows(&s, "no HOST or HOST:PORT"));
	scene_key(&s, "Ctrl+U");
	scene_type(&s, "/server rv.example.net");
	scene_key(&s, "Enter");
	ck_assert(!s.m.asks_server);
	ck_assert(model_next(&s.m, &d));
	ck_assert_int_eq(d.kind, DEED_SERVER);
	ck_assert_str_eq(d.text, "rv.example.net");
	free(d.text);
}
END_TEST

START_TEST(server_says_how_to_use_another)
{
	struct deed d;

	while (model_next(&s.m, &d))
		free(d.text);
	scene_type(&s, "/server two.example.net:1");
	scene_key(&s, "Enter");
	ck_assert(scene_shows(&s, "gop2p-tui -s two.example.net:1"));
	ck_assert(!model_next(&s.m, &d));
	scene_type(&s, "/server two.example.net:77777");
	scene_key(&s, "Enter");
	ck_assert(scene_shows(&s, "no HOST or HOST:PORT"));
}
END_TEST

START_TEST(help_tells_of_the_ways_through_routers)
{
	scene_type(&s, "/help nat");
	scene_key(&s, "Enter");
	ck_assert(scene_shows(&s, "WAYS THROUGH ROUTERS"));
	ck_assert(scene_shows(&s, "3 hole punch"));
}
END_TEST

START_TEST(help_of_a_command_flows_and_has_its_slash)
{
	scene_type(&s, "/help verify");
	scene_key(&s, "Enter");
	ck_assert(scene_shows(&s, "/verify [NAME] [yes|no]"));
	ck_assert(scene_shows(&s, "Example: /verify Bob yes"));
	ck_assert(scene_shows(&s, "Shows 60 digits that are the same on both "
	    "sides if nobody\n"));
}
END_TEST

START_TEST(what_was_done_is_said_with_whom)
{
	struct event ev = scene_event(EV_DONE, "");

	scene_type(&s, "/deny Eve");
	scene_key(&s, "Enter");
	ev.command = COMMAND_DENY;
	ev.serial = s.m.last_serial;
	scene_tell(&s, &ev);
	ck_assert(scene_shows(&s, "You said no to Eve."));
}
END_TEST

START_TEST(news_are_requests_then_what_is_unread_then_back)
{
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_connected(&s, "Carol", TRANSPORT_UDP);
	model_show(&s.m, s.now, 1);
	scene_message(&s, "Carol", "hello");
	scene_request(&s, "Eve");
	scene_key(&s, "Alt+A");
	ck_assert(scene_shows(&s, "Eve asks for a conversation."));
	ck_assert_int_eq(s.m.shown, 1);
	scene_key(&s, "Alt+A");
	ck_assert(!scene_shows(&s, "Eve asks for a conversation."));
	ck_assert_int_eq(s.m.shown, 2);
	scene_key(&s, "Alt+A");
	ck_assert_int_eq(s.m.shown, 1);
	ck_assert_int_eq(s.m.over, OVER_NONE);
}
END_TEST

START_TEST(who_has_an_answer_is_not_on_the_page_of_requests)
{
	scene_request(&s, "Eve");
	scene_request(&s, "Mallory");
	scene_wait(&s, USEC_S);
	scene_key(&s, "Alt+I");
	ck_assert(scene_shows(&s, "Eve asks for a conversation."));
	ck_assert(scene_shows(&s, "Mallory asks for a conversation."));
	scene_key(&s, "Alt+N");
	ck_assert(!scene_shows(&s, "Eve asks for a conversation."));
	ck_assert(scene_shows(&s, "Mallory asks for a conversation."));
	scene_wait(&s, 60 * USEC_S);
	ck_assert(!scene_shows(&s, "REQUESTS"));
}
END_TEST

START_TEST(what_comes_under_a_page_is_not_seen)
{
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_key(&s, "F1");
	scene_message(&s, "Bob", "covered");
	scene_key(&s, "PgDn");
	ck_assert_uint_eq(s.m.chats[1]->unread, 1);
	scene_key(&s, "Esc");
	ck_assert_uint_eq(s.m.chats[1]->unread, 0);
	ck_assert(scene_shows(&s, "-- unread --"));
}
END_TEST

START_TEST(who_goes_on_talking_has_read_the_page)
{
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_connected(&s, "Carol", TRANSPORT_UDP);
	scene_key(&s, "F1");
	scene_type(&s, "hello");
	scene_key(&s, "Enter");
	ck_assert_int_eq(s.m.over, OVER_NONE);
	scene_key(&s, "F1");
	scene_key(&s, "Alt+2");
	ck_assert_int_eq(s.m.over, OVER_NONE);
}
END_TEST

START_TEST(long_lines_of_a_page_hang_under_their_last_column)
{
	static const char text[] =
	    "  name  what it is, in more words than fit\n"
	    "plain text that goes on\n";

	model_page(&s.m, "PAGE", text, strlen(text));
	scene_resize(&s, 12, 26);
	ck_assert(scene_shows(&s, "   name  what it is, in\n"));
	ck_assert(scene_shows(&s, "\n         more words than\n"));
	ck_assert(scene_shows(&s, "\n         fit\n"));
	ck_assert(scene_shows(&s, "\n plain text that goes on"));
}
END_TEST

/* The first group of a key stands behind a name that two keys have. */
START_TEST(two_keys_of_one_name_are_told_apart)
{
	static const char *const names[] = { "Bob" };
	struct event ev = scene_event(EV_REQUEST, "Bob");

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_online(&s, names, 1);
	ck_assert(!scene_shows(&s, "Bob~"));
	memset(ev.key, 9, KEY_LEN);
	ev.ok = false;
	ev.ms = 60000;
	scene_tell(&s, &ev);
	ck_assert(scene_shows(&s, "? Bob~HG6C asks  HG6C-"));
	ck_assert(scene_shows(&s, " ? Bob~HG6C"));
	s.m.folks[0].key_id[0] ^= 1;
	ck_assert(scene_shows(&s, "+ Bob~"));
}
END_TEST

START_TEST(a_key_that_was_accepted_takes_the_chat_over)
{
	struct event ev = scene_event(EV_DISCONNECTED, "Bob");

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_message(&s, "Bob", "from the first");
	scene_tell(&s, &ev);
	ev = scene_event(EV_KEY_CHANGED, "Bob");
	scene_tell(&s, &ev);
	scene_type(&s, "/trust Bob");
	scene_key(&s, "Enter");
	ev = scene_event(EV_DONE, "");
	ev.command = COMMAND_TRUST;
	ev.serial = s.m.last_serial;
	scene_tell(&s, &ev);
	scene_asking(&s, "Bob");
	ev = scene_event(EV_CONNECTED, "Bob");
	ev.transport = TRANSPORT_TCP;
	memset(ev.key, 9, KEY_LEN);
	scene_tell(&s, &ev);
	ck_assert(!scene_shows(&s, "Bob~"));
	ck_assert(scene_shows(&s, "1 Bob"));
	ck_assert_ptr_null(model_chat(&s.m, 2));
	model_show(&s.m, s.now, 1);
	ck_assert(scene_shows(&s, "Bob  TCP"));
	ck_assert(scene_shows(&s, "from the first"));
}
END_TEST

START_TEST(chat_of_a_key_that_lost_its_name_is_kept_and_closed)
{
	struct event ev = scene_event(EV_CONNECTED, "Bob");

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_message(&s, "Bob", "from the first");
	ev.transport = TRANSPORT_TCP;
	memset(ev.key, 9, KEY_LEN);
	scene_tell(&s, &ev);
	ck_assert(scene_shows(&s, "1 Bob~"));
	ck_assert(scene_shows(&s, "2 Bob~HG6C"));
	model_show(&s.m, s.now, 1);
	ck_assert(scene_shows(&s, "from the first"));
	scene_type(&s, "secret");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_NONE, "");
	scene_line_is(&s, "secret");
	model_show(&s.m, s.now, 2);
	ck_assert(!scene_shows(&s, "from the first"));
	scene_type(&s, "to the second");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_MSG, "Bob");
}
END_TEST

START_TEST(message_goes_to_the_chat_of_its_key)
{
	struct event ev = scene_event(EV_MESSAGE, "Robert");

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	memcpy(ev.key, s.m.chats[1]->key, KEY_LEN);
	ev.text = "under a new name";
	ev.len = strlen(ev.text);
	scene_tell(&s, &ev);
	ck_assert_str_eq(s.m.chats[1]->name, "Robert");
	ck_assert_ptr_null(s.m.chats[2]);
}
END_TEST

START_TEST(links_are_found_and_opened_as_they_are)
{
	struct deed d;
	bool is_opened = false;

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_message(&s, "Bob", "see https://example.net/a?b=c, ok");
	while (model_next(&s.m, &d))
		free(d.text);
	scene_type(&s, "/url 1");
	scene_key(&s, "Enter");
	while (model_next(&s.m, &d)) {
		if (d.kind == DEED_OPEN) {
			is_opened = true;
			ck_assert_str_eq(d.text, "https://example.net/a?b=c");
		}
		free(d.text);
	}
	ck_assert(is_opened);
}
END_TEST

START_TEST(the_round_trip_moves_only_when_it_has_changed)
{
	struct client_path path = { .is_open = true };

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	path.why.rtt_us = 40000;
	model_path(&s.m, s.now, model_shown(&s.m), &path);
	ck_assert(scene_shows(&s, "40ms"));
	path.why.rtt_us = 45000;
	model_path(&s.m, s.now, model_shown(&s.m), &path);
	ck_assert(scene_shows(&s, "40ms"));
	path.why.rtt_us = 90000;
	model_path(&s.m, s.now, model_shown(&s.m), &path);
	ck_assert(scene_shows(&s, "90ms"));
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("model");
	TCase *asks = tcase_create("asks"), *talk = tcase_create("talk"),
	    *does = tcase_create("does");

	tcase_add_checked_fixture(asks, setup, teardown);
	tcase_add_test(asks, a_request_is_armed_after_half_a_second);
	tcase_add_test(asks,
	    an_answer_without_a_name_is_for_who_was_there_before_it);
	tcase_add_test(asks, an_answer_says_for_whom_it_is);
	tcase_add_test(asks, the_next_request_has_to_be_armed_again);
	tcase_add_test(asks, a_request_that_ends_makes_room_for_an_unarmed_one);
	tcase_add_test(asks, a_changed_key_cannot_be_allowed_by_a_key);
	tcase_add_test(asks, allowing_leaves_the_view_where_it_is);
	tcase_add_test(asks, who_is_blocked_does_not_ask_any_more);
	tcase_add_test(asks, requests_leave_when_their_time_is_over);
	tcase_add_test(asks,
	    a_flood_of_requests_is_bounded_and_rings_seldom);
	suite_add_tcase(suite, asks);
	tcase_add_checked_fixture(talk, setup, teardown);
	tcase_set_timeout(talk, 30);
	tcase_add_test(talk, marks_follow_a_message);
	tcase_add_test(talk, long_names_leave_room_for_text);
	tcase_add_test(talk, scrolled_up_nothing_that_arrives_moves_the_view);
	tcase_add_test(talk, what_flaps_is_told_a_few_times);
	tcase_add_test(talk, black_is_never_bold);
	tcase_add_test(talk, colours_come_from_keys);
	tcase_add_test(talk, sending_returns_to_the_end);
	tcase_add_test(talk, the_unread_line_stays_until_one_goes_away);
	tcase_add_test(talk, hostile_text_stays_in_its_place);
	tcase_add_test(talk, a_backlog_has_its_bounds);
	suite_add_tcase(suite, talk);
	tcase_add_checked_fixture(does, setup, teardown);
	tcase_add_test(does,
	    the_status_tells_a_network_that_is_gone_from_a_silent_server);
	tcase_add_test(does, commands_are_about_the_chat_that_is_shown);
	tcase_add_test(does, a_wrong_command_stays_in_the_line_with_advice);
	tcase_add_test(does, tab_offers_people_and_commands);
	tcase_add_test(does,
	    a_changed_key_blocks_sending_until_it_is_trusted);
	tcase_add_test(does,
	    a_stranger_under_the_name_of_a_friend_ends_nothing);
	tcase_add_test(does, a_refused_yes_shows_the_number);
	tcase_add_test(does, a_verified_key_is_not_accepted_for_another_name);
	tcase_add_test(does, commands_in_advice_begin_with_a_slash);
	tcase_add_test(does, enter_on_an_empty_line_tries_the_server_again);
	tcase_add_test(does, server_answers_where_one_is_asked_for);
	tcase_add_test(does, server_says_how_to_use_another);
	tcase_add_test(does, help_tells_of_the_ways_through_routers);
	tcase_add_test(does, help_of_a_command_flows_and_has_its_slash);
	tcase_add_test(does, what_was_done_is_said_with_whom);
	tcase_add_test(does,
	    news_are_requests_then_what_is_unread_then_back);
	tcase_add_test(does,
	    who_has_an_answer_is_not_on_the_page_of_requests);
	tcase_add_test(does, what_comes_under_a_page_is_not_seen);
	tcase_add_test(does, who_goes_on_talking_has_read_the_page);
	tcase_add_test(does,
	    long_lines_of_a_page_hang_under_their_last_column);
	tcase_add_test(does, two_keys_of_one_name_are_told_apart);
	tcase_add_test(does, a_key_that_was_accepted_takes_the_chat_over);
	tcase_add_test(does,
	    chat_of_a_key_that_lost_its_name_is_kept_and_closed);
	tcase_add_test(does, message_goes_to_the_chat_of_its_key);
	tcase_add_test(does, links_are_found_and_opened_as_they_are);
	tcase_add_test(does, the_round_trip_moves_only_when_it_has_changed);
	suite_add_tcase(suite, does);
	return suite;
}
