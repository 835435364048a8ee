#include "calls.h"
#include "err.h"
#include "lone.h"
#include "peer.h"
#include "runner.h"

#include <string.h>

/* Introductions, and what belongs to whom: one name, one key, one
 * conversation. */

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
be_called(struct mate *m, const char *name)
{
	memset(m->name, 0, sizeof m->name);
	memcpy(m->name, name, strlen(name));
}

/* His key is such that his request counts when two cross, or ours. */
static void
be_lower(struct mate *m, bool is_lower)
{
	while ((memcmp(m->keys.public, l.keys.public, KEY_LEN) < 0) !=
	    is_lower)
		keypair_make(&m->keys, &m->rng);
}

static uint32_t
ask(struct mate *m)
{
	char line[64] = "connect ";
	uint32_t serial;

	mate_is_online(m);
	strcat(line, m->name);
	serial = lone_do(&l, line);
	lone_run(&l, 100 * USEC_MS);
	return serial;
}

/* Fails the test unless the command ended so. */
static void
ck_end(uint32_t serial, enum exit_code exit_code)
{
	const struct event *done = lone_done(&l, serial);

	ck_assert_ptr_nonnull(done);
	ck_assert_int_eq(done->exit_code, exit_code);
}

/* ---- whom they are with ---- */

START_TEST(two_requests_of_one_key_are_one)
{
	uint8_t last[NONCE_LEN];

	set_up();
	mate_ask(&bob);
	lone_run(&l, 5 * USEC_S);
	mate_ask(&bob);
	memcpy(last, bob.nonce, NONCE_LEN);
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST), 1);
	lone_do(&l, "requests");
	ck_assert_uint_eq(lone_last(&l, EV_REQUESTS)->count, 1);
	/* Whoever asks again may have lost what he asked with before. */
	lone_do(&l, "allow bob");
	ck_assert_mem_eq(fake_called(&l.fake, OP_ALLOW)->body, last,
	    NONCE_LEN);
	mate_open(&bob);
	ck_assert_uint_eq(lone_count(&l, EV_CONNECTED), 1);
	lone_close(&l);
}
END_TEST

START_TEST(a_request_under_another_name_takes_the_place_of_the_first)
{
	set_up();
	mate_ask(&bob);
	be_called(&bob, "robert");
	mate_ask(&bob);
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST), 2);
	ck_assert_str_eq(lone_last(&l, EV_REQUEST_ENDED)->peer, "bob");
	lone_do(&l, "requests");
	ck_assert_uint_eq(lone_last(&l, EV_REQUESTS)->count, 1);
	ck_assert_str_eq(lone_last(&l, EV_REQUESTS)->list[0].name, "robert");
	lone_close(&l);
}
END_TEST

/* Thirty-two of them, all with other keys: the next one is not shown. */
START_TEST(a_flood_of_requests_is_cut_off)
{
	size_t i;

	set_up();
	for (i = 0; i < 2 * REQUESTS_MAX; i++) {
		keypair_make(&bob.keys, &bob.rng);
		bob.name[2] = (char)('A' + i % 26);
		bob.name[3] = (char)('a' + i / 26);
		mate_ask(&bob);
	}
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST), REQUESTS_MAX);
	/* There is still room for what we want. */
	ck_assert_ptr_null(lone_done(&l, ask(&cid)));
	mate_allow(&cid);
	lone_run(&l, USEC_S);
	ck_assert_str_eq(lone_last(&l, EV_CONNECTED)->peer, "cid");
	lone_run(&l, 61 * USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST_ENDED), REQUESTS_MAX);
	lone_close(&l);
}
END_TEST

START_TEST(a_conversation_comes_before_a_request_of_the_same_name)
{
	set_up();
	mate_ask(&cid);
	mate_connect(&bob);
	lone_do(&l, "deny cid");
	/* He began anew, and his request lies before his conversation. */
	mate_ask(&bob);
	lone_do(&l, "msg @bob still there?");
	lone_run(&l, USEC_S);
	ck_assert_str_eq(bob.text, "still there?");
	ck_end(lone_do(&l, "why bob"), EXIT_CODE_OK);
	ck_end(lone_do(&l, "disconnect bob"), EXIT_CODE_OK);
	ck_assert_uint_eq(lone_count(&l, EV_DISCONNECTED), 1);
	lone_do(&l, "requests");
	ck_assert_uint_eq(lone_last(&l, EV_REQUESTS)->count, 1);
	lone_close(&l);
}
END_TEST

