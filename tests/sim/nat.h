/* One NAT (or stateful firewall) as a pure packet translator: no socket, no
 * clock; packets and a time go in, packets come out. The knobs are those by
 * which real NATs differ: the words are those of RFC 4787, 5382, 5508, 6888 and
 * 7857. A conf of zeros is a NAT that keeps every requirement: endpoint-
 * independent mapping and filtering, ports preserved, default timers.
 *
 * IPv6 is filtered and tracked, never translated (RFC 6092). */
#ifndef NAT_H
#define NAT_H

#include "pkt.h"
#include "usec.h"

enum { NAT_POOL = 4 };

/* Which destinations share an external port (RFC 4787 section 4.1), and from
 * whom packets are let in (section 5): EI all, AD one address, APD one
 * address and port. */
enum nat_scope { NAT_EI, NAT_AD, NAT_APD };

enum nat_alloc {
	NAT_PRESERVE,   /* the inside port; a random one on a clash */
	NAT_SEQUENTIAL, /* the last one + step, beside strangers' traffic */
	NAT_RANDOM,
	NAT_BLOCK,      /* random in one block per subscriber (RFC 7422) */
	NAT_PORT_SET,   /* 15 blocks of 16 per subscriber (MAP-E) */
};

enum nat_pooling { NAT_PAIRED, NAT_ARBITRARY };

enum nat_hairpin { NAT_HAIRPIN_EXTERNAL, NAT_HAIRPIN_INTERNAL, NAT_HAIRPIN_NO };

/* What becomes of a packet from outside that nobody asked for. */
enum nat_stray {
	NAT_STRAY_DROP,
	NAT_STRAY_ICMP,   /* port unreachable */
	NAT_STRAY_RST,    /* TCP: reset; UDP: dropped */
	NAT_STRAY_POISON, /* the router takes it for its own: RST or ICMP, and
	                     its UDP flow occupies the external port */
};

struct nat_conf {
	bool is_firewall;          /* nothing is translated */
	enum nat_scope mapping, filter;
	enum nat_alloc alloc;
	uint16_t port_lo, port_hi; /* 0: 1024 to 65535 */
	int step;                  /* SEQUENTIAL; 0: 1 */
	uint32_t cross_per_s;      /* strangers' new mappings in a second */
	uint16_t block;            /* ports of a BLOCK; 0: 1024 */
	enum nat_pooling pooling;
	enum nat_hairpin hairpin;
	enum nat_stray stray;
	usec_t syn_hold;           /* an unwanted SYN waits so long for ours
	                              before it is answered (RFC 5382 REQ-4) */
	bool syn_strict;           /* no simultaneous open */
	bool tcp_loose;            /* connections are picked up in the middle */
	bool tcp_window;           /* once two SYNs have crossed, only what goes
	                              on with their numbers belongs to them, and
	                              nothing else ends them (Linux) */
	usec_t udp_fresh;          /* before an answer; 0: udp_timer */
	usec_t udp_timer;          /* 0: 5 min (RFC 4787 REQ-5) */
	usec_t tcp_transitory;     /* 0: 4 min (RFC 5382 REQ-5) */
	usec_t tcp_timer;          /* 0: 2 h 4 min */
	bool no_refresh_in;        /* only what goes out keeps a mapping */
	bool quiet;                /* no ICMP errors about what goes out, and
	                              none about time to live */
	uint32_t table_max;        /* mappings in all; 0: no limit */
	uint32_t subscriber_max;   /* mappings of an inside address */
	bool alg_tftp;             /* a read request opens the sender to every
	                              port of the address it went to */
	bool no_udp, no_tcp;       /* not let out */
	uint16_t tcp_port_only;    /* TCP is let out to this port only */
	struct addr inside;        /* the router's own inside address */
	struct addr pool[NAT_POOL];     /* external IPv4 addresses */
	uint32_t pool_count;
	struct addr tcp_pool[NAT_POOL]; /* of TCP, where they differ */
	uint32_t tcp_pool_count;
};

/* Where the packet (or what it was turned into: an answer) goes now. */
enum nat_verdict { NAT_DROP, NAT_OUT, NAT_IN };

struct nat;

/* The first port, the ports drawn and the strangers come from seed. NULL
 * without memory. */
struct nat *nat_new(const struct nat_conf *conf, uint64_t seed);
void nat_free(struct nat *n);

/* Translate a packet that came from inside or from outside, in place. A packet
 * that must not pass may become the error or reset that answers it. */
enum nat_verdict nat_outbound(struct nat *n, usec_t now, struct pkt *p);
enum nat_verdict nat_inbound(struct nat *n, usec_t now, struct pkt *p);

/* The next answer to an unwanted SYN whose time is up, to be sent outside. */
bool nat_next(struct nat *n, usec_t now, struct pkt *p);
usec_t nat_deadline(const struct nat *n);

/* Opens external port for inside, to everybody, until nat_unforward: what a
 * port mapping protocol or a person does. False when the port is taken. */
bool nat_forward(struct nat *n, usec_t now, enum pkt_proto proto,
    const struct addr *inside, uint16_t port);
void nat_unforward(struct nat *n, enum pkt_proto proto, uint16_t port);

/* Forgets every mapping. With new_ports nobody gets his old port again. */
void nat_reboot(struct nat *n, bool new_ports);

/* Replaces the external addresses, as a provider does over night. */
void nat_readdress(struct nat *n, const struct addr *pool, uint32_t count);

/* True if a is one of the external addresses. */
bool nat_owns(const struct nat *n, const struct addr *a);

/* Mappings alive at now. */
uint32_t nat_count(const struct nat *n, usec_t now);

/* The external address that inside has towards remote; unset if none. */
struct addr nat_lookup(const struct nat *n, usec_t now, enum pkt_proto proto,
    const struct addr *inside, const struct addr *remote);

/* "apd/ei random": mapping, filtering, allocation. Returns buf. */
enum { NAT_TEXT = 64 };
const char *nat_describe(const struct nat_conf *conf,
    char buf[static NAT_TEXT]);

#endif
