#include "nattest.h"

/* Requirements are named where they are tested: 4787 is UDP, 5382 TCP, 5508
 * ICMP, 6888 carrier NATs. */

/* ---- mapping ---- */

/* 4787 REQ-1 */
START_TEST(ei_mapping_is_the_same_for_every_destination)
{
	struct nat *n = nat_of((struct nat_conf) { .alloc = NAT_RANDOM });
	struct addr a = out(n, 0, ann, far);
	struct addr b = out(n, 1, ann, far_port);
	struct addr c = out(n, 2, ann, farther);

	ck_assert_addr_eq(a, b);
	ck_assert_addr_eq(a, c);
	ck_assert(addr_same_ip(&a, &pool));
	nat_free(n);
}
END_TEST

START_TEST(ad_mapping_differs_by_address_only)
{
	struct nat *n = nat_of((struct nat_conf) { .mapping = NAT_AD,
		.alloc = NAT_SEQUENTIAL });
	struct addr a = out(n, 0, ann, far);
	struct addr b = out(n, 1, ann, far_port);
	struct addr c = out(n, 2, ann, farther);

	ck_assert_addr_eq(a, b);
	ck_assert_uint_ne(a.port, c.port);
	nat_free(n);
}
END_TEST

START_TEST(apd_mapping_differs_by_port)
{
	struct nat *n = nat_of((struct nat_conf) { .mapping = NAT_APD,
		.alloc = NAT_SEQUENTIAL });
	struct addr a = out(n, 0, ann, far);
	struct addr b = out(n, 1, ann, far_port);
	struct addr again = out(n, 2, ann, far);

	ck_assert_uint_ne(a.port, b.port);
	ck_assert_addr_eq(a, again);
	nat_free(n);
}
END_TEST

START_TEST(sockets_of_a_host_have_mappings_of_their_own)
{
	struct nat *n = nat_of((struct nat_conf) { .alloc = NAT_PRESERVE });
	struct addr a = out(n, 0, ann, far), b = out(n, 0, ann2, far);

	ck_assert_uint_eq(a.port, 9001);
	ck_assert_uint_eq(b.port, 9002);
	nat_free(n);
}
END_TEST

START_TEST(udp_and_tcp_have_mappings_of_their_own)
{
	struct nat *n = nat_of((struct nat_conf) { .alloc = NAT_SEQUENTIAL });
	struct addr a = out(n, 0, ann, far);
	struct addr b = tcp_out(n, 0, PKT_SYN, ann, far);

	ck_assert_uint_ne(a.port, b.port);
	nat_free(n);
}
END_TEST

START_TEST(tcp_may_leave_through_another_address)
{
	struct nat *n = nat_of((struct nat_conf) { .tcp_pool_count = 1,
		.tcp_pool = { other_pool } });
	struct addr a = out(n, 0, ann, far);
	struct addr b = tcp_out(n, 0, PKT_SYN, ann, far);

	ck_assert(addr_same_ip(&a, &pool));
	ck_assert(addr_same_ip(&b, &other_pool));
	ck_assert(nat_owns(n, &b));
	nat_free(n);
}
END_TEST

/* ---- allocation ---- */

START_TEST(preserving_keeps_the_port_and_moves_on_a_clash)
{
	struct nat *n = nat_of((struct nat_conf) { .alloc = NAT_PRESERVE });
	struct addr a = out(n, 0, ann, far), b = out(n, 0, bob, far);
	struct addr again = out(n, 1, bob, farther);

	ck_assert_uint_eq(a.port, 9001);
	ck_assert_uint_ne(b.port, 9001);
	ck_assert_addr_eq(b, again);
	nat_free(n);
}
END_TEST

START_TEST(sequential_adds_its_step)
{
	struct nat *n = nat_of((struct nat_conf) { .mapping = NAT_APD,
		.alloc = NAT_SEQUENTIAL, .step = 2 });
	struct addr a = out(n, 0, ann, far), b = out(n, 9, ann, far_port);
	struct addr c = out(n, 99, ann, farther);

	ck_assert_uint_eq(b.port, a.port + 2);
	ck_assert_uint_eq(c.port, a.port + 4);
	nat_free(n);
}
END_TEST