START_TEST(connect_allows_whoever_began_anew)
{
	set_up();
	mate_connect(&bob);
	mate_ask(&bob);
	lone_do(&l, "connect bob");
	ck_assert_ptr_nonnull(fake_called(&l.fake, OP_ALLOW));
	mate_open(&bob);
	ck_assert_uint_eq(lone_count(&l, EV_DISCONNECTED), 1);
	ck_assert_uint_eq(lone_count(&l, EV_CONNECTED), 2);
	ck_assert_str_eq(client_current(l.c), "bob");
	lone_close(&l);
}
END_TEST

START_TEST(whoever_connects_late_does_not_take_the_line)
{
	set_up();
	mate_connect(&cid);
	ask(&bob);
	ck_assert_str_eq(client_current(l.c), "bob");
	lone_do(&l, "msg @cid one moment");
	ck_assert_str_eq(client_current(l.c), "cid");
	mate_allow(&bob);
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_CONNECTED), 2);
	ck_assert_str_eq(client_current(l.c), "cid");
	lone_close(&l);
}
END_TEST

START_TEST(allowing_by_connect_makes_current)
{
	set_up();
	mate_connect(&cid);
	mate_ask(&bob);
	lone_do(&l, "connect bob");
	ck_assert_str_eq(client_current(l.c), "bob");
	mate_open(&bob);
	lone_close(&l);
}
END_TEST

START_TEST(a_request_for_another_name_is_not_for_us)
{
	uint8_t body[DGRAM_MAX];

	set_up();
	lone_push(&l, PUSH_REQUEST, body, mate_ask_body(&bob, "dora", body));
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST), 0);
	lone_push(&l, PUSH_REQUEST, body, mate_ask_body(&bob, "Ann", body));
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST), 1);
	lone_close(&l);
}
END_TEST

/* He asked for the name that we had, or for the one that the server gave us
 * while its answer was under way. */
START_TEST(a_request_while_we_are_renamed_reaches_us)
{
	uint8_t body[DGRAM_MAX];
	uint32_t rename;

	set_up();
	rename = lone_do(&l, "rename dora");
	lone_push(&l, PUSH_REQUEST, body, mate_ask_body(&bob, "dora", body));
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST), 1);
	fake_answers(&l.fake, OP_RENAME, STATUS_OK, "\004dora", 5);
	lone_run(&l, USEC_S);
	ck_end(rename, EXIT_CODE_OK);
	lone_push(&l, PUSH_REQUEST, body, mate_ask_body(&cid, "ann", body));
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST), 2);
	lone_close(&l);
}
END_TEST

/* The server did not hear that we have it, and sends it again. */
START_TEST(a_request_that_was_denied_is_not_shown_again)
{
	uint8_t body[DGRAM_MAX];
	size_t len;

	set_up();
	len = mate_ask_body(&bob, "ann", body);
	lone_push(&l, PUSH_REQUEST, body, len);
	lone_do(&l, "deny bob");
	lone_push(&l, PUSH_REQUEST, body, len);
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST), 1);
	mate_ask(&bob);
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST), 2);
	lone_close(&l);
}
END_TEST

START_TEST(a_request_survives_a_restart_of_the_server)
{
	uint8_t before[DGRAM_MAX];
	const struct fake_call *call;

	set_up();
	ask(&bob);
	call = fake_called(&l.fake, OP_REQUEST);
	memcpy(before, call->body, call->len);
	fake_restart(&l.fake);
	lone_run(&l, 45 * USEC_S);
	call = fake_called(&l.fake, OP_REQUEST);
	ck_assert_ptr_nonnull(call);
	ck_assert_mem_eq(before, call->body, call->len);
	mate_allow(&bob);
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_CONNECTED), 1);
	lone_close(&l);
}
END_TEST

/* A server that hands on what somebody blocked asks, again and again, hears no
 * answer to it and then registers us anew: what we asked for cannot be asked
 * again. */
