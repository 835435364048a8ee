#include "err.h"
#include "lone.h"
#include "runner.h"

#include <string.h>

/* A peer who is gone without a word, and may come back. */

static struct lone l;
static struct mate bob;

static void
set_up(void)
{
	lone_open(&l);
	mate_init(&bob, &l, "bob");
}

static void
set_up_connected(void)
{
	set_up();
	mate_connect(&bob);
	lone_run(&l, 20 * USEC_S);
	lone_forget(&l);
}

static void
say_nothing(struct mate *m)
{
	uint8_t pad[1];
	struct wr w = wr_of(pad, sizeof pad);

	put_u8(&w, FRAME_PADDING);
	mate_say(m, &w);
}

/* The server holds that he is there. */
static void
be_resumable(struct mate *m)
{
	uint8_t body[64];
	struct wr w = wr_of(body, sizeof body);

	put_u8(&w, 1);
	addr_put(&w, &m->at);
	put_u64(&w, m->route);
	fake_answers(&m->l->fake, OP_RESUME, STATUS_OK, body, w.len);
}

static void
be_gone(struct mate *m)
{
	m->is_mute = true;
	lone_do(&l, "msg are you there?");
	lone_run(&l, 30 * USEC_S);
	ck_assert_int_eq(lone_last(&l, EV_LINK)->link, LINK_LOST);
}

static enum transport
link_of(const char *name)
{
	struct addr addr;

	return client_link(l.c, name, &addr);
}

/* ---- one word, then silence ---- */

/* The server gives a way to him again and again, and he is never heard. */
START_TEST(who_is_gone_is_told_of_once)
{
	size_t i, links = 0;

	set_up_connected();
	be_resumable(&bob);
	be_gone(&bob);
	lone_run(&l, 3600 * USEC_S);
	for (i = 0; i < l.said_count; i++) {
		const struct event *ev = &l.said[i].ev;

		if (ev->kind != EV_LINK)
			continue;
		ck_assert_int_ne(ev->link, LINK_OK);
		links++;
	}
	ck_assert_uint_le(links, 2);
	ck_assert_uint_eq(lone_count(&l, EV_TRANSPORT), 1);
	ck_assert_int_eq(lone_last(&l, EV_TRANSPORT)->transport,
	    TRANSPORT_NONE);
	ck_assert_int_eq(link_of("bob"), TRANSPORT_NONE);
	/* Nor is the server asked all the time. */
	ck_assert_uint_le(l.fake.call_count, 60 + 3600 / 25);
	lone_close(&l);
}
END_TEST

START_TEST(who_comes_back_is_told_of_and_gets_what_waits)
{
	set_up_connected();
	be_resumable(&bob);
	be_gone(&bob);
	lone_run(&l, 600 * USEC_S);
	lone_forget(&l);
	bob.is_mute = false;
	say_nothing(&bob);
	lone_run(&l, 40 * USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_LINK), 1);
	ck_assert_int_eq(lone_last(&l, EV_LINK)->link, LINK_OK);
	ck_assert_uint_eq(lone_count(&l, EV_TRANSPORT), 1);
	ck_assert_int_eq(lone_last(&l, EV_TRANSPORT)->transport,
	    TRANSPORT_RELAY);
	ck_assert_int_eq(link_of("bob"), TRANSPORT_RELAY);
	ck_assert_str_eq(bob.text, "are you there?");
	ck_assert_uint_eq(lone_count(&l, EV_DELIVERED), 1);
	lone_close(&l);
}
END_TEST

START_TEST(a_short_silence_is_told_and_taken_back)
{
	set_up_connected();
	bob.is_mute = true;
	lone_do(&l, "msg are you there?");
	lone_run(&l, 3 * USEC_S);
	ck_assert_int_eq(lone_last(&l, EV_LINK)->link, LINK_QUIET);
	bob.is_mute = false;
	lone_run(&l, 5 * USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_LINK), 2);
	ck_assert_int_eq(lone_last(&l, EV_LINK)->link, LINK_OK);
	ck_assert_uint_eq(lone_count(&l, EV_TRANSPORT), 0);
	lone_close(&l);
}
END_TEST

/* ---- trying again ---- */

/* He was started anew and knows nothing of us. */
START_TEST(connect_asks_whoever_is_gone_anew)
{
	uint32_t connect;

	set_up_connected();
	be_gone(&bob);
	mate_is_online(&bob);
	connect = lone_do(&l, "connect bob");
	lone_run(&l, USEC_S);
	ck_assert_ptr_null(lone_done(&l, connect));
	ck_assert_uint_eq(fake_count(&l.fake, OP_REQUEST), 2);
	ck_assert_str_eq(client_current(l.c), "bob");
	lone_forget(&l);
	bob.is_mute = false;
	mate_allow(&bob);
	lone_run(&l, USEC_S);
	ck_assert(lone_done(&l, connect)->ok);
	ck_assert_uint_eq(lone_count(&l, EV_CONNECTED), 1);
	ck_assert_uint_eq(lone_count(&l, EV_DISCONNECTED), 1);
	ck_assert_int_eq(lone_last(&l, EV_DISCONNECTED)->reason,
	    REASON_RENEWED);
	ck_assert_str_eq(lone_last(&l, EV_UNDELIVERED)->text,
	    "are you there?");
	ck_assert_str_eq(client_current(l.c), "bob");
	/* The server is not told that it is over. */
	ck_assert_uint_eq(fake_count(&l.fake, OP_LEAVE), 0);
	lone_do(&l, "msg hello");
	lone_run(&l, USEC_S);
	ck_assert_str_eq(bob.text, "hello");
	lone_close(&l);
}
END_TEST

