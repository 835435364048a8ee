#include "acks.h"

#include "rtt.h"

#include <assert.h>

/* A delay of more is told as this; the peer does not believe it anyway. */
enum { DELAY_MAX = 1 << 29 };

void
acks_init(struct acks *a)
{
	*a = (struct acks){ .due_at = USEC_NEVER };
}

void
acks_fini(struct acks *a)
{
	ranges_fini(&a->seen);
}

/* The range of the newest packets. */
static const struct range *
newest(const struct acks *a)
{
	return ranges_at(&a->seen, a->seen.count - 1);
}

static void
note(struct acks *a, uint64_t pn)
{
	struct range oldest;

	if (ranges_add(&a->seen, pn, pn + 1, ACKS_RANGES))
		return;
	oldest = *ranges_at(&a->seen, 0);
	if (pn < oldest.lo)
		return;
	ranges_cut(&a->seen, oldest.lo, oldest.hi, ACKS_RANGES);
	ranges_add(&a->seen, pn, pn + 1, ACKS_RANGES);
}

void
acks_received(struct acks *a, usec_t now, uint64_t pn, bool is_ack_eliciting)
{
	uint64_t expected = a->seen.count > 0 ? newest(a)->hi : pn;

	if (pn >= expected)
		a->largest_at = now;
	note(a, pn);
	if (!is_ack_eliciting)
		return;
	a->waiting++;
	if (pn != expected || a->waiting >= ACKS_EVERY) {
		a->is_due = true;
		a->due_at = USEC_NEVER;
	} else {
		a->due_at = now + RTT_MAX_ACK_DELAY;
	}
}

bool
acks_pending(const struct acks *a)
{
	return a->waiting > 0;
}

void
acks_expire(struct acks *a, usec_t now)
{
	if (a->due_at > now)
		return;
	a->is_due = true;
	a->due_at = USEC_NEVER;
}

void
acks_repeat(struct acks *a)
{
	if (a->seen.count == 0)
		return;
	if (a->waiting == 0)
		a->waiting = 1;
	a->is_due = true;
	a->due_at = USEC_NEVER;
}

/* Gap and length of range i, which has a newer one above it. */
static void
describe(const struct acks *a, uint32_t i, uint64_t *gap, uint64_t *length)
{
	const struct range *r = ranges_at(&a->seen, i);

	*gap = ranges_at(&a->seen, i + 1)->lo - r->hi - 1;
	*length = r->hi - r->lo - 1;
}

/* How many ranges below the newest fit into room bytes. */
static uint32_t
count_fitting(const struct acks *a, size_t room)
{
	uint64_t gap, length;
	uint32_t i = a->seen.count - 1;
	size_t used = 0;

	for (; i > 0; i--) {
		describe(a, i - 1, &gap, &length);
		used += var_size(gap) + var_size(length);
		if (used > room)
			break;
	}
	return a->seen.count - 1 - i;
}

uint64_t
acks_put(struct acks *a, usec_t now, struct wr *w)
{
	usec_t delay = usec_min(now - a->largest_at, DELAY_MAX);
	const struct range *r = newest(a);
	uint64_t gap, length;
	uint32_t count;

	assert(w->cap - w->len >= ACKS_BODY_MIN);
	count = count_fitting(a, w->cap - w->len - ACKS_BODY_MIN);
	put_var(w, r->hi - 1);
	put_var(w, delay);
	put_var(w, count);
	put_var(w, r->hi - r->lo - 1);
	for (uint32_t i = 0; i < count; i++) {
		describe(a, a->seen.count - 2 - i, &gap, &length);
		put_var(w, gap);
		put_var(w, length);
	}
	assert(!w->bad);
	a->waiting = 0;
	a->is_due = false;
	a->due_at = USEC_NEVER;
	return r->hi - 1;
}

void
acks_forget(struct acks *a, uint64_t largest)
{
	uint64_t end;

	if (a->seen.count == 0)
		return;
	/* The newest range stays: new packets are compared with it. */
	end = newest(a)->lo;
	if (end > largest + 1)
		end = largest + 1;
	if (end > 0)
		ranges_cut(&a->seen, 0, end, ACKS_RANGES);
}
