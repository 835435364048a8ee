#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Issue line "Talk". That nothing comes twice, altered or out of order is a
 * rule of every world (rules.h). */

static const struct event *
outcome(struct user *u, uint32_t serial)
{
	ck_assert(sim_until(u->sim, ended(u, serial), USEC_S));
	return &user_result(u, serial)->ev;
}

START_TEST(messages_arrive_and_are_marked_delivered)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	usec_t at = sim_now(p.s);

	ck_assert(outcome(p.a, sim_do(p.a, "msg " SIM_MARK " one"))->ok);
	ck_assert(sim_until(p.s, heard(p.b, SIM_MARK " one"), USEC_S));
	ck_assert_uint_le(sim_now(p.s) - at, SIM_RT / 2 + USEC_MS);
	ck_assert(sim_until(p.s, all_delivered(p.a), USEC_S));
	ck_assert_uint_le(sim_now(p.s) - at, SIM_RT + 30 * USEC_MS);
	ck_assert_uint_eq(user_count(p.a, EV_DELIVERED), 1);
	ck_assert_uint_eq(user_last(p.a, EV_DELIVERED)->ev.id,
	    user_last(p.a, EV_QUEUED)->ev.id);
	sim_free(p.s);
}
END_TEST

static void
say_all(struct pair *p, struct user *u, int count, usec_t pause)
{
	char line[64];

	for (int i = 0; i < count; i++) {
		snprintf(line, sizeof line, "msg " SIM_MARK " %d of %s", i,
		    u->name);
		sim_do(u, line);
		if (pause > 0)
			sim_run(p->s, pause);
	}
}

START_TEST(thousand_messages_at_30_per_cent_loss_take_two_minutes)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	usec_t at = sim_now(p.s);

	router_cable(p.a->router)->loss = 30 * PER_CENT;
	say_all(&p, p.a, 1000, 0);
	ck_assert(sim_until(p.s, heard_count(p.b, 1000), 120 * USEC_S));
	ck_assert(sim_until(p.s, all_delivered(p.a),
	    at + 120 * USEC_S - sim_now(p.s)));
	ck_assert_uint_eq(user_count(p.b, EV_MESSAGE), 1000);
	sim_free(p.s);
}
END_TEST

