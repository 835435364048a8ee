#include "addr.h"
#include "rng.h"
#include "runner.h"

#include <string.h>

static struct addr
addr_of(const char *s)
{
	struct addr a;

	ck_assert_msg(addr_parse(s, 0, &a), "%s", s);
	return a;
}

static const struct parse_row {
	const char *in;
	const char *out;
} parse_rows[] = {
	{ "192.0.2.1", "192.0.2.1:9000" },
	{ "192.0.2.1:1", "192.0.2.1:1" },
	{ "192.0.2.1:65535", "192.0.2.1:65535" },
	{ "255.255.255.255:00080", "255.255.255.255:80" },
	{ "0.0.0.0", "0.0.0.0:9000" },
	{ "2001:db8::1", "[2001:db8::1]:9000" },
	{ "[2001:db8::1]", "[2001:db8::1]:9000" },
	{ "[2001:DB8:0:0:0:0:0:1]:9001", "[2001:db8::1]:9001" },
	{ "::", "[::]:9000" },
	{ "[::1]:9000", "[::1]:9000" },
	{ "::ffff:192.0.2.1", "192.0.2.1:9000" },
	{ "[::ffff:c000:201]:7", "192.0.2.1:7" },
	{ "fe80::1", "[fe80::1]:9000" },
	{ "fe80::1%3", "[fe80::1%3]:9000" },
	{ "[fe80::1%4294967295]:5", "[fe80::1%4294967295]:5" },
	{ "1111:2222:3333:4444:5555:6666:7777:8888",
	    "[1111:2222:3333:4444:5555:6666:7777:8888]:9000" },
};

START_TEST(literals_are_parsed_and_printed)
{
	const struct parse_row *row = &parse_rows[_i];
	struct addr a, again;
	char buf[ADDR_TEXT];

	ck_assert_msg(addr_parse(row->in, 9000, &a), "%s", row->in);
	ck_assert_str_eq(addr_format(&a, buf), row->out);
	ck_assert_msg(addr_parse(buf, 1, &again), "%s", buf);
	ck_assert(addr_eq(&a, &again));
}
END_TEST

START_TEST(what_is_no_literal_is_refused)
{
	static const char *const bad[] = {
		"", " ", "example.org", "example.org:9000", "192.0.2",
		"192.0.2.256", "192.0.2.1.5", "192.0.2.01", " 192.0.2.1",
		"192.0.2.1 ", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536",
		"192.0.2.1:+80", "192.0.2.1:8o", "192.0.2.1:000080",
		"192.0.2.1:99999999999999999999", "0x7f.1", "2130706433",
		"[192.0.2.1]", "[192.0.2.1]:80", "[", "]", "[]", "[]:80", ":",
		"::1]", "[::1", "[::1]x", "[::1]:", "[::1]:0", "[::1]80",
		"2001:db8:::1", "1:2:3:4:5:6:7:8:9", "12345::", "::1::",
		"fe80::1%", "fe80::1%0", "fe80::1%eth0", "fe80::1%4294967296",
		"2001:db8::1%3", "::ffff:192.0.2.1%3", "192.0.2.1%3",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct addr a = addr_v4(9, 9, 9, 9, 9);

		ck_assert_msg(!addr_parse(bad[i], 9000, &a), "%s", bad[i]);
		ck_assert_msg(a.ip[0] == 9, "output touched: %s", bad[i]);
	}
}
END_TEST

