#include "ippkt.h"

#include <assert.h>
#include <string.h>

enum {
	P_ICMP = 1, P_TCP = 6, P_UDP = 17, P_ICMPV6 = 58,
	V4_LEN = 20, V6_LEN = 40, UDP_LEN = 8, TCP_LEN = 20, ICMP_LEN = 8,
};

/* Where things are in a packet. */
struct shape {
	bool is_v6;
	uint8_t proto;              /* as on the wire */
	size_t src_at, dst_at, ip_len, ttl_at;
	size_t l4_at, len;          /* len: without what follows the packet */
};

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* ---- checksums (RFC 1071) ---- */

static uint32_t
add_up(uint32_t sum, const uint8_t *p, size_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += get16(p);
	return len > 0 ? sum + (uint32_t)(p[0] << 8) : sum;
}

static uint16_t
fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* RFC 1624: len bytes under the checksum at check become others. */
static void
replace(uint8_t *check, uint8_t *at, const uint8_t *with, size_t len)
{
	uint32_t sum = (uint16_t)~get16(check);

	for (size_t i = 0; i < len; i += 2)
		sum += (uint16_t)~get16(at + i);
	put16(check, (uint16_t)~fold(add_up(sum, with, len)));
	memcpy(at, with, len);
}

static void
sum_v4_header(uint8_t *buf, size_t len)
{
	put16(buf + 10, 0);
	put16(buf + 10, (uint16_t)~fold(add_up(0, buf, len)));
}

/* ---- reading ---- */

/* The header of a packet, of which but the first bytes may be there. */
static bool
find(const uint8_t *buf, size_t len, struct shape *s)
{
	*s = (struct shape) { 0 };
	if (len >= V4_LEN && buf[0] >> 4 == 4) {
		s->l4_at = (size_t)(buf[0] & 15) * 4;
		s->len = get16(buf + 2);
		s->proto = buf[9];
		s->src_at = 12;
		s->dst_at = 16;
		s->ip_len = 4;
		s->ttl_at = 8;
		return s->l4_at >= V4_LEN && (get16(buf + 6) & 0x3fff) == 0;
	}
	if (len < V6_LEN || buf[0] >> 4 != 6)
		return false;
	s->is_v6 = true;
	s->l4_at = V6_LEN;
	s->len = V6_LEN + (size_t)get16(buf + 4);
	s->proto = buf[6];
	s->src_at = 8;
	s->dst_at = 24;
	s->ip_len = 16;
	s->ttl_at = 7;
	return true;
}

static struct addr
addr_at(const uint8_t *buf, const struct shape *s, size_t at, uint16_t port)
{
	const uint8_t *ip = buf + at;

	return s->is_v6 ? addr_v6(ip, port) :
	    addr_v4(ip[0], ip[1], ip[2], ip[3], port);
}

static uint8_t
tcp_flags(uint8_t bits)
{
	return (uint8_t)((bits & 0x02 ? PKT_SYN : 0) |
	    (bits & 0x10 ? PKT_ACK : 0) | (bits & 0x01 ? PKT_FIN : 0) |
	    (bits & 0x04 ? PKT_RST : 0));
}

static uint8_t
error_v4(uint8_t type, uint8_t code)
{
	if (type == 11 && code == 0)
		return PKT_TTL;
	if (type != 3)
		return 0;
	switch (code) {
	case 0:
	case 1:
		return PKT_HOST;
	case 3:
		return PKT_PORT;
	case 4:
		return PKT_TOO_BIG;
	case 9:
	case 10:
	case 13:
		return PKT_ADMIN;
	}
	return 0;
}

static uint8_t
error_v6(uint8_t type, uint8_t code)
{
	if (type == 3 && code == 0)
		return PKT_TTL;
	if (type == 2)
		return PKT_TOO_BIG;
	if (type != 1)
		return 0;
	return code == 4 ? PKT_PORT : code == 1 ? PKT_ADMIN : PKT_HOST;
}

