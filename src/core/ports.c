#include "ports.h"

/* Bits that all samples share are fixed: a free one looks so once in 32,768
 * times for 16 samples. */
struct ports
ports_infer(const uint16_t *samples, size_t count)
{
	struct ports p = { 65535, 0, 0xffff, 0 };
	uint32_t margin, hi;
	size_t i;

	if (count < PORTS_SAMPLES_MIN)
		return ports_all;
	for (i = 0; i < count; i++) {
		p.lo = samples[i] < p.lo ? samples[i] : p.lo;
		p.hi = samples[i] > p.hi ? samples[i] : p.hi;
		p.mask &= (uint16_t)~(samples[i] ^ samples[0]);
	}
	p.value = samples[0] & p.mask;
	/* The ends of what was drawn from lie a little beyond. */
	margin = (uint32_t)(p.hi - p.lo) / 8 + 1;
	hi = p.hi + margin;
	if (p.hi - p.lo >= PORTS_WIDE) {
		p.lo = PORTS_MIN;
		hi = 65535;
	} else
		p.lo = p.lo > PORTS_MIN + margin ?
		    (uint16_t)(p.lo - margin) : PORTS_MIN;
	p.hi = (uint16_t)(hi > 65535 ? 65535 : hi);
	return p;
}

/* In a block of 256 ports three of four pairs do so by chance less than once in
 * a million times. Where strangers came between two mappings the step is not
 * theirs as well: the least one is the NAT's own. */
int16_t
ports_step(const uint16_t *samples, size_t count, int step_max)
{
	size_t i, up = 0, down = 0;
	int16_t least_up = INT16_MAX, least_down = INT16_MIN;

	for (i = 1; i < count; i++) {
		int step = (int16_t)(samples[i] - samples[i - 1]);

		if (step > 0 && step <= step_max) {
			up++;
			if (step < least_up)
				least_up = (int16_t)step;
		} else if (step < 0 && step >= -step_max) {
			down++;
			if (step > least_down)
				least_down = (int16_t)step;
		}
	}
	if (count < PORTS_SAMPLES_MIN)
		return 0;
	if (4 * up >= 3 * (count - 1))
		return least_up;
	return 4 * down >= 3 * (count - 1) ? least_down : 0;
}

/* The free bits of n spread over those that mask leaves. */
static uint16_t
deposit(uint32_t n, uint16_t mask)
{
	uint32_t bit, out = 0;

	for (bit = 1; bit <= 0x8000; bit <<= 1) {
		if (mask & bit)
			continue;
		out |= n & 1 ? bit : 0;
		n >>= 1;
	}
	return (uint16_t)out;
}

/* So many numbers that deposit spreads. */
static uint32_t
values_of(const struct ports *p)
{
	uint32_t bit, values = 65536;

	for (bit = 1; bit <= 0x8000; bit <<= 1)
		values >>= p->mask & bit ? 1 : 0;
	return values;
}

static bool
has(const struct ports *p, uint16_t port)
{
	return port >= p->lo && port <= p->hi;
}

uint32_t
ports_count(const struct ports *p)
{
	uint32_t n, count = 0;

	for (n = 0; n < values_of(p); n++)
		count += has(p, p->value | deposit(n, p->mask));
	return count;
}

/* The highest one that is not above hi, or 0: it has the bits of hi down to one
 * that is lower, and below that the free ones. A peer may ask this often. */
static uint32_t
highest(const struct ports *p)
{
	uint32_t hi = p->hi, mask = p->mask, value = p->value, bit;

	if ((hi & mask) == value)
		return hi;
	for (bit = 1; bit <= 0x8000; bit <<= 1) {
		uint32_t above = ~(2 * bit - 1);

		if ((hi & bit) != 0 && (value & bit) == 0 &&
		    ((hi ^ value) & mask & above) == 0)
			return (hi & above) | ((~mask | value) & (bit - 1));
	}
	return 0;
}

bool
ports_are_valid(const struct ports *p)
{
	return p->lo >= PORTS_MIN && p->lo <= p->hi &&
	    (p->value & ~p->mask) == 0 && highest(p) >= p->lo;
}

void
port_row_begin(struct port_row *row, const struct ports *ports,
    struct rng *rng)
{
	row->ports = *ports;
	/* An odd factor visits every one of a power of two. */
	row->factor = rng_u32(rng) | 1;
	row->offset = rng_u32(rng);
	row->at = 0;
}

/* Every number below a power of two comes once, and those of neighbours lie far
 * apart: multiplied alone they would pass by a block for long. */
static uint32_t
mix(const struct port_row *row, uint32_t n, uint32_t values)
{
	int round;

	for (round = 0; round < 3; round++) {
		n = (n * row->factor + row->offset) & (values - 1);
		n ^= n >> 7 ^ n >> 3;
	}
	return n;
}

uint16_t
port_row_next(struct port_row *row)
{
	const struct ports *p = &row->ports;
	uint32_t values = values_of(p);
	uint16_t port;

	do
		port = p->value | deposit(mix(row,
		    row->at++ & (values - 1), values), p->mask);
	while (!has(p, port));
	return port;
}
