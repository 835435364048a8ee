#include "cand.h"
#include "runner.h"

#include <string.h>

static struct addr
at(const char *s)
{
	struct addr a;

	ck_assert_msg(addr_parse(s, 9001, &a), "%s", s);
	return a;
}

/* A client that the server sees at seen. */
static struct self
self_at(const char *seen)
{
	static struct self self;

	memset(&self, 0, sizeof self);
	self.seen = at(seen);
	self.server = at("198.51.100.9:9000");
	self.port = 9001;
	return self;
}

static bool
allowed(const char *ours, const char *theirs, const char *addr)
{
	struct self self = self_at(ours);
	struct addr seen = at(theirs), a = at(addr);

	return cand_is_allowed(&self, &seen, &a);
}

START_TEST(public_addresses_are_probed)
{
	ck_assert(allowed("192.0.2.1", "192.0.2.2", "203.0.113.7:5000"));
	ck_assert(allowed("192.0.2.1", "192.0.2.2", "[2001:db8::1]:5000"));
}
END_TEST

START_TEST(nobody_can_point_us_at_places_that_are_not_public)
{
	static const char *const places[] = { "127.0.0.1:5000",
		"10.1.2.3:5000", "192.168.1.1:5000", "100.64.0.1:5000",
		"169.254.169.254:5000", "224.0.0.1:5000",
		"255.255.255.255:5000", "0.0.0.0:5000", "[::1]:5000",
		"[::]:5000", "[fe80::1]:5000", "[fc00::1]:5000",
		"[ff02::1]:5000", "[::ffff:127.0.0.1]:5000",
		"[::ffff:10.0.0.1]:5000", "[64:ff9b::a00:1]:5000",
		"[2002:7f00:1::]:5000" };
	size_t i;

	for (i = 0; i < sizeof places / sizeof places[0]; i++)
		ck_assert_msg(!allowed("192.0.2.1", "192.0.2.2", places[i]),
		    "%s", places[i]);
}
END_TEST

START_TEST(low_ports_and_the_server_are_never_probed)
{
	ck_assert(!allowed("192.0.2.1", "192.0.2.2", "203.0.113.7:1023"));
	ck_assert(allowed("192.0.2.1", "192.0.2.2", "203.0.113.7:1024"));
	ck_assert(!allowed("192.0.2.1", "192.0.2.2", "198.51.100.9:9000"));
}
END_TEST

START_TEST(a_shared_public_address_opens_the_private_ranges)
{
	ck_assert(allowed("192.0.2.1:1", "192.0.2.1:2", "10.1.2.3:5000"));
	ck_assert(allowed("192.0.2.1:1", "192.0.2.1:2", "100.64.0.1:5000"));
	ck_assert(!allowed("192.0.2.1:1", "192.0.2.1:2", "127.0.0.1:5000"));
}
END_TEST

START_TEST(a_server_in_a_private_network_opens_it)
{
	ck_assert(allowed("10.0.0.1", "10.0.0.2", "10.1.2.3:5000"));
	ck_assert(allowed("127.0.0.1", "127.0.0.1", "127.0.0.1:5000"));
	ck_assert(!allowed("10.0.0.1", "192.0.2.2", "10.1.2.3:5000"));
	ck_assert(!allowed("10.0.0.1", "127.0.0.1", "127.0.0.1:5000"));
}
END_TEST

START_TEST(who_asks_for_it_probes_private_addresses_of_all)
{
	struct self self = self_at("192.0.2.1:1");
	struct addr seen = at("203.0.113.2:2");
	struct addr lan = at("10.8.0.2:5000"), shared = at("100.64.0.9:5000");
	struct addr here = at("127.0.0.1:5000"), link = at("169.254.1.1:5000");

	ck_assert(!cand_is_allowed(&self, &seen, &lan));
	self.lan = true;
	ck_assert(cand_is_allowed(&self, &seen, &lan));
	ck_assert(cand_is_allowed(&self, &seen, &shared));
	ck_assert(!cand_is_allowed(&self, &seen, &here));
	ck_assert(!cand_is_allowed(&self, &seen, &link));
}
END_TEST

START_TEST(a_list_of_thousands_becomes_a_handful)
{
	struct self self = self_at("192.0.2.1");
	struct addr seen = at("192.0.2.2");
	struct cands in = { .count = 0 }, out;
	size_t i;

	for (i = 0; i < CANDS_MAX; i++) {
		struct addr a = addr_v4(203, 0, 113, (uint8_t)i, 5000);

		cands_add(&in, CAND_SEEN, &a);
	}
	cands_filter(&out, &self, &seen, &in);
	ck_assert_uint_eq(out.count, CANDS_PUBLIC_IPS);

	in.count = 0;
	for (i = 0; i < CANDS_MAX; i++) {
		struct addr a = addr_v4(203, 0, 113, 1, (uint16_t)(5000 + i));

		cands_add(&in, CAND_SEEN, &a);
	}
	cands_filter(&out, &self, &seen, &in);
	ck_assert_uint_eq(out.count, CANDS_PORTS_PER_IP);
}
END_TEST