START_TEST(both_talk_at_once_over_a_bad_link)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	struct cable *c = router_cable(p.b->router);

	c->loss = 10 * PER_CENT;
	c->dup = c->reorder = c->corrupt = 5 * PER_CENT;
	c->jitter = 20 * USEC_MS;
	for (int i = 0; i < 10; i++) {
		say_all(&p, p.a, 20, 0);
		say_all(&p, p.b, 20, 0);
		sim_run(p.s, 100 * USEC_MS);
	}
	ck_assert(sim_until(p.s, heard_count(p.a, 200), 30 * USEC_S));
	ck_assert(sim_until(p.s, heard_count(p.b, 200), 30 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(narrow_link_is_filled_and_not_flooded)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	char *text = malloc(60000);

	memset(text, 'x', 60000);
	router_cable(p.a->router)->rate = 50000;
	for (int i = 0; i < 10; i++)
		sim_msg(p.a, text, 60000);
	free(text);
	/* 600,000 bytes take 12 s at least. */
	ck_assert(sim_until(p.s, heard_count(p.b, 10), 30 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(message_of_64_kib_arrives_and_a_longer_one_is_refused)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	char *text = malloc(MSG_MAX + 1);
	uint32_t serial;

	for (int i = 0; i <= MSG_MAX; i++)
		text[i] = (char)('a' + i % 26);
	ck_assert(outcome(p.a, sim_msg(p.a, text, MSG_MAX))->ok);
	ck_assert(sim_until(p.s, heard_count(p.b, 1), 10 * USEC_S));
	ck_assert_uint_eq(user_last(p.b, EV_MESSAGE)->ev.len, MSG_MAX);
	serial = sim_try(p.a, text, MSG_MAX + 1);
	ck_assert(serial == 0 || !outcome(p.a, serial)->ok);
	free(text);
	sim_free(p.s);
}
END_TEST

/* Scripts, combining marks, emoji; what a terminal must not get raw comes
 * through exactly all the same: faces clean it. */
static const char *const texts[] = {
	"Grüße, 世界, שלום, 😀",
	"e\xcc\x81\xcc\x81",
	"\xe2\x80\xae" "right to left",
	"tab\tand escape \x1b[31m red",
	" leading and trailing blanks ",
};

START_TEST(any_utf8_comes_through_exactly)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	size_t len = strlen(texts[_i]);
	uint32_t serial = sim_try(p.a, texts[_i], len);

	if (serial != 0 && outcome(p.a, serial)->ok) {
		const struct event *ev = &user_last(p.a, EV_QUEUED)->ev;

		ck_assert(sim_until(p.s, heard_count(p.b, 1), USEC_S));
		ck_assert_uint_eq(user_last(p.b, EV_MESSAGE)->ev.len,
		    ev->len);
		ck_assert_str_eq(user_last(p.b, EV_MESSAGE)->text, ev->text);
	}
	sim_free(p.s);
}
END_TEST

START_TEST(text_typed_without_a_path_waits_for_one)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	router_cable(p.a->router)->is_cut = true;
	sim_run(p.s, 30 * USEC_S);
	ck_assert(outcome(p.a, sim_do(p.a, "msg patience"))->ok);
	ck_assert(outcome(p.b, sim_do(p.b, "msg me too"))->ok);
	sim_run(p.s, 60 * USEC_S);
	ck_assert_uint_eq(client_undelivered(p.a->client), 1);
	router_cable(p.a->router)->is_cut = false;
	ck_assert(sim_until(p.s, heard(p.b, "patience"), 30 * USEC_S));
	ck_assert(sim_until(p.s, heard(p.a, "me too"), 30 * USEC_S));
	ck_assert(sim_until(p.s, all_delivered(p.a), 5 * USEC_S));
	ck_assert_uint_eq(client_undelivered(p.a->client), 0);
	sim_free(p.s);
}
END_TEST

START_TEST(too_much_that_waits_is_refused_and_nothing_lost)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	char *text = malloc(60000);
	size_t taken = 0;

	memset(text, 'x', 60000);
	router_cable(p.a->router)->is_cut = true;
	for (int i = 0; i < 100; i++)
		taken += outcome(p.a, sim_msg(p.a, text, 60000))->ok;
	ck_assert_uint_ge(taken, 60);
	ck_assert_uint_lt(taken, 100);
	ck_assert_str_eq(user_last(p.a, EV_ERROR)->ev.code, "queue-full");
	router_cable(p.a->router)->is_cut = false;
	ck_assert(sim_until(p.s, heard_count(p.b, taken), 120 * USEC_S));
	free(text);
	sim_free(p.s);
}
END_TEST

/* Keys are changed every two minutes in which messages flow. */
START_TEST(hour_of_talk_under_changing_keys)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	router_cable(p.a->router)->loss = 5 * PER_CENT;
	for (int i = 0; i < 360; i++) {
		say_all(&p, i % 2 == 0 ? p.a : p.b, 1, 0);
		sim_run(p.s, 10 * USEC_S);
	}
	ck_assert(sim_until(p.s, heard_count(p.a, 180), 5 * USEC_S));
	ck_assert(sim_until(p.s, heard_count(p.b, 180), 5 * USEC_S));
	ck_assert_uint_eq(user_count(p.a, EV_DISCONNECTED), 0);
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("talk");
	TCase *t = tcase_create("talk");

	tcase_set_timeout(t, 30);
	tcase_add_test(t, messages_arrive_and_are_marked_delivered);
	tcase_add_test(t,
	    thousand_messages_at_30_per_cent_loss_take_two_minutes);
	tcase_add_test(t, both_talk_at_once_over_a_bad_link);
	tcase_add_test(t, narrow_link_is_filled_and_not_flooded);
	tcase_add_test(t,
	    message_of_64_kib_arrives_and_a_longer_one_is_refused);
	tcase_add_loop_test(t, any_utf8_comes_through_exactly, 0,
	    sizeof texts / sizeof texts[0]);
	tcase_add_test(t, text_typed_without_a_path_waits_for_one);
	tcase_add_test(t, too_much_that_waits_is_refused_and_nothing_lost);
	tcase_add_test(t, hour_of_talk_under_changing_keys);
	suite_add_tcase(s, t);
	return s;
}
