#include "pair.h"

#include "runner.h"

#include <stdlib.h>

/* ---- memory that runs out: see local.mk ---- */

void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);

static unsigned fail_after, fail_count; /* fail so many, after so many */

static bool
is_out_of_memory(void)
{
	if (fail_after > 0) {
		fail_after--;
		return false;
	}
	if (fail_count == 0)
		return false;
	fail_count--;
	return true;
}

void *
__wrap_malloc(size_t size)
{
	return is_out_of_memory() ? NULL : __real_malloc(size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return is_out_of_memory() ? NULL : __real_realloc(p, size);
}

/* Every allocation of the chan fails once, and from every one on ten fail in a
 * row: messages may be refused, but none that was taken gets lost. */
static void
run_out_of_memory(unsigned after, unsigned count)
{
	struct pair p;

	pair_init(&p, 1);
	p.path[0].loss_permille = 300;
	p.cap = 1000;
	p.flight = malloc(p.cap * sizeof(*p.flight));
	for (int i = 0; i < 2; i++) {
		p.end[i].seen_cap = 4000;
		p.end[i].is_seen = calloc(1, 4000);
	}
	p.len_max = 1000;
	fail_after = after;
	fail_count = count;
	for (int i = 0; i < 8; i++) {
		pair_send(&p, 0, STREAM_TEXT, 20);
		pair_send(&p, 1, STREAM_CONTROL, 5);
		pair_run(&p, p.now + 100 * USEC_MS);
	}
	/* Who could not send tries again when something else happens. */
	for (int i = 0; i < 100 && !pair_run(&p, p.now + 60 * USEC_S); i++)
		p.now += USEC_S;
	fail_count = 0;
	ck_assert_msg(pair_is_complete(&p), "after %u fail %u", after, count);
	pair_fini(&p);
}

START_TEST(no_message_is_lost_when_memory_runs_out)
{
	for (unsigned after = 0; after < 400; after++) {
		run_out_of_memory(after, 1);
		run_out_of_memory(after, 10);
	}
}
END_TEST

/* ---- paths ---- */

static void
init(struct pair *p)
{
	pair_init(p, test_seed());
	for (int i = 0; i < 2; i++) {
		chan_fini(&p->end[i].chan);
		chan_init(&p->end[i].chan, 80 * USEC_MS);
	}
}

static void
change_path(struct pair *p, bool is_old_dead)
{
	for (int i = 0; i < 2; i++) {
		struct pair_end *e = &p->end[i];

		e->path = 1 - e->path;
		chan_path_changed(&e->chan, p->now,
		    2 * p->path[e->path].delay, is_old_dead);
	}
}

START_TEST(what_was_on_a_dead_path_is_sent_again_at_once)
{
	struct chan_stats stats;
	struct pair p;
	usec_t start;

	init(&p);
	pair_send(&p, 0, STREAM_TEXT, 10);
	ck_assert(pair_run(&p, 10 * USEC_S));
	p.path[0].loss_permille = 1000;
	start = p.now;
	pair_send(&p, 0, STREAM_TEXT, 100);
	pair_turn(&p);
	while (pair_step(&p, start + 50 * USEC_MS))
		continue;
	p.now = start + 50 * USEC_MS;
	change_path(&p, true);
	pair_turn(&p);
	while (p.end[1].taken[STREAM_TEXT] < 110)
		ck_assert(pair_step(&p, start + 90 * USEC_MS));
	ck_assert(pair_run(&p, 20 * USEC_S));
	chan_stats(&p.end[0].chan, &stats);
	ck_assert_uint_eq(stats.packets_lost, 0);
	ck_assert_uint_eq(stats.window, CONGEST_INITIAL);
	pair_fini(&p);
}
END_TEST

START_TEST(ack_lost_on_a_dead_path_is_told_again)
{
	struct pair_end *to;
	struct pair p;

	init(&p);
	to = &p.end[1];
	to->is_slow = true; /* or word of what was taken would do as well */
	pair_send(&p, 0, STREAM_TEXT, 10);
	pair_turn(&p);
	while (to->packets == 0)
		ck_assert(pair_step(&p, 10 * USEC_S));
	p.count = 0;
	change_path(&p, true);
	pair_turn(&p);
	ck_assert_uint_eq(to->packets, 2);
	to->is_slow = false;
	ck_assert(pair_run(&p, 10 * USEC_S));
	pair_fini(&p);
}
END_TEST

START_TEST(change_from_a_living_path_repeats_nothing)
{
	struct chan_stats stats;
	struct pair p;

	for (int i = 0; i < 2; i++) {
		init(&p);
		p.path[i].delay = 10 * USEC_MS;
		p.len_min = p.len_max = 1000;
		pair_send(&p, 0, STREAM_TEXT, 100);
		ck_assert(!pair_run(&p, USEC_S + 45 * USEC_MS));
		change_path(&p, false);
		ck_assert(pair_run(&p, 20 * USEC_S));
		chan_stats(&p.end[0].chan, &stats);
		ck_assert_uint_eq(stats.bytes_out, 100 * 1002);
		pair_fini(&p);
	}
}
END_TEST

START_TEST(copies_bridge_a_path_that_fails)
{
	struct pair p;
	usec_t start;

	init(&p);
	pair_send(&p, 0, STREAM_TEXT, 10);
	ck_assert(pair_run(&p, 10 * USEC_S));
	p.path[0].loss_permille = 1000;
	p.end[0].copies = p.end[1].copies = true;
	start = p.now;
	for (int i = 0; i < 50; i++) {
		pair_send(&p, i % 2, STREAM_TEXT, 1);
		pair_turn(&p);
		p.now += 100 * USEC_MS;
		while (pair_step(&p, p.now))
			continue;
	}
	/* Each was there after one way. */
	ck_assert_uint_eq(p.end[1].taken[STREAM_TEXT], 35);
	ck_assert_uint_eq(p.end[0].taken[STREAM_TEXT], 25);
	ck_assert(pair_run(&p, start + 6 * USEC_S));
	pair_fini(&p);
}
END_TEST

START_TEST(paths_may_change_all_the_time)
{
	struct pair p;

	init(&p);
	p.path[0].loss_permille = p.path[1].loss_permille = 100;
	p.path[1].delay = 5 * USEC_MS;
	pair_send(&p, 0, STREAM_TEXT, 2000);
	pair_send(&p, 1, STREAM_TEXT, 2000);
	for (int i = 0; i < 100; i++) {
		pair_run(&p, p.now + 30 * USEC_MS);
		change_path(&p, i % 3 == 0);
	}
	ck_assert(pair_run(&p, 60 * USEC_S));
	pair_fini(&p);
}
END_TEST

START_TEST(wrong_guess_of_the_round_trip_is_corrected)
{
	struct chan_stats stats;
	struct pair p;

	pair_init(&p, test_seed());
	for (int i = 0; i < 2; i++) {
		chan_fini(&p.end[i].chan);
		chan_init(&p.end[i].chan, 1);
	}
	p.path[0].delay = 500 * USEC_MS;
	pair_send(&p, 0, STREAM_TEXT, 1000);
	ck_assert(pair_run(&p, 20 * USEC_S));
	chan_stats(&p.end[0].chan, &stats);
	ck_assert_uint_ge(stats.rtt, USEC_S);
	pair_fini(&p);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("chan_paths");
	TCase *paths = tcase_create("paths");
	TCase *memory = tcase_create("memory");

	tcase_add_test(paths, what_was_on_a_dead_path_is_sent_again_at_once);
	tcase_add_test(paths, ack_lost_on_a_dead_path_is_told_again);
	tcase_add_test(paths, change_from_a_living_path_repeats_nothing);
	tcase_add_test(paths, copies_bridge_a_path_that_fails);
	tcase_add_test(paths, paths_may_change_all_the_time);
	tcase_add_test(paths, wrong_guess_of_the_round_trip_is_corrected);
	suite_add_tcase(s, paths);
	tcase_set_timeout(memory, 60);
	tcase_add_test(memory, no_message_is_lost_when_memory_runs_out);
	suite_add_tcase(s, memory);
	return s;
}
