#include "nattest.h"

/* Requirements are named where they are tested: 4787 is UDP, 5382 TCP, 5508
 * ICMP, 6888 carrier NATs. */

/* ---- filtering ---- */

/* 4787 REQ-8 */
START_TEST(filter_lets_in_whom_it_should)
{
	const struct filter_row *row = &filter_rows[_i];
	struct nat *n = nat_of((struct nat_conf) { .filter = row->filter });
	struct addr ext = out(n, 0, ann, far);
	struct addr a = in(n, 1, far, ext), b = in(n, 1, far_port, ext);
	struct addr c = in(n, 1, farther, ext);

	ck_assert_addr_eq(a, ann);
	ck_assert_msg(addr_is_set(&b) == row->far_port, "row %d", _i);
	ck_assert_msg(addr_is_set(&c) == row->farther, "row %d", _i);
	nat_free(n);
}
END_TEST

START_TEST(nobody_gets_in_before_something_went_out)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_EI });
	struct addr ext = pool, got;

	ext.port = 9001;
	got = in(n, 0, far, ext);
	ck_assert(!addr_is_set(&got));
	nat_free(n);
}
END_TEST

START_TEST(ipv6_is_filtered_and_never_translated)
{
	static const uint8_t ip[16] = { 0x2a, 2, 1 }, ip2[16] = { 0x2a, 2, 2 };
	struct nat *n = nat_of((struct nat_conf) { .mapping = NAT_APD,
		.filter = NAT_APD, .alloc = NAT_RANDOM });
	struct addr a = addr_v6(ip, 9001), b = addr_v6(ip2, 9001), got;

	got = in(n, 0, b, a);
	ck_assert(!addr_is_set(&got));
	got = out(n, 0, a, b);
	ck_assert_addr_eq(got, a);
	got = in(n, 1, b, a);
	ck_assert_addr_eq(got, a);
	nat_free(n);
}
END_TEST

/* A read request to port 69 opens every port of that address. */
START_TEST(tftp_helper_opens_all_ports_of_the_address)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD,
		.alg_tftp = true });
	struct pkt p = packet(PKT_UDP, ann, far);
	struct addr got;

	p.dst.port = 69;
	p.data = (const uint8_t *)"\0\1a";
	p.len = 3;
	ck_assert_int_eq(nat_outbound(n, 0, &p), NAT_OUT);
	got = in(n, 1, far_port, p.src);
	ck_assert_addr_eq(got, ann);
	got = in(n, 1, farther, p.src);
	ck_assert(!addr_is_set(&got));
	nat_free(n);
}
END_TEST

/* ---- hairpin ---- */

/* 4787 REQ-9, 5382 REQ-8 */
START_TEST(hairpin_shows_the_external_source)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD });
	struct addr a = out(n, 0, ann, far), b = out(n, 0, bob, a);
	struct pkt p = packet(PKT_UDP, ann, none);

	ck_assert(!addr_is_set(&b));
	b = nat_lookup(n, 0, PKT_UDP, &bob, &a);
	p.dst = b;
	ck_assert_int_eq(nat_outbound(n, 1, &p), NAT_IN);
	ck_assert_addr_eq(p.dst, bob);
	ck_assert_addr_eq(p.src, a);
	nat_free(n);
}
END_TEST

START_TEST(hairpin_may_show_the_internal_source)
{
	struct nat *n = nat_of((struct nat_conf) {
		.hairpin = NAT_HAIRPIN_INTERNAL });
	struct addr a = out(n, 0, ann, far);
	struct pkt p = packet(PKT_UDP, bob, a);

	ck_assert_int_eq(nat_outbound(n, 1, &p), NAT_IN);
	ck_assert_addr_eq(p.dst, ann);
	ck_assert_addr_eq(p.src, bob);
	nat_free(n);
}
END_TEST

