#include "toy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct nat_conf
strict_nat(void)
{
	return (struct nat_conf) { .filter = NAT_APD };
}

/* Both have been heard by the other: ann:9001 and bob:9001. */
static void
punch(struct stage *s)
{
	toy_send(s->ann, 0, bob_addr(9001), "hole");
	toy_send(s->bob, 0, ann_addr(9001), "hole");
	world_run(s->w, world_now(s->w) + USEC_S);
}

/* ---- links ---- */

START_TEST(datagram_takes_the_delays_of_both_links)
{
	struct stage s = stage_new(NULL);
	const struct heard *h;

	toy_send(s.ann, 0, server_addr(9000), "hello");
	world_run(s.w, USEC_S);
	h = toy_heard(s.server, IN_DGRAM, 0);
	ck_assert_ptr_nonnull(h);
	/* 50 us of the router's inside plug */
	ck_assert_uint_eq(h->at, 20 * USEC_MS + 50);
	ck_assert_str_eq(h->text, "hello");
	ck_assert_uint_eq(h->in.from.port, 9001);
	stage_free(&s);
}
END_TEST

START_TEST(round_trip_between_two_households_is_80_ms)
{
	struct stage s = stage_new(NULL);

	punch(&s);
	s.bob->echoes = true;
	toy_send(s.ann, 0, bob_addr(9001), "ping");
	world_run(s.w, 2 * USEC_S);
	ck_assert_uint_eq(toy_heard(s.ann, IN_DGRAM, 1)->at,
	    USEC_S + 80 * USEC_MS + 200);
	stage_free(&s);
}
END_TEST

/* Numbers 0 to count-1 from ann to the server, one a millisecond. */
static void
count_to(struct stage *s, int count)
{
	char text[8];

	for (int i = 0; i < count; i++) {
		snprintf(text, sizeof text, "%d", i);
		toy_send(s->ann, 0, server_addr(9000), text);
		world_run(s->w, world_now(s->w) + USEC_MS);
	}
	world_run(s->w, world_now(s->w) + USEC_S);
}

static int
out_of_order(const struct toy *t)
{
	const struct heard *h;
	int last = -1, count = 0;

	for (size_t i = 0; (h = toy_heard(t, IN_DGRAM, i)) != NULL; i++) {
		int n = atoi(h->text);

		count += n < last;
		last = n > last ? n : last;
	}
	return count;
}

START_TEST(jitter_keeps_the_order)
{
	struct stage s = stage_new(NULL);

	router_cable(s.ann_nat)->jitter = 30 * USEC_MS;
	count_to(&s, 300);
	ck_assert_uint_eq(toy_count(s.server, IN_DGRAM), 300);
	ck_assert_int_eq(out_of_order(s.server), 0);
	stage_free(&s);
}
END_TEST

START_TEST(reordering_does_not)
{
	struct stage s = stage_new(NULL);

	router_cable(s.ann_nat)->reorder = 20 * PER_CENT;
	count_to(&s, 300);
	ck_assert_uint_eq(toy_count(s.server, IN_DGRAM), 300);
	ck_assert_int_gt(out_of_order(s.server), 20);
	stage_free(&s);
}
END_TEST

START_TEST(loss_takes_its_share)
{
	struct stage s = stage_new(NULL);
	size_t arrived;

	router_cable(s.ann_nat)->loss = 30 * PER_CENT;
	count_to(&s, 1000);
	arrived = toy_count(s.server, IN_DGRAM);
	ck_assert_uint_gt(arrived, 640);
	ck_assert_uint_lt(arrived, 760);
	stage_free(&s);
}
END_TEST

START_TEST(duplicates_come_twice)
{
	struct stage s = stage_new(NULL);
	size_t arrived;

	router_cable(s.ann_nat)->dup = 50 * PER_CENT;
	count_to(&s, 400);
	arrived = toy_count(s.server, IN_DGRAM);
	ck_assert_uint_gt(arrived, 540);
	ck_assert_uint_lt(arrived, 660);
	stage_free(&s);
}
END_TEST

START_TEST(corruption_changes_bytes_and_loses_none)
{
	struct stage s = stage_new(NULL);

	router_cable(s.ann_nat)->corrupt = 100 * PER_CENT;
	toy_send(s.ann, 0, server_addr(9000), "hello");
	world_run(s.w, USEC_S);
	ck_assert_uint_eq(toy_heard(s.server, IN_DGRAM, 0)->in.len, 5);
	ck_assert_str_ne(toy_heard(s.server, IN_DGRAM, 0)->text, "hello");
	stage_free(&s);
}
END_TEST

