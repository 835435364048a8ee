#include "portmap.h"

#include "err.h"
#include "natpmp.h"
#include "runner.h"

#include <string.h>

enum { SOCK = 7, ACTS = 1024 };

/* One portmap, and what it asked since the last look. */
static struct rig {
	struct self self;
	struct portmap p;
	usec_t now;
	struct addr router, local;
	struct asked {
		enum act_kind kind;
		usec_t at;
		uint8_t buf[PCP_MAP_LEN];
		size_t len;
		struct addr from, to;
		uint32_t id;
	} asked[ACTS];
	size_t count;
} r;

static void
drain(void)
{
	struct act act;

	while (outbox_next(&r.self.out, &act)) {
		struct asked *a = &r.asked[r.count++];

		ck_assert_uint_le(r.count, ACTS);
		ck_assert_int_eq(act.sock, SOCK);
		ck_assert_uint_le(act.len, sizeof a->buf);
		*a = (struct asked) { .kind = act.kind, .at = r.now,
			.len = act.len, .from = act.from, .to = act.to,
			.id = act.id };
		if (act.len > 0)
			memcpy(a->buf, act.buf, act.len);
	}
}

/* Lets time pass, wake-up for wake-up. */
static void
run_until(usec_t until)
{
	while (portmap_deadline(&r.p) <= until) {
		usec_t at = portmap_deadline(&r.p);

		ck_assert_uint_ge(at + 1, r.now);
		r.now = at > r.now ? at : r.now;
		portmap_expire(&r.p, &r.self, r.now);
		drain();
	}
	r.now = until;
}

static void
run(usec_t duration)
{
	run_until(r.now + duration);
}

static void
tell(enum in_kind kind, int err)
{
	struct input in = { .kind = kind, .sock = SOCK, .err = err };

	portmap_input(&r.p, &r.self, r.now, &in);
	drain();
}

static void
begin(const char *router, const char *local)
{
	memset(&r, 0, sizeof r);
	r.now = 1000 * USEC_S;
	ck_assert(outbox_init(&r.self.out, ACTS, 65536));
	memset(r.self.identity.secret, 7, KEY_LEN);
	ck_assert(addr_parse(router, 5351, &r.router));
	ck_assert(addr_parse(local, 9001, &r.local));
	portmap_init(&r.p, SOCK);
	portmap_aim(&r.p, &r.self, r.now, &r.router, &r.local);
	drain();
	ck_assert_uint_eq(r.count, 1);
	ck_assert_int_eq(r.asked[0].kind, ACT_OPEN);
	ck_assert(addr_same_ip(&r.asked[0].from, &r.local));
	ck_assert_uint_eq(r.asked[0].from.port, 0);
	r.count = 0;
	tell(IN_OPENED, E_OK);
	run(0);
}

static void
begin_v4(void)
{
	begin("192.168.1.1", "192.168.1.2");
}

static void
end(void)
{
	outbox_fini(&r.self.out);
}

/* ---- what it asks ---- */

static bool
is_pmp(const struct asked *a, enum natpmp_op op)
{
	return a->kind == ACT_SEND && a->buf[0] == 0 && a->buf[1] == op;
}

static bool
is_pcp(const struct asked *a, uint8_t protocol)
{
	return a->kind == ACT_SEND && a->len == PCP_MAP_LEN &&
	    a->buf[0] == 2 && a->buf[36] == protocol;
}

static size_t
count_pmp(enum natpmp_op op)
{
	size_t n = 0;

	for (size_t i = 0; i < r.count; i++)
		n += is_pmp(&r.asked[i], op);
	return n;
}

static size_t
count_pcp(uint8_t protocol)
{
	size_t n = 0;

	for (size_t i = 0; i < r.count; i++)
		n += is_pcp(&r.asked[i], protocol);
	return n;
}

static size_t
count_upnp(void)
{
	size_t n = 0;

	for (size_t i = 0; i < r.count; i++)
		n += r.asked[i].kind == ACT_UPNP;
	return n;
}

