/* NAT-PMP (RFC 6886): what a home router is asked for a port, and how it
 * answers. Formats only; portmap.h asks and waits. */
#ifndef NATPMP_H
#define NATPMP_H

#include "addr.h"
#include "usec.h"

enum {
	NATPMP_PORT = 5351,         /* of routers; PCP shares it */
	NATPMP_ADDRESS_LEN = 2,     /* of a request, RFC 6886 section 3.2 */
	NATPMP_MAP_LEN = 12,        /* section 3.3 */
	NATPMP_LIFETIME_S = 7200,   /* recommended there */
};

/* Section 3.2 and 3.3. */
enum natpmp_op {
	NATPMP_ADDRESS = 0,
	NATPMP_MAP_UDP = 1,
	NATPMP_MAP_TCP = 2,
};

/* Section 3.5. */
enum natpmp_result {
	NATPMP_OK = 0,
	NATPMP_VERSION = 1,     /* it speaks another one: perhaps PCP only */
	NATPMP_REFUSED = 2,     /* it could, and its owner forbids it */
	NATPMP_NO_NETWORK = 3,  /* it has no external address (yet) */
	NATPMP_FULL = 4,
	NATPMP_NO_SUCH_OP = 5,
};

struct natpmp_answer {
	enum natpmp_op op;       /* of the request */
	uint16_t result;         /* enum natpmp_result, or one that is not */
	uint32_t epoch_s;        /* seconds since its tables were empty */
	/* Beyond this nothing is set unless result is NATPMP_OK. */
	struct addr external;    /* NATPMP_ADDRESS; port 0 */
	uint16_t internal_port;  /* NATPMP_MAP_... */
	uint16_t external_port;
	uint32_t lifetime_s;
};

/* A request, NATPMP_ADDRESS_LEN and NATPMP_MAP_LEN bytes. A lifetime of 0 ends
 * a mapping; external is then 0 (section 3.4). */
void natpmp_ask_address(uint8_t out[static NATPMP_ADDRESS_LEN]);
void natpmp_ask_map(enum natpmp_op op, uint16_t internal, uint16_t external,
    uint32_t lifetime_s, uint8_t out[static NATPMP_MAP_LEN]);

/* False for what is not an answer of a NAT-PMP router; out is untouched then.
 * An answer to a request of another version is one (result NATPMP_VERSION). */
bool natpmp_read(const void *buf, size_t len, struct natpmp_answer *out);

/* Section 3.6: true if the router forgot its mappings between an answer with
 * epoch then_s, received at then, and one with now_s, received at now. */
bool natpmp_has_restarted(uint32_t then_s, usec_t then, uint32_t now_s,
    usec_t now);

#endif
