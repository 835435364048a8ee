#include "err.h"
#include "guest.h"

static struct world w;
static struct guest ann, bob;

static void
setup(void)
{
	world_open(&w, NULL);
	guest_make(&ann, &w, "ann", guest_home(1));
	guest_make(&bob, &w, "bob", guest_home(2));
}

static void
teardown(void)
{
	world_close(&w);
}

/* ---- registering ---- */

START_TEST(registers_in_two_round_trips)
{
	ck_assert(guest_hello(&ann));
	ck_assert(guest_init(&ann, "ann"));
	ck_assert_int_eq(ann.accept.status, STATUS_OK);
	ck_assert_str_eq(ann.accept.name, "ann");
	ck_assert(addr_eq(&ann.accept.seen, &ann.addr));
	ck_assert_uint_eq(ann.accept.probe_port, 9002);
	ck_assert_uint_eq(ann.accept.beat_min_s, 20);
	ck_assert_uint_eq(ann.accept.beat_max_s, 25);
	ck_assert_uint_eq(ann.accept.gone_s, 55);
	ck_assert_uint_eq(ann.accept.flags, ACCEPT_RELAY);
	ck_assert(guest_beat(&ann));
	ck_assert_uint_eq(server_stats(w.s)->online, 1);
}
END_TEST

START_TEST(ipv6_clients_are_served)
{
	static const uint8_t ip[16] = { 0x20, 1, 0xd, 0xb8, 1 };
	struct server_conf conf = world_conf();

	teardown();
	conf.bind6 = addr_any(ADDR_V6, 9000);
	world_open(&w, &conf);
	ann.addr = addr_v6(ip, 9001);
	ann.sock = SERVER_UDP6;
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert(addr_eq(&ann.accept.seen, &ann.addr));
}
END_TEST

START_TEST(registers_by_the_probe_port_as_well)
{
	ann.sock = SERVER_PROBE4;
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(w.sent[w.count - 1].sock, SERVER_PROBE4);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	world_forget(&w);
	ck_assert_int_eq(guest_request(&bob, &ann, "ann", 1), STATUS_OK);
	ck_assert_int_eq(w.sent[w.count - 1].sock, SERVER_PROBE4);
}
END_TEST

START_TEST(answer_counts_who_is_online)
{
	struct frame_got *got;
	struct rd r;
	struct addr addr;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_uint_eq(ann.accept.online, 0);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	ck_assert_uint_eq(bob.accept.online, 1);
	ck_assert(guest_beat(&ann));
	got = &ann.got[ann.got_count - 1];
	r = rd_of(got->body, got->len);
	get_u32(&r);
	addr = addr_get(&r);
	ck_assert(addr_eq(&addr, &ann.addr));
	get_u64(&r);
	ck_assert_uint_eq(get_u32(&r), 2);
	ck_assert(rd_done(&r));
}
END_TEST

/* ---- staying ---- */

START_TEST(silent_client_is_gone_after_55_seconds)
{
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	world_pass(&w, 30 * USEC_S);
	ck_assert(guest_beat(&bob));
	world_pass(&w, 24 * USEC_S + 900 * USEC_MS);
	ck_assert_int_eq(guest_lookup(&bob, "ann"), STATUS_OK);
	world_pass(&w, 101 * USEC_MS);
	ck_assert_int_eq(guest_lookup(&bob, "ann"), STATUS_UNKNOWN);
	ck_assert_uint_eq(server_stats(w.s)->lost, 1);
	ck_assert(!guest_beat(&ann));
}
END_TEST

START_TEST(forged_packets_keep_nobody_online)
{
	uint8_t packet[64];

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	memcpy(packet, ann.last, ann.last_len);
	for (int i = 0; i < 60; i++) {
		world_pass(&w, USEC_S);
		packet[20] ^= 1;
		world_dgram(&w, SERVER_UDP4, &ann.addr, packet,
		    ann.last_len);
	}
	ck_assert_uint_eq(server_stats(w.s)->online, 0);
}
END_TEST