START_TEST(sequential_may_go_down_and_starts_anew_at_the_end)
{
	struct nat *n = nat_of((struct nat_conf) { .mapping = NAT_APD,
		.alloc = NAT_SEQUENTIAL, .step = -1, .port_lo = 2000,
		.port_hi = 2009 });
	struct addr a = out(n, 0, ann, far), to = far, b;

	for (uint16_t i = 1; i < 10; i++) {
		to.port = (uint16_t)(7000 + i);
		b = out(n, 0, ann, to);
		ck_assert_uint_eq(b.port,
		    2000 + (a.port - 2000 + 10 - i) % 10);
	}
	b = out(n, 0, ann, farther);
	ck_assert(!addr_is_set(&b));
	nat_free(n);
}
END_TEST

/* 20 strangers a second take 0 to 40 ports in one second. */
START_TEST(strangers_take_ports_of_a_sequential_nat)
{
	struct nat *n = nat_of((struct nat_conf) { .mapping = NAT_APD,
		.alloc = NAT_SEQUENTIAL, .cross_per_s = 20, .port_lo = 1024 });
	struct addr a = out(n, 0, ann, far), to = far, b;
	unsigned sum = 0;

	for (uint16_t i = 1; i <= 100; i++) {
		unsigned jump;

		to.port = i;
		b = out(n, i * USEC_S, ann, to);
		jump = (b.port + 64512u - a.port) % 64512u;
		ck_assert_uint_ge(jump, 1);
		ck_assert_uint_le(jump, 41);
		sum += jump;
		a = b;
	}
	ck_assert_uint_gt(sum, 1500);
	ck_assert_uint_lt(sum, 2700);
	nat_free(n);
}
END_TEST

START_TEST(random_ports_spread_over_the_range)
{
	struct nat *n = nat_of((struct nat_conf) { .mapping = NAT_APD,
		.alloc = NAT_RANDOM });
	unsigned quarter[4] = { 0 };
	struct addr to = far;

	for (uint16_t i = 0; i < 400; i++) {
		struct addr a;

		to.port = i + 1;
		a = out(n, 0, ann, to);
		ck_assert_uint_ge(a.port, 1024);
		quarter[(a.port - 1024) / 16128]++;
	}
	for (int i = 0; i < 4; i++)
		ck_assert_uint_gt(quarter[i], 60);
	nat_free(n);
}
END_TEST

/* RFC 7422: a subscriber stays in his block, and blocks do not overlap. */
START_TEST(block_belongs_to_one_subscriber)
{
	struct nat *n = nat_of((struct nat_conf) { .mapping = NAT_APD,
		.alloc = NAT_BLOCK, .block = 64 });
	struct addr a0 = out(n, 0, ann, far), b0 = out(n, 0, bob, far);
	struct addr to = farther;

	for (uint16_t i = 1; i < 64; i++) {
		struct addr a, b;

		to.port = i;
		a = out(n, 0, ann, to);
		b = out(n, 0, bob, to);
		ck_assert_uint_eq((a.port - 1024) / 64, (a0.port - 1024) / 64);
		ck_assert_uint_eq((b.port - 1024) / 64, (b0.port - 1024) / 64);
	}
	ck_assert_uint_ne((a0.port - 1024) / 64, (b0.port - 1024) / 64);
	to.port = 64;
	a0 = out(n, 0, ann, to);
	ck_assert(!addr_is_set(&a0));
	nat_free(n);
}
END_TEST

/* MAP-E: 15 blocks of 16 ports with one id. */
START_TEST(port_set_has_240_ports_in_fifteen_blocks)
{
	struct nat *n = nat_of((struct nat_conf) { .mapping = NAT_APD,
		.alloc = NAT_PORT_SET });
	struct addr first = out(n, 0, ann, far), to = farther, a;
	unsigned blocks = 1u << (first.port >> 12);

	for (uint16_t i = 1; i < 240; i++) {
		to.port = i;
		a = out(n, 0, ann, to);
		ck_assert_uint_eq(a.port >> 4 & 255, first.port >> 4 & 255);
		blocks |= 1u << (a.port >> 12);
	}
	ck_assert_uint_eq(blocks, 0xfffe);
	to.port = 240;
	a = out(n, 0, ann, to);
	ck_assert(!addr_is_set(&a));
	nat_free(n);
}
END_TEST