START_TEST(hairpin_may_be_absent)
{
	struct nat *n = nat_of((struct nat_conf) { .hairpin = NAT_HAIRPIN_NO });
	struct addr a = out(n, 0, ann, far);
	struct pkt p = packet(PKT_UDP, bob, a);

	ck_assert_int_eq(nat_outbound(n, 1, &p), NAT_DROP);
	nat_free(n);
}
END_TEST

/* ---- TCP ---- */

/* 5382 REQ-1 */
START_TEST(tcp_mapping_is_endpoint_independent)
{
	struct nat *n = nat_of((struct nat_conf) { .alloc = NAT_RANDOM });
	struct addr a = tcp_out(n, 0, PKT_SYN, ann, far);
	struct addr b = tcp_out(n, 0, PKT_SYN, ann, farther);

	ck_assert_addr_eq(a, b);
	nat_free(n);
}
END_TEST

/* 5382 REQ-2 */
START_TEST(simultaneous_open_passes)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD });
	struct addr a = tcp_out(n, 0, PKT_SYN, ann, far);

	ck_assert(tcp_in(n, 1, PKT_SYN, far, a));
	ck_assert(tcp_in(n, 2, PKT_SYN | PKT_ACK, far, a));
	a = tcp_out(n, 3, PKT_ACK, ann, far);
	ck_assert(addr_is_set(&a));
	nat_free(n);
}
END_TEST

START_TEST(strict_router_breaks_simultaneous_open)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD,
		.syn_strict = true });
	struct addr a = tcp_out(n, 0, PKT_SYN, ann, far);

	ck_assert(!tcp_in(n, 1, PKT_SYN, far, a));
	ck_assert(tcp_in(n, 2, PKT_SYN | PKT_ACK, far, a));
	nat_free(n);
}
END_TEST

static bool
numbered(struct nat *n, uint8_t flags, uint32_t seq, bool inward)
{
	struct pkt p = inward ? segment(flags, far, pool) :
	    segment(flags, ann, far);

	if (inward)
		p.dst.port = ann.port;
	p.seq = seq;
	return inward ? nat_inbound(n, 1, &p) == NAT_IN :
	    nat_outbound(n, 1, &p) == NAT_OUT;
}

/* A socket that dials again, or the listener in its place, begins with another
 * number; its reset is none of the connection either. */
START_TEST(crossed_syns_go_on_with_their_numbers)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD,
		.tcp_window = true });

	ck_assert(numbered(n, PKT_SYN, 10, false));
	ck_assert(numbered(n, PKT_SYN, 20, false));
	ck_assert(numbered(n, PKT_SYN, 500, true));
	ck_assert(!numbered(n, PKT_SYN, 30, false));
	ck_assert(!numbered(n, PKT_SYN | PKT_ACK, 30, false));
	ck_assert(!numbered(n, PKT_RST | PKT_ACK, 0, false));
	ck_assert(!numbered(n, PKT_SYN, 600, true));
	ck_assert(numbered(n, PKT_SYN, 500, true));
	ck_assert(numbered(n, PKT_SYN | PKT_ACK, 20, false));
	ck_assert(numbered(n, PKT_ACK, 501, true));
	ck_assert(numbered(n, PKT_ACK, 21, false));
	nat_free(n);
}
END_TEST

/* 5382 REQ-3 */
START_TEST(tcp_filter_is_that_of_udp)
{
	const struct filter_row *row = &filter_rows[_i];
	struct nat *n = nat_of((struct nat_conf) { .filter = row->filter });
	struct addr a = tcp_out(n, 0, PKT_SYN, ann, far);

	ck_assert(tcp_in(n, 1, PKT_SYN, far, a));
	ck_assert_int_eq(tcp_in(n, 1, PKT_SYN, far_port, a), row->far_port);
	ck_assert_int_eq(tcp_in(n, 1, PKT_SYN, farther, a), row->farther);
	nat_free(n);
}
END_TEST

