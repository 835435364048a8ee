#include "config.h"

#include "io/child.h"
#include "io/clock.h"
#include "io/loop.h"
#include "io/netif.h"
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What happened, in order, as letters. */
static char trace[64];

static void
note(char what)
{
	const size_t len = strlen(trace);

	ck_assert_uint_lt(len, sizeof trace - 1);
	trace[len] = what;
}

struct bell {
	struct alarm alarm;
	char name;
	struct loop *loop;
	struct alarm *other; /* to be stopped */
	int again;           /* to be set for now so many times */
	bool is_last;
};

static void
ring(struct alarm *a, usec_t now)
{
	struct bell *b = (struct bell *)a;

	ck_assert_uint_ge(now, a->at);
	note(b->name);
	if (b->other != NULL)
		loop_set(b->loop, b->other, USEC_NEVER);
	if (b->again-- > 0)
		loop_set(b->loop, a, now);
	else if (b->is_last)
		loop_stop(b->loop);
}

static struct bell
bell(struct loop *l, char name)
{
	return (struct bell){ .alarm.fire = ring, .name = name, .loop = l };
}

START_TEST(alarms_go_off_in_the_order_of_their_times)
{
	struct loop *l = loop_new();
	struct bell a = bell(l, 'a'), b = bell(l, 'b'), c = bell(l, 'c');
	const usec_t t = clock_now();

	c.is_last = true;
	loop_set(l, &b.alarm, t + 2000);
	loop_set(l, &c.alarm, t + 3000);
	loop_set(l, &a.alarm, t + 1000);
	loop_run(l);
	ck_assert_str_eq(trace, "abc");
	ck_assert_uint_ge(clock_now(), t + 3000);
	loop_free(l);
}
END_TEST

START_TEST(alarms_can_be_moved_both_ways)
{
	struct loop *l = loop_new();
	struct bell a = bell(l, 'a'), b = bell(l, 'b'), c = bell(l, 'c');
	const usec_t t = clock_now();

	b.is_last = true;
	loop_set(l, &a.alarm, t + 3600 * USEC_S);
	loop_set(l, &c.alarm, t + 1);
	loop_set(l, &b.alarm, t + 2000);
	loop_set(l, &a.alarm, t + 1000);
	loop_set(l, &c.alarm, t + 3600 * USEC_S);
	loop_run(l);
	ck_assert_str_eq(trace, "ab");
	loop_set(l, &c.alarm, USEC_NEVER);
	loop_free(l);
}
END_TEST

START_TEST(alarm_may_stop_another_that_is_due)
{
	struct loop *l = loop_new();
	struct bell a = bell(l, 'a'), b = bell(l, 'b'), c = bell(l, 'c');

	a.other = &b.alarm;
	c.is_last = true;
	loop_set(l, &a.alarm, 1);
	loop_set(l, &b.alarm, 2);
	loop_set(l, &c.alarm, 3);
	loop_run(l);
	ck_assert_str_eq(trace, "ac");
	loop_free(l);
}
END_TEST

static bool
note_turn(void *ctx, usec_t now)
{
	(void)ctx;
	(void)now;
	note('.');
	return false;
}

START_TEST(alarm_that_sets_itself_for_now_waits_for_the_next_wake_up)
{
	struct loop *l = loop_new();
	struct bell a = bell(l, 'a');

	a.again = 2;
	a.is_last = true;
	loop_on_turn(l, note_turn, NULL);
	loop_set(l, &a.alarm, 1);
	loop_run(l);
	ck_assert_str_eq(trace, "a.a.a.");
	loop_free(l);
}
END_TEST

struct counter {
	struct loop *loop;
	int turns;
};

static bool
count_turns(void *ctx, usec_t now)
{
	struct counter *c = ctx;

	ck_assert_uint_eq(now, loop_now(c->loop));
	if (++c->turns == 100)
		loop_stop(c->loop);
	return true;
}

START_TEST(turn_that_has_more_to_do_is_called_without_sleep)
{
	struct loop *l = loop_new();
	struct counter c = { .loop = l };

	loop_on_turn(l, count_turns, &c);
	loop_run(l);
	ck_assert_int_eq(c.turns, 100);
	loop_free(l);
}
END_TEST

struct reader {
	struct watch watch;
	struct loop *loop;
	int fd;
	usec_t *seen; /* the time in the callback */
};

static void
read_one(struct watch *w, int events)
{
	struct reader *r = (struct reader *)w;
	char c;

	ck_assert_int_eq(events, LOOP_READ);
	ck_assert_int_eq(read(r->fd, &c, 1), 1);
	note(c);
	*r->seen = loop_now(r->loop);
	if (c != 'z')
		return;
	loop_unwatch(w);
	loop_stop(r->loop);
	free(r);
}

