/* Words for things that the faces show. */
#ifndef WORDS_H
#define WORDS_H

#include "core/event.h"
#include "core/outlook.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	WORDS_LINK = 96,
	WORDS_TIME = 24,
	WORDS_NAT = 128,
	WORDS_MAPPING = 128,
	WORDS_LIFETIME = 96,
	WORDS_HOPS = HOPS_MAX * ADDR_TEXT + 64,
};

/* "UDP 198.51.100.7:41234", "the relay at 203.0.113.5:9000" */
const char *words_link(enum transport transport, const struct addr *addr,
    char out[static WORDS_LINK]);

/* "59 s", "12 min", "3 h", "4 days" */
const char *words_duration(uint64_t s, char out[static WORDS_TIME]);

/* "1.2 s" */
const char *words_seconds(uint64_t ms, char out[static WORDS_TIME]);

/* A NAT byte (wire.h) in plain words: "one port for every destination (easy);
 * only answers come in"; "" when nothing is known. */
const char *words_nat(uint8_t nat, char out[static WORDS_NAT]);

/* Its tokens for programs: "eim", "apdm", "none", "unknown"; "open", "apdf",
 * "unknown". */
/* What outlook.h wants to know of it. */
struct outlook_own words_outlook(const struct why *w);

const char *words_nat_mapping(uint8_t nat);
const char *words_nat_filter(uint8_t nat);

/* The routers up to the last NAT: "2 routers (192.168.1.1, 100.64.0.1), a
 * carrier's NAT among them"; "" when nothing is known. */
const char *words_hops(const struct why *w, char out[static WORDS_HOPS]);

/* How long an idle mapping is kept: "for 13 to 18 s"; "" when that was not
 * measured. */
const char *words_lifetime(const struct why *w,
    char out[static WORDS_LIFETIME]);

/* A port at the router: "NAT-PMP, 203.0.113.7:9001 for 2 h", or why there is
 * none; "" when none is wanted. */
const char *words_mapping(const struct mapping_report *m,
    char out[static WORDS_MAPPING]);

/* Its tokens for programs: "off", "asking", "open", "refused", "none";
 * "nat-pmp", "pcp", "upnp", or NULL. */
const char *words_mapping_state(enum mapping_state state);
const char *words_mapping_protocol(enum mapping_protocol protocol);

/* "lan", "seen", "guess", "peer", "mapped": a candidate's kind. */
const char *words_cand(uint8_t kind);

/* "verified", "known" or "NEW" */
const char *words_trust(bool known, bool verified);

#endif