START_TEST(only_a_syn_opens_a_connection)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_EI });
	struct addr a = tcp_out(n, 0, PKT_ACK, ann, far);

	ck_assert(!addr_is_set(&a));
	a = tcp_out(n, 0, PKT_SYN, ann, far);
	ck_assert(!tcp_in(n, 1, PKT_ACK, farther, a));
	ck_assert(!tcp_in(n, 1, PKT_SYN | PKT_ACK, farther, a));
	nat_free(n);
}
END_TEST

START_TEST(loose_router_picks_up_a_running_connection)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD,
		.tcp_loose = true });
	struct addr a = tcp_out(n, 0, PKT_ACK, ann, far);

	ck_assert_uint_eq(a.port, 9001);
	ck_assert(tcp_in(n, 7439 * USEC_S, PKT_ACK, far, a));
	nat_free(n);
}
END_TEST

static struct addr
establish(struct nat *n, usec_t now)
{
	struct addr a = tcp_out(n, now, PKT_SYN, ann, far);

	ck_assert(tcp_in(n, now, PKT_SYN | PKT_ACK, far, a));
	tcp_out(n, now, PKT_ACK, ann, far);
	return a;
}

/* 5382 REQ-5 */
START_TEST(established_connection_lives_two_hours_and_four_minutes)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD });
	struct addr a = establish(n, 0);

	ck_assert(tcp_in(n, 7439 * USEC_S, PKT_ACK, far, a));
	ck_assert(!tcp_in(n, (7439 + 7440) * USEC_S, PKT_ACK, far, a));
	nat_free(n);
}
END_TEST

/* 5382 REQ-5 */
START_TEST(opening_and_closing_connections_live_four_minutes)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD });
	struct addr a = tcp_out(n, 0, PKT_SYN, ann, far);

	ck_assert(tcp_in(n, 239 * USEC_S, PKT_SYN, far, a));
	ck_assert(!tcp_in(n, 479 * USEC_S, PKT_SYN, far, a));
	a = establish(n, 500 * USEC_S);
	ck_assert(tcp_in(n, 501 * USEC_S, PKT_FIN | PKT_ACK, far, a));
	ck_assert_uint_eq(nat_count(n, 740 * USEC_S), 1);
	ck_assert_uint_eq(nat_count(n, 741 * USEC_S), 0);
	nat_free(n);
}
END_TEST

/* As Linux: nothing but a new SYN from inside opens it again. */
START_TEST(reset_closes_the_hole_until_the_next_syn_out)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD });
	struct addr a = tcp_out(n, 0, PKT_SYN, ann, far);

	ck_assert(tcp_in(n, 1, PKT_RST | PKT_ACK, far, a));
	ck_assert(!tcp_in(n, 2, PKT_SYN, far, a));
	tcp_out(n, 3, PKT_SYN, ann, far);
	ck_assert(tcp_in(n, 4, PKT_SYN, far, a));
	nat_free(n);
}
END_TEST

/* ---- what nobody asked for ---- */

START_TEST(stray_datagram_is_dropped_or_refused)
{
	static const enum nat_verdict verdict[] = { NAT_DROP, NAT_OUT, NAT_DROP,
		NAT_OUT };
	struct nat *n = nat_of((struct nat_conf) {
		.stray = (enum nat_stray)_i });
	struct pkt p = packet(PKT_UDP, far, pool);
	struct addr asked;

	p.dst.port = 9001;
	asked = p.dst;
	ck_assert_int_eq(nat_inbound(n, 0, &p), verdict[_i]);
	if (verdict[_i] == NAT_OUT) {
		ck_assert_int_eq(p.proto, PKT_ICMP);
		ck_assert_int_eq(p.error, PKT_PORT);
		ck_assert(addr_same_ip(&p.dst, &far));
		ck_assert_addr_eq(p.about_dst, asked);
	}
	nat_free(n);
}
END_TEST

