#include "err.h"
#include "lone.h"
#include "runner.h"

#include <stdio.h>
#include <string.h>

/* Whose key is whose: what a client makes of keys and names that others
 * choose. */

static struct lone l;
static struct mate bob, first, second, third;

static void
set_up(void)
{
	lone_open(&l);
	mate_init(&bob, &l, "bob");
	mate_init(&first, &l, "first");
	mate_init(&second, &l, "second");
	mate_init(&third, &l, "third");
}

/* bob is known, and away. */
static void
set_up_known(void)
{
	set_up();
	mate_connect(&bob);
	lone_do(&l, "disconnect bob");
	lone_run(&l, USEC_S);
	lone_forget(&l);
}

/* Somebody asks under another's name. */
static void
come_as(struct mate *m, const char *name)
{
	snprintf(m->name, sizeof m->name, "%s", name);
	mate_ask(m);
}

static const uint8_t *
owner_of(const char *name)
{
	const struct known_peer *k = known_by_name(&l.known, name);

	return k != NULL ? k->key : NULL;
}

static void
ck_fails(const char *line, const char *code, enum exit_code exit_code)
{
	uint32_t serial = lone_do(&l, line);

	ck_assert_ptr_nonnull(lone_done(&l, serial));
	ck_assert(!lone_done(&l, serial)->ok);
	ck_assert_int_eq(lone_done(&l, serial)->exit_code, exit_code);
	ck_assert_ptr_nonnull(lone_error(&l, serial));
	ck_assert_str_eq(lone_error(&l, serial)->code, code);
}

static void
ck_works(const char *line)
{
	uint32_t serial = lone_do(&l, line);

	ck_assert_ptr_nonnull(lone_done(&l, serial));
	ck_assert_msg(lone_done(&l, serial)->ok, "%s", line);
}

/* ---- trust ---- */

START_TEST(trust_takes_the_key_that_was_shown)
{
	set_up_known();
	come_as(&first, "bob");
	ck_assert_uint_eq(lone_count(&l, EV_KEY_CHANGED), 1);
	ck_assert_mem_eq(lone_last(&l, EV_KEY_CHANGED)->key, bob.keys.public,
	    KEY_LEN);
	ck_assert_mem_eq(lone_last(&l, EV_KEY_CHANGED)->new_key,
	    first.keys.public, KEY_LEN);
	ck_works("trust Bob");
	ck_assert_mem_eq(owner_of("bob"), first.keys.public, KEY_LEN);
	ck_fails("trust bob", "nothing-to-trust", EXIT_CODE_RUNTIME);
	lone_do(&l, "allow bob");
	mate_open(&first);
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_CONNECTED), 1);
	lone_close(&l);
}
END_TEST

START_TEST(trust_does_not_take_a_key_that_slipped_in)
{
	set_up_known();
	come_as(&first, "bob");
	come_as(&second, "bob");
	ck_fails("trust bob", "another-key", EXIT_CODE_KEY);
	ck_assert_mem_eq(owner_of("bob"), bob.keys.public, KEY_LEN);
	/* It is shown once more, and counts from now on. */
	ck_assert_uint_eq(lone_count(&l, EV_KEY_CHANGED), 3);
	ck_assert_mem_eq(lone_last(&l, EV_KEY_CHANGED)->new_key,
	    second.keys.public, KEY_LEN);
	ck_works("trust bob");
	ck_assert_mem_eq(owner_of("bob"), second.keys.public, KEY_LEN);
	lone_close(&l);
}
END_TEST

START_TEST(the_same_key_again_is_no_other_key)
{
	set_up_known();
	come_as(&first, "bob");
	come_as(&first, "bob");
	ck_works("trust bob");
	ck_assert_mem_eq(owner_of("bob"), first.keys.public, KEY_LEN);
	lone_close(&l);
}
END_TEST

START_TEST(keys_that_take_turns_are_never_taken_by_surprise)
{
	int i;

	set_up_known();
	come_as(&first, "bob");
	for (i = 0; i < 10; i++) {
		come_as(i % 2 ? &first : &second, "bob");
		ck_fails("trust bob", "another-key", EXIT_CODE_KEY);
		lone_do(&l, "deny bob");
		lone_do(&l, "deny bob");
	}
	ck_assert_mem_eq(owner_of("bob"), bob.keys.public, KEY_LEN);
	lone_close(&l);
}
END_TEST

/* Many other names make the client forget that bob's name had come, or not:
 * a key that nobody was asked about is not taken at once. */
