#include "toy.h"

#include <stdlib.h>
#include <string.h>

START_TEST(closed_port_is_reported_unless_the_host_is_silent)
{
	struct stage s = stage_new(NULL);
	struct addr to = server_addr(9999);

	toy_send(s.ann, 0, to, "anybody?");
	world_run(s.w, USEC_S);
	ck_assert_uint_eq(toy_count(s.ann, IN_UNREACHABLE), 1);
	ck_assert(addr_eq(&toy_heard(s.ann, IN_UNREACHABLE, 0)->in.from, &to));
	host_silent(node_host(s.server->node), true);
	toy_send(s.ann, 0, to, "anybody?");
	world_run(s.w, 2 * USEC_S);
	ck_assert_uint_eq(toy_count(s.ann, IN_UNREACHABLE), 1);
	stage_free(&s);
}
END_TEST

START_TEST(port_belongs_to_one_socket)
{
	struct stage s = stage_new(NULL);
	struct toy *other = toy_new(s.w, node_host(s.ann->node), "other");

	toy_open(other, 0, any_port(9001));
	toy_open(other, 1, any_port(0));
	toy_open(other, 2, addr_any(ADDR_V6, 9001));
	world_run(s.w, USEC_S);
	ck_assert_int_eq(toy_heard(other, IN_OPENED, 0)->in.err, E_TAKEN);
	ck_assert_int_eq(toy_heard(other, IN_OPENED, 1)->in.err, E_OK);
	ck_assert_uint_ge(toy_heard(other, IN_OPENED, 1)->in.to.port, 32768);
	ck_assert_int_eq(toy_heard(other, IN_OPENED, 2)->in.err, E_OK);
	toy_close(s.ann, 0);
	toy_open(other, 3, any_port(9001));
	world_run(s.w, 2 * USEC_S);
	ck_assert_int_eq(toy_heard(other, IN_OPENED, 3)->in.err, E_OK);
	toy_free(other);
	stage_free(&s);
}
END_TEST

START_TEST(node_hears_of_its_addresses_and_of_every_change)
{
	struct stage s = stage_new(NULL);
	struct addr at = addr_v4(10, 0, 0, 5, 0);

	ck_assert_uint_eq(toy_count(s.ann, IN_NETIF), 1);
	ck_assert_uint_eq(toy_heard(s.ann, IN_NETIF, 0)->first.ip[3], 2);
	host_replug(node_host(s.ann->node), 0, world_net(s.w, 0), &at, NULL);
	world_run(s.w, USEC_S);
	ck_assert_uint_eq(toy_count(s.ann, IN_NETIF), 2);
	ck_assert_uint_eq(toy_heard(s.ann, IN_NETIF, 1)->first.ip[0], 10);
	host_replug(node_host(s.ann->node), 0, NULL, NULL, NULL);
	world_run(s.w, 2 * USEC_S);
	ck_assert_uint_eq(toy_heard(s.ann, IN_NETIF, 2)->in.count, 0);
	stage_free(&s);
}
END_TEST

static void
ask(struct toy *t, const char *name)
{
	struct act act = { .kind = ACT_RESOLVE, .sock = 5, .text = name };

	act.to.port = 9000;
	toy_do(t, &act);
}

START_TEST(names_resolve_fail_and_time_out)
{
	struct stage s = stage_new(NULL);
	const struct heard *h;

	ask(s.ann, "server.example");
	ask(s.ann, "nowhere.example");
	world_run(s.w, USEC_S);
	h = toy_heard(s.ann, IN_RESOLVED, 0);
	ck_assert_int_eq(h->in.err, E_OK);
	ck_assert_uint_eq(h->at, 20 * USEC_MS);
	ck_assert_uint_eq(h->first.port, 9000);
	ck_assert_int_eq(toy_heard(s.ann, IN_RESOLVED, 1)->in.err, E_NONE);
	world_resolver(s.w, true);
	ask(s.ann, "server.example");
	world_run(s.w, 10 * USEC_S);
	ck_assert_int_eq(toy_heard(s.ann, IN_RESOLVED, 2)->in.err, E_IO);
	ck_assert_uint_eq(toy_heard(s.ann, IN_RESOLVED, 2)->at, 6 * USEC_S);
	stage_free(&s);
}
END_TEST

static void
save(struct toy *t, const char *text)
{
	struct act act = { .kind = ACT_SAVE, .id = 7, .text = "notes",
		.buf = (const uint8_t *)text, .len = strlen(text) };

	toy_do(t, &act);
}

START_TEST(what_was_saved_outlives_the_node)
{
	struct stage s = stage_new(NULL);
	struct host *h = node_host(s.ann->node);
	size_t len;

	save(s.ann, "first");
	world_run(s.w, USEC_S);
	ck_assert_int_eq(toy_heard(s.ann, IN_SAVED, 0)->in.err, E_OK);
	host_disk(h, true, USEC_MS);
	save(s.ann, "second");
	world_run(s.w, 2 * USEC_S);
	ck_assert_int_eq(toy_heard(s.ann, IN_SAVED, 1)->in.err, E_IO);
	node_stop(s.ann->node, NODE_POWER);
	ck_assert_mem_eq(host_file(h, "notes", &len), "first", 5);
	ck_assert_uint_eq(len, 5);
	ck_assert_ptr_null(host_file(h, "nothing", &len));
	stage_free(&s);
}
END_TEST

