#include "sim.h"

START_TEST(two_register_connect_and_talk)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	b = sim_client(s, "bob", behind(&nat_easy));
	sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), 5 * USEC_S));
	sim_do(a, "msg " SIM_MARK " hello");
	ck_assert(sim_until(s, heard(b, SIM_MARK " hello"), USEC_S));
	ck_assert(sim_until(s, all_delivered(a), USEC_S));
	sim_free(s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("first");
	TCase *t = tcase_create("first");

	tcase_add_test(t, two_register_connect_and_talk);
	suite_add_tcase(s, t);
	return s;
}