START_TEST(connect_in_vain_leaves_what_there_was)
{
	uint32_t connect, again;
	uint8_t body[NONCE_LEN + 1];

	set_up_connected();
	be_gone(&bob);
	mate_is_online(&bob);
	connect = lone_do(&l, "connect bob");
	lone_run(&l, USEC_S);
	again = lone_do(&l, "connect bob");
	ck_assert(!lone_done(&l, again)->ok);
	memcpy(body, fake_called(&l.fake, OP_REQUEST)->body, NONCE_LEN);
	body[NONCE_LEN] = END_DENIED;
	lone_push(&l, PUSH_DENY, body, sizeof body);
	ck_assert_int_eq(lone_done(&l, connect)->exit_code,
	    EXIT_CODE_DENIED);
	ck_assert_uint_eq(lone_count(&l, EV_DISCONNECTED), 0);
	ck_assert_str_eq(client_current(l.c), "bob");
	lone_close(&l);
}
END_TEST

/* He had only slept: what we asked for is there already. */
START_TEST(who_comes_back_need_not_allow)
{
	uint32_t connect;

	set_up_connected();
	be_gone(&bob);
	mate_is_online(&bob);
	connect = lone_do(&l, "connect bob");
	lone_run(&l, USEC_S);
	bob.is_mute = false;
	say_nothing(&bob);
	be_resumable(&bob);
	lone_run(&l, 40 * USEC_S);
	ck_assert(lone_done(&l, connect)->ok);
	ck_assert_uint_eq(lone_count(&l, EV_FAILED), 0);
	ck_assert_uint_eq(lone_count(&l, EV_CONNECTED), 0);
	ck_assert_uint_eq(fake_count(&l.fake, OP_CANCEL), 1);
	ck_assert_str_eq(bob.text, "are you there?");
	lone_close(&l);
}
END_TEST

/* He has another name by now, and something was typed to that. */
START_TEST(who_comes_back_under_another_name_drops_no_text)
{
	set_up_connected();
	be_gone(&bob);
	memcpy(bob.name, "rob", 3);
	mate_is_online(&bob);
	lone_do(&l, "connect rob");
	lone_do(&l, "msg is that you?");
	lone_run(&l, USEC_S);
	bob.is_mute = false;
	say_nothing(&bob);
	be_resumable(&bob);
	lone_run(&l, 40 * USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_UNDELIVERED), 1);
	ck_assert_str_eq(lone_last(&l, EV_UNDELIVERED)->text,
	    "is that you?");
	ck_assert_str_eq(lone_last(&l, EV_UNDELIVERED)->peer, "rob");
	lone_close(&l);
}
END_TEST

START_TEST(connect_to_whom_we_talk_with_is_done_at_once)
{
	set_up_connected();
	ck_assert(lone_done(&l, lone_do(&l, "connect bob"))->ok);
	ck_assert_uint_eq(fake_count(&l.fake, OP_LOOKUP), 1);
	lone_close(&l);
}
END_TEST

/* ---- a server that has forgotten ---- */

START_TEST(who_is_blocked_is_told_to_every_server)
{
	uint8_t key[KEY_LEN] = { 1 };
	char name[] = "blocked-?";
	int i;

	lone_make(&l);
	for (i = 0; i < 5; i++) {
		key[1] = (uint8_t)i;
		name[8] = (char)('a' + i);
		ck_assert_int_eq(known_block(&l.known, key, name, 1), E_OK);
		if (i == 1)
			ck_assert_int_eq(known_unblock(&l.known, key), E_OK);
	}
	lone_start(&l);
	ck_assert_uint_eq(fake_count(&l.fake, OP_BLOCK), 4);
	ck_assert_mem_eq(fake_called(&l.fake, OP_BLOCK)->body, key, KEY_LEN);
	ck_assert_uint_eq(fake_called(&l.fake, OP_BLOCK)->body[KEY_LEN], 1);
	fake_restart(&l.fake);
	lone_run(&l, 60 * USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_REGISTERED), 2);
	ck_assert_uint_eq(fake_count(&l.fake, OP_BLOCK), 4);
	lone_close(&l);
}
END_TEST

START_TEST(a_server_without_room_is_told_no_more)
{
	uint8_t key[KEY_LEN] = { 1 };
	char name[] = "blocked-?";
	int i;

	lone_make(&l);
	for (i = 0; i < 5; i++) {
		key[1] = (uint8_t)i;
		name[8] = (char)('a' + i);
		ck_assert_int_eq(known_block(&l.known, key, name, 1), E_OK);
	}
	fake_answers(&l.fake, OP_BLOCK, STATUS_FULL, "", 0);
	lone_start(&l);
	ck_assert_uint_eq(fake_count(&l.fake, OP_BLOCK), 1);
	lone_close(&l);
}
END_TEST

