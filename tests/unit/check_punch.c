#include "punch.h"
#include "runner.h"

#include <string.h>

/* An attempt whose probes are counted and never answered, unless a test says
 * so. */
struct attempt {
	struct self self;
	struct uplink up;
	struct link link;
	struct punch punch;
	struct cands cands;
	struct probe {
		usec_t at;
		uint8_t ttl;
		size_t len;
		struct addr to;
	} probes[256];
	size_t count;
};

static const usec_t t0 = 1000 * USEC_S;

static struct attempt *
attempt_new(unsigned cands)
{
	static struct attempt a;
	unsigned i;

	memset(&a, 0, sizeof a);
	ck_assert(outbox_init(&a.self.out, 256, 65536));
	rng_init_test(&a.self.rng, test_seed(), "punch");
	a.self.is_open[SOCK_UDP4] = true;
	link_init(&a.link);
	for (i = 0; i < cands; i++) {
		struct addr to = addr_v4(192, 0, 2, (uint8_t)(1 + i), 5000);

		cands_add(&a.cands, CAND_SEEN, &to);
	}
	return &a;
}

static void
attempt_free(struct attempt *a)
{
	link_fini(&a->link);
	outbox_fini(&a->self.out);
}

static void
collect(struct attempt *a, usec_t now)
{
	struct act act;

	while (outbox_next(&a->self.out, &act)) {
		ck_assert_int_eq(act.kind, ACT_SEND);
		ck_assert_uint_lt(a->count, 256);
		a->probes[a->count].at = now;
		a->probes[a->count].ttl = act.ttl;
		a->probes[a->count].to = act.to;
		a->probes[a->count++].len = act.len;
	}
}

/* Runs until the attempt ends by itself; returns when. */
static usec_t
run(struct attempt *a, usec_t now)
{
	bool over = false;

	punch_start(&a->punch, &a->link, &a->self, &a->up, now, &a->cands);
	collect(a, now);
	while (!over) {
		usec_t at = punch_deadline(&a->punch, &a->link);

		ck_assert_uint_ne(at, USEC_NEVER);
		ck_assert_uint_ge(at, now);
		now = at;
		over = punch_expire(&a->punch, &a->link, &a->self, &a->up,
		    now);
		collect(a, now);
	}
	return now;
}

START_TEST(a_low_ttl_goes_first_and_the_full_one_5_ms_later)
{
	struct attempt *a = attempt_new(2);

	run(a, t0);
	ck_assert_uint_eq(a->probes[0].ttl, PUNCH_LOW_TTL);
	ck_assert_uint_eq(a->probes[1].ttl, PUNCH_LOW_TTL);
	ck_assert_uint_eq(a->probes[1].at, t0);
	ck_assert_uint_eq(a->probes[2].ttl, 0);
	ck_assert_uint_eq(a->probes[2].at, t0 + 5 * USEC_MS);
	ck_assert_uint_eq(a->probes[3].at, t0 + 5 * USEC_MS);
	attempt_free(a);
}
END_TEST

/* The TTLs of the first packets of four attempts in a row. */
static void
first_ttls(struct attempt *a, const uint8_t want[4])
{
	usec_t now = t0;

	for (int i = 0; i < 4; i++) {
		a->count = 0;
		now = run(a, now) + 60 * USEC_S;
		ck_assert_uint_eq(a->probes[0].ttl, want[i]);
	}
}

START_TEST(the_low_ttl_ends_behind_our_last_nat)
{
	const uint8_t guessed[] = { 2, 0, 4, 7 }, found[] = { 2, 0, 2, 7 };
	const uint8_t deep[] = { 5, 0, 5, 7 };
	struct attempt *a = attempt_new(1);

	first_ttls(a, guessed);
	attempt_free(a);
	a = attempt_new(1);
	a->self.depth = 1;
	first_ttls(a, found);
	attempt_free(a);
	/* The last attempt does not believe in what was found. */
	a = attempt_new(1);
	a->self.depth = 4;
	first_ttls(a, deep);
	attempt_free(a);
}
END_TEST

/* A neighbour may be nearer than our last NAT reaches. */
START_TEST(what_was_found_is_for_the_wide_world)
{
	struct attempt *a = attempt_new(0);
	struct addr shared = addr_v4(100, 64, 0, 7, 5000);
	struct addr hairpin = addr_v4(203, 0, 113, 5, 5000);
	struct addr far = addr_v4(192, 0, 2, 1, 5000);
	uint8_t ip[16] = { 0x20, 0x01, 0x0d, 0xb8 };
	struct addr v6 = addr_v6(ip, 5000);

	a->self.depth = 3;
	a->self.seen = addr_v4(203, 0, 113, 5, 6000);
	ck_assert_uint_eq(punch_ttl_of(&a->self, &far), 4);
	ck_assert_uint_eq(punch_ttl_of(&a->self, &shared), PUNCH_LOW_TTL);
	ck_assert_uint_eq(punch_ttl_of(&a->self, &hairpin), PUNCH_LOW_TTL);
	ck_assert_uint_eq(punch_ttl_of(&a->self, &v6), PUNCH_LOW_TTL);
	attempt_free(a);
}
END_TEST

