#include "err.h"
#include "lone.h"
#include "runner.h"
#include "self.h"

#include <stdio.h>
#include <string.h>

static struct lone l;
static struct mate bob, cid;

static void
set_up(void)
{
	lone_open(&l);
	mate_init(&bob, &l, "bob");
	mate_init(&cid, &l, "cid");
}

static void
set_up_connected(void)
{
	set_up();
	mate_connect(&bob);
}

/* Fails the test unless the command ended so. */
static void
ended(uint32_t serial, const char *code, enum exit_code exit_code)
{
	const struct event *done = lone_done(&l, serial);
	const struct event *error = lone_error(&l, serial);

	ck_assert_msg(done != NULL, "the command has not ended");
	ck_assert_int_eq(done->ok, exit_code == EXIT_CODE_OK);
	ck_assert_int_eq(done->exit_code, exit_code);
	if (code == NULL) {
		ck_assert_ptr_null(error);
		return;
	}
	ck_assert_ptr_nonnull(error);
	ck_assert_str_eq(error->code, code);
	ck_assert_uint_gt(error->len, 10);
	ck_assert_uint_eq(error->len, strlen(error->text));
}

/* ---- every command in every state ---- */

static const char *const commands[] = { "all", "all b", "connect bob",
	"connect cid", "allow", "allow bob", "deny", "deny bob", "msg hello",
	"msg @bob hello", "tcp", "udp", "disconnect", "disconnect bob",
	"rename anna", "requests", "status", "why", "why bob", "netcheck",
	"verify", "verify bob", "verify bob yes", "verify bob no",
	"trust bob", "block bob", "unblock bob", "help", "help connect",
	"exit" };

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void
be_new(void)
{
	lone_make(&l);
	l.is_cut = true;
	lone_start(&l);
	mate_init(&bob, &l, "bob");
}

static void
be_alone(void)
{
	set_up();
}

static void
be_looking(void)
{
	set_up();
	lone_do(&l, "connect bob");
}

static void
be_asking(void)
{
	set_up();
	mate_is_online(&bob);
	lone_do(&l, "connect bob");
	lone_run(&l, 100 * USEC_MS);
}

static void
be_asked(void)
{
	set_up();
	mate_ask(&bob);
}

static void
be_allowing(void)
{
	set_up();
	mate_ask(&bob);
	lone_do(&l, "allow bob");
}

/* Allowed, but nothing was heard of the other side. */
static void
be_waiting(void)
{
	set_up();
	mate_is_online(&bob);
	lone_do(&l, "connect bob");
	lone_run(&l, 100 * USEC_MS);
	bob.is_mute = true;
	mate_allow(&bob);
}

static void
be_connected(void)
{
	set_up_connected();
}

static void
be_switching(void)
{
	set_up_connected();
	lone_do(&l, "tcp");
}

/* Connected, and the server is gone. */
static void
be_cut_off(void)
{
	set_up_connected();
	l.is_cut = true;
	lone_run(&l, 40 * USEC_S);
}

/* A goodbye was said. */
static void
be_gone(void)
{
	set_up_connected();
	lone_do(&l, "exit");
}

static void (*const states[])(void) = { be_new, be_alone, be_looking,
	be_asking, be_asked, be_allowing, be_waiting, be_connected,
	be_switching, be_cut_off, be_gone };

enum { STATES = sizeof states / sizeof states[0] };

/* lone_close fails unless all have ended exactly once. */
START_TEST(every_command_ends_once_in_every_state)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		states[_i]();
		lone_do(&l, commands[i]);
		lone_run(&l, 90 * USEC_S);
		for (uint32_t k = 1; k <= l.serial; k++)
			must(l.ended[k] == 1, "state %d, %s: command %u "
			    "has not ended", _i, commands[i], k);
		lone_close(&l);
	}
}
END_TEST

/* ... when another one came first (each pair in one of the states) ... */
START_TEST(every_two_commands_end_once)
{
	size_t i;

	for (i = (size_t)_i; i < COMMANDS * COMMANDS; i += STATES) {
		states[_i]();
		lone_do(&l, commands[i / COMMANDS]);
		lone_run(&l, i % 3 * 15 * USEC_MS);
		lone_do(&l, commands[i % COMMANDS]);
		lone_run(&l, i % 7 * 10 * USEC_MS);
		lone_close(&l);
	}
}
END_TEST