START_TEST(stray_syn_is_dropped_refused_or_reset)
{
	static const uint8_t proto[] = { PKT_TCP, PKT_ICMP, PKT_TCP, PKT_TCP };
	struct nat *n = nat_of((struct nat_conf) {
		.stray = (enum nat_stray)_i });
	struct pkt p = segment(PKT_SYN, far, pool);
	enum nat_verdict verdict;

	p.dst.port = 9001;
	verdict = nat_inbound(n, 0, &p);
	ck_assert_int_eq(verdict, _i == NAT_STRAY_DROP ? NAT_DROP : NAT_OUT);
	ck_assert_int_eq(p.proto, proto[_i]);
	if (verdict == NAT_OUT && p.proto == PKT_TCP) {
		ck_assert_int_eq(p.flags, PKT_RST | PKT_ACK);
		ck_assert_uint_eq(p.ack, 1001);
		ck_assert_addr_eq(p.dst, far);
	}
	nat_free(n);
}
END_TEST

START_TEST(stray_reset_gets_no_answer)
{
	struct nat *n = nat_of((struct nat_conf) { .stray = NAT_STRAY_RST });
	struct pkt p = segment(PKT_RST, far, pool);

	ck_assert_int_eq(nat_inbound(n, 0, &p), NAT_DROP);
	nat_free(n);
}
END_TEST

/* 5382 REQ-4 */
START_TEST(unwanted_syn_is_answered_after_six_seconds)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD,
		.syn_hold = 6 * USEC_S });
	struct pkt p = segment(PKT_SYN, far, pool);

	p.dst.port = 9001;
	ck_assert_int_eq(nat_inbound(n, 0, &p), NAT_DROP);
	ck_assert_int_eq(nat_inbound(n, USEC_S, &p), NAT_DROP);
	ck_assert_uint_eq(nat_deadline(n), 6 * USEC_S);
	ck_assert(!nat_next(n, 6 * USEC_S - 1, &p));
	ck_assert(nat_next(n, 6 * USEC_S, &p));
	ck_assert_int_eq(p.error, PKT_PORT);
	ck_assert(addr_same_ip(&p.dst, &far));
	ck_assert(!nat_next(n, 6 * USEC_S, &p));
	ck_assert_uint_eq(nat_deadline(n), USEC_NEVER);
	nat_free(n);
}
END_TEST

/* 5382 REQ-4 */
START_TEST(unwanted_syn_is_forgotten_when_ours_goes_out)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD,
		.syn_hold = 6 * USEC_S });
	struct pkt p = segment(PKT_SYN, far, pool);

	p.dst.port = 9001;
	nat_inbound(n, 0, &p);
	tcp_out(n, USEC_S, PKT_SYN, ann, far);
	ck_assert_uint_eq(nat_deadline(n), USEC_NEVER);
	ck_assert(tcp_in(n, 2 * USEC_S, PKT_SYN, far, p.dst));
	nat_free(n);
}
END_TEST

/* The first fact of nat.md's laboratory: whoever comes too early takes the
 * port away, for that destination only. */
START_TEST(poisoned_flow_gets_another_port)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD,
		.stray = NAT_STRAY_POISON });
	struct addr a = out(n, 0, ann, farther), b, got;

	got = in(n, 1, far, a);
	ck_assert(!addr_is_set(&got));
	b = out(n, 2, ann, far);
	ck_assert_uint_ne(b.port, a.port);
	got = in(n, 3, far, a);
	ck_assert(!addr_is_set(&got));
	got = in(n, 3, far, b);
	ck_assert_addr_eq(got, ann);
	got = out(n, 4, ann, farther);
	ck_assert_addr_eq(got, a);
	got = out(n, 5, ann, far);
	ck_assert_addr_eq(got, b);
	nat_free(n);
}
END_TEST

START_TEST(poison_comes_too_late_for_an_open_flow)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD,
		.stray = NAT_STRAY_POISON });
	struct addr a = out(n, 0, ann, far), got;

	got = in(n, 1, far, a);
	ck_assert_addr_eq(got, ann);
	got = out(n, 2, ann, far);
	ck_assert_addr_eq(got, a);
	nat_free(n);
}
END_TEST