/* 4787 REQ-3 */
START_TEST(no_port_is_given_twice)
{
	struct nat *n = nat_of((struct nat_conf) { .alloc = NAT_RANDOM,
		.port_lo = 3000, .port_hi = 3099 });
	uint8_t given[100] = { 0 };
	struct addr from = ann;

	for (uint16_t i = 0; i < 100; i++) {
		struct addr a;

		from.port = 5000 + i;
		a = out(n, 0, from, far);
		ck_assert_uint_ge(a.port, 3000);
		ck_assert_uint_eq(given[a.port - 3000]++, 0);
	}
	nat_free(n);
}
END_TEST

static const struct nat_conf two_addresses = {
	.mapping = NAT_APD,
	.pool = { { { 81, 2, 69, 1 }, 0, 0, ADDR_V4 },
		{ { 81, 2, 69, 2 }, 0, 0, ADDR_V4 } },
	.pool_count = 2,
};

/* 4787 REQ-2 */
START_TEST(paired_pooling_keeps_a_host_on_one_address)
{
	struct nat *n = nat_of(two_addresses);
	struct addr a = out(n, 0, ann, far), b = out(n, 0, bob, far);

	for (uint16_t i = 1; i < 50; i++) {
		struct addr to = farther, c;

		to.port = i;
		c = out(n, 0, ann, to);
		ck_assert(addr_same_ip(&a, &c));
	}
	ck_assert(!addr_same_ip(&a, &b));
	nat_free(n);
}
END_TEST

START_TEST(arbitrary_pooling_uses_all_addresses)
{
	struct nat_conf conf = two_addresses;
	unsigned seen[3] = { 0 };
	struct nat *n;

	conf.pooling = NAT_ARBITRARY;
	n = nat_of(conf);
	for (uint16_t i = 1; i < 50; i++) {
		struct addr to = farther, c;

		to.port = i;
		c = out(n, 0, ann, to);
		seen[c.ip[3]]++;
	}
	ck_assert_uint_gt(seen[1], 5);
	ck_assert_uint_gt(seen[2], 5);
	nat_free(n);
}
END_TEST

/* ---- time ---- */

/* 4787 REQ-5, REQ-6 */
START_TEST(udp_mapping_lives_five_minutes_from_the_last_packet_out)
{
	struct nat *n = nat_of((struct nat_conf) { .alloc = NAT_RANDOM });
	struct addr a = out(n, 0, ann, far), got;

	got = out(n, 299 * USEC_S, ann, far);
	ck_assert_addr_eq(a, got);
	got = in(n, 598 * USEC_S, far, a);
	ck_assert_addr_eq(got, ann);
	ck_assert_uint_eq(nat_count(n, 599 * USEC_S), 1);
	nat_free(n);
}
END_TEST

START_TEST(udp_mapping_dies_of_silence)
{
	struct nat *n = nat_of((struct nat_conf) { .alloc = NAT_RANDOM });
	struct addr a = out(n, 0, ann, far), got;

	got = in(n, 300 * USEC_S, far, a);
	ck_assert(!addr_is_set(&got));
	got = out(n, 301 * USEC_S, ann, far);
	ck_assert_uint_ne(got.port, a.port);
	nat_free(n);
}
END_TEST

/* Linux: 30 s before an answer, 120 s from then on. */
START_TEST(unanswered_mapping_may_die_earlier)
{
	struct nat_conf conf = { .udp_fresh = 30 * USEC_S,
		.udp_timer = 120 * USEC_S, .filter = NAT_APD };
	struct nat *n = nat_of(conf);
	struct addr a = out(n, 0, ann, far), b = out(n, 0, ann2, far), got;

	got = in(n, USEC_S, far, a);
	ck_assert(addr_is_set(&got));
	got = in(n, 40 * USEC_S, far, a);
	ck_assert(addr_is_set(&got));
	got = in(n, 40 * USEC_S, far, b);
	ck_assert(!addr_is_set(&got));
	nat_free(n);
}
END_TEST