START_TEST(a_request_for_which_no_call_is_left_ends)
{
	uint8_t out[FAKE_PACKET];
	uint32_t connect;
	unsigned i;

	set_up();
	mate_ask(&cid);
	lone_do(&l, "block cid");
	lone_run(&l, USEC_S);
	connect = ask(&bob);
	lone_run(&l, USEC_S);
	l.fake.replies[OP_DENY].is_set = false;
	for (i = 0; i < CALLS_MAX; i++)
		mate_ask(&cid);
	lone_say(&l, out, fake_goodbye(&l.fake, 0, out));
	lone_run(&l, 5 * USEC_S);
	ck_end(connect, EXIT_CODE_RUNTIME);
	ck_assert_int_eq(lone_last(&l, EV_FAILED)->reason, REASON_BUSY);
	ck_assert_uint_eq(lone_count(&l, EV_REGISTERED), 1);
	lone_close(&l);
}
END_TEST

/* The conversation goes on, and the name is asked for later. */
START_TEST(a_new_name_for_which_no_call_is_left_waits)
{
	unsigned i;

	set_up();
	mate_ask(&cid);
	lone_do(&l, "block cid");
	mate_connect(&bob);
	l.fake.replies[OP_DENY].is_set = false;
	for (i = 0; i < CALLS_MAX; i++)
		mate_ask(&cid);
	mate_rename(&bob, "robert");
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_DISCONNECTED), 0);
	ck_assert_uint_eq(lone_count(&l, EV_FAILED), 0);
	mate_text(&bob, "still here");
	lone_run(&l, 40 * USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_MESSAGE), 1);
	ck_assert_str_eq(lone_last(&l, EV_CLIENT)->peer, "robert");
	lone_close(&l);
}
END_TEST

START_TEST(nobody_comes_under_our_own_name)
{
	uint8_t name[] = { CONTROL_NAME, 3, 'A', 'n', 'n' };

	set_up();
	mate_connect(&bob);
	mate_control(&bob, name, sizeof name);
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_CLIENT), 0);
	be_called(&cid, "ann");
	mate_ask(&cid);
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST), 0);
	lone_close(&l);
}
END_TEST

START_TEST(a_name_typed_while_we_register_is_asked_for)
{
	usec_t at;

	for (at = 0; at < 100 * USEC_MS; at += 5 * USEC_MS) {
		uint32_t rename;

		lone_make(&l);
		fake_answers(&l.fake, OP_RENAME, STATUS_OK, "\004dora", 5);
		lone_start_for(&l, at);
		rename = lone_do(&l, "rename dora");
		lone_run(&l, 5 * USEC_S);
		ck_end(rename, EXIT_CODE_OK);
		ck_assert_msg(strcmp(client_name(l.c), "dora") == 0,
		    "%s after %u ms", client_name(l.c),
		    (unsigned)(at / USEC_MS));
		lone_close(&l);
	}
}
END_TEST

/* Our request was allowed, and there is one of his under another name. */
START_TEST(a_request_that_is_not_needed_any_more_ends)
{
	struct mate dora;

	set_up();
	mate_init(&dora, &l, "dora");
	mate_connect(&dora);
	lone_do(&l, "disconnect dora");
	be_called(&bob, "dora");
	mate_ask(&bob);
	ck_assert_uint_eq(lone_count(&l, EV_KEY_CHANGED), 1);
	be_called(&bob, "bob");
	ask(&bob);
	mate_allow(&bob);
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST_ENDED), 1);
	ck_assert_str_eq(lone_last(&l, EV_REQUEST_ENDED)->peer, "dora");
	lone_close(&l);
}
END_TEST

/* ---- keys ---- */

/* The machine sleeps while two requests cross. */
START_TEST(a_crossing_request_that_is_over_is_not_shown)
{
	uint32_t connect;

	set_up();
	be_lower(&bob, false);
	connect = ask(&bob);
	mate_ask(&bob);
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST), 0);
	l.now += 2 * PEER_REQUEST_US;
	lone_run(&l, USEC_S);
	ck_end(connect, EXIT_CODE_RUNTIME);
	ck_assert_uint_eq(lone_count(&l, EV_REQUEST), 0);
	lone_close(&l);
}
END_TEST

/* Our requests cross, his counts, and he comes under the name of somebody whom
 * we know with another key. */
