#include "err.h"
#include "guest.h"

static struct world w;
static struct guest ann, bob;

static void
setup(void)
{
	world_open(&w, NULL);
	guest_make(&ann, &w, "ann", guest_home(1));
	guest_make(&bob, &w, "bob", guest_home(2));
}

static void
teardown(void)
{
	world_close(&w);
}

/* ---- names ---- */

START_TEST(random_name_is_given_and_kept)
{
	char first[NAME_SIZE];

	ck_assert_int_eq(guest_join(&ann, ""), STATUS_OK);
	ck_assert_uint_ge(strlen(ann.name), 3);
	memcpy(first, ann.name, sizeof first);
	ck_assert_int_eq(guest_join(&bob, ""), STATUS_OK);
	ck_assert_str_ne(bob.name, first);
	guest_goodbye(&ann);
	ck_assert_int_eq(guest_join(&ann, ""), STATUS_OK);
	ck_assert_str_eq(ann.name, first);
	world_restart(&w);
	ck_assert_int_eq(guest_join(&ann, ""), STATUS_OK);
	ck_assert_str_eq(ann.name, first);
}
END_TEST

START_TEST(name_in_use_is_refused_with_a_free_one)
{
	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "ANNA"), STATUS_NAME_TAKEN);
	ck_assert_str_eq(bob.accept.name, "ANNA-2");
	ck_assert_uint_eq(bob.server_index, 0);
	ck_assert_int_eq(guest_join(&bob, bob.accept.name), STATUS_OK);
	ck_assert_uint_eq(server_stats(w.s)->refused, 1);
}
END_TEST

START_TEST(suggestion_for_a_long_name_is_cut_between_characters)
{
	/* 31 bytes: 15 of two, one of one. */
	ck_assert_int_eq(guest_join(&ann, "äöüäöüäöüäöüäöüx"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "äöüäöüäöüäöüäöüx"),
	    STATUS_NAME_TAKEN);
	ck_assert_str_eq(bob.accept.name, "äöüäöüäöüäöüäö-2");
	ck_assert_int_eq(guest_join(&bob, bob.accept.name), STATUS_OK);
}
END_TEST

START_TEST(bad_names_are_refused)
{
	static const char *const bad[] = { "a b", "@all", "\xff", "-x",
		"a\x1b[31m", "a\u202e" "b" };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ck_assert_int_eq(guest_join(&ann, bad[i]), STATUS_NAME_BAD);
		ck_assert_uint_gt(strlen(ann.accept.name), 0);
	}
	ck_assert_uint_eq(server_stats(w.s)->names, 0);
}
END_TEST

START_TEST(name_is_put_in_its_normal_form)
{
	ck_assert_int_eq(guest_join(&ann, "A\u0308nne"), STATUS_OK);
	ck_assert_str_eq(ann.name, "\u00c4nne");
}
END_TEST

/* Security.md S7. */
START_TEST(name_belongs_to_its_key_while_that_is_offline)
{
	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
	guest_goodbye(&ann);
	ck_assert_int_eq(guest_join(&bob, "anna"), STATUS_NAME_TAKEN);
	world_restart(&w);
	ck_assert_int_eq(guest_join(&bob, "anna"), STATUS_NAME_TAKEN);
	world_pass(&w, UINT64_C(89) * 86400 * USEC_S);
	ck_assert_int_eq(guest_join(&bob, "anna"), STATUS_NAME_TAKEN);
	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
}
END_TEST

START_TEST(hijacks_fail_ten_thousand_times)
{
	int taken = 0;

	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
	guest_goodbye(&ann);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	for (int i = 0; i < 10000; i++) {
		taken += guest_rename(&bob, "Anna") == STATUS_NAME_TAKEN;
		world_pass(&w, 20 * USEC_MS);
	}
	ck_assert_int_eq(taken, 10000);
}
END_TEST

