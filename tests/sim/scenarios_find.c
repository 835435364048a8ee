#include "sim.h"

#include "wire.h"

#include <stdio.h>
#include <string.h>

/* Issue line "Find". */

enum { CROWD = 60 };

static void
all_registered(struct sim *s)
{
	for (size_t i = 0; i < s->user_count; i++)
		ck_assert(sim_until(s, registered(s->users[i]), 10 * USEC_S));
}

static uint32_t
list(struct user *u, const char *line)
{
	uint32_t serial;

	user_mark(u);
	serial = sim_do(u, line);
	ck_assert(sim_until(u->sim, ended(u, serial), 5 * USEC_S));
	ck_assert(user_result(u, serial)->ev.ok);
	return serial;
}

START_TEST(all_lists_the_others)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);

	all_registered(p.s);
	sim_run(p.s, 10 * USEC_S);
	list(p.a, "all");
	ck_assert_uint_eq(user_last(p.a, EV_CLIENTS)->ev.count, 1);
	ck_assert(user_lists(p.a, "bob"));
	sim_free(p.s);
}
END_TEST

START_TEST(list_tells_key_and_time)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);
	const struct record *r;
	uint8_t id[KEY_ID_LEN];

	all_registered(p.s);
	sim_run(p.s, 10 * USEC_S);
	list(p.a, "all");
	r = user_last(p.a, EV_CLIENTS);
	wire_key_id(p.b->identity.public, id);
	ck_assert_mem_eq(r->people[0].key_id, id, sizeof id);
	ck_assert_uint_ge(r->people[0].since_s, 9);
	ck_assert_uint_le(r->people[0].since_s, 11);
	sim_free(p.s);
}
END_TEST

static struct sim *
crowd(struct user **first)
{
	struct sim *s = sim_new(test_seed());
	char name[NAME_SIZE];

	sim_server(s);
	for (int i = 0; i < CROWD; i++) {
		struct user *u;

		snprintf(name, sizeof name, "%s-with-a-long-name-%02d",
		    i % 2 == 0 ? "even" : "odd", i);
		u = sim_client(s, name, in_the_open());
		if (i == 0)
			*first = u;
	}
	all_registered(s);
	return s;
}

/* More than one datagram holds. */
START_TEST(long_list_comes_in_pages_and_whole)
{
	struct user *a;
	struct sim *s = crowd(&a);
	const struct record *r;

	list(a, "all");
	r = user_last(a, EV_CLIENTS);
	ck_assert_uint_eq(r->ev.count, CROWD - 1);
	for (size_t i = 1; i < s->user_count; i++)
		ck_assert(user_lists(a, s->users[i]->name));
	sim_free(s);
}
END_TEST

START_TEST(prefix_picks_some)
{
	struct user *a;
	struct sim *s = crowd(&a);

	list(a, "all odd");
	ck_assert_uint_eq(user_last(a, EV_CLIENTS)->ev.count, CROWD / 2);
	list(a, "all ODD-with-a-long-name-1");
	ck_assert_uint_eq(user_last(a, EV_CLIENTS)->ev.count, 5);
	list(a, "all nobody");
	ck_assert_uint_eq(user_last(a, EV_CLIENTS)->ev.count, 0);
	sim_free(s);
}
END_TEST

START_TEST(list_survives_a_lossy_link)
{
	struct user *a;
	struct sim *s = crowd(&a);

	host_cable(a->host, 0)->loss = 30 * PER_CENT;
	list(a, "all");
	ck_assert_uint_eq(user_last(a, EV_CLIENTS)->ev.count, CROWD - 1);
	sim_free(s);
}
END_TEST

START_TEST(arrivals_renames_and_departures_are_told)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	ck_assert(sim_until(s, registered(a), USEC_S));
	sim_run(s, USEC_S);
	user_mark(a);
	b = sim_client(s, "bob", behind(&nat_easy));
	ck_assert(sim_until(s, registered(b), USEC_S));
	ck_assert(sim_until(s, told_about(a, EV_CLIENT, b), 2 * USEC_S));
	ck_assert_int_eq(user_last(a, EV_CLIENT)->ev.presence,
	    PRESENCE_ARRIVED);
	user_mark(a);
	sim_do(b, "rename bert");
	ck_assert(sim_until(s, told_about(a, EV_CLIENT, b), 2 * USEC_S));
	ck_assert_int_eq(user_last(a, EV_CLIENT)->ev.presence,
	    PRESENCE_RENAMED);
	ck_assert_str_eq(user_last(a, EV_CLIENT)->ev.old_name, "bob");
	ck_assert_str_eq(user_last(a, EV_CLIENT)->ev.peer, "bert");
	user_mark(a);
	sim_do(b, "exit");
	ck_assert(sim_until(s, told_about(a, EV_CLIENT, b), 2 * USEC_S));
	ck_assert_int_eq(user_last(a, EV_CLIENT)->ev.presence, PRESENCE_LEFT);
	sim_free(s);
}
END_TEST