START_TEST(goodbye_takes_effect_at_once_and_is_answered)
{
	struct frame_got *got;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	guest_goodbye(&ann);
	got = guest_got(&ann, SF_GOODBYE);
	ck_assert_ptr_nonnull(got);
	ck_assert_mem_eq(got->body, "\xff\xff\xff\xff", 4);
	ck_assert_int_eq(guest_lookup(&bob, "ann"), STATUS_UNKNOWN);
	ck_assert_uint_eq(server_stats(w.s)->left, 1);
	world_forget(&w);
	guest_goodbye(&ann);
	ck_assert_uint_eq(w.count, 0);
}
END_TEST

START_TEST(new_registration_replaces_the_old_session)
{
	struct guest old;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	old = ann;
	ann.addr = guest_home(20);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert(!guest_beat(&old));
	ck_assert_uint_eq(server_stats(w.s)->online, 1);
	ck_assert_uint_eq(server_stats(w.s)->left, 0);
}
END_TEST

START_TEST(old_session_lives_until_the_new_one_is_proved)
{
	struct guest old;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	old = ann;
	ck_assert(guest_hello(&ann));
	ck_assert(guest_init(&ann, "bea"));
	ck_assert(guest_beat(&old));
	ck_assert_int_eq(guest_lookup(&old, "ann"), STATUS_OK);
	ck_assert(guest_beat(&ann));
	ck_assert(!guest_beat(&old));
	ck_assert_int_eq(guest_lookup(&ann, "bea"), STATUS_OK);
}
END_TEST

START_TEST(name_that_went_while_shaking_hands_is_asked_again)
{
	ck_assert(guest_hello(&ann));
	ck_assert(guest_init(&ann, "sam"));
	ck_assert_int_eq(guest_join(&bob, "sam"), STATUS_OK);
	ck_assert(!guest_beat(&ann));
	ck_assert_ptr_nonnull(guest_got(&ann, SF_GOODBYE));
	ck_assert_int_eq(guest_join(&ann, "sam"), STATUS_NAME_TAKEN);
}
END_TEST

START_TEST(frames_of_one_packet_are_answered_in_one)
{
	uint8_t buf[256];
	struct wr wr = wr_of(buf, sizeof buf);
	size_t frame;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	for (uint32_t i = 0; i < 3; i++) {
		frame = wire_begin_frame(&wr, SF_CALL);
		put_u32(&wr, 100 + i);
		put_u8(&wr, OP_LOOKUP);
		wire_put_name(&wr, "ann");
		wire_end_frame(&wr, frame);
		frame = wire_begin_frame(&wr, 0x7e); /* not known */
		put_zeros(&wr, 3);
		wire_end_frame(&wr, frame);
	}
	world_forget(&w);
	guest_say(&ann, &wr);
	ck_assert_uint_eq(w.count, 1);
	for (int i = 0; i < 3; i++)
		ck_assert_ptr_nonnull(guest_got(&ann, SF_REPLY));
}
END_TEST

START_TEST(calls_are_limited_to_100_a_second)
{
	int answered = 0;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	for (int i = 0; i < 150; i++)
		answered += guest_lookup(&ann, "ann") == STATUS_OK;
	ck_assert_int_eq(answered, 100);
	ck_assert_int_eq(ann.status, STATUS_LIMIT);
	world_pass(&w, USEC_S);
	ck_assert_int_eq(guest_lookup(&ann, "ann"), STATUS_OK);
}
END_TEST