START_TEST(a_crossing_request_under_a_name_that_is_taken)
{
	uint32_t connect, allow;
	struct mate dora;

	set_up();
	mate_init(&dora, &l, "dora");
	mate_connect(&dora);
	lone_do(&l, "disconnect dora");
	be_lower(&bob, true);
	connect = ask(&bob);
	be_called(&bob, "dora");
	mate_ask(&bob);
	ck_end(connect, EXIT_CODE_KEY);
	ck_assert_uint_eq(lone_count(&l, EV_KEY_CHANGED), 1);
	ck_assert_str_eq(lone_last(&l, EV_REQUEST)->peer, "dora");
	ck_assert_uint_eq(fake_count(&l.fake, OP_CANCEL), 1);
	allow = lone_do(&l, "allow dora");
	ck_end(allow, EXIT_CODE_KEY);
	lone_close(&l);
}
END_TEST

START_TEST(the_end_of_one_command_is_not_that_of_another)
{
	uint32_t connect;

	set_up();
	be_lower(&bob, true);
	connect = ask(&bob);
	lone_do(&l, "help");
	mate_ask(&bob);
	ck_assert_ptr_null(lone_done(&l, connect));
	mate_open(&bob);
	ck_end(connect, EXIT_CODE_OK);
	lone_close(&l);
}
END_TEST

/* ---- what is proved ---- */

START_TEST(a_resume_that_is_not_authentic_changes_nothing)
{
	struct addr elsewhere = addr_v4(203, 0, 113, 99, 7000);
	uint8_t body[256];
	struct wr w = wr_of(body, sizeof body);
	size_t i;

	set_up();
	mate_connect(&bob);
	lone_run(&l, 20 * USEC_S);
	lone_forget(&l);
	put_bytes(&w, bob.keys.public, KEY_LEN);
	addr_put(&w, &elsewhere);
	put_u64(&w, 999);
	put_u8(&w, PACKET_DATA);
	put_zeros(&w, 3);
	put_u32(&w, bob.remote);
	put_u64(&w, bob.next_pn);
	put_zeros(&w, 40);
	lone_push(&l, PUSH_RESUME, body, w.len);
	lone_do(&l, "msg hello");
	lone_run(&l, 5 * USEC_S);
	for (i = 0; i < l.sent_count; i++)
		ck_assert(!addr_same_ip(&l.sent[i].to, &elsewhere));
	ck_assert_uint_eq(bob.texts, 1);
	lone_close(&l);
}
END_TEST

START_TEST(a_resume_that_is_authentic_shows_where_he_is)
{
	struct addr elsewhere = addr_v4(203, 0, 113, 99, 7000);
	uint8_t body[256], pad[1];
	struct wr w = wr_of(body, sizeof body), frames = wr_of(pad, 1);
	size_t i, n = 0;

	set_up();
	mate_connect(&bob);
	lone_run(&l, 20 * USEC_S);
	lone_forget(&l);
	put_bytes(&w, bob.keys.public, KEY_LEN);
	addr_put(&w, &elsewhere);
	put_u64(&w, bob.route);
	put_u8(&frames, FRAME_PADDING);
	w.len += mate_seal(&bob, &frames, body + w.len);
	lone_push(&l, PUSH_RESUME, body, w.len);
	for (i = 0; i < l.sent_count; i++)
		n += addr_same_ip(&l.sent[i].to, &elsewhere);
	ck_assert_uint_gt(n, 0);
	lone_close(&l);
}
END_TEST

/* TCP is under way, by command; that it is tried anyway is no error. */
START_TEST(a_resume_beside_a_switch_is_no_error)
{
	uint8_t body[256], pad[1];
	struct wr w = wr_of(body, sizeof body), frames = wr_of(pad, 1);
	struct addr nowhere = addr_v4(203, 0, 113, 10, 0);
	uint32_t tcp;

	set_up();
	mate_connect(&bob);
	tcp = lone_do(&l, "tcp");
	ck_assert_ptr_null(lone_done(&l, tcp));
	put_bytes(&w, bob.keys.public, KEY_LEN);
	addr_put(&w, &nowhere);
	put_u64(&w, bob.route);
	put_u8(&frames, FRAME_PADDING);
	w.len += mate_seal(&bob, &frames, body + w.len);
	lone_push(&l, PUSH_RESUME, body, w.len);
	ck_assert_uint_eq(lone_count(&l, EV_ERROR), 0);
	lone_run(&l, 20 * USEC_S);
	ck_end(tcp, EXIT_CODE_NO_PATH);
	lone_close(&l);
}
END_TEST