START_TEST(a_flood_of_names_does_not_hide_the_other_key)
{
	char name[16];
	int i;

	set_up_known();
	for (i = 0; i < 20; i++) {
		struct known_peer k = { .key = { 7, (uint8_t)i } };

		snprintf(k.name, sizeof k.name, "friend%d", i);
		ck_assert_int_eq(known_add(&l.known, &k), E_OK);
	}
	come_as(&first, "bob");
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "friend%d", i);
		come_as(&third, name);
		snprintf(name, sizeof name, "deny friend%d", i);
		lone_do(&l, name);
	}
	come_as(&second, "bob");
	ck_fails("trust bob", "another-key", EXIT_CODE_KEY);
	ck_assert_mem_eq(owner_of("bob"), bob.keys.public, KEY_LEN);
	lone_close(&l);
}
END_TEST

START_TEST(trust_is_for_each_name_by_itself)
{
	set_up_known();
	mate_connect(&third);
	lone_do(&l, "disconnect third");
	lone_run(&l, USEC_S);
	come_as(&first, "bob");
	come_as(&second, "third");
	ck_works("trust bob");
	ck_works("trust third");
	ck_assert_mem_eq(owner_of("bob"), first.keys.public, KEY_LEN);
	ck_assert_mem_eq(owner_of("third"), second.keys.public, KEY_LEN);
	lone_close(&l);
}
END_TEST

/* What is said under the name is said by one. */
START_TEST(trust_ends_the_conversation_with_the_old_key)
{
	set_up();
	mate_connect(&bob);
	come_as(&first, "bob");
	ck_works("trust bob");
	ck_assert_uint_eq(lone_count(&l, EV_DISCONNECTED), 1);
	ck_assert_int_eq(lone_last(&l, EV_DISCONNECTED)->reason,
	    REASON_KEY_CHANGED);
	lone_close(&l);
}
END_TEST

/* ---- two of one name ---- */

START_TEST(an_impostor_is_not_in_the_way_of_the_owner)
{
	set_up_known();
	come_as(&first, "bob");
	mate_ask(&bob);
	ck_works("requests");
	ck_assert_uint_eq(lone_last(&l, EV_REQUESTS)->count, 2);
	lone_do(&l, "allow bob");
	mate_open(&bob);
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_CONNECTED), 1);
	ck_assert_mem_eq(lone_last(&l, EV_CONNECTED)->key, bob.keys.public,
	    KEY_LEN);
	lone_do(&l, "msg @bob hello");
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(bob.texts, 1);
	lone_close(&l);
}
END_TEST

/* The one who is asked and the one who asks came under one name that was
 * nobody's. */
START_TEST(of_two_strangers_one_gets_the_name)
{
	set_up();
	mate_is_online(&bob);
	lone_do(&l, "connect bob");
	lone_run(&l, 100 * USEC_MS);
	come_as(&first, "bob");
	lone_do(&l, "allow bob");
	mate_open(&first);
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_CONNECTED), 1);
	mate_allow(&bob);
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_CONNECTED), 1);
	ck_assert_uint_eq(lone_count(&l, EV_KEY_CHANGED), 1);
	ck_assert_int_eq(lone_last(&l, EV_FAILED)->reason,
	    REASON_KEY_CHANGED);
	ck_assert_mem_eq(owner_of("bob"), first.keys.public, KEY_LEN);
	lone_do(&l, "msg @bob hello");
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(bob.texts, 0);
	ck_assert_uint_eq(first.texts, 1);
	lone_close(&l);
}
END_TEST

/* ---- look-alikes ---- */

static const char *
lookalike(enum event_kind kind)
{
	return lone_last(&l, kind)->lookalike;
}

START_TEST(a_request_of_a_lookalike_names_whom_it_resembles)
{
	set_up_known();
	come_as(&first, "B0b");
	ck_assert_str_eq(lookalike(EV_REQUEST), "bob");
	ck_assert_mem_eq(lone_last(&l, EV_REQUEST)->key, first.keys.public,
	    KEY_LEN);
	ck_assert_uint_eq(lone_count(&l, EV_KEY_CHANGED), 0);
	ck_works("requests");
	ck_assert_str_eq(lone_last(&l, EV_REQUESTS)->list[0].lookalike,
	    "bob");
	lone_do(&l, "allow b0b");
	mate_open(&first);
	lone_run(&l, USEC_S);
	ck_assert_str_eq(lookalike(EV_CONNECTED), "bob");
	lone_close(&l);
}
END_TEST