START_TEST(poison_wears_off)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD,
		.stray = NAT_STRAY_POISON });
	struct addr a = out(n, 0, ann, farther), b;

	in(n, 1, far, a);
	b = out(n, 31 * USEC_S, ann, far);
	ck_assert_addr_eq(a, b);
	nat_free(n);
}
END_TEST

/* ---- time to live, ICMP ---- */

START_TEST(first_hop_kills_ttl_1_and_leaves_no_hole)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD });
	struct pkt p = packet(PKT_UDP, ann, far);

	p.ttl = 1;
	ck_assert_int_eq(nat_outbound(n, 0, &p), NAT_IN);
	ck_assert_int_eq(p.error, PKT_TTL);
	ck_assert(addr_same_ip(&p.src, &router));
	ck_assert_uint_eq(nat_count(n, 0), 0);
	nat_free(n);
}
END_TEST

START_TEST(each_direction_costs_one_ttl)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD });
	struct pkt p = packet(PKT_UDP, ann, far), q;

	p.ttl = 2;
	ck_assert_int_eq(nat_outbound(n, 0, &p), NAT_OUT);
	ck_assert_uint_eq(p.ttl, 1);
	q = packet(PKT_UDP, far, p.src);
	q.ttl = 2;
	ck_assert_int_eq(nat_inbound(n, 0, &q), NAT_IN);
	ck_assert_uint_eq(q.ttl, 1);
	q = packet(PKT_UDP, far, p.src);
	q.ttl = 1;
	ck_assert_int_eq(nat_inbound(n, 0, &q), NAT_OUT);
	ck_assert_int_eq(q.error, PKT_TTL);
	nat_free(n);
}
END_TEST

START_TEST(quiet_router_lets_packets_die_in_silence)
{
	struct nat *n = nat_of((struct nat_conf) { .quiet = true });
	struct pkt p = packet(PKT_UDP, ann, far);

	p.ttl = 1;
	ck_assert_int_eq(nat_outbound(n, 0, &p), NAT_DROP);
	nat_free(n);
}
END_TEST

static struct pkt
error_about(enum pkt_error error, struct addr src, struct addr dst)
{
	struct pkt p = { .proto = PKT_ICMP, .ttl = 64, .error = (uint8_t)error,
		.about = PKT_UDP, .about_src = src, .about_dst = dst,
		.src = farther, .dst = src };

	p.src.port = 0;
	p.dst.port = 0;
	return p;
}

/* 5508 REQ-4: the embedded packet says whose it is. */
START_TEST(error_from_outside_reaches_the_sender)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD,
		.alloc = NAT_RANDOM });
	struct addr a = out(n, 0, ann, far);
	struct pkt p = error_about(PKT_PORT, a, far);

	ck_assert_int_eq(nat_inbound(n, 1, &p), NAT_IN);
	ck_assert(addr_same_ip(&p.dst, &ann));
	ck_assert_addr_eq(p.about_src, ann);
	ck_assert_addr_eq(p.about_dst, far);
	nat_free(n);
}
END_TEST

/* 4787 REQ-12, 5382 REQ-10 */
START_TEST(errors_end_no_mapping)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_APD });
	struct addr a = out(n, 0, ann, far), got;

	for (int error = PKT_TTL; error <= PKT_TOO_BIG; error++) {
		struct pkt p = error_about((enum pkt_error)error, a, far);

		ck_assert_int_eq(nat_inbound(n, 1, &p), NAT_IN);
	}
	got = in(n, 2, far, a);
	ck_assert_addr_eq(got, ann);
	nat_free(n);
}
END_TEST

START_TEST(error_about_nothing_of_ours_is_dropped)
{
	struct nat *n = nat_of((struct nat_conf) { .filter = NAT_EI });
	struct addr a = out(n, 0, ann, far);
	struct pkt p;

	a.port++;
	p = error_about(PKT_PORT, a, far);
	ck_assert_int_eq(nat_inbound(n, 1, &p), NAT_DROP);
	nat_free(n);
}
END_TEST

