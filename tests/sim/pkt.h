/* A packet as routers see it: the fields that a NAT reads and rewrites. The
 * simulator carries it in events, the userspace NAT of the laboratory reads it
 * from and writes it back to bytes. */
#ifndef PKT_H
#define PKT_H

#include "addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pkt_proto { PKT_UDP, PKT_TCP, PKT_ICMP };

enum { PKT_SYN = 1, PKT_ACK = 2, PKT_FIN = 4, PKT_RST = 8 };

/* ICMP errors, named after their ICMPv4 form. */
enum pkt_error {
	PKT_TTL = 1, /* 11/0: time to live exceeded */
	PKT_PORT,    /* 3/3: port unreachable */
	PKT_HOST,    /* 3/1: host unreachable */
	PKT_ADMIN,   /* 3/13: prohibited */
	PKT_TOO_BIG, /* 3/4: needs to be fragmented */
};

enum { PKT_TTL_DEFAULT = 64 };

struct pkt {
	uint8_t proto;        /* enum pkt_proto */
	uint8_t ttl;
	uint8_t flags;        /* TCP: PKT_SYN and so on */
	uint8_t error;        /* ICMP: enum pkt_error */
	uint8_t about;        /* ICMP: the protocol of the packet refused */
	struct addr src, dst; /* port 0 in ICMP */
	struct addr about_src, about_dst; /* ICMP: of the packet refused */
	uint32_t seq, ack;    /* TCP; ICMP: seq of the packet refused */
	uint16_t mtu;         /* ICMP: of PKT_TOO_BIG */
	const uint8_t *data;  /* what follows the header; borrowed */
	size_t len;
};

#endif