START_TEST(asking_a_lookalike_says_so_with_the_key)
{
	set_up_known();
	strcpy(first.name, "\u0432\u043e\u042c");
	mate_is_online(&first);
	lone_do(&l, "connect \u0432\u043e\u042c");
	lone_run(&l, 100 * USEC_MS);
	ck_assert_str_eq(lone_last(&l, EV_CONNECTING)->code, "asking");
	ck_assert_str_eq(lookalike(EV_CONNECTING), "bob");
	ck_assert_mem_eq(lone_last(&l, EV_CONNECTING)->key,
	    first.keys.public, KEY_LEN);
	lone_close(&l);
}
END_TEST

START_TEST(a_stranger_with_a_name_of_his_own_resembles_nobody)
{
	set_up_known();
	mate_ask(&first);
	ck_assert_str_eq(lookalike(EV_REQUEST), "");
	/* Whoever is known under a name like his own is himself. */
	lone_forget(&l);
	strcpy(bob.name, "B0b");
	mate_ask(&bob);
	ck_assert_str_eq(lookalike(EV_REQUEST), "");
	lone_close(&l);
}
END_TEST

START_TEST(somebody_who_renames_himself_like_a_friend_is_told)
{
	set_up_known();
	mate_connect(&first);
	mate_rename(&first, "B0b");
	lone_run(&l, USEC_S);
	ck_assert_int_eq(lone_last(&l, EV_CLIENT)->presence,
	    PRESENCE_RENAMED);
	ck_assert_str_eq(lone_last(&l, EV_CLIENT)->peer, "B0b");
	ck_assert_str_eq(lookalike(EV_CLIENT), "bob");
	lone_close(&l);
}
END_TEST

/* Of a name that the server gives to another, or to nobody, he has only
 * spoken. */
START_TEST(a_new_name_counts_when_the_server_confirms_it)
{
	uint8_t name[] = { CONTROL_NAME, 4, 'b', 'a', 'n', 'k' };

	set_up();
	mate_connect(&bob);
	snprintf(second.name, sizeof second.name, "bank");
	mate_is_online(&second);
	mate_control(&bob, name, sizeof name);
	lone_run(&l, 60 * USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_CLIENT), 0);
	ck_assert_ptr_null(owner_of("bank"));
	fake_answers(&l.fake, OP_LOOKUP, STATUS_UNKNOWN, "", 0);
	mate_control(&bob, name, sizeof name);
	lone_run(&l, 60 * USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_CLIENT), 0);
	mate_rename(&bob, "bank");
	lone_run(&l, USEC_S);
	ck_assert_str_eq(lone_last(&l, EV_CLIENT)->peer, "bank");
	ck_assert_mem_eq(owner_of("bank"), bob.keys.public, KEY_LEN);
	lone_close(&l);
}
END_TEST

START_TEST(a_new_name_waits_for_a_server_that_is_silent)
{
	set_up();
	mate_connect(&bob);
	mate_rename(&bob, "bank");
	fake_answers(&l.fake, OP_LOOKUP, STATUS_LIMIT, "", 0);
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_CLIENT), 0);
	mate_is_online(&bob);
	lone_run(&l, 60 * USEC_S);
	ck_assert_str_eq(lone_last(&l, EV_CLIENT)->peer, "bank");
	lone_close(&l);
}
END_TEST

static void
put_entry(struct wr *w, const char *name, const uint8_t *key)
{
	uint8_t id[KEY_ID_LEN];

	wire_put_name(w, name);
	wire_key_id(key, id);
	put_bytes(w, id, sizeof id);
	put_u32(w, 60);
}

START_TEST(lists_name_lookalikes_and_the_owner_of_a_name)
{
	uint8_t body[512];
	struct wr w = wr_of(body, sizeof body);
	const struct person *list;

	set_up_known();
	put_u32(&w, UINT32_MAX);
	put_u64(&w, 0);
	put_entry(&w, "b0b", first.keys.public);
	put_entry(&w, "bob", second.keys.public);
	put_entry(&w, "carol", third.keys.public);
	put_entry(&w, "dob", bob.keys.public);
	fake_answers(&l.fake, OP_LIST, STATUS_OK, body, w.len);
	lone_do(&l, "all");
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(lone_last(&l, EV_CLIENTS)->count, 4);
	list = lone_last(&l, EV_CLIENTS)->list;
	ck_assert_str_eq(list[0].name, "b0b");
	ck_assert_str_eq(list[0].lookalike, "bob");
	ck_assert_str_eq(list[1].name, "bob");
	ck_assert_str_eq(list[1].lookalike, "bob");
	ck_assert(!list[1].known);
	ck_assert_str_eq(list[2].lookalike, "");
	ck_assert_str_eq(list[3].lookalike, "");
	lone_close(&l);
}
END_TEST