static const struct split_row {
	const char *in;
	const char *host; /* NULL: refused */
	uint16_t port;
} split_rows[] = {
	{ "example.org", "example.org", 9000 },
	{ "example.org:80", "example.org", 80 },
	{ "localhost:65535", "localhost", 65535 },
	{ "192.0.2.1:80", "192.0.2.1", 80 },
	{ "2001:db8::1", "2001:db8::1", 9000 },
	{ "[2001:db8::1]:80", "2001:db8::1", 80 },
	{ "fe80::1%eth0", "fe80::1%eth0", 9000 },
	{ "[fe80::1%eth0]:80", "fe80::1%eth0", 80 },
	{ "123456789012345", "123456789012345", 9000 },
	{ "1234567890123456", NULL, 0 },
	{ "", NULL, 0 },
	{ ":80", NULL, 0 },
	{ "example.org:", NULL, 0 },
	{ "example.org:0", NULL, 0 },
	{ "example.org:65536", NULL, 0 },
	{ "example.org:-1", NULL, 0 },
	{ "example.org:80:80", NULL, 0 },
	{ "[example.org]:80", NULL, 0 },
};

START_TEST(host_and_port_are_split)
{
	const struct split_row *row = &split_rows[_i];
	char host[16];
	uint16_t port;
	bool ok = addr_split(row->in, 9000, host, sizeof host, &port);

	ck_assert_msg(ok == (row->host != NULL), "%s", row->in);
	if (!ok)
		return;
	ck_assert_str_eq(host, row->host);
	ck_assert_uint_eq(port, row->port);
}
END_TEST

START_TEST(longest_text_fits)
{
	struct addr a = addr_of("[fe80:1111:1111:1111:1111:1111:1111:1111"
	    "%4294967295]:65535");
	char buf[ADDR_TEXT];

	ck_assert_str_eq(addr_format(&a, buf),
	    "[fe80:1111:1111:1111:1111:1111:1111:1111%4294967295]:65535");
	ck_assert_str_eq(addr_format_ip(&a, buf),
	    "fe80:1111:1111:1111:1111:1111:1111:1111%4294967295");
}
END_TEST

START_TEST(no_address_is_a_dash)
{
	struct addr a = { 0 };
	char buf[ADDR_TEXT];

	ck_assert(!addr_is_set(&a));
	ck_assert_str_eq(addr_format(&a, buf), "-");
	ck_assert_str_eq(addr_format_ip(&a, buf), "-");
}
END_TEST

START_TEST(any_is_the_unspecified_address)
{
	struct addr four = addr_any(ADDR_V4, 9000);
	struct addr six = addr_any(ADDR_V6, 9001);
	char buf[ADDR_TEXT];

	ck_assert_str_eq(addr_format(&four, buf), "0.0.0.0:9000");
	ck_assert_str_eq(addr_format(&six, buf), "[::]:9001");
}
END_TEST

START_TEST(equality_looks_at_every_part)
{
	struct addr a = addr_of("[fe80::1%2]:5"), b = a;

	ck_assert(addr_eq(&a, &b));
	b.port = 6;
	ck_assert(!addr_eq(&a, &b));
	ck_assert(addr_same_ip(&a, &b));
	b.scope = 3;
	ck_assert(!addr_same_ip(&a, &b));
	a = addr_any(ADDR_V4, 0);
	b = addr_any(ADDR_V6, 0);
	ck_assert(!addr_same_ip(&a, &b));
}
END_TEST

static const struct site_row {
	const char *a, *b;
	bool same;
} site_rows[] = {
	{ "192.0.2.1:1", "192.0.2.1:2", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "2001:db8:1:100::1", "2001:db8:1:1ff:ffff::", true },
	{ "2001:db8:1:100::1", "2001:db8:1:200::1", false },
	{ "192.0.2.1", "c000:201::", false },
	{ "0.0.0.0", "::", false },
	{ "192.0.2.1", "::ffff:192.0.2.1", true },
};

START_TEST(site_is_one_ipv4_address_or_an_ipv6_56)
{
	const struct site_row *row = &site_rows[_i];
	struct addr a = addr_of(row->a), b = addr_of(row->b);

	ck_assert_msg(addr_same_site(&a, &b) == row->same, "%s %s", row->a,
	    row->b);
}
END_TEST