START_TEST(name_is_free_after_90_days)
{
	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
	guest_goodbye(&ann);
	world_pass(&w, UINT64_C(90) * 86400 * USEC_S + 3700 * USEC_S);
	ck_assert_uint_eq(server_stats(w.s)->names, 0);
	ck_assert(w.stored[w.stored_count - 1].remove);
	ck_assert_str_eq(w.stored[w.stored_count - 1].fold, "anna");
	ck_assert_int_eq(guest_join(&bob, "anna"), STATUS_OK);
	ck_assert_int_eq(guest_join(&ann, ""), STATUS_OK);
	ck_assert_str_ne(ann.name, "anna");
}
END_TEST

START_TEST(name_in_use_for_months_stays)
{
	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
	for (int day = 0; day < 100; day++) {
		world_pass(&w, 86400 * USEC_S);
		ck_assert_int_eq(guest_join(&ann, ""), STATUS_OK);
		ck_assert_str_eq(ann.name, "anna");
	}
	/* Its date was written once a day. */
	ck_assert_uint_ge(w.stored_count, 95);
	ck_assert_uint_le(w.stored_count, 105);
	world_restart(&w);
	ck_assert_int_eq(guest_join(&bob, "anna"), STATUS_NAME_TAKEN);
}
END_TEST

START_TEST(released_name_is_free_when_its_owner_leaves)
{
	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
	ck_assert_int_eq(guest_call(&ann, OP_RELEASE, NULL), STATUS_OK);
	ck_assert_int_eq(guest_call(&ann, OP_RELEASE, NULL), STATUS_OK);
	ck_assert(w.stored[w.stored_count - 1].remove);
	ck_assert_uint_eq(w.stored_count, 2);
	ck_assert_int_eq(guest_join(&bob, "anna"), STATUS_NAME_TAKEN);
	guest_goodbye(&ann);
	ck_assert_int_eq(guest_join(&bob, "anna"), STATUS_OK);
}
END_TEST

START_TEST(released_name_is_bound_again_by_a_new_registration)
{
	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
	ck_assert_int_eq(guest_call(&ann, OP_RELEASE, NULL), STATUS_OK);
	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
	ck_assert(!w.stored[w.stored_count - 1].remove);
	guest_goodbye(&ann);
	ck_assert_int_eq(guest_join(&bob, "anna"), STATUS_NAME_TAKEN);
}
END_TEST

START_TEST(rename_moves_the_binding)
{
	char name[NAME_SIZE];
	struct rd r;

	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	ck_assert_int_eq(guest_rename(&ann, "Bea"), STATUS_OK);
	r = rd_of(ann.reply, ann.reply_len);
	wire_get_name(&r, name);
	ck_assert(rd_done(&r));
	ck_assert_str_eq(name, "Bea");
	ck_assert_int_eq(guest_rename(&ann, "Bea"), STATUS_OK);
	ck_assert_int_eq(guest_lookup(&bob, "anna"), STATUS_UNKNOWN);
	ck_assert_int_eq(guest_lookup(&bob, "bea"), STATUS_OK);
	ck_assert_int_eq(guest_rename(&bob, "anna"), STATUS_OK);
	world_restart(&w);
	ck_assert_int_eq(guest_join(&ann, ""), STATUS_OK);
	ck_assert_str_eq(ann.name, "Bea");
	ck_assert_int_eq(guest_join(&bob, ""), STATUS_OK);
	ck_assert_str_eq(bob.name, "anna");
}
END_TEST

START_TEST(rename_may_change_case_only)
{
	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
	ck_assert_int_eq(guest_rename(&ann, "Anna"), STATUS_OK);
	ck_assert(!w.stored[w.stored_count - 1].remove);
	world_restart(&w);
	ck_assert_int_eq(guest_join(&ann, ""), STATUS_OK);
	ck_assert_str_eq(ann.name, "Anna");
}
END_TEST

START_TEST(refused_rename_suggests_a_name)
{
	char name[NAME_SIZE];
	struct rd r;

	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	ck_assert_int_eq(guest_rename(&bob, "anna"), STATUS_NAME_TAKEN);
	r = rd_of(bob.reply, bob.reply_len);
	wire_get_name(&r, name);
	ck_assert_str_eq(name, "anna-2");
	ck_assert_int_eq(guest_rename(&bob, "a b"), STATUS_NAME_BAD);
	ck_assert_int_eq(guest_lookup(&ann, "bob"), STATUS_OK);
}
END_TEST

