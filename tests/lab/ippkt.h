/* IPv4 and IPv6 packets as bytes, and as the fields that a NAT works on
 * (pkt.h). What a NAT does not understand is not a packet here: fragments,
 * extension headers, ICMP other than errors, protocols other than UDP and
 * TCP. */
#ifndef IPPKT_H
#define IPPKT_H

#include "../sim/pkt.h"

enum { IPPKT_BUILD_MAX = 128 };

/* False for what is cut short or not understood. out->data points into buf.
 * Checksums are not looked at. */
bool ippkt_read(const uint8_t *buf, size_t len, struct pkt *out);

/* Puts p's addresses, ports and time to live into the UDP or TCP packet that
 * it was read from. Its checksum is carried over, so that what was damaged
 * stays so. */
void ippkt_patch(uint8_t *buf, size_t len, const struct pkt *p);

/* Makes an ICMP error or a TCP reset from nothing but p. Returns its size. */
size_t ippkt_build(const struct pkt *p, uint8_t buf[static IPPKT_BUILD_MAX]);

/* True if the packet is IPv4 and must not be cut in pieces, or IPv6. */
bool ippkt_is_whole(const uint8_t *buf, size_t len);

#endif
