#include "addr.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Special addresses: the registries of RFC 6890 (IANA, 2025). The first row
 * that matches holds. */
struct range {
	uint8_t ip[16];
	uint8_t bits;
	uint8_t class;
};

static const struct range special_v4[] = {
	{ { 255, 255, 255, 255 }, 32, ADDR_IS_MULTICAST },
	{ { 0 }, 8, ADDR_IS_INVALID },
	{ { 10 }, 8, ADDR_IS_PRIVATE },
	{ { 100, 64 }, 10, ADDR_IS_SHARED },
	{ { 127 }, 8, ADDR_IS_LOOPBACK },
	{ { 169, 254 }, 16, ADDR_IS_LINK_LOCAL },
	{ { 172, 16 }, 12, ADDR_IS_PRIVATE },
	{ { 192, 0, 0 }, 24, ADDR_IS_INVALID },      /* RFC 6890 */
	{ { 192, 88, 99 }, 24, ADDR_IS_INVALID },    /* RFC 7526, 6to4 */
	{ { 192, 168 }, 16, ADDR_IS_PRIVATE },
	{ { 224 }, 4, ADDR_IS_MULTICAST },
	{ { 240 }, 4, ADDR_IS_INVALID },
	{ { 0 }, 0, ADDR_IS_PUBLIC },
};

static const struct range special_v6[] = {
	{ { [15] = 1 }, 128, ADDR_IS_LOOPBACK },
	{ { 0xfc }, 7, ADDR_IS_PRIVATE },
	{ { 0xfe, 0x80 }, 10, ADDR_IS_LINK_LOCAL },
	{ { 0xff }, 8, ADDR_IS_MULTICAST },
	{ { 0x20, 0x01 }, 23, ADDR_IS_INVALID },     /* RFC 2928, Teredo */
	{ { 0x20, 0x02 }, 16, ADDR_IS_INVALID },     /* RFC 3056, 6to4 */
	{ { 0x20 }, 3, ADDR_IS_PUBLIC },
	{ { 0 }, 0, ADDR_IS_INVALID },
};

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static size_t
ip_len(const struct addr *a)
{
	if (a->family == ADDR_V4)
		return 4;
	return a->family == ADDR_V6 ? 16 : 0;
}

struct addr
addr_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port)
{
	return (struct addr){ .ip = { a, b, c, d }, .port = port,
		.family = ADDR_V4 };
}

struct addr
addr_v6(const uint8_t ip[static 16], uint16_t port)
{
	struct addr a = { .port = port, .family = ADDR_V6 };

	if (memcmp(ip, mapped, sizeof mapped) == 0)
		return addr_v4(ip[12], ip[13], ip[14], ip[15], port);
	memcpy(a.ip, ip, sizeof a.ip);
	return a;
}

struct addr
addr_any(enum addr_family family, uint16_t port)
{
	return (struct addr){ .port = port, .family = (uint8_t)family };
}

/* A decimal number of digits only, 1 to max. */
static bool
parse_number(const char *s, uint32_t max, uint32_t *out)
{
	uint64_t v = 0;

	if (*s == '\0' || strlen(s) > 10)
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		v = v * 10 + (uint64_t)(*s - '0');
	}
	if (v == 0 || v > max)
		return false;
	*out = (uint32_t)v;
	return true;
}

/* Copies len bytes at s with a NUL; false if empty or longer than cap - 1. */
static bool
copy_part(const char *s, size_t len, char *out, size_t cap)
{
	if (len == 0 || len >= cap)
		return false;
	memcpy(out, s, len);
	out[len] = '\0';
	return true;
}

/* True if the len bytes at s are an IPv6 literal, with or without a zone. */
static bool
is_v6(const char *s, size_t len, uint8_t ip[static 16])
{
	const char *zone = memchr(s, '%', len);
	char buf[INET6_ADDRSTRLEN];

	if (!copy_part(s, zone != NULL ? (size_t)(zone - s) : len, buf,
	    sizeof buf))
		return false;
	return inet_pton(AF_INET6, buf, ip) == 1;
}

bool
addr_split(const char *s, uint16_t default_port, char *host, size_t cap,
    uint16_t *port)
{
	const char *colon = strrchr(s, ':'), *end = s + strlen(s);
	uint32_t number = default_port;
	uint8_t ip[16];

	if (*s == '[') {
		const char *close = strchr(++s, ']');

		if (close == NULL || !is_v6(s, (size_t)(close - s), ip))
			return false;
		end = close;
		colon = close[1] != '\0' ? close + 1 : NULL;
		if (colon != NULL && *colon != ':')
			return false;
	} else if (colon != NULL && strchr(s, ':') != colon) {
		if (!is_v6(s, strlen(s), ip))
			return false;
		colon = NULL;
	} else if (colon != NULL) {
		end = colon;
	}
	if (colon != NULL && (strlen(colon + 1) > 5 ||
	    !parse_number(colon + 1, UINT16_MAX, &number)))
		return false;
	if (!copy_part(s, (size_t)(end - s), host, cap))
		return false;
	*port = (uint16_t)number;
	return true;
}