START_TEST(rename_does_not_write_faster_than_once_a_second)
{
	char name[NAME_SIZE];
	int renamed = 0;

	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
	for (int i = 0; i < 95; i++) {
		snprintf(name, sizeof name, "anna%d", i);
		renamed += guest_rename(&ann, name) == STATUS_OK;
	}
	ck_assert_int_eq(renamed, 63);
}
END_TEST

START_TEST(store_with_two_names_of_a_key_keeps_the_later)
{
	struct store_change one = { .used = 1700000000 }, two = one;
	uint8_t seed[RNG_SEED_LEN] = { 1 };

	strcpy(one.name, "anna");
	strcpy(two.name, "bea");
	two.used++;
	memcpy(one.key, ann.keys.public, KEY_LEN);
	memcpy(two.key, ann.keys.public, KEY_LEN);
	for (int order = 0; order < 2; order++) {
		server_free(w.s);
		w.s = server_new(&w.conf, seed, w.now, 1700000100);
		ck_assert(server_bind(w.s, order == 0 ? &one : &two));
		ck_assert(server_bind(w.s, order == 0 ? &two : &one));
		world_pass(&w, 0);
		ck_assert(w.stored[w.stored_count - 1].remove);
		ck_assert_str_eq(w.stored[w.stored_count - 1].name, "anna");
		ck_assert_int_eq(guest_join(&ann, ""), STATUS_OK);
		ck_assert_str_eq(ann.name, "bea");
	}
}
END_TEST

START_TEST(damaged_names_of_the_store_are_passed_over)
{
	struct store_change change = { .used = 1700000000 };

	strcpy(change.name, "a b");
	ck_assert(server_bind(w.s, &change));
	ck_assert_uint_eq(server_stats(w.s)->names, 0);
}
END_TEST

/* ---- the store ---- */

START_TEST(registration_counts_once_the_name_is_stored)
{
	struct guest eve;

	guest_make(&eve, &w, "eve", guest_home(9));
	w.is_store_slow = true;
	ck_assert(guest_hello(&ann));
	ck_assert(guest_init(&ann, "ann"));
	ck_assert(!guest_beat(&ann));
	ck_assert_uint_eq(server_stats(w.s)->online, 0);
	/* Nobody else gets the name meanwhile. */
	ck_assert(guest_hello(&eve) && guest_init(&eve, "ann"));
	ck_assert_int_eq(eve.accept.status, STATUS_NAME_TAKEN);
	world_answer_saves(&w);
	ck_assert_ptr_nonnull(guest_got(&ann, SF_HEARTBEAT_ACK));
	ck_assert_uint_eq(server_stats(w.s)->online, 1);
}
END_TEST

START_TEST(failing_store_refuses_and_the_service_goes_on)
{
	struct frame_got *got;

	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	w.is_store_broken = true;
	ck_assert_int_eq(guest_join(&ann, "ann"), -1);
	got = guest_got(&ann, SF_GOODBYE);
	ck_assert_ptr_nonnull(got);
	ck_assert_uint_eq(server_stats(w.s)->names, 1);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_STORE);
	ck_assert_int_eq(guest_rename(&bob, "bert"), STATUS_STORE);
	ck_assert_int_eq(guest_lookup(&bob, "bob"), STATUS_OK);
	ck_assert(guest_beat(&bob));
	ck_assert_int_eq(guest_join(&bob, ""), STATUS_OK);
	ck_assert_uint_eq(server_stats(w.s)->online, 1);
	w.is_store_broken = false;
	world_pass(&w, 5 * USEC_S);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	/* One line says so, with the reason, and one that it is over. */
	ck_assert_ptr_nonnull(strstr(w.log_text, "0 names cannot be saved: "));
	ck_assert_ptr_null(strstr(strstr(w.log_text, "cannot be saved") + 1,
	    "cannot be saved"));
	ck_assert_ptr_nonnull(strstr(w.log_text, "2 names can be saved again"));
}
END_TEST