/* The packet that an error is about: its header and 8 bytes more. */
static bool
read_about(const uint8_t *buf, size_t len, struct pkt *out)
{
	struct shape s;
	const uint8_t *l4;

	if (!find(buf, len, &s) || len < s.l4_at + 8 ||
	    (s.proto != P_UDP && s.proto != P_TCP))
		return false;
	l4 = buf + s.l4_at;
	out->about = s.proto == P_UDP ? PKT_UDP : PKT_TCP;
	out->about_src = addr_at(buf, &s, s.src_at, get16(l4));
	out->about_dst = addr_at(buf, &s, s.dst_at, get16(l4 + 2));
	if (out->about == PKT_TCP)
		out->seq = get32(l4 + 4);
	return true;
}

static bool
read_icmp(const uint8_t *l4, size_t len, bool is_v6, struct pkt *out)
{
	if (len < ICMP_LEN)
		return false;
	out->proto = PKT_ICMP;
	out->error = is_v6 ? error_v6(l4[0], l4[1]) : error_v4(l4[0], l4[1]);
	if (out->error == PKT_TOO_BIG)
		out->mtu = get16(l4 + 6);
	out->src.port = out->dst.port = 0;
	return out->error != 0 &&
	    read_about(l4 + ICMP_LEN, len - ICMP_LEN, out);
}

bool
ippkt_read(const uint8_t *buf, size_t len, struct pkt *out)
{
	struct pkt p = { 0 };
	struct shape s;
	const uint8_t *l4;
	size_t header, left;

	if (!find(buf, len, &s) || s.len > len || s.len < s.l4_at + 8)
		return false;
	l4 = buf + s.l4_at;
	left = s.len - s.l4_at;
	p.ttl = buf[s.ttl_at];
	p.src = addr_at(buf, &s, s.src_at, get16(l4));
	p.dst = addr_at(buf, &s, s.dst_at, get16(l4 + 2));
	if (s.proto == (s.is_v6 ? P_ICMPV6 : P_ICMP)) {
		if (!read_icmp(l4, left, s.is_v6, &p))
			return false;
		*out = p;
		return true;
	}
	header = UDP_LEN;
	if (s.proto == P_TCP) {
		if (left < TCP_LEN)
			return false;
		p.proto = PKT_TCP;
		p.seq = get32(l4 + 4);
		p.ack = get32(l4 + 8);
		p.flags = tcp_flags(l4[13]);
		header = (size_t)(l4[12] >> 4) * 4;
	} else if (s.proto == P_UDP) {
		p.proto = PKT_UDP;
	} else {
		return false;
	}
	if (header < UDP_LEN || header > left)
		return false;
	p.data = l4 + header;
	p.len = left - header;
	*out = p;
	return true;
}

bool
ippkt_is_whole(const uint8_t *buf, size_t len)
{
	return len >= V4_LEN && (buf[0] >> 4 == 6 || (buf[6] & 0x40));
}

/* ---- writing ---- */

void
ippkt_patch(uint8_t *buf, size_t len, const struct pkt *p)
{
	struct shape s;
	uint8_t *l4, *check, none[2] = { 0 }, port[4];
	bool ok = find(buf, len, &s);

	assert(ok && p->proto != PKT_ICMP);
	l4 = buf + s.l4_at;
	check = l4 + (p->proto == PKT_UDP ? 6 : 16);
	/* RFC 768: a UDP packet may do without. */
	if (p->proto == PKT_UDP && get16(check) == 0)
		check = none;
	put16(port, p->src.port);
	put16(port + 2, p->dst.port);
	replace(check, buf + s.src_at, p->src.ip, s.ip_len);
	replace(check, buf + s.dst_at, p->dst.ip, s.ip_len);
	replace(check, l4, port, sizeof port);
	if (p->proto == PKT_UDP && check != none && get16(check) == 0)
		put16(check, 0xffff);
	buf[s.ttl_at] = p->ttl;
	if (!s.is_v6)
		sum_v4_header(buf, s.l4_at);
}

