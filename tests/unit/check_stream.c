#include "guest.h"
#include "stream.h"

static struct world w;
static struct guest ann, bob, cat;

static void
setup(void)
{
	world_open(&w, NULL);
	guest_make(&ann, &w, "ann", guest_home(1));
	guest_make(&bob, &w, "bob", guest_home(2));
	guest_make(&cat, &w, "cat", guest_home(3));
}

static void
teardown(void)
{
	world_close(&w);
}

/* Connects the guest: from now on it speaks over TCP. */
static void
dial(struct guest *g)
{
	g->addr.port++;
	g->sock = world_accept(&w, &g->addr);
}

/* ---- registered over TCP ---- */

START_TEST(client_registers_over_tcp)
{
	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert(addr_eq(&ann.accept.seen, &ann.addr));
	ck_assert_uint_eq(server_stats(w.s)->streams, 1);
	for (int i = 0; i < 10; i++) {
		world_pass(&w, 25 * USEC_S);
		ck_assert(guest_beat(&ann));
	}
	ck_assert(!world_is_closed(&w, ann.sock));
}
END_TEST

START_TEST(bytes_may_come_one_by_one)
{
	uint8_t buf[FRAME_HEADER + HELLO_LEN];
	size_t len = guest_write_hello(&ann, buf + FRAME_HEADER);
	struct sent *sent;

	dial(&ann);
	frame_put(buf, len);
	for (size_t i = 0; i < len + FRAME_HEADER; i++)
		world_bytes(&w, ann.sock, buf + i, 1);
	sent = world_take(&w, ann.sock, NULL);
	ck_assert_ptr_nonnull(sent);
	ck_assert_uint_eq(sent->buf[0], PACKET_COOKIE);
}
END_TEST

START_TEST(peers_are_not_told_the_port_of_the_connection)
{
	uint64_t a, b;
	struct addr addr;
	struct rd r;

	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	guest_introduce(&ann, &bob, 1, &a, &b);
	r = rd_of(bob.reply, bob.reply_len);
	addr = addr_get(&r);
	ck_assert(addr_same_ip(&addr, &ann.addr));
	ck_assert_uint_eq(addr.port, 0);
}
END_TEST

START_TEST(relay_goes_from_tcp_to_udp_and_back)
{
	uint64_t a, b;
	struct sent *sent;

	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	guest_introduce(&ann, &bob, 1, &a, &b);
	guest_relay(&ann, a, 500);
	sent = world_take(&w, SERVER_UDP4, &bob.addr);
	ck_assert_ptr_nonnull(sent);
	ck_assert_uint_eq(sent->len, 500);
	guest_relay(&bob, b, 600);
	sent = world_take(&w, ann.sock, NULL);
	ck_assert_ptr_nonnull(sent);
	ck_assert_uint_eq(sent->len, 600);
	/* What no datagram can carry is dropped. */
	guest_relay(&ann, a, 1233);
	ck_assert_ptr_null(world_take(&w, SERVER_UDP4, &bob.addr));
	ck_assert_uint_eq(server_stats(w.s)->relay_dropped, 1);
}
END_TEST

START_TEST(relay_between_streams_takes_long_packets)
{
	uint64_t a, b;
	struct sent *sent;

	dial(&ann);
	dial(&bob);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	guest_introduce(&ann, &bob, 1, &a, &b);
	guest_relay(&ann, a, FRAME_MAX);
	sent = world_take(&w, bob.sock, NULL);
	ck_assert_ptr_nonnull(sent);
	ck_assert_uint_eq(sent->len, FRAME_MAX);
}
END_TEST

START_TEST(route_is_not_for_other_streams)
{
	uint64_t a, b;

	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	dial(&cat);
	ck_assert_int_eq(guest_join(&cat, "cat"), STATUS_OK);
	guest_introduce(&ann, &bob, 1, &a, &b);
	guest_relay(&cat, a, 500);
	ck_assert_ptr_null(world_take(&w, SERVER_UDP4, &bob.addr));
	ann.sock = SERVER_UDP4;
	guest_relay(&ann, a, 500);
	ck_assert_ptr_null(world_take(&w, SERVER_UDP4, &bob.addr));
}
END_TEST

