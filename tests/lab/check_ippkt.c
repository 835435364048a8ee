#include "ippkt.h"

#include "../unit/runner.h"

#include <stdlib.h>
#include <string.h>

/* The packets were put together by another program, checksums too. */
#define UDP_IN "45000021123440004011e28a0a010002cb00710a" \
	"23292328000d2fa368656c6c6f"
#define UDP_OUT "45000021123440003f11c34fc633640acb00710a" \
	"9c402328000d965068656c6c6f"
#define UDP_IN_NO_SUM "45000021123440004011e28a0a010002cb00710a" \
	"23292328000d000068656c6c6f"
#define UDP_OUT_NO_SUM "45000021123440003f11c34fc633640acb00710a" \
	"9c402328000d000068656c6c6f"
#define TCP_IN "4500002b123440004006e28b0a010002cb00710a" \
	"232923280102030405060708501803e83c0a00006f6464"
#define TCP_OUT "4500002b123440003f06c350c633640acb00710a" \
	"9c4023280102030405060708501803e8a2b700006f6464"
#define RESET "450000280000000040061488cb00710ac633640a" \
	"23289c400506070801020305501400007a0a0000"
#define TTL_ERROR "450000380000000040018e86c0000201c633640a" \
	"0b00358f00000000" \
	"4500001c0000000001115389c633640acb00710a9c40232800080000"
#define BIG_ERROR "450000380000000040018e86c0000201c633640a" \
	"0304348d00000500" \
	"4500001c0000000001065394c633640acb00710a9c40232801020304"
#define UDP6_64 "60000000000a114020010db8000100010000000000000002" \
	"20010db800000001000000000000001023292328000af5986869"
#define UDP6_63 "60000000000a113f20010db8000100010000000000000002" \
	"20010db800000001000000000000001023292328000af5986869"
#define PORT6_ERROR "6000000000383a4020010db8000100010000000000000001" \
	"20010db80001000100000000000000020104902600000000" \
	"600000000008110120010db8000100010000000000000002" \
	"20010db800000001000000000000001023292328" "00080000"

static const struct addr inside = { { 10, 1, 0, 2 }, 0, 9001, ADDR_V4 };
static const struct addr outside = { { 198, 51, 100, 10 }, 0, 40000, ADDR_V4 };
static const struct addr far = { { 203, 0, 113, 10 }, 0, 9000, ADDR_V4 };
static const struct addr router = { { 192, 0, 2, 1 }, 0, 0, ADDR_V4 };

static struct addr
no_port(struct addr a)
{
	a.port = 0;
	return a;
}

static void
assert_bytes(const uint8_t *got, size_t len, const char *want)
{
	uint8_t bytes[IPPKT_BUILD_MAX];
	size_t count = unhex(want, bytes, sizeof bytes);

	ck_assert_uint_eq(len, count);
	ck_assert_mem_eq(got, bytes, count);
}

START_TEST(fields_of_a_datagram_are_read)
{
	uint8_t buf[64];
	size_t len = unhex(UDP_IN, buf, sizeof buf);
	struct pkt p;

	ck_assert(ippkt_read(buf, len, &p));
	ck_assert_int_eq(p.proto, PKT_UDP);
	ck_assert_int_eq(p.ttl, 64);
	ck_assert(addr_eq(&p.src, &inside));
	ck_assert(addr_eq(&p.dst, &far));
	ck_assert_uint_eq(p.len, 5);
	ck_assert_mem_eq(p.data, "hello", 5);
	ck_assert(ippkt_is_whole(buf, len));
}
END_TEST

START_TEST(fields_of_a_segment_are_read)
{
	uint8_t buf[64];
	size_t len = unhex(TCP_IN, buf, sizeof buf);
	struct pkt p;

	ck_assert(ippkt_read(buf, len, &p));
	ck_assert_int_eq(p.proto, PKT_TCP);
	ck_assert_int_eq(p.flags, PKT_ACK);
	ck_assert_uint_eq(p.seq, 0x01020304);
	ck_assert_uint_eq(p.ack, 0x05060708);
	ck_assert_uint_eq(p.len, 3);
	buf[33] = 0x07;
	ck_assert(ippkt_read(buf, len, &p));
	ck_assert_int_eq(p.flags, PKT_SYN | PKT_FIN | PKT_RST);
}
END_TEST

static const struct {
	const char *before, *after;
} patches[] = {
	{ UDP_IN, UDP_OUT },
	{ UDP_IN_NO_SUM, UDP_OUT_NO_SUM },
	{ TCP_IN, TCP_OUT },
	{ UDP6_64, UDP6_63 },
};

START_TEST(a_translated_packet_has_right_checksums)
{
	uint8_t buf[64];
	size_t len = unhex(patches[_i].before, buf, sizeof buf);
	struct pkt p;

	ck_assert(ippkt_read(buf, len, &p));
	p.ttl--;
	if (p.src.family == ADDR_V4)
		p.src = outside;
	ippkt_patch(buf, len, &p);
	assert_bytes(buf, len, patches[_i].after);
}
END_TEST