/* The disk was full: what was not written is written at the next occasion, at
 * the latest when we leave. */
START_TEST(keys_that_were_not_saved_are_saved_later)
{
	const struct input failed = { .kind = IN_SAVED, .err = E_IO };
	unsigned saves;

	set_up();
	mate_connect(&bob);
	lone_run(&l, USEC_S);
	saves = l.saves;
	lone_input(&l, &failed);
	ck_assert_str_eq(lone_last(&l, EV_NOTICE)->code, "not-saved");
	lone_run(&l, 60 * USEC_S);
	ck_assert_uint_eq(l.saves, saves);
	ck_works("exit");
	ck_assert_uint_eq(l.saves, saves + 2);
	lone_close(&l);
}
END_TEST

/* Everybody that the store can hold. */
static void
fill_store(void)
{
	struct known_peer k = { .first_day = 1 };

	for (unsigned i = 0; l.known.peers.count < KNOWN_PEERS_MAX; i++) {
		memcpy(k.key, &i, sizeof i);
		snprintf(k.name, sizeof k.name, "n%u", i);
		ck_assert_int_eq(known_add(&l.known, &k), E_OK);
	}
}

START_TEST(who_is_not_pinned_for_want_of_room_is_told)
{
	set_up();
	fill_store();
	mate_connect(&bob);
	lone_run(&l, USEC_S);
	ck_assert_str_eq(lone_last(&l, EV_NOTICE)->code, "known-full");
	ck_assert_ptr_nonnull(strstr(lone_last(&l, EV_NOTICE)->text,
	    "the key of bob cannot be remembered"));
	ck_assert_ptr_null(known_by_key(&l.known, bob.keys.public));
	ck_fails("block bob", "known-full", EXIT_CODE_RUNTIME);
	lone_close(&l);
}
END_TEST

/* ---- verify ---- */

START_TEST(verified_before_the_first_conversation_is_kept)
{
	set_up();
	mate_ask(&bob);
	ck_works("verify bob");
	ck_assert(!lone_last(&l, EV_VERIFY)->verified);
	ck_assert(!lone_last(&l, EV_VERIFY)->known);
	ck_assert(!lone_last(&l, EV_VERIFY)->ok);
	ck_works("verify bob yes");
	ck_assert(lone_last(&l, EV_VERIFY)->ok);
	ck_assert(lone_last(&l, EV_VERIFY)->verified);
	ck_assert(known_by_key(&l.known, bob.keys.public)->verified);
	ck_assert_str_eq(known_by_key(&l.known, bob.keys.public)->name,
	    "bob");
	ck_assert_uint_ge(l.saves, 1);
	lone_do(&l, "allow bob");
	mate_open(&bob);
	lone_run(&l, USEC_S);
	ck_assert(lone_last(&l, EV_CONNECTED)->verified);
	lone_close(&l);
}
END_TEST

START_TEST(a_name_with_another_key_is_not_verified_before_it_is_trusted)
{
	set_up_known();
	come_as(&first, "bob");
	ck_works("verify bob");
	ck_fails("verify bob yes", "key-changed", EXIT_CODE_KEY);
	ck_assert_ptr_null(known_by_key(&l.known, first.keys.public));
	ck_works("trust bob");
	ck_works("verify bob yes");
	ck_assert(known_by_key(&l.known, first.keys.public)->verified);
	lone_close(&l);
}
END_TEST

START_TEST(yes_is_for_the_number_that_was_shown)
{
	char number[80];

	set_up();
	mate_ask(&bob);
	ck_works("verify bob");
	snprintf(number, sizeof number, "%s", lone_last(&l, EV_VERIFY)->text);
	ck_assert_uint_eq(strlen(number), 71);
	lone_do(&l, "deny bob");
	come_as(&first, "bob");
	ck_fails("verify bob yes", "another-key", EXIT_CODE_KEY);
	ck_assert_str_ne(lone_last(&l, EV_VERIFY)->text, number);
	ck_assert_ptr_null(known_by_key(&l.known, first.keys.public));
	ck_works("verify bob yes");
	ck_assert(known_by_key(&l.known, first.keys.public)->verified);
	lone_close(&l);
}
END_TEST