/* 4787 REQ-6: inbound refresh may be absent. */
START_TEST(without_inbound_refresh_only_packets_out_keep_a_mapping)
{
	struct nat *n = nat_of((struct nat_conf) { .no_refresh_in = true,
		.udp_timer = 60 * USEC_S });
	struct addr a = out(n, 0, ann, far), got;

	got = in(n, 50 * USEC_S, far, a);
	ck_assert(addr_is_set(&got));
	got = in(n, 50 * USEC_S, farther, a);
	ck_assert(addr_is_set(&got));
	got = in(n, 60 * USEC_S, far, a);
	ck_assert(!addr_is_set(&got));
	nat_free(n);
}
END_TEST

START_TEST(reboot_forgets_and_may_change_ports)
{
	struct nat *n = nat_of((struct nat_conf) { .alloc = NAT_PRESERVE });
	struct addr a = out(n, 0, ann, far), got;

	nat_reboot(n, false);
	got = in(n, 1, far, a);
	ck_assert(!addr_is_set(&got));
	got = out(n, 2, ann, far);
	ck_assert_addr_eq(got, a);
	nat_reboot(n, true);
	got = out(n, 3, ann, far);
	ck_assert_uint_ne(got.port, a.port);
	nat_free(n);
}
END_TEST

START_TEST(new_external_address_forgets_the_old_one)
{
	struct nat *n = nat_of((struct nat_conf) { .alloc = NAT_PRESERVE });
	struct addr a = out(n, 0, ann, far), got;

	nat_readdress(n, &other_pool, 1);
	got = in(n, 1, far, a);
	ck_assert(!addr_is_set(&got));
	got = out(n, 2, ann, far);
	ck_assert(addr_same_ip(&got, &other_pool));
	ck_assert(!nat_owns(n, &a));
	nat_free(n);
}
END_TEST

/* ---- limits ---- */

/* 6888 REQ-4 */
START_TEST(subscriber_has_a_limit_of_his_own)
{
	struct nat *n = nat_of((struct nat_conf) { .subscriber_max = 2,
		.mapping = NAT_APD });
	struct addr got;

	out(n, 0, ann, far);
	out(n, 0, ann, far_port);
	got = out(n, 0, ann, farther);
	ck_assert(!addr_is_set(&got));
	got = out(n, 0, bob, farther);
	ck_assert(addr_is_set(&got));
	nat_free(n);
}
END_TEST

/* 5508 REQ-8 */
START_TEST(full_table_is_reported_as_prohibited)
{
	struct nat *n = nat_of((struct nat_conf) { .table_max = 1 });
	struct pkt p = packet(PKT_UDP, bob, far);

	out(n, 0, ann, far);
	ck_assert_int_eq(nat_outbound(n, 0, &p), NAT_IN);
	ck_assert_int_eq(p.proto, PKT_ICMP);
	ck_assert_int_eq(p.error, PKT_ADMIN);
	ck_assert(addr_same_ip(&p.dst, &bob));
	ck_assert_addr_eq(p.about_dst, far);
	nat_free(n);
}
END_TEST

START_TEST(room_comes_back_with_time)
{
	struct nat *n = nat_of((struct nat_conf) { .table_max = 1 });
	struct addr got;

	out(n, 0, ann, far);
	got = out(n, 301 * USEC_S, bob, far);
	ck_assert(addr_is_set(&got));
	nat_free(n);
}
END_TEST

START_TEST(blocked_udp_does_not_leave)
{
	struct nat *n = nat_of((struct nat_conf) { .no_udp = true,
		.tcp_port_only = 443 });
	struct addr web = far, got;

	web.port = 443;
	got = out(n, 0, ann, far);
	ck_assert(!addr_is_set(&got));
	got = tcp_out(n, 0, PKT_SYN, ann, far);
	ck_assert(!addr_is_set(&got));
	got = tcp_out(n, 0, PKT_SYN, ann, web);
	ck_assert(addr_is_set(&got));
	nat_free(n);
}
END_TEST

