/* What the tests of the NAT share: a small cast and packets between them. */
#ifndef NATTEST_H
#define NATTEST_H

#include "nat.h"
#include "../unit/runner.h"

static const struct addr ann = { { 192, 168, 1, 10 }, 0, 9001, ADDR_V4 };
static const struct addr ann2 = { { 192, 168, 1, 10 }, 0, 9002, ADDR_V4 };
static const struct addr bob = { { 192, 168, 1, 11 }, 0, 9001, ADDR_V4 };
static const struct addr router = { { 192, 168, 1, 1 }, 0, 0, ADDR_V4 };
static const struct addr pool = { { 81, 2, 69, 1 }, 0, 0, ADDR_V4 };
static const struct addr other_pool = { { 81, 2, 69, 2 }, 0, 0, ADDR_V4 };
static const struct addr far = { { 151, 101, 1, 1 }, 0, 7000, ADDR_V4 };
static const struct addr far_port = { { 151, 101, 1, 1 }, 0, 7001, ADDR_V4 };
static const struct addr farther = { { 151, 101, 2, 2 }, 0, 7000, ADDR_V4 };
static const struct addr none;

/* The conf under test with one external address. */
static inline struct nat *
nat_of(struct nat_conf conf)
{
	struct nat *n;

	conf.inside = router;
	if (conf.pool_count == 0) {
		conf.pool[0] = pool;
		conf.pool_count = 1;
	}
	n = nat_new(&conf, test_seed());
	ck_assert_ptr_nonnull(n);
	return n;
}

static inline struct pkt
packet(enum pkt_proto proto, struct addr src, struct addr dst)
{
	return (struct pkt) { .proto = (uint8_t)proto, .ttl = 64, .src = src,
		.dst = dst };
}

static inline struct pkt
segment(uint8_t flags, struct addr src, struct addr dst)
{
	struct pkt p = packet(PKT_TCP, src, dst);

	p.flags = flags;
	p.seq = 1000;
	return p;
}

/* The external address with which a datagram leaves; unset if it does not. */
static inline struct addr
out(struct nat *n, usec_t now, struct addr src, struct addr dst)
{
	struct pkt p = packet(PKT_UDP, src, dst);

	return nat_outbound(n, now, &p) == NAT_OUT ? p.src : none;
}

/* The inside address that a datagram reaches; unset if none. */
static inline struct addr
in(struct nat *n, usec_t now, struct addr src, struct addr dst)
{
	struct pkt p = packet(PKT_UDP, src, dst);

	return nat_inbound(n, now, &p) == NAT_IN ? p.dst : none;
}

static inline struct addr
tcp_out(struct nat *n, usec_t now, uint8_t flags, struct addr src,
    struct addr dst)
{
	struct pkt p = segment(flags, src, dst);

	return nat_outbound(n, now, &p) == NAT_OUT ? p.src : none;
}

static inline bool
tcp_in(struct nat *n, usec_t now, uint8_t flags, struct addr src,
    struct addr dst)
{
	struct pkt p = segment(flags, src, dst);

	return nat_inbound(n, now, &p) == NAT_IN;
}

#define ck_assert_addr_eq(a, b) ck_assert(addr_eq(&(a), &(b)))

/* The rows of NAT_EI, NAT_AD, NAT_APD: who gets in after ann wrote to far. */
static const struct filter_row {
	enum nat_scope filter;
	bool far, far_port, farther;
} filter_rows[] = {
	{ NAT_EI, true, true, true },
	{ NAT_AD, true, true, false },
	{ NAT_APD, true, false, false },
};

#endif