START_TEST(list_is_paged_and_filtered)
{
	static struct guest many[150];
	static char names[200][NAME_SIZE];
	char label[NAME_SIZE];

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	for (int i = 0; i < 150; i++) {
		snprintf(label, sizeof label, "%s-%d",
		    i % 3 == 0 ? "Tom" : "a-rather-long-name", i);
		guest_must_join(&many[i], &w, label, guest_home(10 + i));
	}
	ck_assert_uint_eq(guest_list(&ann, "", names, 200), 150);
	for (int i = 0; i < 150; i++)
		ck_assert_str_ne(names[i], "ann");
	ck_assert_uint_eq(guest_list(&ann, "tOm-", names, 200), 50);
	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(strncmp(names[i], "Tom-", 4), 0);
	ck_assert_uint_eq(guest_list(&ann, "nobody", NULL, 0), 0);
}
END_TEST

START_TEST(lookup_tells_key_and_time)
{
	char name[NAME_SIZE];
	struct rd r;

	ck_assert_int_eq(guest_join(&bob, "Bob"), STATUS_OK);
	world_pass(&w, 7 * USEC_S);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_lookup(&ann, "bOB"), STATUS_OK);
	r = rd_of(ann.reply, ann.reply_len);
	wire_get_name(&r, name);
	ck_assert_str_eq(name, "Bob");
	ck_assert_mem_eq(get_bytes(&r, KEY_LEN), bob.keys.public, KEY_LEN);
	ck_assert_uint_eq(get_u32(&r), 7);
	ck_assert_uint_eq(get_u8(&r), 0);
	ck_assert(rd_done(&r));
}
END_TEST

/* ---- other addresses ---- */

/* The address to which pushes go: where a request to Ann comes out. */
static struct addr
where_ann_is(uint8_t tag)
{
	struct addr nowhere = { 0 };

	world_forget(&w);
	ck_assert_int_eq(guest_request(&bob, &ann, "ann", tag), STATUS_OK);
	for (size_t i = 0; i < w.count; i++)
		if (!addr_eq(&w.sent[i].to, &bob.addr))
			return w.sent[i].to;
	return nowhere;
}

START_TEST(client_that_moves_is_reached_once_it_proved_its_address)
{
	struct addr old = ann.addr, at;
	struct rd r;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	ann.addr = guest_home(20);
	ck_assert(guest_beat(&ann));
	at = where_ann_is(1);
	ck_assert(addr_eq(&at, &old));
	ck_assert(guest_beat(&ann));
	ck_assert(guest_pushed(&ann, PUSH_PROVE, &r));
	ck_assert(rd_done(&r));
	at = where_ann_is(2);
	ck_assert(addr_eq(&at, &ann.addr));
}
END_TEST

START_TEST(what_waited_comes_to_the_new_address_at_once)
{
	struct addr away = guest_home(20);
	struct rd r;
	uint32_t id;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	ann.addr = away;
	ck_assert_int_eq(guest_request(&bob, &ann, "ann", 1), STATUS_OK);
	world_pass(&w, 2 * USEC_S);
	ck_assert(!guest_pushed_quietly(&ann, PUSH_REQUEST, &r, &id));
	ck_assert(guest_beat(&ann));
	ck_assert(guest_pushed(&ann, PUSH_PROVE, &r));
	ck_assert(guest_pushed(&ann, PUSH_REQUEST, &r));
}
END_TEST

/* Security.md S9: a source that is spoofed gets nothing but the one answer. */
START_TEST(spoofed_source_is_not_believed)
{
	struct addr victim = guest_home(30), at;
	struct guest spoofed;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	spoofed = ann;
	spoofed.addr = victim;
	guest_beat(&spoofed);
	for (uint32_t id = 0x40000000; id < 0x40000400; id++) {
		guest_ack(&spoofed, id);
		world_pass(&w, 5 * USEC_MS);
	}
	ann.session = spoofed.session;
	at = where_ann_is(1);
	ck_assert(addr_eq(&at, &ann.addr));
}
END_TEST

