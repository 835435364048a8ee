#include "lifetime.h"

#include <assert.h>
#include <string.h>

/* After which NATs forget, by what was seen of them. */
static const usec_t times[LIFETIME_TIMES] = {
	10 * USEC_S, 15 * USEC_S, 20 * USEC_S, 30 * USEC_S, 60 * USEC_S,
	120 * USEC_S,
};

static usec_t
idle_us(int i)
{
	return times[i] - LIFETIME_SLACK_US;
}

void
lifetime_init(struct lifetime *f)
{
	int i;

	memset(f, 0, sizeof *f);
	for (i = 0; i < LIFETIME_TIMES; i++)
		f->probes[i].extra = -1;
	f->begin_at = f->next_at = USEC_NEVER;
}

bool
lifetime_has(const struct lifetime *f, int extra)
{
	int i;

	for (i = 0; i < LIFETIME_TIMES; i++)
		if (f->probes[i].extra == extra)
			return true;
	return false;
}

static void
close_probe(struct lifetime *f, struct self *self, int i)
{
	self_extra_close(self, f->probes[i].extra);
	f->probes[i].extra = -1;
}

static void
stop(struct lifetime *f, struct self *self)
{
	int i;

	for (i = 0; i < LIFETIME_TIMES; i++)
		close_probe(f, self, i);
	f->state = LIFETIME_IDLE;
	f->next_at = USEC_NEVER;
}

/* It came to nothing: not again at once. */
static void
give_up(struct lifetime *f, struct self *self, usec_t now)
{
	stop(f, self);
	f->begin_at = now + LIFETIME_PAUSE_US;
}

/* ---- networks ---- */

static struct lifetime_memory *
memory_of(struct lifetime *f, const struct addr *network)
{
	int i;

	for (i = 0; i < LIFETIME_NETWORKS; i++)
		if (addr_is_set(&f->past[i].network) &&
		    addr_same_ip(&f->past[i].network, network))
			return &f->past[i];
	return NULL;
}

/* In the place of the oldest. */
static void
remember(struct lifetime *f, usec_t now, usec_t alive_us, usec_t dead_us)
{
	struct lifetime_memory *m = memory_of(f, &f->network);
	int i;

	for (i = 0; m == NULL && i < LIFETIME_NETWORKS; i++)
		if (!addr_is_set(&f->past[i].network))
			m = &f->past[i];
	if (m == NULL) {
		m = &f->past[0];
		for (i = 1; i < LIFETIME_NETWORKS; i++)
			if (f->past[i].at < m->at)
				m = &f->past[i];
	}
	m->network = f->network;
	m->at = now;
	m->alive_us = alive_us;
	m->dead_us = dead_us;
	f->begin_at = now + LIFETIME_AGAIN_US;
}

static usec_t
not_before(const struct lifetime *f, usec_t now)
{
	return f->began_at == 0 || now >= f->began_at + LIFETIME_PAUSE_US ?
	    now : f->began_at + LIFETIME_PAUSE_US;
}

void
lifetime_want(struct lifetime *f, struct self *self, const struct uplink *up,
    usec_t now)
{
	const struct lifetime_memory *m;

	if (!up->is_up || up->session_tcp ||
	    up->session_peer.family != ADDR_V4) {
		stop(f, self);
		f->begin_at = USEC_NEVER;
		f->network = (struct addr){ 0 };
		return;
	}
	if (addr_same_ip(&f->network, &self->seen))
		return;
	stop(f, self);
	f->network = self->seen;
	m = memory_of(f, &self->seen);
	keep_measured(&self->keep, m != NULL ? m->alive_us : 0,
	    m != NULL ? m->dead_us : 0);
	f->begin_at = not_before(f, now);
	if (m != NULL && now < m->at + LIFETIME_AGAIN_US)
		f->begin_at = m->at + LIFETIME_AGAIN_US;
}

void
lifetime_doubt(struct lifetime *f, struct self *self, usec_t now)
{
	if (f->state != LIFETIME_IDLE)
		give_up(f, self, now);
}

/* ---- mappings ---- */

void
lifetime_begin(struct lifetime *f, struct self *self, usec_t now)
{
	int i;

	assert(f->state == LIFETIME_IDLE);
	memset(f->probes, 0, sizeof f->probes);
	for (i = 0; i < LIFETIME_TIMES; i++)
		f->probes[i].extra = self_extra_open(self);
	f->state = LIFETIME_OPENING;
	f->tries = 0;
	f->token = rng_u64(&self->rng) >> 8 | 1;
	f->begin_at = USEC_NEVER;
	f->began_at = now;
	f->next_at = now + LIFETIME_WAIT_US;
}