START_TEST(cut_link_carries_nothing)
{
	struct stage s = stage_new(NULL);

	router_cable(s.ann_nat)->is_cut = true;
	toy_send(s.ann, 0, server_addr(9000), "lost");
	world_run(s.w, USEC_S);
	router_cable(s.ann_nat)->is_cut = false;
	toy_send(s.ann, 0, server_addr(9000), "there");
	world_run(s.w, 2 * USEC_S);
	ck_assert_uint_eq(toy_count(s.server, IN_DGRAM), 1);
	ck_assert_str_eq(toy_heard(s.server, IN_DGRAM, 0)->text, "there");
	stage_free(&s);
}
END_TEST

START_TEST(too_large_a_datagram_is_lost)
{
	static const uint8_t bytes[1473];
	struct stage s = stage_new(NULL);
	struct act act = { .kind = ACT_SEND, .to = server_addr(9000),
		.buf = bytes, .len = 1473 };

	toy_do(s.ann, &act);
	act.len = 1472;
	toy_do(s.ann, &act);
	world_run(s.w, USEC_S);
	ck_assert_uint_eq(toy_count(s.server, IN_DGRAM), 1);
	ck_assert_uint_eq(toy_heard(s.server, IN_DGRAM, 0)->in.len, 1472);
	stage_free(&s);
}
END_TEST

/* 100 packets of 1000 bytes at 100,000 bytes a second: 10 ms each, and what
 * would wait longer than 200 ms is dropped. */
START_TEST(slow_link_queues_and_drops)
{
	static const uint8_t bytes[972];
	struct stage s = stage_new(NULL);
	struct act act = { .kind = ACT_SEND, .to = server_addr(9000),
		.buf = bytes, .len = sizeof bytes };

	router_cable(s.ann_nat)->rate = 100000;
	for (int i = 0; i < 100; i++)
		toy_do(s.ann, &act);
	world_run(s.w, USEC_S);
	ck_assert_uint_eq(toy_count(s.server, IN_DGRAM), 21);
	ck_assert_uint_eq(toy_heard(s.server, IN_DGRAM, 20)->at,
	    230 * USEC_MS + 50);
	stage_free(&s);
}
END_TEST

static bool
is_short(const void *ctx, const struct host *h, const struct pkt *p)
{
	(void)ctx;
	(void)h;
	return p->len == 1;
}

START_TEST(mask_loses_exactly_what_it_says)
{
	struct stage s = stage_new(NULL);

	world_mask(s.w, 0x0a, is_short, NULL);
	count_to(&s, 12);
	ck_assert_uint_eq(world_masked(s.w), 10);
	ck_assert_uint_eq(toy_count(s.server, IN_DGRAM), 10);
	ck_assert_str_eq(toy_heard(s.server, IN_DGRAM, 1)->text, "2");
	ck_assert_str_eq(toy_heard(s.server, IN_DGRAM, 2)->text, "4");
	stage_free(&s);
}
END_TEST

static bool
is_from_bob(const void *ctx, const struct host *h, const struct pkt *p)
{
	(void)p;
	return h == ctx;
}

START_TEST(blocked_flow_is_lost_until_it_is_opened)
{
	struct stage s = stage_new(NULL);

	world_block(s.w, is_from_bob, node_host(s.bob->node));
	toy_send(s.bob, 0, server_addr(9000), "lost");
	toy_send(s.ann, 0, server_addr(9000), "there");
	world_run(s.w, USEC_S);
	world_block(s.w, NULL, NULL);
	toy_send(s.bob, 0, server_addr(9000), "there too");
	world_run(s.w, 2 * USEC_S);
	ck_assert_uint_eq(toy_count(s.server, IN_DGRAM), 2);
	ck_assert_str_eq(toy_heard(s.server, IN_DGRAM, 1)->text, "there too");
	stage_free(&s);
}
END_TEST