/* ---- what it hears ---- */

static void
answer_from(const char *from, const void *buf, size_t len)
{
	struct input in = { .kind = IN_DGRAM, .sock = SOCK, .buf = buf,
		.len = len };

	ck_assert(addr_parse(from, 5351, &in.from));
	portmap_input(&r.p, &r.self, r.now, &in);
	drain();
}

static void
answer(const void *buf, size_t len)
{
	answer_from("192.168.1.1", buf, len);
}

static void
answer_hex(const char *hex)
{
	uint8_t buf[128];

	answer(buf, unhex(hex, buf, sizeof buf));
}

static void
pmp_address(uint32_t epoch_s, uint8_t last)
{
	uint8_t buf[12];
	struct wr w = wr_of(buf, sizeof buf);

	put_u32(&w, 0x00800000);
	put_u32(&w, epoch_s);
	put_u32(&w, 0xcb007100u + last);
	answer(buf, w.len);
}

static void
pmp_map(uint8_t op, uint16_t result, uint32_t epoch_s, uint16_t port,
    uint32_t lifetime_s)
{
	uint8_t buf[16];
	struct wr w = wr_of(buf, sizeof buf);

	put_u8(&w, 0);
	put_u8(&w, 128 + op);
	put_u16(&w, result);
	put_u32(&w, epoch_s);
	put_u16(&w, 9001);
	put_u16(&w, port);
	put_u32(&w, lifetime_s);
	answer(buf, w.len);
}

/* To the last request of PCP for that protocol, at 203.0.113.7 or (IPv6) as it
 * was asked for. */
static void
pcp_answer_from(const char *from, uint8_t protocol, uint8_t result,
    uint32_t epoch_s, uint32_t lifetime_s)
{
	uint8_t buf[PCP_MAP_LEN];
	struct wr w = wr_of(buf, sizeof buf);
	size_t i = r.count;

	while (i > 0 && !is_pcp(&r.asked[i - 1], protocol))
		i--;
	ck_assert_uint_gt(i, 0);
	memcpy(buf, r.asked[i - 1].buf, sizeof buf);
	buf[1] |= 0x80;
	buf[3] = result;
	w.len = 4;
	put_u32(&w, lifetime_s);
	put_u32(&w, epoch_s);
	put_zeros(&w, 12);
	if (r.local.family == ADDR_V4) {
		w.len = 44;
		put_zeros(&w, 10);
		put_u16(&w, 0xffff);
		put_u32(&w, 0xcb007107);
	} else
		memcpy(buf + 44, r.local.ip, 16);
	answer_from(from, buf, sizeof buf);
}

static void
pcp_answer(uint8_t protocol, uint8_t result, uint32_t epoch_s,
    uint32_t lifetime_s)
{
	pcp_answer_from("192.168.1.1", protocol, result, epoch_s, lifetime_s);
}

static void
upnp_answer(int err, const char *udp, const char *tcp, uint32_t lifetime_s)
{
	struct input in = { .kind = IN_UPNP, .sock = SOCK, .err = err,
		.id = lifetime_s };

	if (udp != NULL)
		ck_assert(addr_parse(udp, 1, &in.from));
	if (tcp != NULL)
		ck_assert(addr_parse(tcp, 1, &in.to));
	portmap_input(&r.p, &r.self, r.now, &in);
	drain();
}

static void
has_mapping(enum mapping_protocol protocol, const char *udp)
{
	struct mapping_report m;
	struct addr want;

	portmap_report(&r.p, r.now, &m);
	ck_assert_int_eq(m.state, MAPPING_OPEN);
	ck_assert_int_eq(m.protocol, protocol);
	ck_assert(addr_parse(udp, 1, &want));
	ck_assert(addr_eq(&m.udp, &want));
}

static void
is_in_state(enum mapping_state state)
{
	struct mapping_report m;

	portmap_report(&r.p, r.now, &m);
	ck_assert_int_eq(m.state, state);
	ck_assert(!addr_is_set(&m.udp) && !addr_is_set(&m.tcp));
}