START_TEST(unproved_address_gets_at_most_three_times_its_bytes)
{
	static struct guest many[60];
	char label[NAME_SIZE];
	struct guest spoofed;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	for (int i = 0; i < 60; i++) {
		snprintf(label, sizeof label, "a-rather-long-name-%d", i);
		guest_must_join(&many[i], &w, label, guest_home(10 + i));
	}
	spoofed = ann;
	spoofed.addr = guest_home(199);
	for (int i = 0; i < 40; i++) {
		uint8_t buf[64];
		struct wr wr = wr_of(buf, sizeof buf);

		wire_put_name(&wr, "");
		put_u32(&wr, 0);
		world_forget(&w);
		guest_call(&spoofed, i % 2 == 0 ? OP_LIST : OP_LOOKUP, &wr);
		ck_assert_uint_le(w.count, 1);
		if (w.count == 1)
			ck_assert_uint_le(w.sent[0].len,
			    3 * spoofed.last_len);
	}
	/* From the proved address a page is full. */
	ann.session = spoofed.session;
	world_forget(&w);
	guest_list(&ann, "", NULL, 0);
	ck_assert_uint_ge(w.sent[0].len, 1100);
}
END_TEST

START_TEST(packet_that_was_overtaken_does_not_move_the_client)
{
	struct guest late;
	struct rd r;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	late = ann;
	ann.session.keys.next += 5;
	ck_assert(guest_beat(&ann));
	late.addr = guest_home(20);
	late.beat = 100;
	ck_assert(guest_beat(&late));
	ck_assert(!guest_pushed(&late, PUSH_PROVE, &r));
}
END_TEST

START_TEST(proof_is_good_for_a_minute_at_most)
{
	struct rd r;
	uint32_t id;
	struct addr at, old = ann.addr;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ann.addr = guest_home(20);
	ck_assert(guest_beat(&ann));
	ck_assert(guest_pushed_quietly(&ann, PUSH_PROVE, &r, &id));
	world_pass(&w, 40 * USEC_S);
	ann.addr = old;
	ck_assert(guest_beat(&ann));
	world_pass(&w, 40 * USEC_S);
	ann.addr = guest_home(20);
	guest_ack(&ann, id);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	at = where_ann_is(1);
	ck_assert(addr_eq(&at, &old));
}
END_TEST

/* ---- OBSERVE ---- */

static void
observe(struct guest *g, bool other_port)
{
	uint8_t buf[32];
	struct wr wr = wr_of(buf, sizeof buf);
	size_t frame = wire_begin_frame(&wr, SF_OBSERVE);

	put_u64(&wr, 0x1122334455667788);
	put_u8(&wr, other_port);
	wire_end_frame(&wr, frame);
	guest_say(g, &wr);
}

static struct sent *
last_sent(void)
{
	ck_assert_uint_gt(w.count, 0);
	return &w.sent[w.count - 1];
}

START_TEST(observe_answers_from_the_port_that_was_asked_for)
{
	static const struct { int to; bool other; int from; } cases[] = {
		{ SERVER_UDP4, false, SERVER_UDP4 },
		{ SERVER_UDP4, true, SERVER_PROBE4 },
		{ SERVER_PROBE4, false, SERVER_PROBE4 },
		{ SERVER_PROBE4, true, SERVER_UDP4 },
	};

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	for (int i = 0; i < 4; i++) {
		struct frame_got *got;
		struct addr seen;
		struct rd r;

		world_forget(&w);
		ann.sock = cases[i].to;
		ann.addr.port = (uint16_t)(5000 + i);
		observe(&ann, cases[i].other);
		ck_assert_uint_eq(w.count, 1);
		ck_assert_int_eq(last_sent()->sock, cases[i].from);
		got = guest_got(&ann, SF_OBSERVED);
		ck_assert_ptr_nonnull(got);
		r = rd_of(got->body, got->len);
		ck_assert_uint_eq(get_u64(&r), 0x1122334455667788);
		seen = addr_get(&r);
		ck_assert(addr_eq(&seen, &ann.addr));
		ck_assert(rd_done(&r));
	}
}
END_TEST

