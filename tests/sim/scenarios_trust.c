#include "sim.h"

#include <string.h>

/* Issue line "Trust". A hostile server is the second one: whoever registers
 * there under somebody's name is what that server would put in his place. */

static const struct event *
outcome(struct user *u, uint32_t serial)
{
	ck_assert(sim_until(u->sim, ended(u, serial), 70 * USEC_S));
	return &user_result(u, serial)->ev;
}

static const char *
number(struct user *u)
{
	user_mark(u);
	sim_do(u, "verify");
	return user_last(u, EV_VERIFY)->text;
}

START_TEST(safety_number_is_the_same_on_both_sides)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	const char *a = number(p.a), *b = number(p.b);
	size_t digits = 0;

	ck_assert_str_eq(a, b);
	for (; *a != '\0'; a++)
		digits += *a >= '0' && *a <= '9';
	ck_assert_uint_eq(digits, 60);
	sim_free(p.s);
}
END_TEST

START_TEST(a_new_name_reaches_the_other_side)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	ck_assert(outcome(p.b, sim_do(p.b, "rename zoe"))->ok);
	sim_run(p.s, USEC_S);
	ck_assert_str_eq(user_last(p.a, EV_CLIENT)->ev.peer, "zoe");
	ck_assert_str_eq(client_current(p.a->client), "zoe");
	sim_free(p.s);
}
END_TEST

START_TEST(verified_is_remembered)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	ck_assert(outcome(p.a, sim_do(p.a, "verify bob"))->ok);
	ck_assert(outcome(p.a, sim_do(p.a, "verify bob yes"))->ok);
	sim_run(p.s, USEC_S);
	user_kill(p.a, NODE_POWER);
	user_start(p.a);
	user_mark(p.a);
	sim_do(p.b, "disconnect");
	sim_introduce(p.b, p.a);
	ck_assert(user_last(p.a, EV_REQUEST)->ev.known);
	ck_assert(user_last(p.a, EV_REQUEST)->ev.verified);
	sim_free(p.s);
}
END_TEST

/* ann knows bob from the honest server; at the other one sits somebody else
 * under bob's name. ann moves there. */
struct fraud {
	struct sim *s;
	struct user *a, *b, *mallory;
};

static struct fraud
fraud(void)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	struct fraud f = { p.s, p.a, p.b, NULL };

	sim_do(f.a, "exit");
	sim_do(f.b, "exit");
	ck_assert(sim_until(f.s, gone(f.a), 5 * USEC_S));
	ck_assert(sim_until(f.s, gone(f.b), 5 * USEC_S));
	sim_start_server(f.s, 1);
	f.mallory = sim_user(f.s, "mallory", behind(&nat_easy));
	f.mallory->conf.server_host = "other.example";
	f.a->conf.server_host = "other.example";
	return f;
}

START_TEST(changed_key_stops_the_one_who_asks)
{
	struct fraud f = fraud();
	const struct event *ev;

	strcpy(f.mallory->conf.name, "bob");
	user_start(f.mallory);
	user_start(f.a);
	user_mark(f.a);
	ck_assert(sim_until(f.s, registered(f.a), 5 * USEC_S));
	ck_assert(sim_until(f.s, registered(f.mallory), 5 * USEC_S));
	ev = outcome(f.a, sim_do(f.a, "connect bob"));
	ck_assert(!ev->ok);
	ck_assert_int_eq(ev->exit_code, EXIT_CODE_KEY);
	ev = &user_last(f.a, EV_KEY_CHANGED)->ev;
	ck_assert_mem_eq(ev->key, f.b->identity.public, KEY_LEN);
	ck_assert_mem_eq(ev->new_key, f.mallory->identity.public, KEY_LEN);
	ck_assert_uint_eq(user_count(f.mallory, EV_REQUEST), 0);
	sim_free(f.s);
}
END_TEST

START_TEST(user_decides_about_a_changed_key)
{
	struct fraud f = fraud();

	strcpy(f.mallory->conf.name, "bob");
	user_start(f.mallory);
	user_start(f.a);
	ck_assert(sim_until(f.s, registered(f.a), 5 * USEC_S));
	ck_assert(sim_until(f.s, registered(f.mallory), 5 * USEC_S));
	ck_assert(!outcome(f.a, sim_do(f.a, "connect bob"))->ok);
	ck_assert(outcome(f.a, sim_do(f.a, "trust bob"))->ok);
	f.a->wants |= UINT64_C(1) << f.mallory->id;
	sim_do(f.a, "connect bob");
	ck_assert(sim_until(f.s, asked(f.mallory, f.a), 5 * USEC_S));
	sim_do(f.mallory, "allow ann");
	ck_assert(sim_until(f.s, told(f.a, EV_CONNECTED), 5 * USEC_S));
	sim_free(f.s);
}
END_TEST