static const struct class_row {
	const char *ip;
	enum addr_class class;
} class_rows[] = {
	{ "0.0.0.0", ADDR_IS_INVALID },
	{ "0.255.255.255", ADDR_IS_INVALID },
	{ "1.0.0.0", ADDR_IS_PUBLIC },
	{ "8.8.8.8", ADDR_IS_PUBLIC },
	{ "9.255.255.255", ADDR_IS_PUBLIC },
	{ "10.0.0.0", ADDR_IS_PRIVATE },
	{ "10.255.255.255", ADDR_IS_PRIVATE },
	{ "11.0.0.0", ADDR_IS_PUBLIC },
	{ "100.63.255.255", ADDR_IS_PUBLIC },
	{ "100.64.0.0", ADDR_IS_SHARED },
	{ "100.127.255.255", ADDR_IS_SHARED },
	{ "100.128.0.0", ADDR_IS_PUBLIC },
	{ "127.0.0.1", ADDR_IS_LOOPBACK },
	{ "127.255.255.254", ADDR_IS_LOOPBACK },
	{ "128.0.0.1", ADDR_IS_PUBLIC },
	{ "169.254.169.254", ADDR_IS_LINK_LOCAL },
	{ "169.253.255.255", ADDR_IS_PUBLIC },
	{ "172.15.255.255", ADDR_IS_PUBLIC },
	{ "172.16.0.1", ADDR_IS_PRIVATE },
	{ "172.31.255.255", ADDR_IS_PRIVATE },
	{ "172.32.0.0", ADDR_IS_PUBLIC },
	{ "192.0.0.9", ADDR_IS_INVALID },
	{ "192.0.2.1", ADDR_IS_PUBLIC },
	{ "192.88.99.1", ADDR_IS_INVALID },
	{ "192.168.1.1", ADDR_IS_PRIVATE },
	{ "198.18.0.1", ADDR_IS_PUBLIC },
	{ "198.20.0.1", ADDR_IS_PUBLIC },
	{ "198.51.100.1", ADDR_IS_PUBLIC },
	{ "203.0.113.255", ADDR_IS_PUBLIC },
	{ "223.255.255.255", ADDR_IS_PUBLIC },
	{ "224.0.0.1", ADDR_IS_MULTICAST },
	{ "239.255.255.255", ADDR_IS_MULTICAST },
	{ "240.0.0.1", ADDR_IS_INVALID },
	{ "255.255.255.254", ADDR_IS_INVALID },
	{ "255.255.255.255", ADDR_IS_MULTICAST },
	{ "::", ADDR_IS_INVALID },
	{ "::1", ADDR_IS_LOOPBACK },
	{ "::2", ADDR_IS_INVALID },
	{ "::127.0.0.1", ADDR_IS_INVALID },
	{ "::ffff:127.0.0.1", ADDR_IS_LOOPBACK },
	{ "::ffff:10.0.0.1", ADDR_IS_PRIVATE },
	{ "::ffff:169.254.169.254", ADDR_IS_LINK_LOCAL },
	{ "::ffff:0.0.0.0", ADDR_IS_INVALID },
	{ "::ffff:8.8.8.8", ADDR_IS_PUBLIC },
	{ "::ffff:0:127.0.0.1", ADDR_IS_INVALID },
	{ "64:ff9b::", ADDR_IS_INVALID },
	{ "64:ff9b::127.0.0.1", ADDR_IS_INVALID },
	{ "64:ff9b:1::10.0.0.1", ADDR_IS_INVALID },
	{ "100::1", ADDR_IS_INVALID },
	{ "1fff:ffff::", ADDR_IS_INVALID },
	{ "2000::1", ADDR_IS_PUBLIC },
	{ "2001::1", ADDR_IS_INVALID },
	{ "2001:0:5ef5:79fb::1", ADDR_IS_INVALID },
	{ "2001:1ff:ffff::", ADDR_IS_INVALID },
	{ "2001:200::1", ADDR_IS_PUBLIC },
	{ "2001:db7:ffff::1", ADDR_IS_PUBLIC },
	{ "2001:db8::1", ADDR_IS_PUBLIC },
	{ "2001:db9::1", ADDR_IS_PUBLIC },
	{ "2002:7f00:1::", ADDR_IS_INVALID },
	{ "2002:a9fe:a9fe::", ADDR_IS_INVALID },
	{ "2003::1", ADDR_IS_PUBLIC },
	{ "2606:4700::1111", ADDR_IS_PUBLIC },
	{ "3fff::1", ADDR_IS_PUBLIC },
	{ "3fff:fff:ffff::", ADDR_IS_PUBLIC },
	{ "3fff:1000::", ADDR_IS_PUBLIC },
	{ "4000::1", ADDR_IS_INVALID },
	{ "fbff::1", ADDR_IS_INVALID },
	{ "fc00::1", ADDR_IS_PRIVATE },
	{ "fd12:3456:789a::1", ADDR_IS_PRIVATE },
	{ "fe00::1", ADDR_IS_INVALID },
	{ "fe80::1", ADDR_IS_LINK_LOCAL },
	{ "febf::1", ADDR_IS_LINK_LOCAL },
	{ "fec0::1", ADDR_IS_INVALID },
	{ "ff02::1", ADDR_IS_MULTICAST },
};

