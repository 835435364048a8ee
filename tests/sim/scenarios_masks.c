#include "sim.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Every way to lose some of the first datagrams of what matters: 4,096 worlds
 * for an introduction. They share their beginning, so each one is a fork of
 * the process. */

/* Under the address sanitizer a fork costs much: one in so many then. */
#ifdef __SANITIZE_ADDRESS__
enum { STEP = 4 };
#else
enum { STEP = 1 };
#endif

enum { PARTS = 8 };

typedef bool story(const struct pair *p);

/* Tells the story in a fork for every mask of so many datagrams that belongs
 * to the part. */
static void
for_every_mask(const struct pair *p, unsigned datagrams, int part,
    story *tell)
{
	for (int mask = part; mask < 1 << datagrams; mask += PARTS * STEP) {
		pid_t child = fork();
		int status;

		ck_assert_int_ge(child, 0);
		if (child == 0) {
			world_mask(p->s->w, (uint64_t)mask, NULL, NULL);
			_exit(tell(p) ? EXIT_SUCCESS : EXIT_FAILURE);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_msg(status == 0, "mask %#x", (unsigned)mask);
	}
}

static bool
registers(const struct pair *p)
{
	user_start(p->a);
	if (!sim_until(p->s, registered(p->a), 10 * USEC_S))
		return false;
	sim_run(p->s, 60 * USEC_S);
	return user_count(p->a, EV_REGISTERED) == 1;
}

START_TEST(registration_survives_every_loss_of_its_first_eight)
{
	struct pair p = { .s = sim_new(test_seed()) };

	sim_server(p.s);
	p.a = sim_user(p.s, "ann", behind(&nat_easy));
	for_every_mask(&p, 8, _i, registers);
	sim_free(p.s);
}
END_TEST

static bool
is_introduced(const struct pair *p)
{
	sim_do(p->a, "connect bob");
	if (!sim_until(p->s, asked(p->b, p->a), 10 * USEC_S))
		return false;
	sim_do(p->b, "allow ann");
	sim_do(p->b, "msg from bob");
	sim_do(p->a, "msg from ann");
	return sim_until(p->s, heard(p->a, "from bob"), 5 * USEC_S) &&
	    sim_until(p->s, heard(p->b, "from ann"), 5 * USEC_S) &&
	    sim_until(p->s, direct(p->a, p->b), 5 * USEC_S) &&
	    sim_until(p->s, all_delivered(p->a), 5 * USEC_S) &&
	    sim_until(p->s, all_delivered(p->b), 5 * USEC_S) &&
	    user_count(p->a, EV_CONNECTED) == 1 &&
	    user_count(p->b, EV_CONNECTED) == 1 &&
	    world_masked(p->s->w) >= 12;
}

START_TEST(introduction_survives_every_loss_of_its_first_twelve)
{
	struct pair p = sim_pair(&nat_easy, &nat_linux);

	ck_assert(sim_until(p.s, registered(p.a), USEC_S));
	ck_assert(sim_until(p.s, registered(p.b), USEC_S));
	for_every_mask(&p, 12, _i, is_introduced);
	sim_free(p.s);
}
END_TEST

static bool
is_crossed(const struct pair *p)
{
	sim_do(p->a, "connect bob");
	sim_run(p->s, 10 * USEC_MS);
	sim_do(p->b, "connect ann");
	return sim_until(p->s, direct(p->a, p->b), 15 * USEC_S) &&
	    user_count(p->a, EV_CONNECTED) == 1 &&
	    user_count(p->b, EV_CONNECTED) == 1 &&
	    world_masked(p->s->w) >= 10;
}

START_TEST(crossing_requests_survive_every_loss_of_their_first_ten)
{
	struct pair p = sim_pair(&nat_easy, &nat_linux);

	ck_assert(sim_until(p.s, registered(p.a), USEC_S));
	ck_assert(sim_until(p.s, registered(p.b), USEC_S));
	for_every_mask(&p, 10, _i, is_crossed);
	sim_free(p.s);
}
END_TEST

static bool
talks(const struct pair *p)
{
	sim_do(p->a, "msg one");
	sim_do(p->b, "msg two");
	sim_do(p->a, "msg three");
	return sim_until(p->s, all_delivered(p->a), 7 * USEC_S) &&
	    sim_until(p->s, all_delivered(p->b), 7 * USEC_S);
}

START_TEST(talk_survives_every_loss_of_its_first_eight)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	sim_run(p.s, 10 * USEC_S);
	for_every_mask(&p, 8, _i, talks);
	sim_free(p.s);
}
END_TEST

/* After a NAT forgot its ports: new path, new introduction of addresses. */
static bool
resumes(const struct pair *p)
{
	nat_reboot(router_nat(p->a->router), true);
	sim_do(p->a, "msg one");
	sim_do(p->b, "msg two");
	return sim_until(p->s, all_delivered(p->a), 20 * USEC_S) &&
	    sim_until(p->s, all_delivered(p->b), 20 * USEC_S) &&
	    sim_until(p->s, direct(p->a, p->b), 20 * USEC_S);
}

START_TEST(resumption_survives_every_loss_of_its_first_ten)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);

	sim_run(p.s, 10 * USEC_S);
	for_every_mask(&p, 10, _i, resumes);
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("masks");
	TCase *t = tcase_create("masks");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t,
	    registration_survives_every_loss_of_its_first_eight, 0, PARTS);
	tcase_add_loop_test(t,
	    introduction_survives_every_loss_of_its_first_twelve, 0, PARTS);
	tcase_add_loop_test(t,
	    crossing_requests_survive_every_loss_of_their_first_ten, 0,
	    PARTS);
	tcase_add_loop_test(t, talk_survives_every_loss_of_its_first_eight,
	    0, PARTS);
	tcase_add_loop_test(t,
	    resumption_survives_every_loss_of_its_first_ten, 0, PARTS);
	suite_add_tcase(s, t);
	return s;
}