/* Lists that follow each other are one list, but for fresh ports of the
 * peer's own. */
START_TEST(many_lists_are_as_good_as_one)
{
	struct addr seen = at("203.0.113.7");
	struct cands asked = { .count = 0 }, c;
	size_t i, others = 0, own = 0;

	for (i = 0; i < 40; i++) {
		struct addr a = i % 8 == 0 ? seen :
		    addr_v4(192, 0, 2, (uint8_t)(i % 8), 0);

		a.port = (uint16_t)(5000 + i);
		c.count = 0;
		cands_add(&c, CAND_SEEN, &a);
		cands_confine(&c, &asked, &seen);
		own += i % 8 == 0 && c.count == 1;
		others += i % 8 != 0 && c.count == 1;
		cands_confine(&c, &asked, &seen);
	}
	ck_assert_uint_eq(own, 5);
	ck_assert_uint_eq(others, 3 * CANDS_PORTS_PER_IP);
	ck_assert_uint_eq(asked.count, own + others);
}
END_TEST

START_TEST(a_lan_comes_first)
{
	struct self self = self_at("192.0.2.1");
	struct addr seen = at("192.0.2.1"), lan = at("10.0.0.7:9001");
	struct cands in = { .count = 0 }, out;

	cands_add(&in, CAND_SEEN, &seen);
	cands_add(&in, CAND_LAN, &lan);
	cands_filter(&out, &self, &seen, &in);
	ck_assert_uint_eq(out.count, 2);
	ck_assert(addr_eq(&out.list[0].addr, &lan));
}
END_TEST

START_TEST(we_offer_what_the_server_saw_and_our_interfaces)
{
	struct self self = self_at("192.0.2.1:4444");
	struct cands own;

	self.locals[self.locals_count++] = at("127.0.0.1");
	self.locals[self.locals_count++] = at("10.0.0.7");
	self.locals[self.locals_count++] = at("fe80::1");
	self.locals[self.locals_count++] = at("2001:db8::7");
	cands_own(&own, &self);
	ck_assert_uint_eq(own.count, 4);
	ck_assert_int_eq(own.list[0].kind, CAND_SEEN);
	ck_assert_uint_eq(own.list[0].addr.port, 4444);
	ck_assert_int_eq(own.list[1].kind, CAND_GUESS);
	ck_assert_uint_eq(own.list[1].addr.port, 9001);
	ck_assert_int_eq(own.list[2].kind, CAND_LAN);
	ck_assert_uint_eq(own.list[2].addr.port, 9001);
	ck_assert_int_eq(own.list[3].addr.family, ADDR_V6);
}
END_TEST

START_TEST(candidates_travel_unchanged)
{
	uint8_t buf[1 + CANDS_MAX * (1 + ADDR_WIRE_MAX)];
	struct wr w = wr_of(buf, sizeof buf);
	struct addr a = at("192.0.2.1:5000"), b = at("[2001:db8::1]:6000");
	struct cands in = { .count = 0 }, out;
	struct rd r;
	size_t len;

	cands_add(&in, CAND_SEEN, &a);
	cands_add(&in, CAND_LAN, &b);
	cands_put(&w, &in);
	r = rd_of(buf, w.len);
	cands_get(&r, &out);
	ck_assert(rd_done(&r));
	ck_assert_uint_eq(out.count, 2);
	ck_assert(addr_eq(&out.list[1].addr, &b));
	for (len = 0; len < w.len; len++) {
		r = rd_of(buf, len);
		cands_get(&r, &out);
		ck_assert_msg(r.bad, "accepted %zu of %zu bytes", len, w.len);
	}
	buf[0] = CANDS_MAX + 1;
	r = rd_of(buf, w.len);
	cands_get(&r, &out);
	ck_assert(r.bad);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("cand");
	TCase *tc = tcase_create("whom we probe");

	tcase_add_test(tc, public_addresses_are_probed);
	tcase_add_test(tc,
	    nobody_can_point_us_at_places_that_are_not_public);
	tcase_add_test(tc, low_ports_and_the_server_are_never_probed);
	tcase_add_test(tc, a_shared_public_address_opens_the_private_ranges);
	tcase_add_test(tc, a_server_in_a_private_network_opens_it);
	tcase_add_test(tc,
	    who_asks_for_it_probes_private_addresses_of_all);
	tcase_add_test(tc, a_list_of_thousands_becomes_a_handful);
	tcase_add_test(tc, many_lists_are_as_good_as_one);
	tcase_add_test(tc, a_lan_comes_first);
	suite_add_tcase(s, tc);
	tc = tcase_create("what we offer");
	tcase_add_test(tc, we_offer_what_the_server_saw_and_our_interfaces);
	tcase_add_test(tc, candidates_travel_unchanged);
	suite_add_tcase(s, tc);
	return s;
}
