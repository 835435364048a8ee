#include "addr.h"
#include "guest.h"

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

/* ---- security.md S1: no amplification ---- */

enum { HEADERS_V4 = 28, HEADERS_V6 = 48 };

/* Sends a packet of a stranger; fails if it gets back more than 0.4 of it,
 * headers included, or more than one packet. Returns how many came. */
static size_t
poke(int sock, const struct addr *from, const uint8_t *buf, size_t len)
{
	const size_t headers =
	    from->family == ADDR_V6 ? HEADERS_V6 : HEADERS_V4;

	world_forget(&w);
	world_dgram(&w, sock, from, buf, len);
	ck_assert_uint_le(w.count, 1);
	if (w.count == 1) {
		ck_assert(addr_eq(&w.sent[0].to, from));
		ck_assert_int_eq(w.sent[0].sock, sock);
		ck_assert_uint_le(10 * (w.sent[0].len + headers),
		    4 * (len + headers));
	}
	return w.count;
}

/* Every type and every length, of zeros and of noise. */
START_TEST(stranger_never_gets_more_than_four_tenths)
{
	static const uint8_t ip6[16] = { 0x20, 1, 0xd, 0xb8, 1 };
	const struct addr v6 = addr_v6(ip6, 9001), v4 = guest_home(1);
	uint8_t buf[1501];
	size_t answers = 0;

	for (int type = 0; type < 256; type++) {
		for (size_t len = 0; len <= 1500; len++) {
			if (len % 2 == 0)
				memset(buf, 0, len);
			else
				rng_fill(&w.rng, buf, len < 64 ? len : 64);
			buf[0] = (uint8_t)type;
			answers += poke(SERVER_UDP4, &v4, buf, len);
			answers += poke(SERVER_PROBE6, &v6, buf, len);
		}
	}
	/* HELLOs of 256 to 1,500 bytes, on two sockets. */
	ck_assert_uint_eq(answers, 2 * (1500 - 256 + 1));
}
END_TEST

START_TEST(other_protocols_get_no_answer)
{
	static const char *const packets[] = {
		"000100002112a442b7e7a701bc34d686fa87dfae", /* STUN */
		"1700032a00000000",                         /* NTP monlist */
		"13370100000100000000000003777777076578616d706c6503636f6d"
		"0000ff0001",                               /* DNS ANY */
		"16030100c8010000c40303",                   /* TLS */
		"01000000",
	};
	struct addr from = guest_home(1);
	uint8_t buf[64];

	for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
		size_t len = unhex(packets[i], buf, sizeof buf);

		ck_assert_uint_eq(poke(SERVER_UDP4, &from, buf, len), 0);
	}
	ck_assert_uint_eq(w.log_len, 0);
}
END_TEST

/* Whoever speaks another version is told so, and nothing is kept of him. */
START_TEST(another_version_gets_a_clear_answer)
{
	static const uint8_t versions[] = { 2, 9, 10, 255 };
	size_t i;

	for (i = 0; i < sizeof versions; i++) {
		ann.version = versions[i];
		ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_VERSION);
	}
	ann.version = 0;
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
}
END_TEST

START_TEST(prologues_tell_versions_apart)
{
	uint8_t nonce[NONCE_LEN] = { 7 }, out[PROLOGUE_SERVER_LEN];

	wire_server_prologue(nonce, out);
	ck_assert_mem_eq(out, "gop2p/1 server\0\0\7", 17);
	wire_server_prologue_of(255, nonce, out);
	ck_assert_mem_eq(out, "gop2p/255 server\7", 17);
}
END_TEST

START_TEST(packet_from_port_zero_is_not_answered)
{
	uint8_t buf[HELLO_LEN];
	size_t len = guest_write_hello(&ann, buf);

	ann.addr.port = 0;
	ck_assert_uint_eq(poke(SERVER_UDP4, &ann.addr, buf, len), 0);
}
END_TEST

/* ---- S2: nothing is kept ---- */