static void
map_by_pmp(void)
{
	begin_v4();
	pmp_address(1000, 7);
	run(250 * USEC_MS);
	pmp_map(NATPMP_MAP_UDP, 0, 1000, 9001, 7200);
	pmp_map(NATPMP_MAP_TCP, 0, 1000, 9001, 7200);
	has_mapping(MAPPING_BY_NATPMP, "203.0.113.7:9001");
	r.count = 0;
	r.p.has_news = false;
}

static void
map_by_pcp(void)
{
	begin_v4();
	pcp_answer(PCP_UDP, 0, 1000, 7200);
	run(0);
	pcp_answer(PCP_TCP, 0, 1000, 7200);
	has_mapping(MAPPING_BY_PCP, "203.0.113.7:9001");
	r.count = 0;
	r.p.has_news = false;
}

/* ---- the search ---- */

START_TEST(both_protocols_are_asked_at_once)
{
	begin_v4();
	ck_assert_uint_eq(count_pmp(NATPMP_ADDRESS), 1);
	ck_assert_uint_eq(count_pcp(PCP_UDP), 1);
	ck_assert_uint_eq(r.count, 2);
	is_in_state(MAPPING_ASKING);
	end();
}
END_TEST

START_TEST(requests_are_repeated_as_the_rfcs_say)
{
	static const usec_t pmp[] = { 0, 250, 750, 1750, 3750, 7750, 15750,
		31750, 63750 };
	static const usec_t pcp[] = { 0, 3000, 9000, 21000, 45000 };
	size_t n = 0, m = 0;
	usec_t at;

	begin_v4();
	at = r.now;
	run(1000 * USEC_S);
	for (size_t i = 0; i < r.count; i++) {
		const struct asked *a = &r.asked[i];

		if (is_pmp(a, NATPMP_ADDRESS)) {
			ck_assert_uint_lt(n, 9);
			ck_assert_uint_eq(a->at, at + pmp[n++] * USEC_MS);
		} else if (is_pcp(a, PCP_UDP)) {
			ck_assert_uint_lt(m, 5);
			ck_assert_uint_eq(a->at, at + pcp[m++] * USEC_MS);
		}
	}
	ck_assert_uint_eq(n, 9);
	ck_assert_uint_eq(m, 5);
	ck_assert_uint_eq(count_upnp(), 1);
	is_in_state(MAPPING_NONE);
	end();
}
END_TEST

START_TEST(who_was_silent_is_asked_again_after_half_an_hour)
{
	begin_v4();
	run(1000 * USEC_S);
	r.count = 0;
	run(2000 * USEC_S);
	ck_assert_uint_eq(count_pmp(NATPMP_ADDRESS), 9);
	end();
}
END_TEST

START_TEST(nat_pmp_waits_a_moment_for_pcp)
{
	begin_v4();
	pmp_address(1000, 7);
	run(249 * USEC_MS);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 0);
	run(1 * USEC_MS);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 1);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_TCP), 1);
	pmp_map(NATPMP_MAP_UDP, 0, 1000, 9001, 7200);
	has_mapping(MAPPING_BY_NATPMP, "203.0.113.7:9001");
	ck_assert(r.p.has_news);
	end();
}
END_TEST

START_TEST(nat_pmp_does_not_wait_where_there_is_no_pcp)
{
	begin_v4();
	pmp_address(1000, 7);
	/* RFC 6886 section 3.5: to the MAP of PCP. */
	answer_hex("00 81 0001 000003e8");
	run(0);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 1);
	end();
}
END_TEST

START_TEST(pcp_is_preferred)
{
	begin_v4();
	pmp_address(1000, 7);
	pcp_answer(PCP_UDP, 0, 1000, 7200);
	run(300 * USEC_MS);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 0);
	ck_assert_uint_eq(count_pcp(PCP_TCP), 1);
	has_mapping(MAPPING_BY_PCP, "203.0.113.7:9001");
	end();
}
END_TEST

