#include "congest.h"

#include <assert.h>

enum { BURST_US = 2000 }; /* timers are no finer than 1 ms */

void
congest_init(struct congest *g)
{
	*g = (struct congest){
		.window = CONGEST_INITIAL,
		.threshold = CONGEST_MAXIMUM,
	};
}

bool
congest_has_room(const struct congest *g)
{
	return g->in_flight + CONGEST_PACKET <= g->window;
}

/* How long size bytes take at 5/4 of a window a round trip
 * (RFC 9002 §7.7). */
static usec_t
duration(const struct congest *g, usec_t rtt, uint32_t size)
{
	return size * rtt * 4 / (g->window * (usec_t)5);
}

usec_t
congest_pace(const struct congest *g, usec_t rtt)
{
	usec_t burst = duration(g, rtt, CONGEST_INITIAL - CONGEST_PACKET);

	if (burst < BURST_US)
		burst = BURST_US;
	return g->paced_to > burst ? g->paced_to - burst : 0;
}

void
congest_sent(struct congest *g, usec_t now, usec_t rtt, uint32_t size)
{
	g->in_flight += size;
	if (g->paced_to < now)
		g->paced_to = now;
	g->paced_to += duration(g, rtt, size);
	if (congest_has_room(g))
		return;
	g->full_at = now;
	g->has_been_full = true;
}

void
congest_gone(struct congest *g, uint32_t size)
{
	assert(size <= g->in_flight);
	g->in_flight -= size;
}

void
congest_acked(struct congest *g, usec_t sent_at, uint32_t size)
{
	congest_gone(g, size);
	if (g->has_recovered && sent_at <= g->recovery_at)
		return;
	/* RFC 9002 §7.8: a window that is not used does not grow. */
	if (!g->has_been_full || sent_at > g->full_at)
		return;
	if (g->window < g->threshold) {
		g->window += size;
	} else {
		g->acked += size;
		if (g->acked >= g->window) {
			g->acked -= g->window;
			g->window += CONGEST_PACKET;
		}
	}
	if (g->window > CONGEST_MAXIMUM)
		g->window = CONGEST_MAXIMUM;
}

void
congest_lost(struct congest *g, usec_t now, usec_t sent_at, uint32_t size)
{
	congest_gone(g, size);
	if (g->has_recovered && sent_at <= g->recovery_at)
		return;
	g->has_recovered = true;
	g->recovery_at = now;
	g->window /= 2;
	if (g->window < CONGEST_MINIMUM)
		g->window = CONGEST_MINIMUM;
	g->threshold = g->window;
	g->acked = 0;
}

void
congest_collapse(struct congest *g)
{
	g->window = CONGEST_MINIMUM;
	g->has_recovered = false;
	g->acked = 0;
}