/* Message 1 may be a replay: before he has proved that he has the keys he gets
 * nothing that is ours. */
START_TEST(whoever_has_proved_nothing_gets_nothing_by_resume)
{
	const struct fake_call *call;
	uint8_t plain[FAKE_PACKET];
	struct rd r;
	uint64_t pn;
	size_t len;

	set_up();
	bob.route = 0;
	bob.is_mute = true;
	mate_ask(&bob);
	lone_do(&l, "allow bob");
	lone_do(&l, "msg @bob secret");
	mate_open(&bob);
	lone_run(&l, USEC_S);
	call = fake_called(&l.fake, OP_RESUME);
	ck_assert_ptr_nonnull(call);
	r = rd_of(call->body, call->len);
	get_bytes(&r, KEY_LEN + 1);
	ck_assert_int_eq(session_open(&bob.session, r.p, r.len, plain,
	    sizeof plain, &len, &pn), E_OK);
	ck_assert_uint_eq(len, 1);
	ck_assert_uint_eq(plain[0], FRAME_PADDING);
	lone_close(&l);
}
END_TEST

/* ---- taken back ---- */

static size_t
repeats(enum op op, usec_t span)
{
	size_t before = fake_count(&l.fake, op);

	l.fake.is_forgetful = true;
	lone_run(&l, span);
	l.fake.is_forgetful = false;
	return fake_count(&l.fake, op) - before;
}

START_TEST(a_lookup_ends_with_what_it_was_for)
{
	uint32_t connect;

	set_up();
	connect = lone_do(&l, "connect bob");
	ck_assert_uint_gt(repeats(OP_LOOKUP, USEC_S), 0);
	lone_do(&l, "disconnect bob");
	ck_end(connect, EXIT_CODE_RUNTIME);
	ck_assert_uint_eq(repeats(OP_LOOKUP, 5 * USEC_S), 0);
	lone_close(&l);
}
END_TEST

START_TEST(a_request_ends_with_what_it_was_for)
{
	set_up();
	mate_is_online(&bob);
	l.fake.replies[OP_REQUEST].is_set = false;
	lone_do(&l, "connect bob");
	lone_run(&l, 100 * USEC_MS);
	ck_assert_uint_gt(repeats(OP_REQUEST, USEC_S), 0);
	lone_do(&l, "disconnect bob");
	ck_assert_uint_eq(repeats(OP_REQUEST, 5 * USEC_S), 0);
	ck_assert_uint_eq(fake_count(&l.fake, OP_CANCEL), 1);
	lone_close(&l);
}
END_TEST

START_TEST(a_yes_can_be_taken_back)
{
	uint8_t body[64], out[FAKE_PACKET];
	struct wr w = wr_of(body, sizeof body);
	uint32_t allow, id;

	set_up();
	mate_ask(&bob);
	allow = lone_do(&l, "allow bob");
	id = fake_called(&l.fake, OP_ALLOW)->id;
	ck_end(lone_do(&l, "disconnect bob"), EXIT_CODE_OK);
	ck_end(allow, EXIT_CODE_RUNTIME);
	ck_assert_mem_eq(fake_called(&l.fake, OP_DENY)->body, bob.nonce,
	    NONCE_LEN);
	ck_assert_uint_eq(fake_count(&l.fake, OP_CANCEL), 0);
	ck_assert_uint_eq(repeats(OP_ALLOW, 5 * USEC_S), 0);
	/* The answer comes all the same. */
	addr_put(&w, &bob.at);
	put_u64(&w, bob.route);
	lone_say(&l, out, fake_reply(&l.fake, id, STATUS_OK, body, w.len,
	    out));
	lone_run(&l, 5 * USEC_S);
	ck_assert_uint_eq(l.sent_count, 0);
	ck_assert_uint_eq(lone_count(&l, EV_CONNECTED), 0);
	lone_close(&l);
}
END_TEST

/* He took his yes back, and we had it already: it is a no, or where we went by
 * it the end of the conversation. */