START_TEST(a_lan_needs_no_low_ttl)
{
	struct attempt *a = attempt_new(0);
	struct addr to = addr_v4(192, 168, 1, 5, 9001);

	cands_add(&a->cands, CAND_LAN, &to);
	run(a, t0);
	ck_assert_uint_eq(a->probes[0].ttl, 0);
	ck_assert_uint_eq(a->probes[0].at, t0);
	attempt_free(a);
}
END_TEST

START_TEST(the_first_burst_reaches_8_candidates_at_most)
{
	struct attempt *a = attempt_new(CANDS_MAX);
	size_t i, n = 0;

	run(a, t0);
	for (i = 0; i < a->count; i++)
		n += a->probes[i].at == t0;
	ck_assert_uint_eq(n, PUNCH_BURST);
	attempt_free(a);
}
END_TEST

START_TEST(every_candidate_is_asked_several_times)
{
	unsigned cands;

	for (cands = 1; cands <= CANDS_MAX; cands++) {
		struct attempt *a = attempt_new(cands);
		unsigned full[CANDS_MAX] = { 0 };
		usec_t low[CANDS_MAX] = { 0 };
		size_t i;

		run(a, t0);
		for (i = 0; i < a->count; i++) {
			unsigned to = a->probes[i].to.ip[3] - 1u;

			ck_assert_uint_lt(to, cands);
			if (a->probes[i].ttl != 0)
				low[to] = a->probes[i].at;
			else
				full[to]++;
			/* The low TTL goes first. */
			ck_assert_uint_ne(low[to], 0);
		}
		for (i = 0; i < cands; i++)
			ck_assert_msg(full[i] >= 4, "candidate %zu of %u: %u "
			    "probes", i, cands, full[i]);
		attempt_free(a);
	}
}
END_TEST

/* security.md P3: at most 100 probes of at most 64 bytes, 10 s, and after the
 * two bursts at least 20 ms between any two. */
START_TEST(an_attempt_stays_within_its_limits)
{
	unsigned cands;

	for (cands = 1; cands <= CANDS_MAX; cands++) {
		struct attempt *a = attempt_new(cands);
		usec_t end = run(a, t0);
		size_t i;

		ck_assert_uint_le(a->count, PUNCH_PROBES_MAX);
		ck_assert_uint_eq(end, t0 + PUNCH_ENDS_US);
		for (i = 0; i < a->count; i++) {
			ck_assert_uint_le(a->probes[i].len, 64);
			if (a->probes[i].at <= t0 + 5 * USEC_MS)
				continue;
			if (a->probes[i - 1].at <= t0 + 5 * USEC_MS)
				continue;
			ck_assert_msg(a->probes[i].at - a->probes[i - 1].at >=
			    PUNCH_PACE_US, "%u candidates: probes %zu and "
			    "%zu are %u us apart", cands, i - 1, i,
			    (unsigned)(a->probes[i].at -
			    a->probes[i - 1].at));
		}
		attempt_free(a);
	}
}
END_TEST

START_TEST(a_lone_candidate_is_asked_often_at_first)
{
	struct attempt *a = attempt_new(1);
	size_t i, n = 0;

	run(a, t0);
	for (i = 0; i < a->count; i++)
		n += a->probes[i].at < t0 + 400 * USEC_MS;
	ck_assert_uint_ge(n, 8);
	attempt_free(a);
}
END_TEST

START_TEST(it_ends_soon_after_a_path_was_proved)
{
	struct attempt *a = attempt_new(2);
	struct path *path;
	usec_t now = t0;

	punch_start(&a->punch, &a->link, &a->self, &a->up, now, &a->cands);
	path = paths_find(&a->link.paths, TRANSPORT_UDP, -1,
	    &a->cands.list[0].addr);
	now += 80 * USEC_MS;
	ck_assert_ptr_nonnull(paths_answer(&a->link.paths, now,
	    path->pings[0].token));
	ck_assert(!punch_expire(&a->punch, &a->link, &a->self, &a->up, now));
	now += PUNCH_AFTER_SUCCESS_US;
	ck_assert(punch_expire(&a->punch, &a->link, &a->self, &a->up, now));
	ck_assert_uint_eq(a->punch.won_at, t0 + 80 * USEC_MS);
	ck_assert_int_eq(path->state, PATH_VALID);
	ck_assert_ptr_null(paths_find(&a->link.paths, TRANSPORT_UDP, -1,
	    &a->cands.list[1].addr));
	ck_assert_uint_eq(a->punch.tries_count, 2);
	attempt_free(a);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("punch");
	TCase *tc = tcase_create("schedule");

	tcase_add_test(tc,
	    a_low_ttl_goes_first_and_the_full_one_5_ms_later);
	tcase_add_test(tc, the_low_ttl_ends_behind_our_last_nat);
	tcase_add_test(tc, what_was_found_is_for_the_wide_world);
	tcase_add_test(tc, a_lan_needs_no_low_ttl);
	tcase_add_test(tc, the_first_burst_reaches_8_candidates_at_most);
	tcase_add_test(tc, every_candidate_is_asked_several_times);
	tcase_add_test(tc, an_attempt_stays_within_its_limits);
	tcase_add_test(tc, a_lone_candidate_is_asked_often_at_first);
	tcase_add_test(tc, it_ends_soon_after_a_path_was_proved);
	suite_add_tcase(s, tc);
	return s;
}