void
lifetime_opened(struct lifetime *f, const struct self *self, usec_t now)
{
	int i;

	for (i = 0; i < LIFETIME_TIMES; i++)
		if (f->probes[i].extra >= 0 &&
		    self->extras[f->probes[i].extra] == EXTRA_OPENING)
			return;
	f->next_at = now;
}

/* From every socket that had no answer yet. */
static void
ask_tickets(struct lifetime *f, struct self *self, struct uplink *up,
    usec_t now)
{
	bool is_second = f->state == LIFETIME_USING;
	int i;

	for (i = 0; i < LIFETIME_TIMES; i++) {
		struct lifetime_probe *p = &f->probes[i];

		if (p->extra < 0 || self->extras[p->extra] != EXTRA_OPEN ||
		    (is_second ? p->is_used : addr_is_set(&p->at)))
			continue;
		p->used_at = now;
		uplink_ask_ticket(up, self, SOCK_EXTRA + p->extra, f->token +
		    (uint64_t)i + (is_second ? LIFETIME_TIMES : 0));
	}
}

static bool
has_all(const struct lifetime *f)
{
	int i;

	for (i = 0; i < LIFETIME_TIMES; i++)
		if (f->probes[i].extra >= 0 &&
		    (f->state == LIFETIME_USING ? !f->probes[i].is_used :
		    !addr_is_set(&f->probes[i].at)))
			return false;
	return true;
}

/* What had no answer to its second use is left out. */
static void
start_waiting(struct lifetime *f, struct self *self, usec_t now)
{
	int i;

	f->state = LIFETIME_WAITING;
	for (i = 0; i < LIFETIME_TIMES; i++) {
		struct lifetime_probe *p = &f->probes[i];

		p->due_at = p->used_at + idle_us(i);
		if (!p->is_used)
			close_probe(f, self, i);
	}
	f->next_at = now;
}

/* A server that gives no tickets need not be asked again soon; a mapping that
 * did not live from the first use to the second is left out, and the address
 * that came after it has not proved itself. */
static void
got_ticket(struct lifetime *f, struct self *self, usec_t now, int i,
    const struct news *news, bool is_second)
{
	struct lifetime_probe *p = &f->probes[i];

	if (news->ticket == 0) {
		stop(f, self);
		f->begin_at = now + LIFETIME_AGAIN_US;
		return;
	}
	if (is_second && !addr_eq(&p->at, &news->addr))
		close_probe(f, self, i);
	p->at = news->addr;
	p->ticket = news->ticket;
	p->is_used |= is_second;
	if (f->state == LIFETIME_WAITING || !has_all(f))
		return;
	if (f->state == LIFETIME_USING) {
		start_waiting(f, self, now);
		return;
	}
	f->state = LIFETIME_USING;
	f->tries = 0;
	f->next_at = now + LIFETIME_USE_US;
}

bool
lifetime_observed(struct lifetime *f, struct self *self, usec_t now,
    const struct news *news)
{
	uint64_t i = news->tag - f->token;
	int which = (int)(i % LIFETIME_TIMES);
	struct lifetime_probe *p = &f->probes[which];

	if (f->state == LIFETIME_IDLE || news->tag < f->token ||
	    i >= 3 * LIFETIME_TIMES)
		return false;
	if (p->extra < 0)
		return true;
	if (i < 2 * LIFETIME_TIMES) {
		got_ticket(f, self, now, which, news, i >= LIFETIME_TIMES);
	} else if (p->tries > 0) {
		p->is_alive = true;
		close_probe(f, self, which);
		f->next_at = now;
	}
	return true;
}

/* ---- idle times ---- */

static void
ask_echo(struct lifetime *f, struct self *self, struct uplink *up, usec_t now,
    int i)
{
	struct lifetime_probe *p = &f->probes[i];
	uint64_t token = f->token + 2 * LIFETIME_TIMES + (uint64_t)i;
	uint8_t buf[8 + ADDR_WIRE_MAX + 8];
	struct wr w = wr_of(buf, sizeof buf);

	put_u64(&w, token);
	addr_put(&w, &p->at);
	put_u64(&w, p->ticket);
	assert(!w.bad);
	p->tries++;
	p->due_at = now + (2 * up->rtt_us > LIFETIME_WAIT_US ?
	    2 * up->rtt_us : LIFETIME_WAIT_US);
	uplink_call(up, self, now, OP_ECHO, token, buf, w.len);
}