START_TEST(a_yes_that_is_taken_back_is_a_no)
{
	uint8_t body[NONCE_LEN + 1];
	bool was_used = _i == 1;
	uint32_t connect;

	set_up();
	connect = ask(&bob);
	bob.is_mute = true;
	mate_allow(&bob);
	if (was_used)
		lone_run(&l, USEC_MS);
	memcpy(body, bob.nonce, NONCE_LEN);
	body[NONCE_LEN] = END_DENIED;
	lone_push(&l, PUSH_DENY, body, sizeof body);
	ck_end(connect, was_used ? EXIT_CODE_OK : EXIT_CODE_DENIED);
	ck_assert_uint_eq(lone_count(&l, EV_DENIED), was_used ? 0 : 1);
	ck_assert_uint_eq(lone_count(&l, EV_FAILED), 0);
	if (was_used)
		ck_assert_int_eq(lone_last(&l, EV_DISCONNECTED)->reason,
		    REASON_DENIED);
	lone_close(&l);
}
END_TEST

/* The server's word ends no conversation. */
START_TEST(no_word_of_the_server_ends_a_conversation)
{
	uint8_t body[NONCE_LEN + 1];
	enum push_end why;

	set_up();
	mate_connect(&bob);
	memcpy(body, bob.nonce, NONCE_LEN);
	for (why = END_DENIED; why <= END_CANCELLED; why++) {
		body[NONCE_LEN] = (uint8_t)why;
		lone_push(&l, PUSH_DENY, body, sizeof body);
		lone_push(&l, PUSH_ENDED, body, sizeof body);
	}
	ck_assert_uint_eq(lone_count(&l, EV_DISCONNECTED), 0);
	lone_do(&l, "msg hello");
	lone_run(&l, USEC_S);
	ck_assert_str_eq(bob.text, "hello");
	lone_close(&l);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("client_agree");
	TCase *tc = runner_case(s, "whom");

	tcase_add_test(tc, two_requests_of_one_key_are_one);
	tcase_add_test(tc,
	    a_request_under_another_name_takes_the_place_of_the_first);
	tcase_add_test(tc, a_flood_of_requests_is_cut_off);
	tcase_add_test(tc,
	    a_conversation_comes_before_a_request_of_the_same_name);
	tcase_add_test(tc, connect_allows_whoever_began_anew);
	tcase_add_test(tc, whoever_connects_late_does_not_take_the_line);
	tcase_add_test(tc, allowing_by_connect_makes_current);
	tcase_add_test(tc, a_request_for_another_name_is_not_for_us);
	tcase_add_test(tc, a_request_while_we_are_renamed_reaches_us);
	tcase_add_test(tc, a_request_that_was_denied_is_not_shown_again);
	tcase_add_test(tc, a_request_survives_a_restart_of_the_server);
	tcase_add_test(tc, a_request_for_which_no_call_is_left_ends);
	tcase_add_test(tc, a_new_name_for_which_no_call_is_left_waits);
	tcase_add_test(tc, nobody_comes_under_our_own_name);
	tcase_add_test(tc, a_name_typed_while_we_register_is_asked_for);
	tcase_add_test(tc, a_request_that_is_not_needed_any_more_ends);
	tc = runner_case(s, "keys");
	tcase_add_test(tc, a_crossing_request_that_is_over_is_not_shown);
	tcase_add_test(tc, a_crossing_request_under_a_name_that_is_taken);
	tcase_add_test(tc, the_end_of_one_command_is_not_that_of_another);
	tc = runner_case(s, "proof");
	tcase_add_test(tc, a_resume_that_is_not_authentic_changes_nothing);
	tcase_add_test(tc, a_resume_that_is_authentic_shows_where_he_is);
	tcase_add_test(tc, a_resume_beside_a_switch_is_no_error);
	tcase_add_test(tc,
	    whoever_has_proved_nothing_gets_nothing_by_resume);
	tc = runner_case(s, "taken_back");
	tcase_add_test(tc, a_lookup_ends_with_what_it_was_for);
	tcase_add_test(tc, a_request_ends_with_what_it_was_for);
	tcase_add_test(tc, a_yes_can_be_taken_back);
	tcase_add_loop_test(tc, a_yes_that_is_taken_back_is_a_no, 0, 2);
	tcase_add_test(tc, no_word_of_the_server_ends_a_conversation);
	return s;
}