static struct reader *
reader(struct loop *l, int fd, usec_t *seen)
{
	struct reader *r = calloc(1, sizeof *r);

	*r = (struct reader){ .watch.ready = read_one, .loop = l, .fd = fd,
		.seen = seen };
	loop_watch(l, &r->watch, fd, LOOP_READ);
	return r;
}

START_TEST(watched_descriptor_is_called_until_it_is_unwatched)
{
	struct loop *l = loop_new();
	usec_t seen;
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	reader(l, ends[0], &seen);
	ck_assert_int_eq(write(ends[1], "xyzu", 4), 4);
	loop_run(l);
	ck_assert_str_eq(trace, "xyz");
	loop_free(l);
}
END_TEST

START_TEST(paused_watch_is_not_called)
{
	struct loop *l = loop_new();
	struct bell b = bell(l, 'b');
	struct reader *r;
	usec_t seen;
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	r = reader(l, ends[0], &seen);
	ck_assert_int_eq(write(ends[1], "z", 1), 1);
	loop_watch(l, &r->watch, ends[0], 0);
	b.is_last = true;
	loop_set(l, &b.alarm, clock_now() + 5000);
	loop_run(l);
	ck_assert_str_eq(trace, "b");
	loop_watch(l, &r->watch, ends[0], LOOP_READ);
	loop_run(l);
	ck_assert_str_eq(trace, "bz");
	loop_free(l);
}
END_TEST

START_TEST(one_wake_up_has_one_time)
{
	struct loop *l = loop_new();
	usec_t one = 0, two = 0;
	int a[2], b[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, a), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, b), 0);
	ck_assert_int_eq(write(a[1], "z", 1), 1);
	ck_assert_int_eq(write(b[1], "z", 1), 1);
	reader(l, a[0], &one);
	reader(l, b[0], &two);
	loop_run(l);
	ck_assert_uint_ne(one, 0);
	ck_assert_uint_eq(one, two);
	loop_free(l);
}
END_TEST

static void
heard(void *ctx, int signo)
{
	ck_assert_int_eq(signo, SIGHUP);
	note('h');
	loop_stop(ctx);
}

START_TEST(signal_is_heard_in_the_loop)
{
	struct loop *l = loop_new();

	loop_signal(l, SIGHUP, heard, l);
	ck_assert_int_eq(raise(SIGHUP), 0);
	ck_assert_str_eq(trace, "");
	loop_run(l);
	ck_assert_str_eq(trace, "h");
	loop_free(l);
}
END_TEST

/* ---- children ---- */

struct outcome {
	struct loop *loop;
	char answer[CHILD_ANSWER_MAX];
	size_t len;
	bool has_answer;
};

static void
take_answer(void *ctx, const void *answer, size_t len)
{
	struct outcome *o = ctx;

	o->has_answer = answer != NULL;
	o->len = len;
	if (answer != NULL)
		memcpy(o->answer, answer, len);
	loop_stop(o->loop);
}

static struct outcome
run_child(size_t (*work)(void *arg, void *answer), void *arg, usec_t limit,
    int keep_fd)
{
	struct outcome o = { .loop = loop_new() };
	const struct child_job job = { .work = work, .arg = arg,
		.done = take_answer, .ctx = &o, .limit = limit,
		.keep_fd = keep_fd };

	ck_assert_ptr_nonnull(child_start(o.loop, &job));
	loop_run(o.loop);
	loop_free(o.loop);
	return o;
}

static void
wipe(void *ctx)
{
	memset(ctx, 0, 5);
}

static size_t
answer_four(void *arg, void *answer)
{
	memcpy(answer, arg, 4);
	return 4;
}

START_TEST(child_forgets_what_it_does_not_need)
{
	char secret[] = "keys";
	struct outcome o = { .loop = loop_new() };
	const struct child_job job = { .work = answer_four, .arg = secret,
		.done = take_answer, .ctx = &o, .limit = USEC_NEVER,
		.keep_fd = -1 };

	loop_on_fork(o.loop, wipe, secret);
	ck_assert_ptr_nonnull(child_start(o.loop, &job));
	loop_run(o.loop);
	loop_free(o.loop);
	ck_assert_uint_eq(o.len, 4);
	ck_assert_mem_eq(o.answer, "\0\0\0", 4);
	ck_assert_str_eq(secret, "keys");
}
END_TEST

static size_t
answer_much(void *arg, void *answer)
{
	memset(answer, *(const char *)arg, CHILD_ANSWER_MAX);
	return CHILD_ANSWER_MAX;
}