START_TEST(yes_to_a_number_that_was_not_shown_shows_it)
{
	set_up();
	mate_ask(&bob);
	ck_fails("verify bob yes", "not-compared", EXIT_CODE_RUNTIME);
	ck_assert(!lone_last(&l, EV_VERIFY)->ok);
	ck_assert_mem_eq(lone_last(&l, EV_VERIFY)->key, bob.keys.public,
	    KEY_LEN);
	ck_assert_ptr_null(known_by_key(&l.known, bob.keys.public));
	ck_works("verify bob yes");
	ck_assert(known_by_key(&l.known, bob.keys.public)->verified);
	lone_close(&l);
}
END_TEST

START_TEST(yes_is_not_for_somebody_else_than_was_shown)
{
	set_up_known();
	come_as(&first, "carl");
	ck_works("verify carl");
	ck_fails("verify bob yes", "not-compared", EXIT_CODE_RUNTIME);
	ck_assert(!known_by_key(&l.known, bob.keys.public)->verified);
	ck_fails("verify carl yes", "not-compared", EXIT_CODE_RUNTIME);
	ck_assert_ptr_null(known_by_key(&l.known, first.keys.public));
	ck_works("verify carl yes");
	lone_close(&l);
}
END_TEST

/* A face need not show the number with the verdict. */
START_TEST(after_a_no_the_number_is_to_be_compared_again)
{
	set_up();
	mate_ask(&bob);
	ck_works("verify bob no");
	ck_assert(lone_last(&l, EV_VERIFY)->ok);
	ck_fails("verify bob yes", "not-compared", EXIT_CODE_RUNTIME);
	ck_works("verify bob no");
	ck_fails("verify bob yes", "not-compared", EXIT_CODE_RUNTIME);
	ck_works("verify bob yes");
	lone_close(&l);
}
END_TEST

START_TEST(no_on_a_stranger_stores_nothing)
{
	set_up();
	mate_ask(&bob);
	ck_works("verify bob no");
	ck_assert_ptr_null(known_by_key(&l.known, bob.keys.public));
	lone_close(&l);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("client_trust");
	TCase *tc = tcase_create("trust");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, trust_takes_the_key_that_was_shown);
	tcase_add_test(tc, trust_does_not_take_a_key_that_slipped_in);
	tcase_add_test(tc, the_same_key_again_is_no_other_key);
	tcase_add_test(tc, keys_that_take_turns_are_never_taken_by_surprise);
	tcase_add_test(tc, a_flood_of_names_does_not_hide_the_other_key);
	tcase_add_test(tc, trust_is_for_each_name_by_itself);
	tcase_add_test(tc, trust_ends_the_conversation_with_the_old_key);
	tcase_add_test(tc, keys_that_were_not_saved_are_saved_later);
	tcase_add_test(tc, who_is_not_pinned_for_want_of_room_is_told);
	suite_add_tcase(s, tc);
	tc = tcase_create("names");
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, an_impostor_is_not_in_the_way_of_the_owner);
	tcase_add_test(tc, of_two_strangers_one_gets_the_name);
	suite_add_tcase(s, tc);
	tc = tcase_create("look-alikes");
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_request_of_a_lookalike_names_whom_it_resembles);
	tcase_add_test(tc, asking_a_lookalike_says_so_with_the_key);
	tcase_add_test(tc,
	    a_stranger_with_a_name_of_his_own_resembles_nobody);
	tcase_add_test(tc,
	    somebody_who_renames_himself_like_a_friend_is_told);
	tcase_add_test(tc, a_new_name_counts_when_the_server_confirms_it);
	tcase_add_test(tc, a_new_name_waits_for_a_server_that_is_silent);
	tcase_add_test(tc, lists_name_lookalikes_and_the_owner_of_a_name);
	suite_add_tcase(s, tc);
	tc = tcase_create("verify");
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, verified_before_the_first_conversation_is_kept);
	tcase_add_test(tc,
	    a_name_with_another_key_is_not_verified_before_it_is_trusted);
	tcase_add_test(tc, yes_is_for_the_number_that_was_shown);
	tcase_add_test(tc, yes_to_a_number_that_was_not_shown_shows_it);
	tcase_add_test(tc, yes_is_not_for_somebody_else_than_was_shown);
	tcase_add_test(tc, after_a_no_the_number_is_to_be_compared_again);
	tcase_add_test(tc, no_on_a_stranger_stores_nothing);
	suite_add_tcase(s, tc);
	return s;
}