START_TEST(a_pcp_server_without_nat_pmp_is_still_a_pcp_server)
{
	begin_v4();
	/* To our NAT-PMP, in its own version. */
	answer_hex("02 80 00 01 00000000 000003e8 00000000 00000000 00000000");
	run(3 * USEC_S);
	ck_assert_uint_eq(count_pmp(NATPMP_ADDRESS), 1);
	ck_assert_uint_eq(count_pcp(PCP_UDP), 2);
	pcp_answer(PCP_UDP, 0, 1000, 7200);
	has_mapping(MAPPING_BY_PCP, "203.0.113.7:9001");
	end();
}
END_TEST

START_TEST(upnp_is_asked_where_nobody_else_answers)
{
	begin_v4();
	run(999 * USEC_MS);
	ck_assert_uint_eq(count_upnp(), 0);
	run(1 * USEC_MS);
	ck_assert_uint_eq(count_upnp(), 1);
	ck_assert(addr_eq(&r.asked[r.count - 1].from, &r.local));
	ck_assert(addr_same_ip(&r.asked[r.count - 1].to, &r.router));
	ck_assert_uint_eq(r.asked[r.count - 1].id, 7200);
	upnp_answer(E_OK, "203.0.113.7:9001", "203.0.113.7:9001", 7200);
	has_mapping(MAPPING_BY_UPNP, "203.0.113.7:9001");
	r.count = 0;
	run(599 * USEC_S);
	ck_assert_uint_eq(r.count, 0);
	end();
}
END_TEST

START_TEST(upnp_is_asked_at_once_where_the_others_refuse)
{
	begin_v4();
	answer_hex("00 80 0002 000003e8");
	pcp_answer(PCP_UDP, PCP_NOT_AUTHORIZED, 1000, 600);
	run(0);
	ck_assert_uint_eq(count_upnp(), 1);
	upnp_answer(E_NONE, NULL, NULL, 0);
	is_in_state(MAPPING_REFUSED);
	/* As long as PCP says. */
	r.count = 0;
	run(599 * USEC_S);
	ck_assert_uint_eq(r.count, 0);
	run(1 * USEC_S);
	ck_assert_uint_gt(r.count, 0);
	end();
}
END_TEST

START_TEST(upnp_that_never_answers_ends_the_search_too)
{
	begin_v4();
	answer_hex("00 80 0002 000003e8");
	pcp_answer(PCP_UDP, PCP_NOT_AUTHORIZED, 1000, 600);
	run(20 * USEC_S);
	is_in_state(MAPPING_REFUSED);
	end();
}
END_TEST

START_TEST(ipv6_asks_pcp_alone)
{
	begin("fe80::1", "2001:db8::2");
	run(2 * USEC_S);
	ck_assert_uint_eq(r.count, 1);
	ck_assert_uint_eq(count_pcp(PCP_UDP), 1);
	pcp_answer_from("fe80::1", PCP_UDP, 0, 1000, 7200);
	has_mapping(MAPPING_BY_PCP, "[2001:db8::2]:9001");
	end();
}
END_TEST

/* ---- whom it believes ---- */

START_TEST(only_the_router_itself_is_believed)
{
	static const char *const others[] = { "192.168.1.3:5351",
		"192.168.1.1:5350", "203.0.113.7:5351" };
	uint8_t buf[16];

	begin_v4();
	for (size_t i = 0; i < 3; i++) {
		size_t len = unhex("00 80 0000 000003e8 cb007107", buf,
		    sizeof buf);

		answer_from(others[i], buf, len);
		pcp_answer_from(others[i], PCP_UDP, 0, 1000, 7200);
	}
	run(300 * USEC_MS);
	is_in_state(MAPPING_ASKING);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 0);
	end();
}
END_TEST

START_TEST(a_pcp_answer_without_our_nonce_is_nothing)
{
	begin_v4();
	r.asked[1].buf[24] ^= 1;
	pcp_answer(PCP_UDP, 0, 1000, 7200);
	is_in_state(MAPPING_ASKING);
	pcp_answer(PCP_UDP, PCP_NOT_AUTHORIZED, 1000, 7200);
	ck_assert_uint_ne(r.p.pcp.at, USEC_NEVER);
	end();
}
END_TEST