/* The NAT takes one, the internet three. */
START_TEST(ttl_runs_out_between_the_routers)
{
	struct stage s = stage_new(NULL);
	const struct input *first;
	struct addr to;

	for (uint8_t ttl = 1; ttl <= 6; ttl++)
		toy_send_ttl(s.ann, 0, server_addr(9000), ttl);
	world_run(s.w, USEC_S);
	ck_assert_uint_eq(toy_count(s.server, IN_DGRAM), 2);
	ck_assert_uint_eq(toy_count(s.ann, IN_UNREACHABLE), 0);
	/* The nearest answers first. */
	ck_assert_uint_eq(toy_count(s.ann, IN_EXPIRED), 4);
	first = &toy_heard(s.ann, IN_EXPIRED, 0)->in;
	ck_assert_int_eq(addr_class(&first->to), ADDR_IS_PRIVATE);
	to = server_addr(9000);
	ck_assert(addr_eq(&first->from, &to));
	ck_assert_int_eq(addr_class(&toy_heard(s.ann, IN_EXPIRED, 1)->in.to),
	    ADDR_IS_PUBLIC);
	/* A network may be silent. */
	net_hops(world_internet(s.w), NULL);
	toy_send_ttl(s.ann, 0, server_addr(9000), 2);
	world_run(s.w, 2 * USEC_S);
	ck_assert_uint_eq(toy_count(s.ann, IN_EXPIRED), 4);
	net_hops(world_internet(s.w), &first->to);
	host_hears_ttl(node_host(s.ann->node), true);
	toy_send_ttl(s.ann, 0, server_addr(9000), 4);
	world_run(s.w, 3 * USEC_S);
	ck_assert_uint_eq(toy_count(s.ann, IN_UNREACHABLE), 1);
	stage_free(&s);
}
END_TEST

/* ---- NATs on the way ---- */

START_TEST(stranger_does_not_get_in)
{
	struct nat_conf conf = strict_nat();
	struct stage s = stage_new(&conf);

	toy_send(s.ann, 0, server_addr(9000), "open");
	toy_send(s.bob, 0, ann_addr(9001), "knock");
	world_run(s.w, USEC_S);
	ck_assert_uint_eq(toy_count(s.ann, IN_DGRAM), 0);
	punch(&s);
	ck_assert_uint_eq(toy_count(s.ann, IN_DGRAM), 1);
	ck_assert_uint_eq(toy_count(s.bob, IN_DGRAM), 1);
	stage_free(&s);
}
END_TEST

START_TEST(reboot_of_a_nat_ends_the_way_in)
{
	struct nat_conf conf = strict_nat();
	struct stage s = stage_new(&conf);

	punch(&s);
	nat_reboot(router_nat(s.ann_nat), true);
	toy_send(s.bob, 0, ann_addr(9001), "lost");
	world_run(s.w, 2 * USEC_S);
	ck_assert_uint_eq(toy_count(s.ann, IN_DGRAM), 1);
	toy_send(s.ann, 0, server_addr(9000), "here");
	world_run(s.w, 3 * USEC_S);
	ck_assert_uint_ne(toy_heard(s.server, IN_DGRAM, 0)->in.from.port,
	    9001);
	stage_free(&s);
}
END_TEST

START_TEST(neighbours_talk_past_their_router)
{
	struct stage s = stage_new(NULL);
	struct host *h = world_host(s.w, "eve");
	struct addr at = addr_v4(192, 168, 1, 3, 0);
	struct addr ann = addr_v4(192, 168, 1, 2, 9001);
	struct net *lan = world_net(s.w, 0);
	struct toy *eve;

	host_plug(h, lan, &at, NULL, cable_lan());
	host_replug(node_host(s.ann->node), 0, lan, &ann, NULL);
	eve = toy_new(s.w, h, "eve");
	toy_open(eve, 0, any_port(9001));
	toy_send(eve, 0, ann, "hello");
	world_run(s.w, USEC_S);
	ck_assert_uint_eq(toy_heard(s.ann, IN_DGRAM, 0)->at, 50);
	ck_assert(addr_same_ip(&toy_heard(s.ann, IN_DGRAM, 0)->in.from, &at));
	toy_free(eve);
	stage_free(&s);
}
END_TEST

/* A home router behind a carrier's. */
START_TEST(two_nats_in_a_row_translate_twice)
{
	struct nat_conf home = { .inside = addr_v4(192, 168, 1, 1, 0),
		.pool = { addr_v4(100, 64, 0, 7, 0) }, .pool_count = 1 };
	struct nat_conf carrier = { .alloc = NAT_RANDOM,
		.pool = { addr_v4(85, 1, 9, 1, 0) }, .pool_count = 1 };
	struct stage s = stage_new(NULL);
	struct net *lan = world_net(s.w, 0), *cgn = world_net(s.w, 1);
	struct addr at = addr_v4(192, 168, 1, 2, 0);

	world_router(s.w, cgn, world_internet(s.w), &carrier,
	    cable_access(5 * USEC_MS));
	world_router(s.w, lan, cgn, &home, cable_access(15 * USEC_MS));
	host_replug(node_host(s.ann->node), 0, lan, &at, NULL);
	s.server->echoes = true;
	toy_send(s.ann, 0, server_addr(9000), "hello");
	world_run(s.w, USEC_S);
	ck_assert(addr_same_ip(&toy_heard(s.server, IN_DGRAM, 0)->in.from,
	    &carrier.pool[0]));
	ck_assert_uint_eq(toy_count(s.ann, IN_DGRAM), 1);
	stage_free(&s);
}
END_TEST