START_TEST(million_spoofed_hellos_leave_nothing)
{
	uint8_t buf[HELLO_LEN];
	size_t len = guest_write_hello(&ann, buf);
	const struct server_stats *stats = server_stats(w.s);
	struct input in = { .kind = IN_DGRAM, .buf = buf, .len = len };
	const usec_t deadline = server_deadline(w.s);
	struct act act;

	for (uint32_t n = 0; n < 1000000; n++) {
		in.from = addr_v4(10, (uint8_t)(n >> 16), (uint8_t)(n >> 8),
		    (uint8_t)n, 9001);
		server_input(w.s, w.now, &in);
		ck_assert(server_next(w.s, w.now, &act));
		ck_assert_int_eq(act.kind, ACT_SEND);
		ck_assert(!server_next(w.s, w.now, &act));
	}
	stats = server_stats(w.s);
	ck_assert_uint_eq(stats->hellos, 1000000);
	ck_assert_uint_eq(stats->handshakes, 0);
	ck_assert_uint_eq(stats->half_open, 0);
	ck_assert_uint_eq(stats->names, 0);
	ck_assert_uint_eq(stats->dropped, 0);
	ck_assert_uint_eq(server_deadline(w.s), deadline);
	ck_assert_uint_eq(w.log_len, 0);
}
END_TEST

START_TEST(spoofed_inits_cost_no_handshake)
{
	uint8_t buf[INIT_LEN];
	struct addr from;
	size_t len;

	ck_assert(guest_hello(&ann));
	len = guest_write_init(&ann, "ann", buf);
	for (int n = 0; n < 10000; n++) {
		from = guest_home(10 + n % 300);
		from.port = (uint16_t)(1024 + n);
		ck_assert_uint_eq(poke(SERVER_UDP4, &from, buf, len), 0);
	}
	ck_assert_uint_eq(server_stats(w.s)->handshakes, 0);
	/* S4: none of it counts against the address that was spoofed. */
	for (int n = 0; n < 10000; n++) {
		from = ann.addr;
		rng_fill(&w.rng, buf + 24, COOKIE_LEN);
		world_dgram(&w, SERVER_UDP4, &from, buf, len);
	}
	world_forget(&w);
	ck_assert_uint_eq(server_stats(w.s)->handshakes, 0);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
}
END_TEST

/* ---- cookies ---- */

START_TEST(cookie_is_good_for_its_address_and_nonce_only)
{
	uint8_t buf[INIT_LEN];
	struct addr other;
	size_t len;

	ck_assert(guest_hello(&ann));
	len = guest_write_init(&ann, "ann", buf);
	other = guest_home(9);
	ck_assert_uint_eq(poke(SERVER_UDP4, &other, buf, len), 0);
	other = ann.addr;
	other.port++;
	ck_assert_uint_eq(poke(SERVER_UDP4, &other, buf, len), 0);
	buf[8] ^= 1;
	ck_assert_uint_eq(poke(SERVER_UDP4, &ann.addr, buf, len), 0);
	ck_assert_uint_eq(server_stats(w.s)->handshakes, 0);
}
END_TEST

START_TEST(cookie_expires_after_four_minutes)
{
	uint8_t buf[INIT_LEN];

	ck_assert(guest_hello(&ann));
	world_pass(&w, 119 * USEC_S);
	ck_assert(guest_init(&ann, "ann"));
	world_pass(&w, 122 * USEC_S);
	world_forget(&w);
	guest_send(&ann, buf, guest_write_init(&ann, "ann", buf));
	ck_assert_uint_eq(w.count, 0);
}
END_TEST

/* ---- handshakes ---- */

START_TEST(nothing_is_committed_before_the_first_data_packet)
{
	ck_assert(guest_hello(&ann));
	ck_assert(guest_init(&ann, "ann"));
	ck_assert_uint_eq(server_stats(w.s)->online, 0);
	ck_assert_uint_eq(server_stats(w.s)->half_open, 1);
	ck_assert_uint_eq(server_stats(w.s)->names, 0);
	ck_assert_uint_eq(w.stored_count, 0);
	world_pass(&w, 10 * USEC_S + USEC_MS);
	ck_assert_uint_eq(server_stats(w.s)->half_open, 0);
	ck_assert(!guest_beat(&ann));
	ck_assert_int_eq(guest_join(&bob, "ann"), STATUS_OK);
}
END_TEST

