/* PCP (RFC 6887): what a router, a firewall or a carrier's NAT is asked for a
 * port, and how it answers. Formats only; portmap.h asks and waits. */
#ifndef PCP_H
#define PCP_H

#include "addr.h"
#include "usec.h"

enum {
	PCP_OWN_VERSION = 2,
	PCP_PORT = 5351,            /* of routers; NAT-PMP shares it */
	PCP_ANNOUNCE_PORT = 5350,   /* of clients; NAT-PMP shares that, too */
	PCP_NONCE_LEN = 12,
	PCP_HEADER_LEN = 24,        /* RFC 6887 section 7.1: an ANNOUNCE */
	PCP_MAP_LEN = 60,           /* section 11.1: header and MAP */
	PCP_LEN_MAX = 1100,         /* section 7 */
	PCP_LIFETIME_MAX_S = 86400, /* section 15: trust no more than a day */
};

/* Section 19.2. */
enum pcp_op {
	PCP_ANNOUNCE = 0,
	PCP_MAP = 1,
};

/* Section 7.4. */
enum pcp_result {
	PCP_OK = 0,
	PCP_VERSION = 1,        /* it speaks another one: perhaps NAT-PMP */
	PCP_NOT_AUTHORIZED = 2,
	PCP_MALFORMED = 3,
	PCP_NO_SUCH_OP = 4,
	PCP_NO_SUCH_OPTION = 5,
	PCP_MALFORMED_OPTION = 6,
	PCP_NO_NETWORK = 7,     /* it has no external address (yet) */
	PCP_FULL = 8,
	PCP_NO_SUCH_PROTOCOL = 9,
	PCP_QUOTA = 10,
	PCP_NO_EXTERNAL = 11,
	PCP_MISMATCH = 12,      /* there is a NAT between us and it */
	PCP_TOO_MANY_PEERS = 13,
};

enum { PCP_TCP = 6, PCP_UDP = 17 };

/* A mapping as asked for or as given. */
struct pcp_map {
	uint8_t nonce[PCP_NONCE_LEN]; /* who knows it owns the mapping */
	uint8_t protocol;
	uint16_t internal_port;
	struct addr external;         /* wished for, or given */
	uint32_t lifetime_s;          /* 0 ends it */
};

struct pcp_answer {
	uint8_t version;         /* only with PCP_VERSION another than 2 */
	enum pcp_op op;          /* of the request */
	uint8_t result;          /* enum pcp_result, or one that is not */
	uint32_t lifetime_s;     /* of the mapping, or of the refusal */
	uint32_t epoch_s;        /* seconds since its tables were empty */
	struct pcp_map map;      /* PCP_MAP, with whatever result */
};

/* Requests; client is the address from which they are sent. */
void pcp_ask_announce(const struct addr *client,
    uint8_t out[static PCP_HEADER_LEN]);
void pcp_ask_map(const struct addr *client, const struct pcp_map *map,
    uint8_t out[static PCP_MAP_LEN]);

/* False for what is not an answer of a PCP server (section 8.3); out is
 * untouched then. Options are passed over. */
bool pcp_read(const void *buf, size_t len, struct pcp_answer *out);

/* Section 8.5: true if the server forgot its mappings between an answer with
 * epoch then_s, received at then, and one with now_s, received at now. */
bool pcp_has_restarted(uint32_t then_s, usec_t then, uint32_t now_s,
    usec_t now);

#endif
