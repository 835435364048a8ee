#include "recovery.h"

#include <assert.h>
#include <stdlib.h>

enum { FIRST_CAP = 16, LOSS_WEIGHT = 64 };

void
recovery_init(struct recovery *r, usec_t rtt_hint)
{
	/* Serial numbers begin at 1: a cursor of 0 is not begun. */
	*r = (struct recovery){
		.first = 1,
		.end = 1,
		.loss_at = USEC_NEVER,
		.sample_at = USEC_NEVER,
	};
	rtt_init(&r->rtt, rtt_hint);
	congest_init(&r->congest);
}

void
recovery_fini(struct recovery *r)
{
	free(r->ring);
	r->ring = NULL;
	r->cap = 0;
	r->first = r->end;
}

static struct sent *
at_serial(const struct recovery *r, uint64_t serial)
{
	assert(serial >= r->first && serial < r->end);
	return &r->ring[serial & (r->cap - 1)];
}

size_t
recovery_room(const struct recovery *r, usec_t now)
{
	const struct congest *g = &r->congest;

	if (r->end - r->first >= RECOVERY_PACKETS &&
	    at_serial(r, r->first)->state == SENT_IN_FLIGHT)
		return 0;
	if (r->probes > 0)
		return CONGEST_PACKET;
	if (!congest_has_room(g) || congest_pace(g, r->rtt.smoothed) > now)
		return 0;
	return g->window - g->in_flight;
}

usec_t
recovery_paced(const struct recovery *r)
{
	return congest_has_room(&r->congest) ?
	    congest_pace(&r->congest, r->rtt.smoothed) : USEC_NEVER;
}

bool
recovery_reserve(struct recovery *r)
{
	uint32_t cap = r->cap > 0 ? 2 * r->cap : FIRST_CAP;
	struct sent *ring;

	if (r->end - r->first < r->cap)
		return true;
	if (r->cap > 0 && at_serial(r, r->first)->state != SENT_IN_FLIGHT) {
		r->first++;
		return true;
	}
	assert(cap <= RECOVERY_PACKETS);
	ring = malloc(cap * sizeof(*ring));
	if (ring == NULL)
		return false;
	for (uint64_t i = r->first; i < r->end; i++)
		ring[i & (cap - 1)] = *at_serial(r, i);
	free(r->ring);
	r->ring = ring;
	r->cap = cap;
	return true;
}

void
recovery_sent(struct recovery *r, usec_t now, const struct sent *s)
{
	struct sent *place;

	assert(r->end - r->first < r->cap);
	assert(r->end == r->first || s->pn > at_serial(r, r->end - 1)->copy_pn);
	place = &r->ring[r->end++ & (r->cap - 1)];
	*place = *s;
	place->copy_pn = s->pn;
	place->at = now;
	place->epoch = r->epoch;
	place->state = SENT_IN_FLIGHT;
	congest_sent(&r->congest, now, r->rtt.smoothed, s->size);
	r->in_flight++;
	r->sent_count++;
	r->armed_at = now;
	if (r->probes > 0)
		r->probes--;
}

void
recovery_copied(struct recovery *r, uint64_t pn)
{
	struct sent *s = at_serial(r, r->end - 1);

	assert(s->copy_pn == s->pn && pn > s->pn);
	s->copy_pn = pn;
}