START_TEST(store_keeps_one_record_a_name)
{
	struct stage s = stage_new(NULL);
	struct host *h = node_host(s.server->node);
	struct store_change change = { .name = "Ann", .fold = "ann" };
	struct act act = { .kind = ACT_STORE, .change = &change };

	toy_do(s.server, &act);
	change.used = 5;
	toy_do(s.server, &act);
	strcpy(change.fold, "bob");
	toy_do(s.server, &act);
	ck_assert_uint_eq(host_stored(h, 0)->used, 5);
	ck_assert_str_eq(host_stored(h, 1)->fold, "bob");
	ck_assert_ptr_null(host_stored(h, 2));
	change.remove = true;
	toy_do(s.server, &act);
	ck_assert_ptr_null(host_stored(h, 1));
	stage_free(&s);
}
END_TEST

START_TEST(sleeping_host_hears_nothing_and_wakes_late)
{
	struct stage s = stage_new(NULL);
	struct host *h = node_host(s.server->node);

	s.server->deadline = 10 * USEC_S;
	node_settle(s.server->node);
	host_suspend(h, true);
	toy_send(s.ann, 0, server_addr(9000), "lost");
	world_run(s.w, 100 * USEC_S);
	ck_assert_uint_eq(s.server->expired, 0);
	host_suspend(h, false);
	world_run(s.w, 101 * USEC_S);
	ck_assert_uint_eq(s.server->expired, 1);
	ck_assert_uint_eq(toy_count(s.server, IN_DGRAM), 0);
	stage_free(&s);
}
END_TEST

/* ---- the world's own rules ---- */

START_TEST(timer_runs_out_at_its_time)
{
	struct stage s = stage_new(NULL);

	s.ann->deadline = 3 * USEC_S;
	node_settle(s.ann->node);
	world_run(s.w, 3 * USEC_S - 1);
	ck_assert_uint_eq(s.ann->expired, 0);
	world_run(s.w, 3 * USEC_S);
	ck_assert_uint_eq(s.ann->expired, 1);
	stage_free(&s);
}
END_TEST

static usec_t
always_late(const void *node)
{
	(void)node;
	return 0;
}

static void
do_nothing(void *node, usec_t now)
{
	(void)node;
	(void)now;
}

static bool
say_nothing(void *node, usec_t now, struct act *out)
{
	(void)node;
	(void)now;
	(void)out;
	return false;
}

static void
ignore(void *node, usec_t now, const struct input *in)
{
	(void)node;
	(void)now;
	(void)in;
}

START_TEST(deadline_that_stays_in_the_past_is_a_failure)
{
	static const struct node_ops ops = { ignore, do_nothing, say_nothing,
		always_late };
	struct world *w = world_new(1);

	world_node(w, world_host(w, "h"), "late", &ops, NULL, 0);
	world_run(w, 0);
	ck_assert_ptr_nonnull(strstr(world_failure(w), "late"));
	world_free(w);
}
END_TEST

static uint64_t
trace_of(usec_t jitter)
{
	struct stage s = stage_new(NULL);
	uint64_t trace;

	router_cable(s.ann_nat)->jitter = jitter;
	s.server->echoes = true;
	for (int i = 0; i < 50; i++) {
		toy_send(s.ann, 0, server_addr(9000), "hello");
		world_run(s.w, world_now(s.w) + USEC_MS);
	}
	world_run(s.w, USEC_S);
	trace = world_trace(s.w);
	stage_free(&s);
	return trace;
}

START_TEST(same_seed_gives_the_same_trace)
{
	ck_assert_uint_eq(trace_of(9000), trace_of(9000));
	ck_assert_uint_ne(trace_of(9000), trace_of(9001));
}
END_TEST

START_TEST(node_that_stopped_is_left_alone)
{
	struct stage s = stage_new(NULL);
	size_t heard = s.server->heard_count;

	toy_send(s.ann, 0, server_addr(9000), "hello");
	node_stop(s.server->node, NODE_EXITS);
	world_run(s.w, USEC_S);
	ck_assert_uint_eq(s.server->heard_count, heard);
	ck_assert_uint_eq(toy_count(s.ann, IN_UNREACHABLE), 1);
	stage_free(&s);
}
END_TEST

static void
add_host_cases(Suite *s)
{
	TCase *t = tcase_create("hosts");

	tcase_add_test(t, closed_port_is_reported_unless_the_host_is_silent);
	tcase_add_test(t, port_belongs_to_one_socket);
	tcase_add_test(t, node_hears_of_its_addresses_and_of_every_change);
	tcase_add_test(t, names_resolve_fail_and_time_out);
	tcase_add_test(t, what_was_saved_outlives_the_node);
	tcase_add_test(t, store_keeps_one_record_a_name);
	tcase_add_test(t, sleeping_host_hears_nothing_and_wakes_late);
	suite_add_tcase(s, t);
}

Suite *
make_suite(void)
{
	Suite *s = suite_create("host");
	TCase *t = tcase_create("rules");

	add_host_cases(s);
	tcase_add_test(t, timer_runs_out_at_its_time);
	tcase_add_test(t, deadline_that_stays_in_the_past_is_a_failure);
	tcase_add_test(t, same_seed_gives_the_same_trace);
	tcase_add_test(t, node_that_stopped_is_left_alone);
	suite_add_tcase(s, t);
	return s;
}