/* A server that passes the request on all the same. */
START_TEST(a_blocked_key_never_reaches_the_screen)
{
	lone_make(&l);
	mate_init(&bob, &l, "bob");
	ck_assert_int_eq(known_block(&l.known, bob.keys.public, "bob", 1),
	    E_OK);
	lone_start(&l);
	mate_ask(&bob);
	memcpy(bob.name, "rob", 3);
	mate_ask(&bob);
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST), 0);
	ck_assert_uint_eq(fake_count(&l.fake, OP_DENY), 2);
	ck_assert_uint_eq(fake_called(&l.fake, OP_DENY)->body[NONCE_LEN], 1);
	lone_close(&l);
}
END_TEST

START_TEST(a_server_of_another_version_is_told_of_once)
{
	lone_make(&l);
	l.fake.accept.status = STATUS_VERSION;
	lone_start(&l);
	lone_run(&l, 600 * USEC_S);
	ck_assert_uint_gt(l.fake.inits, 5);
	ck_assert_uint_eq(lone_count(&l, EV_ERROR), 1);
	ck_assert_str_eq(lone_last(&l, EV_ERROR)->code, "server-version");
	/* It was updated. */
	l.fake.accept.status = STATUS_OK;
	lone_run(&l, 60 * USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_REGISTERED), 1);
	lone_close(&l);
}
END_TEST

/* ---- no relay ---- */

/* We, the peer, the server. */
static void
set_up_without_relay(int who)
{
	lone_make(&l);
	l.conf.no_relay = who == 0;
	if (who == 2)
		l.fake.accept.flags = 0;
	lone_start(&l);
	mate_init(&bob, &l, "bob");
	bob.route = 0;
	bob.no_relay = who == 1;
	bob.is_mute = true;
}

static const char *const who_forbids[] = { "this side runs with --no-relay",
	"the other side runs with --no-relay", "the server does not relay" };

START_TEST(whoever_forbids_the_relay_is_named)
{
	uint32_t connect;

	set_up_without_relay(_i);
	mate_is_online(&bob);
	connect = lone_do(&l, "connect bob");
	lone_run(&l, 100 * USEC_MS);
	mate_allow(&bob);
	lone_run(&l, 31 * USEC_S);
	ck_assert_int_eq(lone_done(&l, connect)->exit_code,
	    EXIT_CODE_NO_PATH);
	ck_assert_int_eq(lone_last(&l, EV_FAILED)->reason, REASON_NO_PATH);
	ck_assert_str_eq(lone_last(&l, EV_FAILED)->detail, who_forbids[_i]);
	lone_close(&l);
}
END_TEST

/* It can be asked when it is over. */
START_TEST(why_tells_of_what_has_failed)
{
	const struct why *why;

	set_up_without_relay(2);
	mate_is_online(&bob);
	lone_do(&l, "connect bob");
	lone_run(&l, 100 * USEC_MS);
	mate_allow(&bob);
	lone_run(&l, 31 * USEC_S);
	lone_forget(&l);
	ck_assert(lone_done(&l, lone_do(&l, "why bob"))->ok);
	why = lone_last(&l, EV_WHY)->report;
	ck_assert_uint_eq(why->attempts, 1);
	ck_assert_uint_eq(why->tries_count, 1);
	ck_assert(addr_eq(&why->tries[0].addr, &bob.at));
	ck_assert_int_eq(why->reason, REASON_NO_PATH);
	ck_assert(lone_done(&l, lone_do(&l, "why"))->ok);
	ck_assert(!lone_done(&l, lone_do(&l, "why cid"))->ok);
	lone_close(&l);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("client_stay");
	TCase *tc = runner_case(s, "silence");

	tcase_add_test(tc, who_is_gone_is_told_of_once);
	tcase_add_test(tc, who_comes_back_is_told_of_and_gets_what_waits);
	tcase_add_test(tc, a_short_silence_is_told_and_taken_back);
	tc = runner_case(s, "again");
	tcase_add_test(tc, connect_asks_whoever_is_gone_anew);
	tcase_add_test(tc, connect_in_vain_leaves_what_there_was);
	tcase_add_test(tc, who_comes_back_need_not_allow);
	tcase_add_test(tc, who_comes_back_under_another_name_drops_no_text);
	tcase_add_test(tc, connect_to_whom_we_talk_with_is_done_at_once);
	tc = runner_case(s, "server");
	tcase_add_test(tc, who_is_blocked_is_told_to_every_server);
	tcase_add_test(tc, a_server_without_room_is_told_no_more);
	tcase_add_test(tc, a_blocked_key_never_reaches_the_screen);
	tcase_add_test(tc, a_server_of_another_version_is_told_of_once);
	tc = runner_case(s, "relay");
	tcase_add_loop_test(tc, whoever_forbids_the_relay_is_named, 0, 3);
	tcase_add_test(tc, why_tells_of_what_has_failed);
	return s;
}