START_TEST(closed_connection_leaves_the_client_time_to_return)
{
	struct rd r;

	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	world_hangup(&w, ann.sock);
	ck_assert_uint_eq(server_stats(w.s)->streams, 0);
	ck_assert_int_eq(guest_request(&bob, &ann, "ann", 1), STATUS_OK);
	world_pass(&w, USEC_S);
	dial(&ann);
	ck_assert(guest_beat(&ann));
	ck_assert(guest_pushed(&ann, PUSH_REQUEST, &r));
	world_hangup(&w, ann.sock);
	ck_assert(guest_beat(&bob));
	world_pass(&w, 54 * USEC_S);
	ck_assert_int_eq(guest_lookup(&bob, "ann"), STATUS_OK);
	world_pass(&w, USEC_S + USEC_MS);
	ck_assert_int_eq(guest_lookup(&bob, "ann"), STATUS_UNKNOWN);
}
END_TEST

START_TEST(heartbeat_moves_a_client_from_udp_to_tcp_and_back)
{
	struct guest over_udp;
	struct rd r;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	over_udp = ann;
	dial(&ann);
	ck_assert(guest_beat(&ann));
	ck_assert_int_eq(guest_request(&bob, &ann, "ann", 1), STATUS_OK);
	ck_assert(guest_pushed(&ann, PUSH_REQUEST, &r));
	ann.addr = over_udp.addr;
	ann.sock = SERVER_UDP4;
	ck_assert(guest_beat(&ann));
	ck_assert(guest_pushed(&ann, PUSH_PROVE, &r));
	ck_assert_int_eq(guest_request(&bob, &ann, "ann", 2), STATUS_OK);
	ck_assert(guest_pushed(&ann, PUSH_REQUEST, &r));
}
END_TEST

/* ---- OBSERVE over TCP ---- */

START_TEST(observe_over_tcp_is_answered_and_moves_nobody)
{
	uint8_t buf[32];
	struct wr wr = wr_of(buf, sizeof buf);
	size_t frame = wire_begin_frame(&wr, SF_OBSERVE);
	struct frame_got *got;
	struct addr seen, udp;
	struct rd r;
	int stream;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	udp = ann.addr;
	put_u64(&wr, 7);
	put_u8(&wr, 0);
	wire_end_frame(&wr, frame);
	dial(&ann);
	guest_say(&ann, &wr);
	got = guest_got(&ann, SF_OBSERVED);
	ck_assert_ptr_nonnull(got);
	r = rd_of(got->body, got->len);
	ck_assert_uint_eq(get_u64(&r), 7);
	seen = addr_get(&r);
	ck_assert(addr_eq(&seen, &ann.addr));
	stream = ann.sock;
	ann.addr = udp;
	ann.sock = SERVER_UDP4;
	ck_assert_int_eq(guest_request(&bob, &ann, "ann", 1), STATUS_OK);
	ck_assert(guest_pushed(&ann, PUSH_REQUEST, &r));
	/* The connection may stay while the mapping is of use. */
	world_pass(&w, 54 * USEC_S);
	ck_assert(!world_is_closed(&w, stream));
	world_pass(&w, 7 * USEC_S);
	ck_assert(world_is_closed(&w, stream));
}
END_TEST

/* ---- S11: those who dawdle ---- */

START_TEST(handshake_has_five_seconds_in_all)
{
	uint8_t buf[FRAME_HEADER + HELLO_LEN];
	size_t len = guest_write_hello(&ann, buf + FRAME_HEADER);

	dial(&ann);
	frame_put(buf, len);
	for (int i = 0; i < 49; i++) {
		world_pass(&w, 100 * USEC_MS);
		world_bytes(&w, ann.sock, buf + i, 1);
	}
	ck_assert(!world_is_closed(&w, ann.sock));
	world_pass(&w, 101 * USEC_MS);
	ck_assert(world_is_closed(&w, ann.sock));
	ck_assert_uint_eq(server_stats(w.s)->streams, 0);
	/* What comes late goes nowhere. */
	world_bytes(&w, ann.sock, buf + 49, 1);
}
END_TEST

START_TEST(site_has_at_most_eight_half_open_connections)
{
	int open = 0, sock;

	for (int i = 0; i < 20; i++) {
		ann.addr.port++;
		sock = world_accept(&w, &ann.addr);
		open += !world_is_closed(&w, sock);
	}
	ck_assert_int_eq(open, 8);
	sock = world_accept(&w, &bob.addr);
	ck_assert(!world_is_closed(&w, sock));
}
END_TEST

/* A stream that is closed gently costs a descriptor until the other side agrees
 * to its end. */
