#include "rtt.h"

void
rtt_init(struct rtt *r, usec_t hint)
{
	usec_t guess = hint > 0 ? hint : RTT_INITIAL;

	/* RFC 9002 §6.2.2 */
	*r = (struct rtt){ .smoothed = guess, .var = guess / 2 };
}

static void
first_sample(struct rtt *r, usec_t sample)
{
	r->min = sample;
	r->smoothed = sample;
	r->var = sample / 2;
	r->has_sample = true;
}

void
rtt_sample(struct rtt *r, usec_t sample, usec_t ack_delay)
{
	usec_t deviation;

	sample = usec_min(sample, RTT_MAX);
	r->latest = sample;
	if (!r->has_sample) {
		first_sample(r, sample);
		return;
	}
	r->min = usec_min(r->min, sample);
	/* RFC 9002 §5.3: never below the least sample. */
	ack_delay = usec_min(ack_delay, RTT_MAX_ACK_DELAY);
	if (sample >= r->min + ack_delay)
		sample -= ack_delay;
	deviation = sample > r->smoothed ? sample - r->smoothed :
	    r->smoothed - sample;
	r->var = (3 * r->var + deviation) / 4;
	r->smoothed = (7 * r->smoothed + sample) / 8;
}

usec_t
rtt_pto(const struct rtt *r)
{
	usec_t margin = 4 * r->var;

	if (margin < RTT_GRANULARITY)
		margin = RTT_GRANULARITY;
	return r->smoothed + margin + RTT_MAX_ACK_DELAY;
}

usec_t
rtt_loss_delay(const struct rtt *r)
{
	usec_t longer = r->latest > r->smoothed ? r->latest : r->smoothed;
	usec_t delay = longer + longer / 8;

	return delay > RTT_GRANULARITY ? delay : RTT_GRANULARITY;
}