/* ... and when the program ends at any time. */
START_TEST(leaving_ends_every_command)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		unsigned k;

		for (k = 0; k < 4; k++) {
			states[_i]();
			lone_do(&l, commands[i]);
			lone_run(&l, k * 13 * USEC_MS);
			lone_close(&l);
		}
	}
}
END_TEST

/* The server takes calls and answers none. */
START_TEST(commands_end_when_the_server_is_silent)
{
	uint32_t all, rename, connect;

	set_up();
	l.fake.silence = FAKE_MUTE;
	all = lone_do(&l, "all");
	rename = lone_do(&l, "rename anna");
	connect = lone_do(&l, "connect bob");
	lone_run(&l, 25 * USEC_S);
	ended(all, "server-silent", EXIT_CODE_SERVER);
	ended(rename, "server-silent", EXIT_CODE_SERVER);
	ended(connect, NULL, EXIT_CODE_SERVER);
	ck_assert_int_eq(lone_last(&l, EV_FAILED)->reason,
	    REASON_SERVER_SILENT);
	lone_close(&l);
}
END_TEST

START_TEST(commands_end_when_too_many_wait)
{
	char line[32];
	int i;

	set_up();
	l.fake.silence = FAKE_NO_CALL;
	for (i = 0; i < 100; i++)
		lone_do(&l, "rename anna");
	ended(l.serial, "busy", EXIT_CODE_RUNTIME);
	ended(lone_do(&l, "all"), "busy", EXIT_CODE_RUNTIME);
	for (i = 0; i < 70; i++) {
		snprintf(line, sizeof line, "connect p%d", i);
		lone_do(&l, line);
	}
	ended(l.serial, NULL, EXIT_CODE_RUNTIME);
	ck_assert_int_eq(lone_last(&l, EV_FAILED)->reason, REASON_BUSY);
	lone_run(&l, 25 * USEC_S);
	lone_close(&l);
}
END_TEST

/* Whoever allowed is never heard of: the conversation ends. */
START_TEST(a_peer_that_allowed_and_is_never_heard_is_lost)
{
	uint32_t connect;

	set_up();
	mate_is_online(&bob);
	connect = lone_do(&l, "connect bob");
	lone_run(&l, 100 * USEC_MS);
	bob.is_mute = true;
	mate_allow(&bob);
	lone_run(&l, 40 * USEC_S);
	ended(connect, NULL, EXIT_CODE_OK);
	ck_assert_uint_eq(lone_count(&l, EV_CONNECTED), 1);
	ck_assert_int_eq(lone_last(&l, EV_DISCONNECTED)->reason, REASON_LOST);
	ended(lone_do(&l, "why bob"), NULL, EXIT_CODE_OK);
	ck_assert_int_eq(lone_last(&l, EV_WHY)->reason, REASON_LOST);
	lone_close(&l);
}
END_TEST

/* A replayed request: whoever sent it cannot go on. The server says each time
 * that the peer is there, and where. */
START_TEST(allow_ends_when_a_request_was_a_replay)
{
	uint8_t body[64], out[FAKE_PACKET];
	struct wr w = wr_of(body, sizeof body);
	uint32_t allow;

	set_up();
	mate_ask(&bob);
	allow = lone_do(&l, "allow bob");
	lone_do(&l, "msg " "secret");
	memcpy(l.plain, "secret", 7);
	addr_put(&w, &bob.at);
	put_u64(&w, bob.route);
	lone_say(&l, out, fake_reply(&l.fake, fake_called(&l.fake,
	    OP_ALLOW)->id, STATUS_OK, body, w.len, out));
	memmove(body + 1, body, w.len);
	body[0] = 1;
	fake_answers(&l.fake, OP_RESUME, STATUS_OK, body, w.len + 1);
	lone_run(&l, 40 * USEC_S);
	ended(allow, NULL, EXIT_CODE_NO_PATH);
	ck_assert_uint_eq(lone_count(&l, EV_CONNECTED), 0);
	ck_assert_uint_eq(lone_count(&l, EV_UNDELIVERED), 1);
	lone_close(&l);
}
END_TEST

/* ---- ends ---- */