/* ---- forwarded ports ---- */

START_TEST(forwarded_port_is_open_to_everybody)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD });
	struct addr ext = pool, got;

	ext.port = 4000;
	ck_assert(nat_forward(n, 0, PKT_UDP, &ann, 4000));
	ck_assert(!nat_forward(n, 0, PKT_UDP, &bob, 4000));
	got = in(n, 1000 * USEC_S, far, ext);
	ck_assert_addr_eq(got, ann);
	got = out(n, 1000 * USEC_S, ann, far);
	ck_assert_uint_eq(got.port, 4000);
	got = out(n, 1000 * USEC_S, ann, farther);
	ck_assert_uint_eq(got.port, 9001);
	nat_unforward(n, PKT_UDP, 4000);
	got = in(n, 1001 * USEC_S, farther, ext);
	ck_assert(!addr_is_set(&got));
	nat_free(n);
}
END_TEST

START_TEST(description_names_the_three_habits)
{
	struct nat_conf conf = { .mapping = NAT_APD, .filter = NAT_AD,
		.alloc = NAT_RANDOM };
	char buf[NAT_TEXT];

	ck_assert_str_eq(nat_describe(&conf, buf), "apd/ad random");
}
END_TEST

static void
add_mapping_cases(Suite *s)
{
	TCase *t = tcase_create("mapping");

	tcase_add_test(t, ei_mapping_is_the_same_for_every_destination);
	tcase_add_test(t, ad_mapping_differs_by_address_only);
	tcase_add_test(t, apd_mapping_differs_by_port);
	tcase_add_test(t, sockets_of_a_host_have_mappings_of_their_own);
	tcase_add_test(t, udp_and_tcp_have_mappings_of_their_own);
	tcase_add_test(t, tcp_may_leave_through_another_address);
	suite_add_tcase(s, t);
}

static void
add_allocation_cases(Suite *s)
{
	TCase *t = tcase_create("allocation");

	tcase_add_test(t, preserving_keeps_the_port_and_moves_on_a_clash);
	tcase_add_test(t, sequential_adds_its_step);
	tcase_add_test(t, sequential_may_go_down_and_starts_anew_at_the_end);
	tcase_add_test(t, strangers_take_ports_of_a_sequential_nat);
	tcase_add_test(t, random_ports_spread_over_the_range);
	tcase_add_test(t, block_belongs_to_one_subscriber);
	tcase_add_test(t, port_set_has_240_ports_in_fifteen_blocks);
	tcase_add_test(t, no_port_is_given_twice);
	tcase_add_test(t, paired_pooling_keeps_a_host_on_one_address);
	tcase_add_test(t, arbitrary_pooling_uses_all_addresses);
	suite_add_tcase(s, t);
}

static void
add_time_cases(Suite *s)
{
	TCase *t = tcase_create("time");

	tcase_add_test(t,
	    udp_mapping_lives_five_minutes_from_the_last_packet_out);
	tcase_add_test(t, udp_mapping_dies_of_silence);
	tcase_add_test(t, unanswered_mapping_may_die_earlier);
	tcase_add_test(t,
	    without_inbound_refresh_only_packets_out_keep_a_mapping);
	tcase_add_test(t, reboot_forgets_and_may_change_ports);
	tcase_add_test(t, new_external_address_forgets_the_old_one);
	suite_add_tcase(s, t);
	t = tcase_create("limits");
	tcase_add_test(t, subscriber_has_a_limit_of_his_own);
	tcase_add_test(t, full_table_is_reported_as_prohibited);
	tcase_add_test(t, room_comes_back_with_time);
	tcase_add_test(t, blocked_udp_does_not_leave);
	suite_add_tcase(s, t);
	t = tcase_create("management");
	tcase_add_test(t, forwarded_port_is_open_to_everybody);
	tcase_add_test(t, description_names_the_three_habits);
	suite_add_tcase(s, t);
}

Suite *
make_suite(void)
{
	Suite *s = suite_create("natmap");

	add_mapping_cases(s);
	add_allocation_cases(s);
	add_time_cases(s);
	return s;
}