START_TEST(repeated_init_gets_the_same_accept)
{
	uint8_t first[256];
	struct sent *sent;
	size_t len;

	ck_assert(guest_hello(&ann));
	ck_assert(guest_init(&ann, "ann"));
	len = w.sent[w.count - 1].len;
	memcpy(first, w.sent[w.count - 1].buf, len);
	for (int i = 0; i < 100; i++) {
		guest_send(&ann, ann.last, ann.last_len);
		sent = world_take(&w, SERVER_UDP4, &ann.addr);
		ck_assert_ptr_nonnull(sent);
		ck_assert_uint_eq(sent->len, len);
		ck_assert_mem_eq(sent->buf, first, len);
	}
	ck_assert_uint_eq(server_stats(w.s)->handshakes, 1);
	ck_assert(guest_beat(&ann));
}
END_TEST

/* S14. */
START_TEST(replayed_init_changes_nothing_for_its_owner)
{
	uint8_t init[INIT_LEN];

	ck_assert(guest_hello(&ann));
	ck_assert(guest_init(&ann, "ann"));
	memcpy(init, ann.last, sizeof init);
	ck_assert(guest_beat(&ann));
	for (int i = 0; i < 50; i++) {
		world_dgram(&w, SERVER_UDP4, &ann.addr, init, sizeof init);
		world_pass(&w, 20 * USEC_S);
		world_forget(&w);
		ck_assert(guest_beat(&ann));
	}
	ck_assert_uint_eq(server_stats(w.s)->online, 1);
	ck_assert_uint_eq(server_stats(w.s)->registered, 1);
	ck_assert_uint_eq(server_stats(w.s)->names, 1);
}
END_TEST

START_TEST(site_has_at_most_eight_half_open_handshakes)
{
	int answered = 0;

	for (int i = 0; i < 20; i++) {
		ann.addr.port = (uint16_t)(2000 + i);
		ck_assert(guest_hello(&ann));
		answered += guest_init(&ann, "ann");
	}
	ck_assert_int_eq(answered, 8);
	ck_assert_uint_eq(server_stats(w.s)->limited, 12);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	world_pass(&w, 11 * USEC_S);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
}
END_TEST

START_TEST(handshakes_of_all_are_budgeted)
{
	struct server_conf conf = world_conf();
	int answered = 0;

	teardown();
	conf.handshakes_per_s = 10;
	world_open(&w, &conf);
	for (int i = 0; i < 30; i++) {
		ann.addr = guest_home(i);
		ck_assert(guest_hello(&ann));
		answered += guest_init(&ann, "");
	}
	ck_assert_int_eq(answered, 10);
	world_pass(&w, USEC_S);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
}
END_TEST

START_TEST(low_order_keys_get_silence)
{
	uint8_t buf[INIT_LEN];
	struct noise noise;

	ck_assert(guest_hello(&ann));
	guest_write_init(&ann, "ann", buf);
	noise = ann.noise;
	memset(buf + 40, 0, 32);
	world_forget(&w);
	guest_send(&ann, buf, sizeof buf);
	ck_assert_uint_eq(w.count, 0);
	ck_assert_uint_eq(server_stats(w.s)->half_open, 0);
	noise_fini(&noise);
}
END_TEST

START_TEST(many_half_open_make_room_by_age)
{
	struct server_conf conf = world_conf();
	static struct guest many[80];

	teardown();
	conf.clients_max = 100; /* 64 may be half-open */
	world_open(&w, &conf);
	for (int i = 0; i < 80; i++) {
		guest_make(&many[i], &w, "x", guest_home(i));
		ck_assert(guest_hello(&many[i]));
		ck_assert(guest_init(&many[i], ""));
		ck_assert_uint_le(server_stats(w.s)->half_open, 64);
	}
	ck_assert(!guest_beat(&many[15]));
	ck_assert(guest_beat(&many[16]));
}
END_TEST

/* ---- S6: how many ---- */