START_TEST(special_addresses_have_their_class)
{
	struct addr a = addr_of(class_rows[_i].ip);

	ck_assert_msg(addr_class(&a) == class_rows[_i].class, "%s: %d",
	    class_rows[_i].ip, (int)addr_class(&a));
}
END_TEST

START_TEST(no_address_is_of_no_use)
{
	struct addr a = { 0 };

	ck_assert_int_eq(addr_class(&a), ADDR_IS_INVALID);
}
END_TEST

/* CVE-2026-27624: a mapped form must never slip past a check. */
START_TEST(mapped_forms_are_their_ipv4_address)
{
	struct rng rng;

	rng_init_test(&rng, test_seed(), "addr");
	for (int i = 0; i < 100000; i++) {
		uint8_t ip[16] = { [10] = 0xff, [11] = 0xff };
		struct addr by_hand = { .family = ADDR_V6, .port = 7 };
		struct addr four, six;

		rng_fill(&rng, ip + 12, 4);
		four = addr_v4(ip[12], ip[13], ip[14], ip[15], 7);
		six = addr_v6(ip, 7);
		memcpy(by_hand.ip, ip, sizeof ip);
		ck_assert(addr_eq(&four, &six));
		ck_assert_int_eq(addr_class(&by_hand), addr_class(&four));
	}
}
END_TEST

static size_t
encode(const struct addr *a, uint8_t buf[static ADDR_WIRE_MAX])
{
	struct wr w = wr_of(buf, ADDR_WIRE_MAX);

	addr_put(&w, a);
	ck_assert(!w.bad);
	return w.len;
}

static const struct wire_row {
	const char *text;
	const char *hex;
} wire_rows[] = {
	{ NULL, "00" },
	{ "192.0.2.1:9000", "04 c0000201 2328" },
	{ "[2001:db8::1]:1", "06 20010db8000000000000000000000001 0001" },
};

START_TEST(wire_form_is_family_ip_port)
{
	const struct wire_row *row = &wire_rows[_i];
	struct addr a = { 0 }, back;
	uint8_t buf[ADDR_WIRE_MAX], want[ADDR_WIRE_MAX];
	size_t len = unhex(row->hex, want, sizeof want);
	struct rd r = rd_of(want, len);

	if (row->text != NULL)
		a = addr_of(row->text);
	ck_assert_uint_eq(encode(&a, buf), len);
	ck_assert_mem_eq(buf, want, len);
	back = addr_get(&r);
	ck_assert(rd_done(&r));
	ck_assert(addr_eq(&a, &back));
}
END_TEST

