/* Token buckets with the time as an argument: a rate per second and a burst.
 * 16 bytes, no timer. */
#ifndef BUCKET_H
#define BUCKET_H

#include "usec.h"

#include <stdbool.h>
#include <stdint.h>

struct bucket {
	usec_t full_at; /* when it will be full again; 0: full */
	uint32_t part;  /* of a microsecond later, in units of 2^-32 */
};

struct bucket_rate {
	uint32_t per_s; /* tokens a second, > 0 */
	uint32_t burst; /* most tokens at once, > 0 */
};

/* Takes count tokens, or none and false when they are not there. A count
 * above the burst is never granted. A time before an earlier one grants
 * nothing more than that one did. */
bool bucket_take(struct bucket *b, const struct bucket_rate *rate, usec_t now,
    uint32_t count);

/* When count tokens will be there; now if they are, USEC_NEVER for a count
 * above the burst. */
usec_t bucket_ready(const struct bucket *b, const struct bucket_rate *rate,
    usec_t now, uint32_t count);

#endif