/* The first packet in the ring with a number of at least pn. */
static uint64_t
find(const struct recovery *r, uint64_t pn)
{
	uint64_t lo = r->first, hi = r->end;

	while (lo < hi) {
		uint64_t mid = lo + (hi - lo) / 2;

		if (at_serial(r, mid)->copy_pn < pn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool
is_within(uint64_t pn, uint64_t lo, uint64_t hi)
{
	return pn >= lo && pn < hi;
}

/* A packet lost too early, or a copy that came first, tells as well how long an
 * ack takes: without them a wrong guess might never be corrected. */
static void
note_sample(struct recovery *r, const struct sent *s, uint64_t pn)
{
	if (r->sample_at != USEC_NEVER && r->sample_pn > pn)
		return;
	r->sample_pn = pn;
	r->sample_at = s->at;
}

/* Packet number serial has arrived, on the path it was meant for or only as
 * its copy on another. */
static void
arrived(struct recovery *r, uint64_t serial, bool is_copy)
{
	struct sent *s = at_serial(r, serial);
	bool was_in_flight = s->state == SENT_IN_FLIGHT;
	bool is_ours = s->epoch == r->epoch;

	s->state = SENT_ACKED;
	r->has_news = true;
	if (was_in_flight)
		r->in_flight--;
	if (is_ours)
		note_sample(r, s, is_copy ? s->copy_pn : s->pn);
	if (was_in_flight && is_ours && is_copy)
		congest_gone(&r->congest, s->size);
	if (is_copy)
		return;
	if (r->acked_end <= serial)
		r->acked_end = serial + 1;
	if (!was_in_flight || !is_ours)
		return;
	congest_acked(&r->congest, s->at, s->size);
	r->loss_share -= r->loss_share / LOSS_WEIGHT;
}

const struct sent *
recovery_next_acked(struct recovery *r, uint64_t lo, uint64_t hi, uint64_t *at)
{
	if (*at == 0)
		*at = find(r, lo);
	while (*at < r->end) {
		uint64_t serial = *at;
		const struct sent *s = at_serial(r, serial);
		bool is_first = is_within(s->pn, lo, hi);

		if (s->pn >= hi)
			break;
		++*at;
		if (s->state == SENT_ACKED)
			continue;
		if (!is_first && !is_within(s->copy_pn, lo, hi))
			continue;
		arrived(r, serial, !is_first);
		return s;
	}
	return NULL;
}

/* Drops what is of no more use from the beginning of the ring. */
static void
prune(struct recovery *r, usec_t now)
{
	while (r->first < r->end) {
		const struct sent *s = at_serial(r, r->first);

		if (s->state == SENT_IN_FLIGHT)
			return;
		if (s->state == SENT_LOST && r->in_flight > 0 &&
		    now < s->at + RECOVERY_LOST_KEEP)
			return;
		r->first++;
	}
	recovery_fini(r);
}

void
recovery_acked(struct recovery *r, usec_t now, uint64_t largest,
    usec_t ack_delay)
{
	if (!r->has_news)
		return;
	if (r->sample_at != USEC_NEVER && r->sample_pn == largest) {
		if (!r->rtt.has_sample)
			r->first_sample_at = now;
		rtt_sample(&r->rtt, now - r->sample_at, ack_delay);
	}
	r->sample_at = USEC_NEVER;
	r->has_news = false;
	r->pto_count = 0;
	r->probes = 0;
	prune(r, now);
}

/* When packet serial counts as lost, given that a later one arrived. */
static usec_t
lost_at(const struct recovery *r, uint64_t serial)
{
	const struct sent *s = at_serial(r, serial);

	/* Packets of another path may overtake: only time tells. */
	if (s->epoch != r->epoch)
		return s->at + r->old_pto;
	if (serial + RECOVERY_THRESHOLD < r->acked_end)
		return 0;
	return s->at + rtt_loss_delay(&r->rtt);
}

static void
lost(struct recovery *r, usec_t now, struct sent *s)
{
	s->state = SENT_LOST;
	r->in_flight--;
	if (s->epoch != r->epoch)
		return;
	r->lost_count++;
	r->loss_share += (RECOVERY_LOSS_ONE - r->loss_share) / LOSS_WEIGHT;
	congest_lost(&r->congest, now, s->at, s->size);
}

/* Packet s, just found lost or lost before, continues a row of losses.
 * RFC 9002 §7.6: one that lasts is more than congestion. */
static void
continue_run(struct recovery *r, const struct sent *s, bool is_new)
{
	if (s->epoch != r->epoch || !r->rtt.has_sample ||
	    s->at <= r->first_sample_at)
		return;
	if (r->run_at == USEC_NEVER)
		r->run_at = s->at;
	else if (is_new && s->at - r->run_at > 3 * rtt_pto(&r->rtt))
		congest_collapse(&r->congest);
}

const struct sent *
recovery_next_lost(struct recovery *r, usec_t now, uint64_t *at)
{
	if (*at == 0) {
		*at = r->first;
		r->loss_at = USEC_NEVER;
		r->run_at = USEC_NEVER;
	}
	while (*at < r->acked_end && *at < r->end) {
		uint64_t serial = (*at)++;
		struct sent *s = at_serial(r, serial);

		if (s->state == SENT_LOST) {
			continue_run(r, s, false);
		} else if (s->state == SENT_ACKED) {
			r->run_at = USEC_NEVER;
		} else if (lost_at(r, serial) > now) {
			r->loss_at = usec_min(r->loss_at, lost_at(r, serial));
			r->run_at = USEC_NEVER;
		} else {
			lost(r, now, s);
			continue_run(r, s, true);
			return s;
		}
	}
	return NULL;
}

void
recovery_give_up(struct recovery *r)
{
	for (uint64_t i = r->first; i < r->end; i++) {
		struct sent *s = at_serial(r, i);

		if (s->state != SENT_IN_FLIGHT)
			continue;
		s->state = SENT_LOST;
		if (s->epoch == r->epoch)
			congest_gone(&r->congest, s->size);
	}
	r->in_flight = 0;
	r->probes = 0;
	r->loss_at = USEC_NEVER;
}

static usec_t
pto_at(const struct recovery *r)
{
	usec_t pto = rtt_pto(&r->rtt), most = RECOVERY_PTO_MAX;
	uint32_t count = r->pto_count < 16 ? r->pto_count : 16;

	if (r->in_flight == 0)
		return USEC_NEVER;
	if (most < pto)
		most = pto;
	return r->armed_at + usec_min(pto << count, most);
}

bool
recovery_expire(struct recovery *r, usec_t now)
{
	bool is_given_up;

	if (pto_at(r) > now)
		return false;
	r->armed_at = now;
	r->pto_count++;
	is_given_up = r->pto_count >= RECOVERY_PTO_LOST;
	if (is_given_up) {
		recovery_give_up(r);
		congest_collapse(&r->congest);
	}
	r->probes = RECOVERY_PROBES;
	return is_given_up;
}

usec_t
recovery_deadline(const struct recovery *r)
{
	return usec_min(r->loss_at, pto_at(r));
}

void
recovery_path_changed(struct recovery *r, usec_t now, usec_t rtt_hint)
{
	r->old_pto = rtt_pto(&r->rtt);
	rtt_init(&r->rtt, rtt_hint);
	congest_init(&r->congest);
	r->epoch++;
	r->pto_count = 0;
	r->probes = 0;
	r->armed_at = now;
}