START_TEST(every_prefix_of_a_wire_form_is_short)
{
	uint8_t buf[ADDR_WIRE_MAX];
	size_t len = unhex(wire_rows[_i].hex, buf, sizeof buf);

	for (size_t cut = 0; cut < len; cut++) {
		struct rd r = rd_of(buf, cut);
		struct addr a = addr_get(&r);

		ck_assert(r.bad);
		ck_assert(!addr_is_set(&a));
	}
}
END_TEST

START_TEST(unknown_families_are_bad)
{
	for (int family = 0; family < 256; family++) {
		uint8_t buf[ADDR_WIRE_MAX] = { (uint8_t)family };
		struct rd r = rd_of(buf, sizeof buf);
		struct addr a = addr_get(&r);
		bool known = family == 0 || family == 4 || family == 6;

		ck_assert_msg(r.bad == !known, "family %d", family);
		ck_assert(known || !addr_is_set(&a));
	}
}
END_TEST

START_TEST(mapped_form_on_the_wire_becomes_ipv4)
{
	uint8_t buf[ADDR_WIRE_MAX];
	size_t len = unhex("06 00000000000000000000ffff7f000001 2328", buf,
	    sizeof buf);
	struct rd r = rd_of(buf, len);
	struct addr a = addr_get(&r), want = addr_v4(127, 0, 0, 1, 9000);

	ck_assert(addr_eq(&a, &want));
	ck_assert_int_eq(addr_class(&a), ADDR_IS_LOOPBACK);
}
END_TEST

START_TEST(scope_is_not_sent)
{
	struct addr a = addr_of("[fe80::1%3]:5");
	uint8_t buf[ADDR_WIRE_MAX];
	struct rd r = rd_of(buf, encode(&a, buf));

	ck_assert_uint_eq(addr_get(&r).scope, 0);
	ck_assert(rd_done(&r));
}
END_TEST

START_TEST(address_that_does_not_fit_writes_nothing)
{
	struct addr a = addr_v4(192, 0, 2, 1, 9000);
	uint8_t buf[8];

	for (size_t cap = 0; cap < 7; cap++) {
		struct wr w = wr_of(buf, cap);

		addr_put(&w, &a);
		ck_assert(w.bad);
		ck_assert_uint_eq(w.len, 0);
	}
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

Suite *
make_suite(void)
{
	Suite *s = suite_create("addr");
	TCase *text = tcase_create("text");
	TCase *class = tcase_create("class");
	TCase *wire = tcase_create("wire");

	tcase_add_loop_test(text, literals_are_parsed_and_printed, 0,
	    ROWS(parse_rows));
	tcase_add_test(text, what_is_no_literal_is_refused);
	tcase_add_loop_test(text, host_and_port_are_split, 0, ROWS(split_rows));
	tcase_add_test(text, longest_text_fits);
	tcase_add_test(text, no_address_is_a_dash);
	tcase_add_test(text, any_is_the_unspecified_address);
	suite_add_tcase(s, text);
	tcase_add_test(class, equality_looks_at_every_part);
	tcase_add_loop_test(class, site_is_one_ipv4_address_or_an_ipv6_56, 0,
	    ROWS(site_rows));
	tcase_add_loop_test(class, special_addresses_have_their_class, 0,
	    ROWS(class_rows));
	tcase_add_test(class, no_address_is_of_no_use);
	tcase_add_test(class, mapped_forms_are_their_ipv4_address);
	suite_add_tcase(s, class);
	tcase_add_loop_test(wire, wire_form_is_family_ip_port, 0,
	    ROWS(wire_rows));
	tcase_add_loop_test(wire, every_prefix_of_a_wire_form_is_short, 0,
	    ROWS(wire_rows));
	tcase_add_test(wire, unknown_families_are_bad);
	tcase_add_test(wire, mapped_form_on_the_wire_becomes_ipv4);
	tcase_add_test(wire, scope_is_not_sent);
	tcase_add_test(wire, address_that_does_not_fit_writes_nothing);
	suite_add_tcase(s, wire);
	return s;
}