START_TEST(whoever_proved_nothing_is_cut_off)
{
	size_t i;

	for (i = 0; i < 20; i++) {
		cat.addr.port++;
		world_accept(&w, &cat.addr);
	}
	ck_assert_uint_eq(w.closed_count, 12);
	ck_assert_uint_eq(w.cut_count, 12);
	for (i = 0; i < 8; i++) {
		dial(&bob);
		world_bytes(&w, bob.sock, "\0\0", 2);
	}
	ck_assert_uint_eq(w.cut_count, 20);
	world_pass(&w, 6 * USEC_S);
	ck_assert_uint_eq(w.cut_count, 28);
	/* What is said to a client arrives. */
	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	guest_goodbye(&ann);
	ck_assert_uint_eq(w.closed_count, 29);
	ck_assert_uint_eq(w.cut_count, 28);
}
END_TEST

START_TEST(connections_that_ended_do_not_count)
{
	for (int i = 0; i < 300; i++) {
		dial(&ann);
		ck_assert(!world_is_closed(&w, ann.sock));
		ck_assert(guest_hello(&ann));
		if (i % 2 == 0)
			world_hangup(&w, ann.sock);
		else
			world_bytes(&w, ann.sock, "\0\0", 2);
	}
	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
}
END_TEST

START_TEST(above_half_the_deadline_shrinks_to_a_second)
{
	int first, last = 0;

	first = world_accept(&w, &cat.addr);
	world_pass(&w, 2 * USEC_S);
	for (int i = 0; i < 130; i++) {
		struct addr from = guest_home(10 + i);

		last = world_accept(&w, &from);
	}
	world_pass(&w, USEC_MS);
	ck_assert(world_is_closed(&w, first));
	world_pass(&w, 990 * USEC_MS);
	ck_assert(!world_is_closed(&w, last));
	ck_assert_uint_eq(server_stats(w.s)->streams, 130);
	/* Down to half of the places, then it has time again. */
	world_pass(&w, 10 * USEC_MS);
	ck_assert_uint_eq(server_stats(w.s)->streams, 128);
	world_pass(&w, 4 * USEC_S);
	ck_assert_uint_eq(server_stats(w.s)->streams, 0);
}
END_TEST

START_TEST(more_than_256_half_open_make_room_by_age)
{
	int socks[300];

	for (int i = 0; i < 300; i++) {
		struct addr from = addr_v4(10, 0, (uint8_t)(i / 100),
		    (uint8_t)(i % 100), 1234);

		socks[i] = world_accept(&w, &from);
	}
	ck_assert_uint_eq(server_stats(w.s)->streams, 256);
	ck_assert(world_is_closed(&w, socks[43]));
	ck_assert(!world_is_closed(&w, socks[44]));
}
END_TEST

START_TEST(thousand_slow_connections_do_not_keep_an_honest_client_out)
{
	for (int i = 0; i < 1000; i++) {
		struct addr from = guest_home(100 + i % 10);

		from.port = (uint16_t)(1024 + i);
		world_accept(&w, &from);
	}
	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
}
END_TEST

START_TEST(full_table_of_streams_takes_no_more)
{
	struct server_conf conf = world_conf();
	int sock;

	teardown();
	conf.streams_max = 2;
	world_open(&w, &conf);
	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	dial(&bob);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	sock = world_accept(&w, &cat.addr);
	ck_assert(world_is_closed(&w, sock));
	ck_assert(guest_beat(&ann) && guest_beat(&bob));
	guest_goodbye(&bob);
	dial(&cat);
	ck_assert_int_eq(guest_join(&cat, "cat"), STATUS_OK);
}
END_TEST

START_TEST(idle_connection_of_nobody_is_closed)
{
	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	world_pass(&w, 56 * USEC_S);
	ck_assert(world_is_closed(&w, ann.sock));
	ck_assert_uint_eq(server_stats(w.s)->online, 0);
}
END_TEST

/* ---- what breaks a stream ---- */

START_TEST(bad_length_closes_the_connection)
{
	dial(&ann);
	world_bytes(&w, ann.sock, "\0\0", 2);
	ck_assert(world_is_closed(&w, ann.sock));
	dial(&ann);
	world_bytes(&w, ann.sock, "\x04\xd1", 2); /* 1,233: not for strangers */
	ck_assert(world_is_closed(&w, ann.sock));
	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	world_bytes(&w, ann.sock, "\x40\1", 2);
	ck_assert(world_is_closed(&w, ann.sock));
	ck_assert_uint_eq(server_stats(w.s)->streams, 0);
}
END_TEST

START_TEST(goodbye_closes_the_connection)
{
	uint8_t after[] = "\0\1\1\0\1\1";

	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	guest_goodbye(&ann);
	ck_assert_ptr_nonnull(guest_got(&ann, SF_GOODBYE));
	ck_assert(world_is_closed(&w, ann.sock));
	world_bytes(&w, ann.sock, after, 6);
}
END_TEST