START_TEST(child_gives_its_whole_answer)
{
	char c = 'q';
	struct outcome o = run_child(answer_much, &c, USEC_NEVER, -1);

	ck_assert(o.has_answer);
	ck_assert_uint_eq(o.len, CHILD_ANSWER_MAX);
	ck_assert_int_eq(o.answer[0], 'q');
	ck_assert_int_eq(o.answer[CHILD_ANSWER_MAX - 1], 'q');
}
END_TEST

static size_t
hang(void *arg, void *answer)
{
	(void)arg;
	(void)answer;
	pause();
	return 0;
}

START_TEST(child_without_answer_in_time_is_killed)
{
	struct outcome o = run_child(hang, NULL, 1000, -1);

	ck_assert(!o.has_answer);
}
END_TEST

static size_t
die(void *arg, void *answer)
{
	(void)arg;
	(void)answer;
	_exit(1);
}

START_TEST(child_that_dies_has_no_answer)
{
	struct outcome o = run_child(die, NULL, USEC_NEVER, -1);

	ck_assert(!o.has_answer);
}
END_TEST

static size_t
list_open(void *arg, void *answer)
{
	const int *fds = arg;
	char *is_open = answer;

	for (int i = 0; i < 3; i++)
		is_open[i] = fcntl(fds[i], F_GETFD) >= 0 ? 'o' : 'c';
	return 3;
}

START_TEST(child_has_no_descriptors_but_the_one_that_it_keeps)
{
	int fds[3];
	struct outcome o;

	for (int i = 0; i < 3; i++) {
		fds[i] = open("/dev/null", O_RDONLY);
		ck_assert_int_gt(fds[i], 2);
	}
	o = run_child(list_open, fds, USEC_NEVER, fds[1]);
	ck_assert_uint_eq(o.len, 3);
	ck_assert_int_eq(memcmp(o.answer, "coc", 3), 0);
}
END_TEST

/* ---- interfaces ---- */

START_TEST(addresses_of_interfaces_are_sorted_and_each_there_once)
{
	struct addr addrs[NETIF_MAX];
	const size_t count = netif_read(addrs);

	for (size_t i = 0; i < count; i++) {
		ck_assert(addr_is_set(&addrs[i]));
		ck_assert_uint_eq(addrs[i].port, 0);
		ck_assert(i == 0 || !addr_eq(&addrs[i - 1], &addrs[i]));
		ck_assert(i == 0 || addrs[i - 1].family <= addrs[i].family);
	}
}
END_TEST

static void
take_netif(void *ctx, const struct addr *addrs, size_t count)
{
	(void)addrs;
	(void)ctx;
	ck_assert_uint_le(count, NETIF_MAX);
	note('n');
}

static void
take_gateways(void *ctx, const struct addr *pairs, size_t count)
{
	(void)pairs;
	ck_assert_uint_eq(count % 2, 0);
	note('g');
	loop_stop(ctx);
}

START_TEST(addresses_are_told_in_the_first_wake_up)
{
	struct loop *l = loop_new();
	const struct netif_calls calls = { .addrs = take_netif,
		.gateways = take_gateways, .ctx = l };
	struct netif *n = netif_new(l, &calls);

	loop_run(l);
	ck_assert_str_eq(trace, "ng");
	netif_free(n);
	loop_free(l);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("loop");
	TCase *tc = tcase_create("loop");

	tcase_add_test(tc, alarms_go_off_in_the_order_of_their_times);
	tcase_add_test(tc, alarms_can_be_moved_both_ways);
	tcase_add_test(tc, alarm_may_stop_another_that_is_due);
	tcase_add_test(tc,
	    alarm_that_sets_itself_for_now_waits_for_the_next_wake_up);
	tcase_add_test(tc, turn_that_has_more_to_do_is_called_without_sleep);
	tcase_add_test(tc, watched_descriptor_is_called_until_it_is_unwatched);
	tcase_add_test(tc, paused_watch_is_not_called);
	tcase_add_test(tc, one_wake_up_has_one_time);
	tcase_add_test(tc, signal_is_heard_in_the_loop);
	suite_add_tcase(s, tc);
	tc = tcase_create("child");
	tcase_add_test(tc, child_gives_its_whole_answer);
	tcase_add_test(tc, child_forgets_what_it_does_not_need);
	tcase_add_test(tc, child_without_answer_in_time_is_killed);
	tcase_add_test(tc, child_that_dies_has_no_answer);
	tcase_add_test(tc,
	    child_has_no_descriptors_but_the_one_that_it_keeps);
	suite_add_tcase(s, tc);
	tc = tcase_create("netif");
	tcase_add_test(tc,
	    addresses_of_interfaces_are_sorted_and_each_there_once);
	tcase_add_test(tc, addresses_are_told_in_the_first_wake_up);
	suite_add_tcase(s, tc);
	return s;
}