START_TEST(site_brings_64_new_keys_at_once_then_one_a_second)
{
	static struct guest many[100];
	char label[16];
	int joined = 0;

	for (int i = 0; i < 100; i++) {
		int status;

		snprintf(label, sizeof label, "guest%d", i);
		guest_make(&many[i], &w, label, guest_home(1));
		many[i].addr.port = (uint16_t)(2000 + i);
		status = guest_join(&many[i], label);
		ck_assert(status == STATUS_OK || status == STATUS_TOO_MANY);
		joined += status == STATUS_OK;
	}
	ck_assert_int_eq(joined, 64);
	world_pass(&w, 10 * USEC_S);
	for (int i = 80; i < 100; i++)
		joined += guest_join(&many[i], "") == STATUS_OK;
	ck_assert_int_ge(joined, 64 + 9);
	ck_assert_int_le(joined, 64 + 10);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
}
END_TEST

/* The owner of a name changes it as slowly here as by RENAME. */
START_TEST(names_of_one_key_are_limited_too)
{
	char name[16];
	int joined = 0;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "ann%d", i);
		joined += guest_join(&ann, name) == STATUS_OK;
	}
	ck_assert_int_ge(joined, 60);
	ck_assert_int_le(joined, 64);
	ck_assert_int_eq(guest_join(&ann, ""), STATUS_OK);
	world_pass(&w, 2 * USEC_S);
	ck_assert_int_eq(guest_join(&ann, "anna"), STATUS_OK);
}
END_TEST