/* What arrived is shown, although the end arrived with it. */
START_TEST(a_text_that_came_with_the_end_is_shown)
{
	uint8_t plain[256], out[2][FAKE_PACKET];
	struct wr w = wr_of(plain, sizeof plain);
	struct input in = { .kind = IN_DGRAM, .sock = SOCK_UDP4 };
	size_t len[2];
	bool eliciting;
	int i;

	set_up_connected();
	in.from = bob.at;
	ck_assert_int_eq(chan_send(&bob.chan, STREAM_TEXT, "last words", 10,
	    NULL), E_OK);
	w.len = chan_build(&bob.chan, l.now, bob.next_pn, plain, sizeof plain,
	    &eliciting);
	len[0] = mate_seal(&bob, &w, out[0]);
	w.len = 0;
	put_u8(&w, FRAME_CLOSE);
	put_u8(&w, REASON_CLOSED);
	len[1] = mate_seal(&bob, &w, out[1]);
	/* Both in one wake-up. */
	for (i = 0; i < 2; i++) {
		in.buf = out[i];
		in.len = len[i];
		client_input(l.c, l.now, &in);
	}
	lone_drain(&l);
	ck_assert_uint_eq(lone_count(&l, EV_DISCONNECTED), 1);
	ck_assert_uint_eq(lone_count(&l, EV_MESSAGE), 1);
	ck_assert_str_eq(lone_last(&l, EV_MESSAGE)->text, "last words");
	ck_assert_str_eq(lone_last(&l, EV_MESSAGE)->peer, "bob");
	lone_close(&l);
}
END_TEST

START_TEST(what_was_not_delivered_is_said_on_exit)
{
	size_t i, n = 0;

	set_up_connected();
	bob.is_mute = true;
	lone_do(&l, "msg one");
	lone_do(&l, "msg two");
	ck_assert_uint_eq(client_undelivered(l.c), 2);
	lone_do(&l, "exit");
	for (i = 0; i < l.said_count; i++)
		if (l.said[i].ev.kind == EV_UNDELIVERED)
			ck_assert_str_eq(l.said[i].text, n++ == 0 ? "one" :
			    "two");
	ck_assert_uint_eq(n, 2);
	ck_assert(bob.is_closed);
	ck_assert_uint_eq(l.fake.goodbyes, 1);
	ck_assert_int_eq(lone_last(&l, EV_EXIT)->exit_code, EXIT_CODE_OK);
	/* The exit comes after everything else. */
	ck_assert_int_eq(l.said[l.said_count - 1].ev.kind, EV_EXIT);
	lone_close(&l);
}
END_TEST

/* Nobody is left to repeat it. */
START_TEST(the_end_is_said_twice_by_relay)
{
	unsigned packets;

	set_up_connected();
	lone_run(&l, 5 * USEC_S);
	packets = bob.packets;
	lone_do(&l, "disconnect bob");
	ck_assert(bob.is_closed);
	ck_assert_uint_eq(bob.packets, packets + 2);
	lone_close(&l);
}
END_TEST

START_TEST(what_was_typed_meanwhile_is_said_when_denied)
{
	uint8_t body[NONCE_LEN + 1];
	uint32_t connect;

	set_up();
	mate_is_online(&bob);
	connect = lone_do(&l, "connect bob");
	lone_run(&l, 100 * USEC_MS);
	ended(lone_do(&l, "msg are you there?"), NULL, EXIT_CODE_OK);
	memcpy(body, fake_called(&l.fake, OP_REQUEST)->body, NONCE_LEN);
	body[NONCE_LEN] = END_DENIED;
	lone_push(&l, PUSH_DENY, body, sizeof body);
	ended(connect, NULL, EXIT_CODE_DENIED);
	ck_assert_uint_eq(lone_count(&l, EV_DENIED), 1);
	ck_assert_str_eq(lone_last(&l, EV_UNDELIVERED)->text,
	    "are you there?");
	ck_assert_int_eq(lone_last(&l, EV_UNDELIVERED)->reason,
	    REASON_DENIED);
	lone_close(&l);
}
END_TEST

/* ---- what is told ---- */

/* Several commands in one wake-up, the last of which ends what the first told
 * of. */
START_TEST(what_was_told_lasts_until_it_was_taken)
{
	const struct event *verify[2];
	size_t i, n = 0;

	set_up_connected();
	mate_connect(&cid);
	lone_forget(&l);
	lone_type(&l, "why bob");
	lone_type(&l, "why cid");
	lone_type(&l, "verify bob");
	lone_type(&l, "verify cid");
	lone_type(&l, "help msg");
	lone_type(&l, "help tcp");
	lone_type(&l, "disconnect bob");
	lone_drain(&l);
	for (i = 0; i < l.said_count; i++) {
		const struct event *ev = &l.said[i].ev;

		if (ev->kind == EV_WHY)
			ck_assert(addr_eq(&ev->report->peer_public,
			    strcmp(ev->peer, "bob") == 0 ? &bob.at : &cid.at));
		if (ev->kind == EV_VERIFY)
			verify[n++] = ev;
	}
	ck_assert_uint_eq(n, 2);
	ck_assert_str_ne(verify[0]->text, verify[1]->text);
	for (i = 0; l.said[i].ev.kind != EV_HELP; i++)
		;
	ck_assert_ptr_nonnull(strstr(l.said[i].ev.text, "msg"));
	ck_assert_str_ne(l.said[i].ev.text, lone_last(&l, EV_HELP)->text);
	lone_close(&l);
}
END_TEST