START_TEST(observe_does_not_move_the_client)
{
	struct addr at, old = ann.addr;
	struct rd r;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	ann.addr.port++;
	observe(&ann, false);
	ck_assert(!guest_pushed(&ann, PUSH_PROVE, &r));
	at = where_ann_is(1);
	ck_assert(addr_eq(&at, &old));
}
END_TEST

/* Many questions in one packet that came from somebody else's address. */
START_TEST(observe_is_no_amplifier)
{
	uint8_t buf[DGRAM_MAX - SESSION_OVERHEAD];
	struct wr wr = wr_of(buf, sizeof buf);
	struct guest spoofed;
	size_t i, bytes = 0;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	spoofed = ann;
	spoofed.addr = guest_home(199);
	while (wr.cap - wr.len >= 3 + 8 + 1) {
		size_t frame = wire_begin_frame(&wr, SF_OBSERVE);

		put_u64(&wr, 7);
		put_u8(&wr, 1);
		wire_end_frame(&wr, frame);
	}
	world_forget(&w);
	guest_say(&spoofed, &wr);
	for (i = 0; i < w.count; i++)
		bytes += w.sent[i].len;
	ck_assert_uint_gt(w.count, 0);
	ck_assert_uint_le(bytes, 3 * spoofed.last_len);
}
END_TEST

START_TEST(without_probe_port_the_other_port_is_silent)
{
	struct server_conf conf = world_conf();

	teardown();
	world_open(&w, NULL);
	conf.probe_port = 0;
	teardown();
	world_open(&w, &conf);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_uint_eq(ann.accept.probe_port, 0);
	world_forget(&w);
	observe(&ann, true);
	ck_assert_uint_eq(w.count, 0);
}
END_TEST

/* ---- starting and stopping ---- */

static void
open_again(const struct server_conf *conf, int sock, int err)
{
	uint8_t seed[RNG_SEED_LEN] = { 1 };

	server_free(w.s);
	w.conf = *conf;
	w.conf.log = &w.log;
	w.open_err[sock] = err;
	w.s = server_new(&w.conf, seed, w.now, 1700000000);
	ck_assert_ptr_nonnull(w.s);
	world_pass(&w, 0);
}

START_TEST(port_in_use_is_a_failure)
{
	struct server_conf conf = w.conf;

	open_again(&conf, SERVER_TCP4, E_TAKEN);
	ck_assert(server_is_done(w.s));
	ck_assert_str_eq(server_failure(w.s),
	    "TCP, IPv4: the port is in use");
	ck_assert_uint_eq(server_deadline(w.s), USEC_NEVER);
}
END_TEST

START_TEST(probe_port_in_use_is_done_without)
{
	struct server_conf conf = w.conf;

	open_again(&conf, SERVER_PROBE4, E_TAKEN);
	ck_assert_ptr_null(server_failure(w.s));
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_uint_eq(ann.accept.probe_port, 0);
}
END_TEST

START_TEST(missing_ipv6_is_no_failure)
{
	struct server_conf conf = w.conf;

	conf.bind6 = addr_any(ADDR_V6, 9000);
	open_again(&conf, SERVER_UDP6, E_IO);
	ck_assert_ptr_null(server_failure(w.s));
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
}
END_TEST

START_TEST(no_address_at_all_is_a_failure)
{
	struct server_conf conf = w.conf;

	memset(&conf.bind4, 0, sizeof conf.bind4);
	open_again(&conf, SERVER_UDP4, 0);
	ck_assert_ptr_nonnull(server_failure(w.s));
	ck_assert(server_is_done(w.s));
}
END_TEST

START_TEST(nonsense_sizes_are_refused)
{
	struct server_conf conf = world_conf();
	uint8_t seed[RNG_SEED_LEN] = { 0 };

	conf.clients_max = 0;
	ck_assert_ptr_null(server_new(&conf, seed, 0, 0));
	conf.clients_max = 10;
	conf.names_max = 9;
	ck_assert_ptr_null(server_new(&conf, seed, 0, 0));
}
END_TEST