START_TEST(ipv6_host_behind_a_router_needs_a_hole_only)
{
	static const uint8_t ip[16] = { 0x2a, 1, 1 }, ip2[16] = { 0x2a, 2, 2 };
	struct nat_conf conf = strict_nat();
	struct stage s = stage_new(&conf);
	struct addr inside = addr_v4(192, 168, 1, 2, 0), ann = addr_v6(ip, 0);
	struct addr server = addr_v6(ip2, 0), ann_open = addr_v6(ip, 7);
	struct net *lan = world_net(s.w, 0);

	world_router(s.w, lan, world_internet(s.w), &conf,
	    cable_access(20 * USEC_MS));
	host_replug(node_host(s.ann->node), 0, lan, &inside, &ann);
	host_plug(node_host(s.server->node), world_internet(s.w), NULL,
	    &server, (struct cable) { 0 });
	toy_open(s.ann, 1, addr_any(ADDR_V6, 7));
	toy_open(s.server, 1, addr_any(ADDR_V6, 7));
	toy_send(s.server, 1, ann_open, "knock");
	world_run(s.w, USEC_S);
	ck_assert_uint_eq(toy_count(s.ann, IN_DGRAM), 0);
	server.port = 7;
	toy_send(s.ann, 1, server, "open");
	world_run(s.w, 2 * USEC_S);
	toy_send(s.server, 1, ann_open, "thanks");
	world_run(s.w, 3 * USEC_S);
	ck_assert_uint_eq(toy_count(s.ann, IN_DGRAM), 1);
	ck_assert(addr_eq(&toy_heard(s.server, IN_DGRAM, 0)->in.from,
	    &ann_open));
	stage_free(&s);
}
END_TEST

START_TEST(firewall_of_a_host_lets_in_answers_only)
{
	struct nat_conf conf = strict_nat();
	struct stage s = stage_new(NULL);

	host_firewall(node_host(s.server->node), &conf);
	toy_send(s.ann, 0, server_addr(9000), "knock");
	world_run(s.w, USEC_S);
	ck_assert_uint_eq(toy_count(s.server, IN_DGRAM), 0);
	toy_send(s.server, 0, ann_addr(9001), "open");
	toy_send(s.ann, 0, server_addr(9000), "knock");
	world_run(s.w, 2 * USEC_S);
	ck_assert_uint_eq(toy_count(s.server, IN_DGRAM), 1);
	ck_assert_uint_eq(toy_count(s.ann, IN_DGRAM), 1);
	stage_free(&s);
}
END_TEST

static void
add_link_cases(Suite *s)
{
	TCase *t = tcase_create("links");

	tcase_add_test(t, datagram_takes_the_delays_of_both_links);
	tcase_add_test(t, round_trip_between_two_households_is_80_ms);
	tcase_add_test(t, jitter_keeps_the_order);
	tcase_add_test(t, reordering_does_not);
	tcase_add_test(t, loss_takes_its_share);
	tcase_add_test(t, duplicates_come_twice);
	tcase_add_test(t, corruption_changes_bytes_and_loses_none);
	tcase_add_test(t, cut_link_carries_nothing);
	tcase_add_test(t, too_large_a_datagram_is_lost);
	tcase_add_test(t, slow_link_queues_and_drops);
	tcase_add_test(t, mask_loses_exactly_what_it_says);
	tcase_add_test(t, blocked_flow_is_lost_until_it_is_opened);
	tcase_add_test(t, ttl_runs_out_between_the_routers);
	suite_add_tcase(s, t);
}

static void
add_nat_cases(Suite *s)
{
	TCase *t = tcase_create("nats");

	tcase_add_test(t, stranger_does_not_get_in);
	tcase_add_test(t, reboot_of_a_nat_ends_the_way_in);
	tcase_add_test(t, neighbours_talk_past_their_router);
	tcase_add_test(t, two_nats_in_a_row_translate_twice);
	tcase_add_test(t, ipv6_host_behind_a_router_needs_a_hole_only);
	tcase_add_test(t, firewall_of_a_host_lets_in_answers_only);
	suite_add_tcase(s, t);
}

Suite *
make_suite(void)
{
	Suite *s = suite_create("world");

	add_link_cases(s);
	add_nat_cases(s);
	return s;
}
