/* Transport addresses: IPv4 or IPv6 and a port. IPv4 inside IPv6
 * (::ffff:0:0/96) is turned into IPv4 by every constructor, so that an address
 * has one form. */
#ifndef ADDR_H
#define ADDR_H

#include "bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum addr_family {
	ADDR_NONE = 0,
	ADDR_V4 = 4,
	ADDR_V6 = 6,
};

/* Longest text of addr_format, with the terminating NUL:
 * "[" 39 "%" 10 "]:" 5. */
enum { ADDR_TEXT = 60, ADDR_WIRE_MAX = 19 };

struct addr {
	uint8_t ip[16];  /* network order; IPv4 in the first 4 bytes, rest 0 */
	uint32_t scope;  /* interface of an IPv6 link-local address, else 0 */
	uint16_t port;   /* host order */
	uint8_t family;  /* enum addr_family */
};

/* What an address may be used for. Exactly one class per address. The networks
 * of documentation and of benchmarks are public: they lead nowhere on the
 * Internet, and laboratories build theirs of them. */
enum addr_class {
	ADDR_IS_INVALID,   /* unspecified, reserved, 0/8, 240/4, NAT64, 6to4 and
	                      Teredo forms */
	ADDR_IS_LOOPBACK,
	ADDR_IS_LINK_LOCAL,
	ADDR_IS_PRIVATE,   /* RFC 1918, RFC 4193 */
	ADDR_IS_SHARED,    /* 100.64.0.0/10, RFC 6598 */
	ADDR_IS_MULTICAST, /* and the IPv4 broadcast address */
	ADDR_IS_PUBLIC,
};

struct addr addr_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port);
struct addr addr_v6(const uint8_t ip[static 16], uint16_t port);

/* The unspecified address of a family with a port: "any" for binding. */
struct addr addr_any(enum addr_family family, uint16_t port);

/* Parses a literal "192.0.2.1", "192.0.2.1:9000", "2001:db8::1",
 * "[2001:db8::1]", "[2001:db8::1]:9000". A missing port becomes
 * default_port. False if s is not a literal address (it may be a host name). */
bool addr_parse(const char *s, uint16_t default_port, struct addr *out);

/* Splits "host", "host:port", "[v6]:port" or a bare IPv6 literal into host
 * (without brackets; cap bytes with NUL) and port (default_port when absent).
 * False if the host is empty or too long or the port is not 1 to 65535. */
bool addr_split(const char *s, uint16_t default_port, char *host, size_t cap,
    uint16_t *port);

/* "192.0.2.1:9000" or "[2001:db8::1]:9000"; "-" for no address. buf holds
 * ADDR_TEXT bytes. Returns buf. */
const char *addr_format(const struct addr *a, char *buf);

/* The same without port and brackets. */
const char *addr_format_ip(const struct addr *a, char *buf);

bool addr_eq(const struct addr *a, const struct addr *b);
bool addr_same_ip(const struct addr *a, const struct addr *b);
bool addr_is_set(const struct addr *a);

/* True if a and b lie in one rate-limit prefix: one IPv4 address, one
 * IPv6 /56. */
bool addr_same_site(const struct addr *a, const struct addr *b);

/* Eight bytes that are equal for addresses of one site (see above): a key
 * for keyed hashing, not a hash. */
uint64_t addr_site(const struct addr *a);

enum addr_class addr_class(const struct addr *a);

/* On the wire: family (1 byte: 0, 4 or 6), IP (0, 4 or 16), port (2, absent
 * for family 0). The scope is not sent. addr_get sets r->bad for an unknown
 * family; an IPv4-mapped IPv6 address becomes IPv4. */
void addr_put(struct wr *w, const struct addr *a);
struct addr addr_get(struct rd *r);

#endif