START_TEST(who_did_not_subscribe_hears_nothing)
{
	struct sim *s = sim_new(test_seed());
	struct user *a = sim_user(s, "ann", behind(&nat_easy)), *b;

	sim_server(s);
	a->conf.subscribe = false;
	user_start(a);
	ck_assert(sim_until(s, registered(a), USEC_S));
	b = sim_client(s, "bob", behind(&nat_easy));
	ck_assert(sim_until(s, registered(b), USEC_S));
	sim_run(s, 10 * USEC_S);
	ck_assert_uint_eq(user_count(a, EV_CLIENT), 0);
	sim_free(s);
}
END_TEST

/* A client's own name is no news to it, a lost push comes again. */
START_TEST(news_come_once_over_a_lossy_link)
{
	struct sim *s = sim_new(test_seed());
	struct user *a = sim_user(s, "ann", behind(&nat_easy));
	char name[NAME_SIZE];

	sim_server(s);
	router_cable(a->router)->loss = 30 * PER_CENT;
	user_start(a);
	ck_assert(sim_until(s, registered(a), 30 * USEC_S));
	sim_run(s, 5 * USEC_S);
	user_mark(a);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "guest-%d", i);
		sim_client(s, name, in_the_open());
		sim_run(s, USEC_S / 2);
	}
	sim_run(s, 60 * USEC_S);
	ck_assert_uint_eq(user_count(a, EV_CLIENT), 20);
	sim_free(s);
}
END_TEST

START_TEST(silent_client_is_gone_within_a_minute)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);
	usec_t at;

	all_registered(p.s);
	sim_run(p.s, 30 * USEC_S);
	user_mark(p.a);
	user_kill(p.b, NODE_POWER);
	at = sim_now(p.s);
	ck_assert(sim_until(p.s, told_about(p.a, EV_CLIENT, p.b),
	    60 * USEC_S));
	ck_assert_uint_ge(sim_now(p.s), at + 25 * USEC_S);
	list(p.a, "all");
	ck_assert(!user_lists(p.a, "bob"));
	sim_free(p.s);
}
END_TEST

START_TEST(client_that_exits_is_gone_at_once)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);

	all_registered(p.s);
	sim_do(p.b, "exit");
	ck_assert(sim_until(p.s, gone(p.b), 2 * USEC_S));
	list(p.a, "all");
	ck_assert(!user_lists(p.a, "bob"));
	sim_free(p.s);
}
END_TEST

START_TEST(hidden_client_is_found_by_its_exact_name_only)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b = sim_user(s, "bob", behind(&nat_easy));

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	ck_assert(sim_until(s, registered(a), USEC_S));
	b->conf.hidden = true;
	user_start(b);
	ck_assert(sim_until(s, registered(b), USEC_S));
	list(a, "all");
	ck_assert(!user_lists(a, "bob"));
	ck_assert_uint_eq(user_count(a, EV_CLIENT), 0);
	sim_do(a, "connect bob");
	ck_assert(sim_until(s, asked(b, a), USEC_S));
	sim_free(s);
}
END_TEST

START_TEST(list_without_a_server_fails_honestly)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);
	uint32_t serial;

	all_registered(p.s);
	host_silent(p.s->servers[0].host, true);
	sim_kill_server(p.s, 0);
	sim_run(p.s, 60 * USEC_S);
	serial = sim_do(p.a, "all");
	ck_assert(sim_until(p.s, ended(p.a, serial), 15 * USEC_S));
	ck_assert(!user_result(p.a, serial)->ev.ok);
	ck_assert_int_eq(user_result(p.a, serial)->ev.exit_code,
	    EXIT_CODE_SERVER);
	sim_free(p.s);
}
END_TEST

START_TEST(help_lists_every_command)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);
	const struct record *r;

	sim_do(p.a, "help");
	r = user_last(p.a, EV_HELP);
	for (int id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
		ck_assert_ptr_nonnull(strstr(r->text,
		    command_name((enum command_id)id)));
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("find");
	TCase *t = tcase_create("list");

	tcase_set_timeout(t, 20);
	tcase_add_test(t, all_lists_the_others);
	tcase_add_test(t, list_tells_key_and_time);
	tcase_add_test(t, long_list_comes_in_pages_and_whole);
	tcase_add_test(t, prefix_picks_some);
	tcase_add_test(t, list_survives_a_lossy_link);
	tcase_add_test(t, list_without_a_server_fails_honestly);
	tcase_add_test(t, help_lists_every_command);
	suite_add_tcase(s, t);
	t = tcase_create("news");
	tcase_set_timeout(t, 20);
	tcase_add_test(t, arrivals_renames_and_departures_are_told);
	tcase_add_test(t, who_did_not_subscribe_hears_nothing);
	tcase_add_test(t, news_come_once_over_a_lossy_link);
	tcase_add_test(t, silent_client_is_gone_within_a_minute);
	tcase_add_test(t, client_that_exits_is_gone_at_once);
	tcase_add_test(t, hidden_client_is_found_by_its_exact_name_only);
	suite_add_tcase(s, t);
	return s;
}