void
lifetime_echoed(struct lifetime *f, struct self *self, usec_t now,
    const struct news *news)
{
	uint64_t i = news->tag - f->token - 2 * LIFETIME_TIMES;

	if (f->state != LIFETIME_WAITING || i >= LIFETIME_TIMES)
		return;
	if (news->kind == NEWS_REPLY && news->status == STATUS_OK)
		f->probes[i].is_told = true;
	else if (news->kind != NEWS_REPLY || news->status != STATUS_LIMIT)
		give_up(f, self, now);
}

/* What the probes show: the longest time that was survived, and the shortest
 * above it that was not. Returns how many of those there are in a row. */
static unsigned
judge(const struct lifetime *f, usec_t *alive_us, usec_t *dead_us)
{
	unsigned dead = 0;
	int i;

	*alive_us = *dead_us = 0;
	for (i = 0; i < LIFETIME_TIMES; i++) {
		if (f->probes[i].is_alive) {
			*alive_us = idle_us(i);
			*dead_us = 0;
			dead = 0;
		} else if (f->probes[i].is_dead) {
			if (dead++ == 0)
				*dead_us = idle_us(i);
		}
	}
	return dead;
}

static bool
is_undecided(const struct lifetime_probe *p)
{
	return p->extra >= 0;
}

/* The next thing to do for one of them. False if all is lost: the server said
 * nothing of what it did, or we slept. */
static bool
step_probe(struct lifetime *f, struct self *self, struct uplink *up,
    usec_t now, int i)
{
	struct lifetime_probe *p = &f->probes[i];

	if (now - p->due_at > LIFETIME_SLACK_US / 2)
		return false;
	if (p->tries < LIFETIME_TRIES) {
		ask_echo(f, self, up, now, i);
		return true;
	}
	if (!p->is_told)
		return false;
	p->is_dead = true;
	close_probe(f, self, i);
	return true;
}

/* Returns true when something new is known. */
static bool
conclude(struct lifetime *f, struct self *self, usec_t now, bool is_over)
{
	usec_t alive_us, dead_us;
	unsigned dead = judge(f, &alive_us, &dead_us);
	bool is_new;

	is_over |= dead >= LIFETIME_DEAD_MAX;
	if (is_over && alive_us == 0 && dead_us == 0)
		give_up(f, self, now);
	if ((!is_over && dead == 0) || f->state == LIFETIME_IDLE)
		return false;
	is_new = alive_us != self->keep.alive_us ||
	    dead_us != self->keep.dead_us;
	keep_measured(&self->keep, alive_us, dead_us);
	if (is_over) {
		log_debug(self->log, "an idle mapping lives for %u s at least",
		    (unsigned)(alive_us / USEC_S));
		stop(f, self);
		remember(f, now, alive_us, dead_us);
	}
	return is_new;
}

static bool
step_all(struct lifetime *f, struct self *self, struct uplink *up, usec_t now)
{
	bool is_over = true;
	int i;

	f->next_at = USEC_NEVER;
	for (i = 0; i < LIFETIME_TIMES; i++) {
		struct lifetime_probe *p = &f->probes[i];

		if (is_undecided(p) && p->due_at <= now &&
		    !step_probe(f, self, up, now, i)) {
			give_up(f, self, now);
			return false;
		}
		if (is_undecided(p)) {
			is_over = false;
			f->next_at = usec_min(f->next_at, p->due_at);
		}
	}
	return conclude(f, self, now, is_over);
}

/* ---- time ---- */

bool
lifetime_expire(struct lifetime *f, struct self *self, struct uplink *up,
    usec_t now)
{
	if (f->next_at > now)
		return false;
	if (!up->is_up || up->session_tcp) {
		give_up(f, self, now);
		return false;
	}
	switch (f->state) {
	case LIFETIME_IDLE:
		f->next_at = USEC_NEVER;
		break;
	case LIFETIME_OPENING:
	case LIFETIME_USING:
		if (f->tries++ < LIFETIME_TRIES) {
			f->next_at = now + LIFETIME_WAIT_US;
			ask_tickets(f, self, up, now);
		} else if (f->state == LIFETIME_USING) {
			start_waiting(f, self, now);
		} else {
			give_up(f, self, now);
		}
		break;
	case LIFETIME_WAITING:
		return step_all(f, self, up, now);
	}
	return false;
}