START_TEST(client_that_leaves_while_stored_keeps_its_name)
{
	w.is_store_slow = true;
	ck_assert_int_eq(guest_join(&ann, "ann"), -1);
	guest_goodbye(&ann);
	world_answer_saves(&w);
	w.is_store_slow = false;
	ck_assert_uint_eq(server_stats(w.s)->online, 0);
	ck_assert_int_eq(guest_join(&bob, "ann"), STATUS_NAME_TAKEN);
}
END_TEST

START_TEST(client_that_leaves_while_not_stored_leaves_nothing)
{
	w.is_store_slow = w.is_store_broken = true;
	ck_assert_int_eq(guest_join(&ann, "ann"), -1);
	guest_goodbye(&ann);
	world_answer_saves(&w);
	ck_assert_uint_eq(server_stats(w.s)->names, 0);
}
END_TEST

START_TEST(second_registration_waits_for_the_store)
{
	w.is_store_slow = true;
	ck_assert_int_eq(guest_join(&ann, "ann"), -1);
	ck_assert_int_eq(guest_join(&ann, "ann"), -1);
	ck_assert_ptr_nonnull(guest_got(&ann, SF_GOODBYE));
	world_answer_saves(&w);
	w.is_store_slow = false;
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_uint_eq(server_stats(w.s)->online, 1);
}
END_TEST

START_TEST(many_may_wait_for_the_store)
{
	static struct guest many[300];
	char label[16];
	size_t online;

	w.is_store_slow = true;
	for (int i = 0; i < 300; i++) {
		snprintf(label, sizeof label, "guest%d", i);
		guest_make(&many[i], &w, label, guest_home(10 + i));
		guest_join(&many[i], label);
	}
	world_answer_saves(&w);
	online = server_stats(w.s)->online;
	ck_assert_uint_eq(online, 256);
	w.is_store_slow = false;
	for (int i = 256; i < 300; i++)
		ck_assert_int_eq(guest_join(&many[i], many[i].name),
		    STATUS_OK);
}
END_TEST

static TCase *
names_case(void)
{
	TCase *tc = tcase_create("names");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, random_name_is_given_and_kept);
	tcase_add_test(tc, name_in_use_is_refused_with_a_free_one);
	tcase_add_test(tc,
	    suggestion_for_a_long_name_is_cut_between_characters);
	tcase_add_test(tc, bad_names_are_refused);
	tcase_add_test(tc, name_is_put_in_its_normal_form);
	tcase_add_test(tc, name_belongs_to_its_key_while_that_is_offline);
	tcase_add_test(tc, hijacks_fail_ten_thousand_times);
	tcase_add_test(tc, name_is_free_after_90_days);
	tcase_add_test(tc, name_in_use_for_months_stays);
	tcase_add_test(tc, released_name_is_free_when_its_owner_leaves);
	tcase_add_test(tc,
	    released_name_is_bound_again_by_a_new_registration);
	tcase_add_test(tc, rename_moves_the_binding);
	tcase_add_test(tc, rename_may_change_case_only);
	tcase_add_test(tc, refused_rename_suggests_a_name);
	tcase_add_test(tc, rename_does_not_write_faster_than_once_a_second);
	tcase_add_test(tc, store_with_two_names_of_a_key_keeps_the_later);
	tcase_add_test(tc, damaged_names_of_the_store_are_passed_over);
	return tc;
}

Suite *
make_suite(void)
{
	Suite *suite = suite_create("ledger");
	TCase *tc = tcase_create("store");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, registration_counts_once_the_name_is_stored);
	tcase_add_test(tc, failing_store_refuses_and_the_service_goes_on);
	tcase_add_test(tc, client_that_leaves_while_stored_keeps_its_name);
	tcase_add_test(tc,
	    client_that_leaves_while_not_stored_leaves_nothing);
	tcase_add_test(tc, second_registration_waits_for_the_store);
	tcase_add_test(tc, many_may_wait_for_the_store);
	suite_add_tcase(suite, names_case());
	suite_add_tcase(suite, tc);
	return suite;
}