START_TEST(what_is_damaged_stays_damaged)
{
	uint8_t buf[64], whole[64];
	size_t len = unhex(UDP_IN, buf, sizeof buf);
	struct pkt p;

	buf[len - 1] ^= 1;
	ck_assert(ippkt_read(buf, len, &p));
	p.src = outside;
	p.ttl = 63;
	ippkt_patch(buf, len, &p);
	unhex(UDP_OUT, whole, sizeof whole);
	ck_assert_mem_eq(buf, whole, len - 1);
	ck_assert_mem_ne(buf, whole, len);
}
END_TEST

START_TEST(a_reset_is_made_of_fields)
{
	uint8_t buf[IPPKT_BUILD_MAX];
	struct pkt p = { .proto = PKT_TCP, .ttl = 64,
		.flags = PKT_RST | PKT_ACK, .src = far, .dst = outside,
		.seq = 0x05060708, .ack = 0x01020305 };

	assert_bytes(buf, ippkt_build(&p, buf), RESET);
}
END_TEST

static void
assert_same_error(const struct pkt *a, const struct pkt *b)
{
	ck_assert_int_eq(a->proto, b->proto);
	ck_assert_int_eq(a->error, b->error);
	ck_assert_int_eq(a->about, b->about);
	ck_assert_int_eq(a->ttl, b->ttl);
	ck_assert_uint_eq(a->seq, b->seq);
	ck_assert_uint_eq(a->mtu, b->mtu);
	ck_assert(addr_eq(&a->src, &b->src));
	ck_assert(addr_eq(&a->dst, &b->dst));
	ck_assert(addr_eq(&a->about_src, &b->about_src));
	ck_assert(addr_eq(&a->about_dst, &b->about_dst));
}

START_TEST(errors_are_made_of_fields_and_read_again)
{
	uint8_t buf[IPPKT_BUILD_MAX];
	struct pkt got, p = { .proto = PKT_ICMP, .ttl = 64, .error = PKT_TTL,
		.about = PKT_UDP, .src = router, .dst = no_port(outside),
		.about_src = outside, .about_dst = far };
	size_t len = ippkt_build(&p, buf);

	assert_bytes(buf, len, TTL_ERROR);
	ck_assert(ippkt_read(buf, len, &got));
	assert_same_error(&got, &p);
	p.error = PKT_TOO_BIG;
	p.about = PKT_TCP;
	p.mtu = 1280;
	p.seq = 0x01020304;
	len = ippkt_build(&p, buf);
	assert_bytes(buf, len, BIG_ERROR);
	ck_assert(ippkt_read(buf, len, &got));
	assert_same_error(&got, &p);
}
END_TEST

START_TEST(errors_of_ipv6_are_made_of_fields_and_read_again)
{
	uint8_t buf[IPPKT_BUILD_MAX], about[64];
	size_t len = unhex(UDP6_64, about, sizeof about);
	struct pkt got, p, q;

	ck_assert(ippkt_read(about, len, &q));
	p = (struct pkt) { .proto = PKT_ICMP, .ttl = 64, .error = PKT_PORT,
		.about = PKT_UDP, .src = no_port(q.src),
		.dst = no_port(q.src), .about_src = q.src,
		.about_dst = q.dst };
	p.src.ip[15] = 1;
	len = ippkt_build(&p, buf);
	assert_bytes(buf, len, PORT6_ERROR);
	ck_assert(ippkt_read(buf, len, &got));
	assert_same_error(&got, &p);
}
END_TEST

static const char *const samples[] = { UDP_IN, TCP_IN, RESET, TTL_ERROR,
	BIG_ERROR, UDP6_64, PORT6_ERROR };

START_TEST(a_packet_cut_short_is_none)
{
	uint8_t buf[IPPKT_BUILD_MAX], *part;
	size_t len = unhex(samples[_i], buf, sizeof buf);
	struct pkt p;

	for (size_t i = 0; i < len; i++) {
		part = malloc(i + 1);
		memcpy(part, buf, i);
		ck_assert_msg(!ippkt_read(part, i, &p), "%zu bytes", i);
		free(part);
	}
	ck_assert(ippkt_read(buf, len, &p));
}
END_TEST

START_TEST(fragments_and_other_protocols_are_none)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = { { 0, 0x55 }, { 6, 0x20 }, { 7, 1 }, { 9, 47 },
		{ 9, 58 }, { 0, 0x44 } };

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		uint8_t buf[64];
		size_t len = unhex(UDP_IN, buf, sizeof buf);
		struct pkt p;

		buf[changes[i].at] = changes[i].value;
		ck_assert_msg(!ippkt_read(buf, len, &p), "change %zu", i);
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("ippkt");
	TCase *t = tcase_create("all");

	tcase_add_test(t, fields_of_a_datagram_are_read);
	tcase_add_test(t, fields_of_a_segment_are_read);
	tcase_add_loop_test(t, a_translated_packet_has_right_checksums, 0,
	    sizeof patches / sizeof *patches);
	tcase_add_test(t, what_is_damaged_stays_damaged);
	tcase_add_test(t, a_reset_is_made_of_fields);
	tcase_add_test(t, errors_are_made_of_fields_and_read_again);
	tcase_add_test(t, errors_of_ipv6_are_made_of_fields_and_read_again);
	tcase_add_loop_test(t, a_packet_cut_short_is_none, 0,
	    sizeof samples / sizeof *samples);
	tcase_add_test(t, fragments_and_other_protocols_are_none);
	suite_add_tcase(s, t);
	return s;
}