START_TEST(registration_says_how_long_it_took)
{
	lone_make(&l);
	l.is_cut = true;
	lone_start(&l);
	lone_run(&l, USEC_S);
	l.is_cut = false;
	lone_run(&l, 5 * USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_REGISTERED), 1);
	ck_assert_uint_ge(lone_last(&l, EV_REGISTERED)->ms, 600);
	ck_assert_uint_le(lone_last(&l, EV_REGISTERED)->ms, 7000);
	ck_assert_str_eq(lone_last(&l, EV_REGISTERED)->old_name, "");
	lone_close(&l);
}
END_TEST

START_TEST(another_name_than_the_wanted_one_is_told)
{
	lone_make(&l);
	memcpy(l.fake.accept.name, "red-fox", 8);
	lone_start(&l);
	ck_assert_str_eq(lone_last(&l, EV_REGISTERED)->peer, "red-fox");
	ck_assert_str_eq(lone_last(&l, EV_REGISTERED)->old_name, "ann");
	lone_close(&l);
}
END_TEST

START_TEST(a_rename_says_both_names)
{
	set_up();
	fake_answers(&l.fake, OP_RENAME, STATUS_OK, "\004dora", 5);
	lone_do(&l, "rename dora");
	lone_run(&l, USEC_S);
	ck_assert_str_eq(lone_last(&l, EV_RENAMED)->peer, "dora");
	ck_assert_str_eq(lone_last(&l, EV_RENAMED)->old_name, "ann");
	lone_close(&l);
}
END_TEST

START_TEST(a_rename_to_a_name_in_use_changes_nothing)
{
	uint32_t rename;

	set_up_connected();
	fake_answers(&l.fake, OP_RENAME, STATUS_NAME_TAKEN, "\006dora-2", 7);
	rename = lone_do(&l, "rename dora");
	lone_run(&l, USEC_S);
	ended(rename, "name-taken", EXIT_CODE_RUNTIME);
	ck_assert_str_eq(client_name(l.c), "ann");
	ck_assert_uint_eq(lone_count(&l, EV_RENAMED), 0);
	ck_assert_uint_eq(bob.controls[CONTROL_NAME], 0);
	lone_close(&l);
}
END_TEST

/* A port that was asked for and is not to be had is the end. */
START_TEST(an_asked_port_is_had_or_it_is_told_why_not)
{
	static const struct { int err; const char *code; } rows[] = {
		{ E_TAKEN, "port-taken" }, { E_DENIED, "port-denied" },
	};
	struct input in = { .kind = IN_OPENED, .sock = SOCK_UDP4 };

	for (size_t i = 0; i < 2; i++) {
		lone_make(&l);
		l.conf.local_port_asked = true;
		lone_start(&l);
		in.err = rows[i].err;
		lone_input(&l, &in);
		ck_assert_str_eq(lone_last(&l, EV_ERROR)->code, rows[i].code);
		ck_assert_int_eq(lone_last(&l, EV_ERROR)->exit_code,
		    EXIT_CODE_RUNTIME);
		lone_close(&l);
	}
}
END_TEST

/* ---- files ---- */

START_TEST(a_file_that_is_not_saved_is_told_with_its_reason)
{
	const struct input in = { .kind = IN_SAVED, .err = E_IO,
		.text = "cannot write known_peers: No space left on device" };
	const struct event *ev;

	set_up();
	lone_input(&l, &in);
	ev = lone_last(&l, EV_NOTICE);
	ck_assert_str_eq(ev->code, "not-saved");
	ck_assert_str_eq(ev->text, "what is known of keys is not saved: "
	    "cannot write known_peers: No space left on device");
	lone_close(&l);
}
END_TEST