static bool
is_link_local(const struct addr *a)
{
	return a->family == ADDR_V6 && a->ip[0] == 0xfe &&
	    (a->ip[1] & 0xc0) == 0x80;
}

/* A zone is the number of an interface; names are the resolver's. */
bool
addr_parse(const char *s, uint16_t default_port, struct addr *out)
{
	char host[INET6_ADDRSTRLEN + 11], *zone;
	uint8_t ip[16];
	struct addr a;
	uint16_t port;

	if (!addr_split(s, default_port, host, sizeof host, &port))
		return false;
	if (inet_pton(AF_INET, host, ip) == 1) {
		*out = addr_v4(ip[0], ip[1], ip[2], ip[3], port);
		return true;
	}
	if (!is_v6(host, strlen(host), ip))
		return false;
	a = addr_v6(ip, port);
	zone = strchr(host, '%');
	if (zone != NULL && (!is_link_local(&a) ||
	    !parse_number(zone + 1, UINT32_MAX, &a.scope)))
		return false;
	*out = a;
	return true;
}

const char *
addr_format_ip(const struct addr *a, char *buf)
{
	if (!addr_is_set(a))
		return strcpy(buf, "-");
	inet_ntop(a->family == ADDR_V4 ? AF_INET : AF_INET6, a->ip, buf,
	    ADDR_TEXT);
	if (a->scope != 0)
		snprintf(buf + strlen(buf), ADDR_TEXT - strlen(buf), "%%%u",
		    (unsigned)a->scope);
	return buf;
}

const char *
addr_format(const struct addr *a, char *buf)
{
	char ip[ADDR_TEXT];

	addr_format_ip(a, ip);
	if (a->family == ADDR_V4)
		snprintf(buf, ADDR_TEXT, "%.15s:%u", ip, a->port);
	else if (a->family == ADDR_V6)
		snprintf(buf, ADDR_TEXT, "[%.50s]:%u", ip, a->port);
	else
		strcpy(buf, ip);
	return buf;
}

bool
addr_eq(const struct addr *a, const struct addr *b)
{
	return addr_same_ip(a, b) && a->port == b->port;
}

bool
addr_same_ip(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && a->scope == b->scope &&
	    memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

bool
addr_is_set(const struct addr *a)
{
	return a->family != ADDR_NONE;
}

bool
addr_same_site(const struct addr *a, const struct addr *b)
{
	return addr_site(a) == addr_site(b);
}

uint64_t
addr_site(const struct addr *a)
{
	struct rd r = rd_of(a->ip, sizeof a->ip);

	/* The last byte is outside of the prefix: it tells the families. */
	return (get_u64(&r) & ~UINT64_C(0xff)) | a->family;
}

static bool
is_within(const uint8_t *ip, const struct range *range)
{
	unsigned whole = range->bits / 8, rest = range->bits % 8;

	if (memcmp(ip, range->ip, whole) != 0)
		return false;
	return rest == 0 || (ip[whole] ^ range->ip[whole]) >> (8 - rest) == 0;
}

enum addr_class
addr_class(const struct addr *a)
{
	const struct range *range;
	struct addr one;

	if (!addr_is_set(a))
		return ADDR_IS_INVALID;
	/* Also right for an address that no constructor made. */
	one = a->family == ADDR_V6 ? addr_v6(a->ip, 0) : *a;
	range = one.family == ADDR_V4 ? special_v4 : special_v6;
	while (!is_within(one.ip, range))
		range++;
	return (enum addr_class)range->class;
}

void
addr_put(struct wr *w, const struct addr *a)
{
	uint8_t buf[ADDR_WIRE_MAX];
	struct wr one = wr_of(buf, sizeof buf);

	put_u8(&one, a->family);
	put_bytes(&one, a->ip, ip_len(a));
	if (addr_is_set(a))
		put_u16(&one, a->port);
	assert(!one.bad);
	put_bytes(w, buf, one.len);
}

struct addr
addr_get(struct rd *r)
{
	struct addr a = { .family = get_u8(r) };

	if (a.family != ADDR_NONE && ip_len(&a) == 0)
		r->bad = true;
	get_copy(r, a.ip, ip_len(&a));
	if (addr_is_set(&a))
		a.port = get_u16(r);
	if (r->bad)
		return (struct addr){ 0 };
	return a.family == ADDR_V6 ? addr_v6(a.ip, a.port) : a;
}