START_TEST(configuration_of_zeros_still_serves)
{
	struct server_conf conf = w.conf;

	conf.site_names = conf.site_burst = conf.handshakes_per_s = 0;
	conf.relay_user = conf.relay_burst = conf.relay_total = 0;
	open_again(&conf, SERVER_UDP4, 0);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
}
END_TEST

START_TEST(stop_tells_everybody_when_to_come_back)
{
	static struct guest many[100];
	uint32_t least = UINT32_MAX, most = 0;
	char label[16];

	for (int i = 0; i < 100; i++) {
		snprintf(label, sizeof label, "guest%d", i);
		guest_must_join(&many[i], &w, label, guest_home(10 + i));
	}
	server_stop(w.s, w.now);
	world_pass(&w, USEC_S);
	ck_assert(server_is_done(w.s));
	ck_assert_ptr_null(server_failure(w.s));
	for (int i = 0; i < 100; i++) {
		struct frame_got *got = guest_got(&many[i], SF_GOODBYE);
		struct rd r;
		uint32_t ms;

		ck_assert_ptr_nonnull(got);
		r = rd_of(got->body, got->len);
		ms = get_u32(&r);
		least = ms < least ? ms : least;
		most = ms > most ? ms : most;
	}
	ck_assert_uint_ge(least, 1000);
	ck_assert_uint_le(most, 2000);
	ck_assert_uint_ge(most - least, 500);
}
END_TEST

/* Security.md S18, at the server's end: 1,000 clients are spread over 10 s
 * so that no second sees more than 200. */
START_TEST(thousand_clients_return_spread_over_ten_seconds)
{
	static struct guest many[1000];
	struct server_conf conf = world_conf();
	int in_second[40] = { 0 }, most = 0, last = 0;
	char label[16];

	teardown();
	conf.clients_max = 1200;
	conf.names_max = 1200;
	world_open(&w, &conf);
	for (int i = 0; i < 1000; i++) {
		snprintf(label, sizeof label, "guest%d", i);
		guest_make(&many[i], &w, label,
		    addr_v4(10, 1, (uint8_t)(i / 200), (uint8_t)(i % 200),
		    9001));
		ck_assert_int_eq(guest_join(&many[i], label), STATUS_OK);
	}
	world_forget(&w);
	server_stop(w.s, w.now);
	world_pass(&w, USEC_S);
	for (int i = 0; i < 1000; i++) {
		struct frame_got *got = guest_got(&many[i], SF_GOODBYE);
		struct rd r;
		int second;

		ck_assert_ptr_nonnull(got);
		r = rd_of(got->body, got->len);
		second = (int)(get_u32(&r) / 1000);
		ck_assert_int_lt(second, 30);
		in_second[second]++;
	}
	for (int i = 0; i < 40; i++) {
		most = in_second[i] > most ? in_second[i] : most;
		last = in_second[i] > 0 ? i : last;
	}
	ck_assert_int_le(most, 200);
	ck_assert_int_ge(last, 10);
}
END_TEST

START_TEST(stopping_server_takes_nobody)
{
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	server_stop(w.s, w.now);
	ck_assert(!guest_hello(&bob));
	world_pass(&w, USEC_S);
	server_stop(w.s, w.now);
	ck_assert(server_is_done(w.s));
}
END_TEST