START_TEST(nonces_are_our_own_and_the_same_after_a_restart)
{
	uint8_t first[PCP_NONCE_LEN];

	begin_v4();
	memcpy(first, r.asked[1].buf + 24, sizeof first);
	end();
	begin_v4();
	ck_assert_mem_eq(first, r.asked[1].buf + 24, sizeof first);
	r.self.identity.secret[0] ^= 1;
	r.count = 0;
	run(3 * USEC_S);
	ck_assert_uint_eq(count_pcp(PCP_UDP), 1);
	for (size_t i = 0; i < r.count; i++)
		if (is_pcp(&r.asked[i], PCP_UDP))
			ck_assert_mem_ne(first, r.asked[i].buf + 24,
			    sizeof first);
	end();
}
END_TEST

START_TEST(what_was_not_asked_for_is_not_taken)
{
	begin_v4();
	pmp_map(NATPMP_MAP_UDP, 0, 1000, 9001, 7200);
	is_in_state(MAPPING_ASKING);
	end();
	map_by_pmp();
	pmp_map(NATPMP_MAP_UDP, 0, 1000, 6666, 7200);
	has_mapping(MAPPING_BY_NATPMP, "203.0.113.7:9001");
	end();
}
END_TEST

START_TEST(addresses_that_lead_nowhere_are_no_mapping)
{
	begin_v4();
	pmp_address(1000, 7);
	answer_hex("00 80 0000 000003e8 7f000001");
	run(250 * USEC_MS);
	pmp_map(NATPMP_MAP_UDP, 0, 1000, 9001, 7200);
	is_in_state(MAPPING_ASKING);
	end();
	begin_v4();
	run(USEC_S);
	upnp_answer(E_OK, "0.0.0.0:9001", NULL, 7200);
	run(200 * USEC_S);
	is_in_state(MAPPING_REFUSED);
	end();
}
END_TEST

/* ---- staying ---- */

START_TEST(leases_are_renewed_at_half_of_their_time)
{
	if (_i == 0)
		map_by_pmp();
	else
		map_by_pcp();
	run(3599 * USEC_S);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP) + count_pcp(PCP_UDP), 0);
	run(2 * USEC_S);
	ck_assert_uint_ge(count_pmp(NATPMP_MAP_UDP) + count_pcp(PCP_UDP), 1);
	ck_assert_uint_ge(count_pmp(NATPMP_MAP_TCP) + count_pcp(PCP_TCP), 1);
	ck_assert(!r.p.has_news);
	end();
}
END_TEST

START_TEST(a_lease_that_is_not_renewed_ends_and_the_search_begins_anew)
{
	if (_i == 0)
		map_by_pmp();
	else
		map_by_pcp();
	run(7199 * USEC_S);
	ck_assert_int_eq(r.p.state, MAPPING_OPEN);
	r.count = 0;
	run(1 * USEC_S);
	ck_assert_int_ne(r.p.state, MAPPING_OPEN);
	ck_assert(r.p.has_news);
	ck_assert_uint_ge(count_pmp(NATPMP_ADDRESS), 1);
	end();
}
END_TEST

START_TEST(a_router_that_forgot_is_asked_again_at_once)
{
	map_by_pmp();
	run(600 * USEC_S);
	ck_assert_uint_ge(count_pmp(NATPMP_ADDRESS), 1);
	r.count = 0;
	pmp_address(30, 7);
	run(0);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 1);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_TCP), 1);
	end();
	map_by_pcp();
	run(600 * USEC_S);
	r.count = 0;
	answer_hex("02 80 00 00 00000000 0000001e 00000000 00000000 00000000");
	run(0);
	ck_assert_uint_eq(count_pcp(PCP_UDP), 1);
	ck_assert_uint_eq(count_pcp(PCP_TCP), 1);
	end();
}
END_TEST

