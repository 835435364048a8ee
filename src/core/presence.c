#include "presence.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define IS_PUSH UINT32_C(0x80000000)

enum {
	SCAN_MAX = 4096, /* members looked at in a turn */
	TICK_MS = 125,   /* unit of member.told_at */
	EVENT_MAX = 1 + 2 * NAME_SIZE + KEY_ID_LEN,
};

bool
presence_init(struct bulletin *p, uint64_t first)
{
	memset(p, 0, sizeof *p);
	p->ring = calloc(PRESENCE_RING, sizeof *p->ring);
	p->first = p->head = first;
	p->due = USEC_NEVER;
	return p->ring != NULL;
}

void
presence_fini(struct bulletin *p)
{
	free(p->ring);
	memset(p, 0, sizeof *p);
}

static uint64_t
tail(const struct bulletin *p)
{
	return p->head - p->first > PRESENCE_RING ?
	    p->head - PRESENCE_RING : p->first;
}

/* How many events the member has not acknowledged. One that needs to list
 * again has more than the ring holds. */
static uint32_t
lag(const struct bulletin *p, const struct member *m)
{
	return (uint32_t)p->head - m->cursor;
}

/* The more clients, the longer events are collected: telling everybody of one
 * event at a time would cost the square of their number. */
static usec_t
pause_of(const struct registry *r)
{
	return 50 * USEC_MS + r->live.count * (USEC_MS / 10);
}

/* A round that is under way may have passed whom this concerns. */
static void
schedule(struct bulletin *p, usec_t at)
{
	if (p->at == 0)
		p->due = usec_min(p->due, at);
	else
		p->is_lagging = true;
}

void
presence_add(struct bulletin *p, usec_t now, enum presence kind,
    const char *name, const char *old_name, const uint8_t key[static KEY_LEN])
{
	struct notice *e = &p->ring[p->head % PRESENCE_RING];

	memset(e, 0, sizeof *e);
	e->kind = (uint8_t)kind;
	strncpy(e->name, name, NAME_MAX_LEN);
	if (old_name != NULL)
		strncpy(e->old_name, old_name, NAME_MAX_LEN);
	wire_key_id(key, e->key_id);
	p->head++;
	schedule(p, now + 20 * USEC_MS);
}

void
presence_subscribe(const struct bulletin *p, struct member *m)
{
	m->flags |= MEMBER_SUBSCRIBED;
	m->cursor = (uint32_t)p->head;
	m->told = 0;
}

void
presence_seen(struct bulletin *p, usec_t now, struct member *m,
    uint64_t cursor)
{
	uint32_t before = lag(p, m);

	if (cursor == 0)
		return;
	if (cursor > p->head || p->head - cursor > PRESENCE_RING)
		m->cursor = (uint32_t)p->head - PRESENCE_RING - 1;
	else
		m->cursor = (uint32_t)cursor;
	if (lag(p, m) < before)
		m->told = 0;
	if (lag(p, m) > 0 && m->told == 0)
		schedule(p, now);
}

static uint8_t
tick(usec_t now)
{
	return (uint8_t)(now / (TICK_MS * USEC_MS));
}

/* True if the member is to be told now: it was not told yet, or has not
 * answered for 0.5, 1, 2, ... 8 seconds. */
static bool
is_due(struct bulletin *p, struct member *m, usec_t now)
{
	uint8_t silent = (uint8_t)(tick(now) - m->told_at);

	if (m->state != MEMBER_LIVE || !(m->flags & MEMBER_SUBSCRIBED) ||
	    lag(p, m) == 0)
		return false;
	p->is_lagging = true;
	if (m->told > 0 && silent < 2u << m->told)
		return false;
	if (m->told < 5)
		m->told++;
	m->told_at = tick(now);
	return true;
}

static void
end_round(struct bulletin *p, const struct registry *r, usec_t now)
{
	p->at = 0;
	p->ended = now;
	p->due = USEC_NEVER;
	if (p->is_lagging)
		p->due = now + pause_of(r) + 200 * USEC_MS;
	p->is_lagging = false;
}

bool
presence_turn(struct bulletin *p, const struct registry *r, usec_t now,
    uint32_t *slot)
{
	if (p->due > now)
		return false;
	if (p->at == 0 && p->ended != 0 && now < p->ended + pause_of(r)) {
		p->due = p->ended + pause_of(r);
		return false;
	}
	for (uint32_t n = 0; n < SCAN_MAX && p->at < r->members_end; n++) {
		uint32_t at = p->at++;

		if (is_due(p, &r->members[at], now)) {
			*slot = at;
			return true;
		}
	}
	if (p->at >= r->members_end)
		end_round(p, r, now);
	return false;
}

static void
write_event(struct wr *w, const struct notice *e)
{
	put_u8(w, e->kind);
	wire_put_name(w, e->name);
	wire_put_name(w, e->old_name);
	put_bytes(w, e->key_id, sizeof e->key_id);
}

uint32_t
presence_write(const struct bulletin *p, const struct member *m, struct wr *w)
{
	uint64_t at = p->head - lag(p, m);

	if (lag(p, m) > p->head - tail(p))
		at = tail(p);
	put_u64(w, at);
	for (; at < p->head && w->cap - w->len >= EVENT_MAX; at++)
		write_event(w, &p->ring[at % PRESENCE_RING]);
	return (uint32_t)at | IS_PUSH;
}

bool
presence_is_push(uint32_t id)
{
	return (id & IS_PUSH) != 0;
}

void
presence_ack(struct bulletin *p, usec_t now, struct member *m, uint32_t id)
{
	uint32_t left = ((uint32_t)p->head - id) & ~IS_PUSH;

	if (left >= lag(p, m) || left > PRESENCE_RING)
		return;
	m->cursor = (uint32_t)p->head - left;
	m->told = 0;
	if (left > 0)
		schedule(p, now);
}
