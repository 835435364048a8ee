#include "guest.h"
#include "err.h"

static struct world w;
static struct guest ann, bob, cat;

static void
setup(void)
{
	world_open(&w, NULL);
	guest_make(&ann, &w, "ann", addr_v4(198, 51, 100, 1, 9001));
	guest_make(&bob, &w, "bob", addr_v4(198, 51, 100, 2, 9001));
	guest_make(&cat, &w, "cat", addr_v4(198, 51, 100, 3, 9001));
}

static void
teardown(void)
{
	world_close(&w);
}

START_TEST(registers_in_two_round_trips)
{
	ck_assert(guest_hello(&ann));
	ck_assert(guest_init(&ann, "ann"));
	ck_assert_int_eq(ann.accept.status, STATUS_OK);
	ck_assert_str_eq(ann.accept.name, "ann");
	ck_assert(addr_eq(&ann.accept.seen, &ann.addr));
	ck_assert_uint_eq(ann.accept.probe_port, 9002);
	ck_assert_uint_eq(ann.accept.beat_min_s, 20);
	ck_assert_uint_eq(ann.accept.beat_max_s, 25);
	ck_assert_uint_eq(ann.accept.gone_s, 55);
	ck_assert_uint_eq(ann.accept.flags, ACCEPT_RELAY);
	ck_assert(guest_beat(&ann));
	ck_assert_uint_eq(server_stats(w.s)->online, 1);
}
END_TEST

START_TEST(introduces_and_relays)
{
	uint64_t a, b;
	struct sent *sent;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	guest_introduce(&ann, &bob, 7, &a, &b);
	ck_assert(a != 0 && b != 0 && a != b);
	guest_relay(&ann, a, 100);
	sent = world_take(&w, SERVER_UDP4, &bob.addr);
	ck_assert_ptr_nonnull(sent);
	ck_assert_uint_eq(sent->len, 100);
	guest_relay(&bob, b, 1232);
	sent = world_take(&w, SERVER_UDP4, &ann.addr);
	ck_assert_ptr_nonnull(sent);
	ck_assert_uint_eq(sent->len, 1232);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("server");
	TCase *tc = tcase_create("server");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, registers_in_two_round_trips);
	tcase_add_test(tc, introduces_and_relays);
	suite_add_tcase(suite, tc);
	return suite;
}
