/* How much comes from one site, that is one IPv4 address or one IPv6 /56:
 * clients, connections, handshakes. Who has a /48, as is given to whoever asks,
 * has 256 of those: all sites in it together may have SITE_AREA times as much
 * as one, and twice as much of what all sites share, which is the relay.
 *
 * Two rows of counters, each indexed by its own keyed hash of the site; what
 * counts is the smaller of a site's two. So the memory is fixed, no site can
 * hide, and one that shares a counter with a busy one is not disturbed unless
 * it does so in both rows. */
#ifndef SITE_H
#define SITE_H

#include "addr.h"
#include "bucket.h"
#include "rng.h"
#include "usec.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	SITE_ROWS = 2,
	SITE_AREA = 16,
	SITE_SHARE = 12, /* clients that a counter is meant for */
	SITE_KEY_LEN = 16,
};

enum site_kind {
	SITE_CLIENTS,
	SITE_STREAMS,
	SITE_HALF_CLIENTS, /* that have not proved their keys yet */
	SITE_HALF_STREAMS,
	SITE_KINDS
};

enum site_rate {
	SITE_HANDSHAKES,
	SITE_KEYS, /* that are new, and names; see gate_take_key */
	SITE_RELAYED, /* bytes */
	SITE_RATES
};

struct site_cell {
	struct bucket bucket[SITE_RATES];
	uint32_t count[SITE_KINDS];
};

struct sites {
	struct site_cell *rows[SITE_ROWS];
	uint32_t width;
	uint8_t key[SITE_ROWS][SITE_KEY_LEN];
};

/* width counters a row. False without memory. */
bool sites_init(struct sites *s, uint32_t width, struct rng *rng);
void sites_fini(struct sites *s);

/* Counts one more of a kind; false, and nothing is counted, if there are limit
 * of them already. */
bool site_join(struct sites *s, const struct addr *a, enum site_kind kind,
    uint32_t limit);

/* Takes back one that joined. */
void site_leave(struct sites *s, const struct addr *a, enum site_kind kind);

/* At least as many as there are, or as their share of those of the /48. */
uint32_t site_count(const struct sites *s, const struct addr *a,
    enum site_kind kind);

/* Takes count tokens out of a bucket of the site; false if they are not
 * there. */
bool site_take(struct sites *s, const struct addr *a, usec_t now,
    enum site_rate which, const struct bucket_rate *rate, uint32_t count);

#endif
