/* Which outer ports a NAT may choose for us, as far as samples show: a carrier
 * gives a subscriber one block (RFC 7422) or a set of blocks (MAP-E, RFC 7597),
 * and then guessing takes some ten probes instead of some hundred. */
#ifndef PORTS_H
#define PORTS_H

#include "rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PORTS_MIN = 1024,
	PORTS_SAMPLES = 16,
	PORTS_SAMPLES_MIN = 14, /* fewer show nothing */
	PORTS_WIDE = 16384,     /* a span that is no block */
};

/* Those from lo to hi whose bits under mask are those of value. */
struct ports {
	uint16_t lo, hi, mask, value;
};

static const struct ports ports_all = { PORTS_MIN, 65535, 0, 0 };

/* The block or the set that the samples come from; ports_all if they are too
 * few or all over the place. */
struct ports ports_infer(const uint16_t *samples, size_t count);

/* Whether they came one after the other in steps of one direction, of at most
 * step_max, but for a few: 0 if not, else the least such step. */
int16_t ports_step(const uint16_t *samples, size_t count, int step_max);

/* False if it makes no sense or has no port. */
bool ports_are_valid(const struct ports *p);

/* How many there are. */
uint32_t ports_count(const struct ports *p);

/* All of them in an order by chance, again and again. */
struct port_row {
	struct ports ports;
	uint32_t factor, offset, at;
};

void port_row_begin(struct port_row *row, const struct ports *ports,
    struct rng *rng);
uint16_t port_row_next(struct port_row *row);

#endif