/* What is to be compared is the key that the name came with. */
START_TEST(verifying_a_changed_key_is_about_the_new_one)
{
	struct fraud f = fraud();
	const struct known_peer *k;

	strcpy(f.mallory->conf.name, "bob");
	user_start(f.mallory);
	user_start(f.a);
	ck_assert(sim_until(f.s, registered(f.a), 5 * USEC_S));
	ck_assert(sim_until(f.s, registered(f.mallory), 5 * USEC_S));
	ck_assert(!outcome(f.a, sim_do(f.a, "connect bob"))->ok);
	ck_assert(outcome(f.a, sim_do(f.a, "verify bob"))->ok);
	ck_assert_mem_eq(user_last(f.a, EV_VERIFY)->ev.key,
	    f.mallory->identity.public, KEY_LEN);
	ck_assert_int_eq(user_last(f.a, EV_VERIFY)->ev.reason,
	    REASON_KEY_CHANGED);
	ck_assert(outcome(f.a, sim_do(f.a, "verify bob no"))->ok);
	ck_assert(!outcome(f.a, sim_do(f.a, "verify bob yes"))->ok);
	ck_assert(outcome(f.a, sim_do(f.a, "trust bob"))->ok);
	ck_assert(outcome(f.a, sim_do(f.a, "verify bob yes"))->ok);
	ck_assert_int_eq(user_last(f.a, EV_VERIFY)->ev.reason, REASON_NONE);
	k = known_by_name(&f.a->known, "bob");
	ck_assert_mem_eq(k->key, f.mallory->identity.public, KEY_LEN);
	ck_assert(k->verified);
	sim_free(f.s);
}
END_TEST

START_TEST(changed_key_stops_the_one_who_is_asked)
{
	struct fraud f = fraud();

	strcpy(f.mallory->conf.name, "bob");
	user_start(f.mallory);
	user_start(f.a);
	user_mark(f.a);
	ck_assert(sim_until(f.s, registered(f.a), 5 * USEC_S));
	ck_assert(sim_until(f.s, registered(f.mallory), 5 * USEC_S));
	sim_do(f.mallory, "connect ann");
	ck_assert(sim_until(f.s, told(f.a, EV_KEY_CHANGED), 5 * USEC_S));
	if (user_count(f.a, EV_REQUEST) > 0)
		ck_assert(!outcome(f.a, sim_do(f.a, "allow bob"))->ok);
	ck_assert(sim_never(f.s, told(f.a, EV_CONNECTED), 10 * USEC_S));
	ck_assert(sim_never(f.s, told(f.mallory, EV_CONNECTED), USEC_S));
	sim_free(f.s);
}
END_TEST

/* ann and bob have never met; the server puts one of its own between them,
 * who talks with both under the other's name. */
START_TEST(numbers_differ_with_somebody_in_the_middle)
{
	struct sim *s = sim_new(test_seed());
	struct user *a = sim_user(s, "ann", behind(&nat_easy));
	struct user *b = sim_user(s, "bob", behind(&nat_easy));
	struct user *m = sim_user(s, "m1", behind(&nat_easy));
	struct user *n = sim_user(s, "m2", behind(&nat_easy));

	sim_server(s);
	sim_start_server(s, 1);
	b->conf.server_host = n->conf.server_host = "other.example";
	strcpy(m->conf.name, "bob");
	strcpy(n->conf.name, "ann");
	n->identity = m->identity;
	user_start(a);
	user_start(m);
	user_start(n);
	user_start(b);
	sim_introduce(a, m);
	sim_introduce(n, b);
	ck_assert(sim_until(s, told(a, EV_CONNECTED), 5 * USEC_S));
	ck_assert(sim_until(s, told(b, EV_CONNECTED), 5 * USEC_S));
	ck_assert_str_ne(number(a), number(b));
	sim_free(s);
}
END_TEST

/* The same person on another machine's key is somebody else; under another
 * name he is himself. */
START_TEST(known_key_under_another_name_is_recognised)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	sim_do(p.a, "disconnect");
	ck_assert(sim_until(p.s, apart(p.a, p.b), USEC_S));
	ck_assert(outcome(p.a, sim_do(p.a, "rename zoe"))->ok);
	user_mark(p.b);
	sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, asked(p.b, p.a), 5 * USEC_S));
	ck_assert(user_last(p.b, EV_REQUEST)->ev.known);
	ck_assert_str_eq(user_last(p.b, EV_REQUEST)->ev.peer, "zoe");
	sim_free(p.s);
}
END_TEST

START_TEST(pins_survive_a_disk_that_fails_later)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	sim_run(p.s, USEC_S);
	host_disk(p.a->host, true, USEC_MS);
	sim_do(p.a, "verify bob");
	sim_do(p.a, "verify bob yes");
	sim_run(p.s, USEC_S);
	user_kill(p.a, NODE_POWER);
	user_start(p.a);
	ck_assert_ptr_nonnull(known_by_name(&p.a->known, "bob"));
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("trust");
	TCase *t = tcase_create("trust");

	tcase_add_test(t, safety_number_is_the_same_on_both_sides);
	tcase_add_test(t, a_new_name_reaches_the_other_side);
	tcase_add_test(t, verified_is_remembered);
	tcase_add_test(t, changed_key_stops_the_one_who_asks);
	tcase_add_test(t, user_decides_about_a_changed_key);
	tcase_add_test(t, verifying_a_changed_key_is_about_the_new_one);
	tcase_add_test(t, changed_key_stops_the_one_who_is_asked);
	tcase_add_test(t, numbers_differ_with_somebody_in_the_middle);
	tcase_add_test(t, known_key_under_another_name_is_recognised);
	tcase_add_test(t, pins_survive_a_disk_that_fails_later);
	suite_add_tcase(s, t);
	return s;
}