START_TEST(site_has_at_most_256_clients)
{
	struct server_conf conf = world_conf();
	static struct guest many[270];
	char label[16];
	int joined = 0;

	teardown();
	conf.site_burst = 1000;
	world_open(&w, &conf);
	for (int i = 0; i < 270; i++) {
		snprintf(label, sizeof label, "guest%d", i);
		guest_make(&many[i], &w, label, guest_home(1));
		many[i].addr.port = (uint16_t)(2000 + i);
		joined += guest_join(&many[i], label) == STATUS_OK;
	}
	ck_assert_int_eq(joined, 256);
	world_pass(&w, 5 * USEC_S);
	ck_assert_int_eq(guest_join(&many[265], ""), STATUS_TOO_MANY);
	ck_assert_int_eq(guest_join(&many[10], ""), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	guest_goodbye(&many[20]);
	ck_assert_int_eq(guest_join(&many[265], ""), STATUS_OK);
}
END_TEST

/* Those who came to INIT together and were all found to fit. */
START_TEST(limit_of_a_site_holds_at_the_last_step_too)
{
	struct server_conf conf = world_conf();
	static struct guest many[8];
	int joined = 0;

	teardown();
	conf.site_names = 3;
	world_open(&w, &conf);
	for (int i = 0; i < 8; i++) {
		char label[16];

		snprintf(label, sizeof label, "guest%d", i);
		guest_make(&many[i], &w, label, guest_home(1));
		many[i].addr.port = (uint16_t)(2000 + i);
		ck_assert(guest_hello(&many[i]));
		ck_assert(guest_init(&many[i], label));
	}
	for (int i = 0; i < 8; i++)
		joined += guest_beat(&many[i]);
	ck_assert_int_eq(joined, 3);
	ck_assert_uint_eq(server_stats(w.s)->names, 3);
}
END_TEST

START_TEST(full_server_refuses_and_evicts_nobody)
{
	struct server_conf conf = world_conf();

	teardown();
	conf.clients_max = 2;
	conf.names_max = 2;
	world_open(&w, &conf);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	ck_assert_int_eq(guest_join(&cat, "cat"), STATUS_FULL);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert(guest_beat(&bob));
	/* The names stay theirs when they go. */
	guest_goodbye(&bob);
	ck_assert_int_eq(guest_join(&cat, "cat"), STATUS_FULL);
	ck_assert_int_eq(guest_join(&bob, ""), STATUS_OK);
}
END_TEST

START_TEST(storm_of_registrations_leaves_memory_flat)
{
	const struct server_stats *stats;

	for (int i = 0; i < 3000; i++) {
		struct guest *g = i % 3 == 0 ? &ann : i % 3 == 1 ? &bob :
		    &cat;

		if (guest_join(g, "") == STATUS_OK)
			guest_goodbye(g);
		world_pass(&w, 50 * USEC_MS);
	}
	stats = server_stats(w.s);
	ck_assert_uint_eq(stats->online, 0);
	ck_assert_uint_eq(stats->names, 3);
	ck_assert_uint_eq(stats->pairs, 0);
	ck_assert_uint_eq(stats->dropped, 0);
}
END_TEST

/* ---- S13: damaged packets ---- */

enum { KINDS = 5 };

/* A valid packet of each kind, for a server in the state that it needs. */
static size_t
valid_packet(int kind, uint8_t *buf)
{
	uint64_t a, b;

	switch (kind) {
	case 0:
		return guest_write_hello(&ann, buf);
	case 1:
		ck_assert(guest_hello(&ann));
		return guest_write_init(&ann, "ann", buf);
	case 2:
		ck_assert(guest_hello(&ann));
		ck_assert(guest_init(&ann, "ann"));
		guest_beat(&ann); /* committed with this */
		memcpy(buf, ann.last, ann.last_len);
		return ann.last_len;
	case 3:
		ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
		ck_assert_int_eq(guest_lookup(&ann, "ann"), STATUS_OK);
		memcpy(buf, ann.last, ann.last_len);
		return ann.last_len;
	default:
		ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
		ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
		guest_introduce(&ann, &bob, 1, &a, &b);
		guest_relay(&ann, a, 200);
		memcpy(buf, ann.last, ann.last_len);
		return ann.last_len;
	}
}

START_TEST(truncated_packets_change_nothing)
{
	uint8_t buf[2048];
	size_t len = valid_packet(_i, buf);
	struct server_stats before = *server_stats(w.s), after;

	for (size_t n = 0; n < len; n++) {
		world_forget(&w);
		world_dgram(&w, SERVER_UDP4, &ann.addr, buf, n);
		if (buf[0] != PACKET_RELAY || n < 44)
			ck_assert_uint_eq(w.count, 0);
	}
	after = *server_stats(w.s);
	ck_assert_uint_eq(after.handshakes, before.handshakes);
	ck_assert_uint_eq(after.online, before.online);
	ck_assert_uint_eq(after.names, before.names);
	ck_assert_uint_eq(after.calls, before.calls);
	ck_assert_uint_eq(after.registered, before.registered);
}
END_TEST

START_TEST(flipped_bits_change_nothing)
{
	uint8_t buf[2048];
	size_t len = valid_packet(_i, buf);
	struct server_stats before = *server_stats(w.s), after;

	for (size_t bit = 0; bit < len * 8; bit++) {
		buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
		world_forget(&w);
		world_dgram(&w, SERVER_UDP4, &ann.addr, buf, len);
		ck_assert_uint_le(w.count, 1);
		buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	after = *server_stats(w.s);
	ck_assert_uint_eq(after.online, before.online);
	ck_assert_uint_eq(after.names, before.names);
	ck_assert_uint_eq(after.calls, before.calls);
	ck_assert_uint_eq(after.registered, before.registered);
	if (_i > 1)
		ck_assert_uint_eq(after.handshakes, before.handshakes);
}
END_TEST

/* S14: nothing counts twice. */
START_TEST(replayed_packets_change_nothing)
{
	uint8_t buf[2048];
	size_t len;
	struct server_stats before, after;

	if (_i < 2)
		return;
	len = valid_packet(_i, buf);
	before = *server_stats(w.s);
	for (int i = 0; i < 1000; i++)
		world_dgram(&w, SERVER_UDP4, &ann.addr, buf, len);
	after = *server_stats(w.s);
	ck_assert_uint_eq(after.calls, before.calls);
	ck_assert_uint_eq(after.registered, before.registered);
	if (_i < 4)
		ck_assert_uint_eq(after.forged, before.forged + 1000);
}
END_TEST

/* S15. */
START_TEST(own_packets_that_come_back_are_not_answered)
{
	static struct sent sent[64];
	size_t count;
	uint64_t a, b;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	guest_introduce(&ann, &bob, 1, &a, &b);
	count = w.count < 64 ? w.count : 64;
	memcpy(sent, w.sent, count * sizeof sent[0]);
	world_forget(&w);
	for (size_t i = 0; i < count; i++)
		world_dgram(&w, SERVER_UDP4, &sent[i].to, sent[i].buf,
		    sent[i].len);
	ck_assert_uint_eq(w.count, 0);
}
END_TEST

START_TEST(bytes_after_a_valid_packet_spoil_it)
{
	uint8_t buf[2048];
	size_t len;

	for (int kind = 1; kind < 4; kind++) {
		len = valid_packet(kind, buf);
		rng_fill(&w.rng, buf + len, 16);
		for (size_t more = 1; more <= 16; more++) {
			world_forget(&w);
			world_dgram(&w, SERVER_UDP4, &ann.addr, buf,
			    len + more);
			ck_assert_uint_eq(w.count, 0);
		}
	}
}
END_TEST

START_TEST(noise_is_survived)
{
	uint8_t buf[2048];

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	for (int i = 0; i < 300000; i++) {
		size_t len = rng_below(&w.rng, 300);

		rng_fill(&w.rng, buf, len);
		if (len > 8) {
			buf[0] = (uint8_t)(rng_u32(&w.rng) % 8);
			if (i % 2 == 0)
				memcpy(buf + 4, &ann.last[4], 4);
		}
		world_dgram(&w, SERVER_UDP4 + (i % 4), &ann.addr, buf, len);
	}
	world_forget(&w);
	ck_assert(guest_beat(&ann));
	ck_assert_uint_eq(server_stats(w.s)->online, 1);
}
END_TEST

static TCase *
strangers_case(void)
{
	TCase *tc = tcase_create("strangers");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, stranger_never_gets_more_than_four_tenths);
	tcase_add_test(tc, other_protocols_get_no_answer);
	tcase_add_test(tc, another_version_gets_a_clear_answer);
	tcase_add_test(tc, prologues_tell_versions_apart);
	tcase_add_test(tc, packet_from_port_zero_is_not_answered);
	tcase_add_test(tc, million_spoofed_hellos_leave_nothing);
	tcase_add_test(tc, spoofed_inits_cost_no_handshake);
	tcase_add_test(tc, cookie_is_good_for_its_address_and_nonce_only);
	tcase_add_test(tc, cookie_expires_after_four_minutes);
	return tc;
}

static TCase *
handshakes_case(void)
{
	TCase *tc = tcase_create("handshakes");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, nothing_is_committed_before_the_first_data_packet);
	tcase_add_test(tc, repeated_init_gets_the_same_accept);
	tcase_add_test(tc, replayed_init_changes_nothing_for_its_owner);
	tcase_add_test(tc, site_has_at_most_eight_half_open_handshakes);
	tcase_add_test(tc, handshakes_of_all_are_budgeted);
	tcase_add_test(tc, low_order_keys_get_silence);
	tcase_add_test(tc, many_half_open_make_room_by_age);
	tcase_add_test(tc, site_brings_64_new_keys_at_once_then_one_a_second);
	tcase_add_test(tc, names_of_one_key_are_limited_too);
	tcase_add_test(tc, site_has_at_most_256_clients);
	tcase_add_test(tc, limit_of_a_site_holds_at_the_last_step_too);
	tcase_add_test(tc, full_server_refuses_and_evicts_nobody);
	tcase_add_test(tc, storm_of_registrations_leaves_memory_flat);
	return tc;
}

Suite *
make_suite(void)
{
	Suite *suite = suite_create("gate");
	TCase *tc = tcase_create("damage");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, truncated_packets_change_nothing, 0, KINDS);
	tcase_add_loop_test(tc, flipped_bits_change_nothing, 0, KINDS);
	tcase_add_loop_test(tc, replayed_packets_change_nothing, 0, KINDS);
	tcase_add_test(tc, own_packets_that_come_back_are_not_answered);
	tcase_add_test(tc, bytes_after_a_valid_packet_spoil_it);
	tcase_add_test(tc, noise_is_survived);
	suite_add_tcase(suite, strangers_case());
	suite_add_tcase(suite, handshakes_case());
	suite_add_tcase(suite, tc);
	return suite;
}