START_TEST(a_router_that_remembers_is_left_alone)
{
	map_by_pmp();
	run(600 * USEC_S);
	r.count = 0;
	pmp_address(1600, 7);
	run(0);
	ck_assert_uint_eq(r.count, 0);
	ck_assert(!r.p.has_news);
	end();
}
END_TEST

START_TEST(a_router_with_a_new_address_moves_our_port)
{
	map_by_pmp();
	run(600 * USEC_S);
	pmp_address(1600, 8);
	has_mapping(MAPPING_BY_NATPMP, "203.0.113.8:9001");
	ck_assert(r.p.has_news);
	end();
}
END_TEST

START_TEST(a_doubt_asks_at_once_but_not_all_the_time)
{
	map_by_pmp();
	portmap_doubt(&r.p, r.now);
	run(0);
	ck_assert_uint_eq(count_pmp(NATPMP_ADDRESS), 1);
	pmp_address(1000, 7);
	portmap_doubt(&r.p, r.now);
	run(0);
	ck_assert_uint_eq(count_pmp(NATPMP_ADDRESS), 1);
	end();
}
END_TEST

/* ---- leaving ---- */

START_TEST(everything_is_given_back)
{
	map_by_pmp();
	portmap_leave(&r.p, &r.self, r.now);
	drain();
	ck_assert_uint_eq(r.count, 2);
	for (size_t i = 0; i < 2; i++) {
		/* RFC 6886 section 3.4: neither port nor time. */
		ck_assert_uint_eq(r.asked[i].len, NATPMP_MAP_LEN);
		ck_assert_mem_eq(r.asked[i].buf + 4, "\x23\x29\0\0\0\0\0\0",
		    8);
	}
	pmp_map(NATPMP_MAP_UDP, 0, 1000, 0, 0);
	ck_assert(!portmap_has_left(&r.p));
	pmp_map(NATPMP_MAP_TCP, 0, 1000, 0, 0);
	ck_assert(portmap_has_left(&r.p));
	ck_assert_int_eq(r.asked[r.count - 1].kind, ACT_CLOSE);
	end();
}
END_TEST

START_TEST(pcp_gets_its_mappings_back_with_their_nonces)
{
	uint8_t nonce[PCP_NONCE_LEN];

	begin_v4();
	memcpy(nonce, r.asked[1].buf + 24, sizeof nonce);
	end();
	map_by_pcp();
	portmap_leave(&r.p, &r.self, r.now);
	drain();
	ck_assert_uint_eq(count_pcp(PCP_UDP), 1);
	ck_assert_mem_eq(r.asked[0].buf + 24, nonce, sizeof nonce);
	ck_assert_mem_eq(r.asked[0].buf + 4, "\0\0\0\0", 4);
	pcp_answer(PCP_UDP, 0, 1000, 0);
	pcp_answer(PCP_TCP, 0, 1000, 0);
	ck_assert(portmap_has_left(&r.p));
	end();
}
END_TEST

START_TEST(a_silent_router_gets_a_second_and_three_requests)
{
	usec_t at;

	map_by_pmp();
	at = r.now;
	portmap_leave(&r.p, &r.self, r.now);
	run(10 * USEC_S);
	ck_assert(portmap_has_left(&r.p));
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 3);
	ck_assert_uint_eq(r.asked[r.count - 1].at, at + PORTMAP_LEAVE_US);
	end();
}
END_TEST

START_TEST(who_has_nothing_leaves_at_once)
{
	begin_v4();
	portmap_leave(&r.p, &r.self, r.now);
	ck_assert(portmap_has_left(&r.p));
	end();
}
END_TEST