START_TEST(registering_again_over_the_same_connection_keeps_it)
{
	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&ann, "bea"), STATUS_OK);
	ck_assert(!world_is_closed(&w, ann.sock));
	ck_assert(guest_beat(&ann));
	ck_assert_uint_eq(server_stats(w.s)->online, 1);
}
END_TEST

START_TEST(registering_again_elsewhere_closes_the_old_connection)
{
	int old;

	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	old = ann.sock;
	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert(world_is_closed(&w, old));
	ck_assert(guest_beat(&ann));
}
END_TEST

START_TEST(init_over_tcp_and_first_data_over_udp)
{
	struct addr udp = ann.addr;
	struct rd r;

	dial(&ann);
	ck_assert(guest_hello(&ann));
	ck_assert(guest_init(&ann, "ann"));
	world_hangup(&w, ann.sock);
	ann.addr = udp;
	ann.sock = SERVER_UDP4;
	ck_assert(!guest_beat(&ann));
	ck_assert(guest_beat(&ann));
	ck_assert(guest_pushed(&ann, PUSH_PROVE, &r));
	ck_assert_int_eq(guest_lookup(&ann, "ann"), STATUS_OK);
}
END_TEST

/* Connections that come, speak, and go in any order leave nothing. */
START_TEST(random_life_of_streams_leaves_nothing)
{
	int socks[40], count = 0;
	uint8_t buf[300];

	for (int step = 0; step < 20000; step++) {
		int i = count > 0 ? (int)rng_below(&w.rng,
		    (uint32_t)count) : 0;
		struct addr from = guest_home((int)rng_below(&w.rng, 30));

		switch (rng_below(&w.rng, 6)) {
		case 0:
			if (count < 40)
				socks[count++] = world_accept(&w, &from);
			break;
		case 1:
			if (count > 0) {
				world_hangup(&w, socks[i]);
				socks[i] = socks[--count];
			}
			break;
		case 2:
			world_pass(&w, 200 * USEC_MS);
			break;
		default:
			rng_fill(&w.rng, buf, sizeof buf);
			buf[0] = 0;
			if (count > 0)
				world_bytes(&w, socks[i], buf,
				    rng_below(&w.rng, sizeof buf));
		}
		w.closed_count = 0;
		w.count = 0;
	}
	world_pass(&w, 6 * USEC_S);
	ck_assert_uint_eq(server_stats(w.s)->streams, 0);
	dial(&ann);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
}
END_TEST

static TCase *
clients_case(void)
{
	TCase *tc = tcase_create("clients");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, client_registers_over_tcp);
	tcase_add_test(tc, bytes_may_come_one_by_one);
	tcase_add_test(tc, peers_are_not_told_the_port_of_the_connection);
	tcase_add_test(tc, relay_goes_from_tcp_to_udp_and_back);
	tcase_add_test(tc, relay_between_streams_takes_long_packets);
	tcase_add_test(tc, route_is_not_for_other_streams);
	tcase_add_test(tc,
	    closed_connection_leaves_the_client_time_to_return);
	tcase_add_test(tc,
	    heartbeat_moves_a_client_from_udp_to_tcp_and_back);
	tcase_add_test(tc, observe_over_tcp_is_answered_and_moves_nobody);
	return tc;
}

Suite *
make_suite(void)
{
	Suite *suite = suite_create("stream");
	TCase *tc = tcase_create("limits");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, handshake_has_five_seconds_in_all);
	tcase_add_test(tc, site_has_at_most_eight_half_open_connections);
	tcase_add_test(tc, whoever_proved_nothing_is_cut_off);
	tcase_add_test(tc, connections_that_ended_do_not_count);
	tcase_add_test(tc, above_half_the_deadline_shrinks_to_a_second);
	tcase_add_test(tc, more_than_256_half_open_make_room_by_age);
	tcase_add_test(tc,
	    thousand_slow_connections_do_not_keep_an_honest_client_out);
	tcase_add_test(tc, full_table_of_streams_takes_no_more);
	tcase_add_test(tc, idle_connection_of_nobody_is_closed);
	tcase_add_test(tc, bad_length_closes_the_connection);
	tcase_add_test(tc, goodbye_closes_the_connection);
	tcase_add_test(tc,
	    registering_again_over_the_same_connection_keeps_it);
	tcase_add_test(tc,
	    registering_again_elsewhere_closes_the_old_connection);
	tcase_add_test(tc, init_over_tcp_and_first_data_over_udp);
	tcase_add_test(tc, random_life_of_streams_leaves_nothing);
	suite_add_tcase(suite, clients_case());
	suite_add_tcase(suite, tc);
	return suite;
}