/* Two reasons to save in one wake-up (lone reads every file as a whole). */
START_TEST(a_file_stays_as_it_is_until_it_was_taken)
{
	uint8_t prefer[] = { CONTROL_PREFER, TRANSPORT_UDP };
	uint8_t plain[256], out[FAKE_PACKET];
	struct wr w = wr_of(plain, sizeof plain);
	struct input in = { .kind = IN_DGRAM, .sock = SOCK_UDP4 };
	bool eliciting;

	be_waiting();
	in.from = bob.at;
	chan_send(&bob.chan, STREAM_CONTROL, prefer, sizeof prefer, NULL);
	w.len = chan_build(&bob.chan, l.now, bob.next_pn, plain, sizeof plain,
	    &eliciting);
	in.buf = out;
	in.len = mate_seal(&bob, &w, out);
	client_input(l.c, l.now, &in);
	lone_type(&l, "verify bob");
	lone_do(&l, "verify bob yes");
	ck_assert_uint_ge(l.saves, 1);
	ck_assert(known_by_key(&l.known, bob.keys.public)->verified);
	lone_close(&l);
}
END_TEST

/* Acks, and the word on what was shown, go together. */
START_TEST(many_messages_are_answered_by_few_packets)
{
	unsigned before;

	set_up_connected();
	lone_run(&l, 5 * USEC_S);
	before = bob.packets;
	for (int i = 0; i < 60; i++)
		ck_assert_int_eq(chan_send(&bob.chan, STREAM_TEXT,
		    "a line of a text that was pasted, one of many", 45,
		    NULL), E_OK);
	mate_flush(&bob);
	lone_run(&l, 100 * USEC_MS);
	ck_assert_uint_eq(lone_count(&l, EV_MESSAGE), 60);
	ck_assert_uint_le(bob.packets - before, 3); /* as many as came */
	lone_close(&l);
}
END_TEST

/* A network has its addresses before there is a way out of it. */
START_TEST(way_out_is_tried_at_once)
{
	const struct addr pair[] = { addr_v4(192, 168, 1, 1, 0),
		addr_v4(192, 168, 1, 2, 0) };
	const struct input in = { .kind = IN_GATEWAYS, .addrs = pair,
		.count = 2 };

	lone_make(&l);
	l.fake.silence = FAKE_NO_HELLO;
	lone_start_for(&l, 10 * USEC_S + 100 * USEC_MS);
	ck_assert_uint_eq(lone_count(&l, EV_REGISTERED), 0);
	l.fake.silence = 0;
	lone_input(&l, &in);
	lone_run(&l, 200 * USEC_MS);
	ck_assert_uint_eq(lone_count(&l, EV_REGISTERED), 1);
	lone_close(&l);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("client");
	TCase *tc = runner_case(s, "commands");

	tcase_add_loop_test(tc, every_command_ends_once_in_every_state, 0,
	    STATES);
	tcase_add_loop_test(tc, every_two_commands_end_once, 0, STATES);
	tcase_add_loop_test(tc, leaving_ends_every_command, 0, STATES);
	tcase_add_test(tc, commands_end_when_the_server_is_silent);
	tcase_add_test(tc, way_out_is_tried_at_once);
	tcase_add_test(tc, commands_end_when_too_many_wait);
	tcase_add_test(tc, a_peer_that_allowed_and_is_never_heard_is_lost);
	tcase_add_test(tc, allow_ends_when_a_request_was_a_replay);
	tc = runner_case(s, "ends");
	tcase_add_test(tc, a_text_that_came_with_the_end_is_shown);
	tcase_add_test(tc, what_was_not_delivered_is_said_on_exit);
	tcase_add_test(tc, the_end_is_said_twice_by_relay);
	tcase_add_test(tc, what_was_typed_meanwhile_is_said_when_denied);
	tc = runner_case(s, "talk");
	tcase_add_test(tc, many_messages_are_answered_by_few_packets);
	tc = runner_case(s, "told");
	tcase_add_test(tc, what_was_told_lasts_until_it_was_taken);
	tcase_add_test(tc, registration_says_how_long_it_took);
	tcase_add_test(tc, another_name_than_the_wanted_one_is_told);
	tcase_add_test(tc, a_rename_says_both_names);
	tcase_add_test(tc, a_rename_to_a_name_in_use_changes_nothing);
	tc = runner_case(s, "files");
	tcase_add_test(tc, a_file_stays_as_it_is_until_it_was_taken);
	tcase_add_test(tc, an_asked_port_is_had_or_it_is_told_why_not);
	tcase_add_test(tc, a_file_that_is_not_saved_is_told_with_its_reason);
	return s;
}