START_TEST(another_router_is_another_story)
{
	struct addr other;

	map_by_pmp();
	ck_assert(addr_parse("10.0.0.1", 5351, &other));
	portmap_aim(&r.p, &r.self, r.now, &r.router, &r.local);
	drain();
	ck_assert_uint_eq(r.count, 0);
	portmap_aim(&r.p, &r.self, r.now, &other, &r.local);
	drain();
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 1);
	ck_assert_int_eq(r.asked[r.count - 1].kind, ACT_OPEN);
	ck_assert(r.p.has_news);
	is_in_state(MAPPING_ASKING);
	portmap_aim(&r.p, &r.self, r.now, NULL, NULL);
	is_in_state(MAPPING_OFF);
	end();
}
END_TEST

START_TEST(noise_changes_nothing)
{
	struct rng rng;
	uint8_t buf[80], seed[RNG_SEED_LEN] = { 0 };
	uint64_t from = test_seed();

	memcpy(seed, &from, sizeof from);
	rng_init(&rng, seed);
	map_by_pcp();
	for (int i = 0; i < 20000; i++) {
		size_t len = rng_below(&rng, sizeof buf + 1);

		rng_fill(&rng, buf, sizeof buf);
		if (i % 3 == 0)
			memcpy(buf, "\x02\x81\x00\x00", 4);
		else if (i % 3 == 1)
			memcpy(buf, "\x00\x81\x00\x00", 4);
		answer(buf, len);
	}
	has_mapping(MAPPING_BY_PCP, "203.0.113.7:9001");
	ck_assert(!r.p.has_news);
	end();
}
END_TEST

static void
add_search(Suite *s)
{
	TCase *tc = tcase_create("search");

	tcase_add_test(tc, both_protocols_are_asked_at_once);
	tcase_add_test(tc, requests_are_repeated_as_the_rfcs_say);
	tcase_add_test(tc, who_was_silent_is_asked_again_after_half_an_hour);
	tcase_add_test(tc, nat_pmp_waits_a_moment_for_pcp);
	tcase_add_test(tc, nat_pmp_does_not_wait_where_there_is_no_pcp);
	tcase_add_test(tc, pcp_is_preferred);
	tcase_add_test(tc,
	    a_pcp_server_without_nat_pmp_is_still_a_pcp_server);
	tcase_add_test(tc, upnp_is_asked_where_nobody_else_answers);
	tcase_add_test(tc, upnp_is_asked_at_once_where_the_others_refuse);
	tcase_add_test(tc, upnp_that_never_answers_ends_the_search_too);
	tcase_add_test(tc, ipv6_asks_pcp_alone);
	suite_add_tcase(s, tc);
}

Suite *
make_suite(void)
{
	Suite *s = suite_create("portmap");
	TCase *tc = tcase_create("trust");

	add_search(s);
	tcase_add_test(tc, only_the_router_itself_is_believed);
	tcase_add_test(tc, a_pcp_answer_without_our_nonce_is_nothing);
	tcase_add_test(tc, nonces_are_our_own_and_the_same_after_a_restart);
	tcase_add_test(tc, what_was_not_asked_for_is_not_taken);
	tcase_add_test(tc, addresses_that_lead_nowhere_are_no_mapping);
	tcase_add_test(tc, noise_changes_nothing);
	suite_add_tcase(s, tc);
	tc = tcase_create("stay and leave");
	tcase_add_loop_test(tc, leases_are_renewed_at_half_of_their_time, 0,
	    2);
	tcase_add_loop_test(tc,
	    a_lease_that_is_not_renewed_ends_and_the_search_begins_anew, 0,
	    2);
	tcase_add_test(tc, a_router_that_forgot_is_asked_again_at_once);
	tcase_add_test(tc, a_router_that_remembers_is_left_alone);
	tcase_add_test(tc, a_router_with_a_new_address_moves_our_port);
	tcase_add_test(tc, a_doubt_asks_at_once_but_not_all_the_time);
	tcase_add_test(tc, everything_is_given_back);
	tcase_add_test(tc, pcp_gets_its_mappings_back_with_their_nonces);
	tcase_add_test(tc, a_silent_router_gets_a_second_and_three_requests);
	tcase_add_test(tc, who_has_nothing_leaves_at_once);
	tcase_add_test(tc, another_router_is_another_story);
	suite_add_tcase(s, tc);
	return s;
}