/* Security.md S16, S21. */
START_TEST(log_is_bounded_and_knows_no_address)
{
	static struct guest many[300];
	char label[NAME_SIZE];
	size_t lines = 0;

	for (int i = 0; i < 300; i++) {
		snprintf(label, sizeof label, "g%%n%%s%d", i);
		guest_make(&many[i], &w, label, guest_home(10 + i));
		ck_assert_int_eq(guest_join(&many[i], label), STATUS_OK);
	}
	for (size_t i = 0; i < w.log_len; i++)
		lines += w.log_text[i] == '\n';
	ck_assert_uint_le(lines, 110);
	ck_assert_ptr_nonnull(strstr(w.log_text, "\"g%n%s5\" registered"));
	ck_assert_ptr_null(strstr(w.log_text, "198.51"));
	ck_assert_ptr_null(strstr(w.log_text, "9001"));
	world_pass(&w, 2 * USEC_S);
	guest_goodbye(&many[0]);
	ck_assert_ptr_nonnull(strstr(w.log_text, "200 lines like the next"));
	lines = w.log_len;
	guest_goodbye(&many[1]);
	ck_assert_str_eq(w.log_text + lines, "2 \"g%n%s1\" left\n");
}
END_TEST

static TCase *
register_case(void)
{
	TCase *tc = tcase_create("register");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, registers_in_two_round_trips);
	tcase_add_test(tc, ipv6_clients_are_served);
	tcase_add_test(tc, registers_by_the_probe_port_as_well);
	tcase_add_test(tc, answer_counts_who_is_online);
	return tc;
}

static TCase *
session_case(void)
{
	TCase *tc = tcase_create("session");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, silent_client_is_gone_after_55_seconds);
	tcase_add_test(tc, forged_packets_keep_nobody_online);
	tcase_add_test(tc, goodbye_takes_effect_at_once_and_is_answered);
	tcase_add_test(tc, new_registration_replaces_the_old_session);
	tcase_add_test(tc, old_session_lives_until_the_new_one_is_proved);
	tcase_add_test(tc, name_that_went_while_shaking_hands_is_asked_again);
	tcase_add_test(tc, frames_of_one_packet_are_answered_in_one);
	tcase_add_test(tc, calls_are_limited_to_100_a_second);
	tcase_add_test(tc, list_is_paged_and_filtered);
	tcase_add_test(tc, lookup_tells_key_and_time);
	return tc;
}

static TCase *
address_case(void)
{
	TCase *tc = tcase_create("address");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc,
	    client_that_moves_is_reached_once_it_proved_its_address);
	tcase_add_test(tc, what_waited_comes_to_the_new_address_at_once);
	tcase_add_test(tc, spoofed_source_is_not_believed);
	tcase_add_test(tc,
	    unproved_address_gets_at_most_three_times_its_bytes);
	tcase_add_test(tc,
	    packet_that_was_overtaken_does_not_move_the_client);
	tcase_add_test(tc, proof_is_good_for_a_minute_at_most);
	tcase_add_test(tc, observe_answers_from_the_port_that_was_asked_for);
	tcase_add_test(tc, observe_does_not_move_the_client);
	tcase_add_test(tc, observe_is_no_amplifier);
	tcase_add_test(tc, without_probe_port_the_other_port_is_silent);
	return tc;
}

Suite *
make_suite(void)
{
	Suite *suite = suite_create("server");
	TCase *tc = tcase_create("life");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, port_in_use_is_a_failure);
	tcase_add_test(tc, probe_port_in_use_is_done_without);
	tcase_add_test(tc, missing_ipv6_is_no_failure);
	tcase_add_test(tc, no_address_at_all_is_a_failure);
	tcase_add_test(tc, nonsense_sizes_are_refused);
	tcase_add_test(tc, configuration_of_zeros_still_serves);
	tcase_add_test(tc, stop_tells_everybody_when_to_come_back);
	tcase_add_test(tc, thousand_clients_return_spread_over_ten_seconds);
	tcase_add_test(tc, stopping_server_takes_nobody);
	tcase_add_test(tc, log_is_bounded_and_knows_no_address);
	suite_add_tcase(suite, register_case());
	suite_add_tcase(suite, session_case());
	suite_add_tcase(suite, address_case());
	suite_add_tcase(suite, tc);
	return suite;
}