/* 5508 REQ-5 */
START_TEST(error_from_inside_shows_the_external_address)
{
	struct nat *n = nat_of((struct nat_conf) { .alloc = NAT_RANDOM });
	struct addr a = out(n, 0, ann, far);
	struct pkt p = error_about(PKT_PORT, far, ann);

	p.src = ann;
	p.src.port = 0;
	ck_assert_int_eq(nat_outbound(n, 1, &p), NAT_OUT);
	ck_assert_addr_eq(p.about_dst, a);
	ck_assert(addr_same_ip(&p.src, &pool));
	nat_free(n);
}
END_TEST

static void
add_filter_cases(Suite *s)
{
	TCase *t = tcase_create("filtering");

	tcase_add_loop_test(t, filter_lets_in_whom_it_should, 0, 3);
	tcase_add_test(t, nobody_gets_in_before_something_went_out);
	tcase_add_test(t, ipv6_is_filtered_and_never_translated);
	tcase_add_test(t, tftp_helper_opens_all_ports_of_the_address);
	suite_add_tcase(s, t);
}

static void
add_hairpin_cases(Suite *s)
{
	TCase *t = tcase_create("hairpin");

	tcase_add_test(t, hairpin_shows_the_external_source);
	tcase_add_test(t, hairpin_may_show_the_internal_source);
	tcase_add_test(t, hairpin_may_be_absent);
	suite_add_tcase(s, t);
}

static void
add_tcp_cases(Suite *s)
{
	TCase *t = tcase_create("tcp");

	tcase_add_test(t, tcp_mapping_is_endpoint_independent);
	tcase_add_test(t, simultaneous_open_passes);
	tcase_add_test(t, strict_router_breaks_simultaneous_open);
	tcase_add_test(t, crossed_syns_go_on_with_their_numbers);
	tcase_add_loop_test(t, tcp_filter_is_that_of_udp, 0, 3);
	tcase_add_test(t, only_a_syn_opens_a_connection);
	tcase_add_test(t, loose_router_picks_up_a_running_connection);
	tcase_add_test(t,
	    established_connection_lives_two_hours_and_four_minutes);
	tcase_add_test(t, opening_and_closing_connections_live_four_minutes);
	tcase_add_test(t, reset_closes_the_hole_until_the_next_syn_out);
	suite_add_tcase(s, t);
}

static void
add_stray_cases(Suite *s)
{
	TCase *t = tcase_create("strays");

	tcase_add_loop_test(t, stray_datagram_is_dropped_or_refused, 0, 4);
	tcase_add_loop_test(t, stray_syn_is_dropped_refused_or_reset, 0, 4);
	tcase_add_test(t, stray_reset_gets_no_answer);
	tcase_add_test(t, unwanted_syn_is_answered_after_six_seconds);
	tcase_add_test(t, unwanted_syn_is_forgotten_when_ours_goes_out);
	tcase_add_test(t, poisoned_flow_gets_another_port);
	tcase_add_test(t, poison_comes_too_late_for_an_open_flow);
	tcase_add_test(t, poison_wears_off);
	suite_add_tcase(s, t);
}

static void
add_icmp_cases(Suite *s)
{
	TCase *t = tcase_create("icmp");

	tcase_add_test(t, first_hop_kills_ttl_1_and_leaves_no_hole);
	tcase_add_test(t, each_direction_costs_one_ttl);
	tcase_add_test(t, quiet_router_lets_packets_die_in_silence);
	tcase_add_test(t, error_from_outside_reaches_the_sender);
	tcase_add_test(t, errors_end_no_mapping);
	tcase_add_test(t, error_about_nothing_of_ours_is_dropped);
	tcase_add_test(t, error_from_inside_shows_the_external_address);
	suite_add_tcase(s, t);
}

Suite *
make_suite(void)
{
	Suite *s = suite_create("nat");

	add_filter_cases(s);
	add_hairpin_cases(s);
	add_tcp_cases(s);
	add_stray_cases(s);
	add_icmp_cases(s);
	return s;
}