/* An IP header; returns its size. */
static size_t
put_header(uint8_t *buf, uint8_t proto, uint8_t ttl, const struct addr *src,
    const struct addr *dst, size_t payload)
{
	if (src->family == ADDR_V6) {
		memset(buf, 0, V6_LEN);
		buf[0] = 0x60;
		put16(buf + 4, (uint32_t)payload);
		buf[6] = proto;
		buf[7] = ttl;
		memcpy(buf + 8, src->ip, 16);
		memcpy(buf + 24, dst->ip, 16);
		return V6_LEN;
	}
	memset(buf, 0, V4_LEN);
	buf[0] = 0x45;
	put16(buf + 2, (uint32_t)(V4_LEN + payload));
	buf[8] = ttl;
	buf[9] = proto;
	memcpy(buf + 12, src->ip, 4);
	memcpy(buf + 16, dst->ip, 4);
	sum_v4_header(buf, V4_LEN);
	return V4_LEN;
}

/* Over l4 and what both IP versions add of their headers. */
static void
sum_l4(uint8_t *l4, size_t len, size_t check_at, uint8_t proto,
    const struct pkt *p)
{
	uint32_t sum = 0;

	if (proto != P_ICMP) {
		sum = add_up(sum, p->src.ip, 16);
		sum = add_up(sum, p->dst.ip, 16);
		sum += proto + (uint32_t)len;
	}
	put16(l4 + check_at, 0);
	put16(l4 + check_at, (uint16_t)~fold(add_up(sum, l4, len)));
}

static size_t
build_reset(const struct pkt *p, uint8_t *buf)
{
	size_t at = put_header(buf, P_TCP, p->ttl, &p->src, &p->dst, TCP_LEN);
	uint8_t *l4 = buf + at;

	memset(l4, 0, TCP_LEN);
	put16(l4, p->src.port);
	put16(l4 + 2, p->dst.port);
	put32(l4 + 4, p->seq);
	put32(l4 + 8, p->ack);
	l4[12] = TCP_LEN / 4 << 4;
	l4[13] = 0x04 | (p->flags & PKT_ACK ? 0x10 : 0);
	sum_l4(l4, TCP_LEN, 16, P_TCP, p);
	return at + TCP_LEN;
}

static void
put_error(uint8_t *l4, const struct pkt *p, bool is_v6)
{
	static const uint8_t v4[][2] = { [PKT_TTL] = { 11, 0 },
		[PKT_PORT] = { 3, 3 }, [PKT_HOST] = { 3, 1 },
		[PKT_ADMIN] = { 3, 13 }, [PKT_TOO_BIG] = { 3, 4 } };
	static const uint8_t v6[][2] = { [PKT_TTL] = { 3, 0 },
		[PKT_PORT] = { 1, 4 }, [PKT_HOST] = { 1, 3 },
		[PKT_ADMIN] = { 1, 1 }, [PKT_TOO_BIG] = { 2, 0 } };

	assert(p->error >= PKT_TTL && p->error <= PKT_TOO_BIG);
	memset(l4, 0, ICMP_LEN);
	memcpy(l4, is_v6 ? v6[p->error] : v4[p->error], 2);
	put16(l4 + 6, p->mtu);
}

static size_t
build_error(const struct pkt *p, uint8_t *buf)
{
	bool is_v6 = p->src.family == ADDR_V6;
	uint8_t proto = is_v6 ? P_ICMPV6 : P_ICMP;
	size_t about = is_v6 ? V6_LEN : V4_LEN, len = ICMP_LEN + about + 8;
	size_t at = put_header(buf, proto, p->ttl, &p->src, &p->dst, len);
	uint8_t *l4 = buf + at, *inner = l4 + ICMP_LEN;

	put_error(l4, p, is_v6);
	inner += put_header(inner, p->about == PKT_UDP ? P_UDP : P_TCP, 1,
	    &p->about_src, &p->about_dst, UDP_LEN);
	put16(inner, p->about_src.port);
	put16(inner + 2, p->about_dst.port);
	put32(inner + 4, p->about == PKT_UDP ? UDP_LEN << 16 : p->seq);
	sum_l4(l4, len, 2, proto, p);
	return at + len;
}

size_t
ippkt_build(const struct pkt *p, uint8_t buf[static IPPKT_BUILD_MAX])
{
	assert(p->proto != PKT_UDP);
	return p->proto == PKT_TCP ? build_reset(p, buf) :
	    build_error(p, buf);
}
