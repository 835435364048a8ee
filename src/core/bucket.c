#include "bucket.h"

#include <assert.h>
#include <stddef.h>

/* A span of time with the fraction of a microsecond in units of 2^-32, so
 * that rates above 1,000,000 a second are exact too. */
struct span {
	usec_t whole;
	uint32_t part;
};

static struct span
cost(const struct bucket_rate *rate, uint32_t count)
{
	uint64_t total = count * USEC_S;

	assert(rate->per_s > 0 && rate->burst > 0);
	return (struct span){
		.whole = total / rate->per_s,
		.part = (uint32_t)((total % rate->per_s << 32) / rate->per_s),
	};
}

static struct span
add(struct span a, struct span b)
{
	uint32_t part = a.part + b.part;

	return (struct span){ a.whole + b.whole + (part < a.part), part };
}

static bool
is_after(struct span a, struct span b)
{
	return a.whole != b.whole ? a.whole > b.whole : a.part > b.part;
}

/* When it would be full again, had count tokens been taken at now. */
static struct span
full_after(const struct bucket *b, const struct bucket_rate *rate, usec_t now,
    uint32_t count)
{
	struct span from = { now, 0 };

	if (b->full_at >= now)
		from = (struct span){ b->full_at, b->part };
	return add(from, cost(rate, count));
}

bool
bucket_take(struct bucket *b, const struct bucket_rate *rate, usec_t now,
    uint32_t count)
{
	struct span full = full_after(b, rate, now, count);
	struct span most = add((struct span){ now, 0 },
	    cost(rate, rate->burst));

	if (count > rate->burst || is_after(full, most))
		return false;
	b->full_at = full.whole;
	b->part = full.part;
	return true;
}

usec_t
bucket_ready(const struct bucket *b, const struct bucket_rate *rate,
    usec_t now, uint32_t count)
{
	struct span full = full_after(b, rate, now, count);
	struct span burst = cost(rate, rate->burst);
	usec_t at;

	if (count > rate->burst)
		return USEC_NEVER;
	if (!is_after(full, add((struct span){ now, 0 }, burst)))
		return now;
	at = full.whole - burst.whole;
	return full.part > burst.part ? at + 1 : at;
}
