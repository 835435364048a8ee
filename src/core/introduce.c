#include "introduce.h"
#include "err.h"
#include "name.h"

#include <assert.h>
#include <string.h>

enum { RESUME_BURST = 5 }; /* then one a second, of each side of a pair */

static struct intro *
intro_at(struct server *s, uint32_t slot)
{
	return &s->rendezvous.ring[slot];
}

static struct account *
account_at(struct server *s, uint32_t account)
{
	return &s->reg.accounts[account];
}

/* The body of DENY and ENDED. */
static void
push_end(struct server *s, usec_t now, uint32_t account, enum push kind,
    const uint8_t nonce[static NONCE_LEN], enum push_end why)
{
	uint8_t body[NONCE_LEN + 1];
	struct wr w = wr_of(body, sizeof body);

	put_bytes(&w, nonce, NONCE_LEN);
	put_u8(&w, (uint8_t)why);
	hub_push(s, now, account, kind, &w);
}

static bool
push_request(struct server *s, usec_t now, const struct intro *i)
{
	uint8_t body[PUSH_BODY_MAX];
	struct wr w = wr_of(body, sizeof body);

	put_bytes(&w, i->nonce, NONCE_LEN);
	wire_put_name(&w, i->asker);
	wire_put_name(&w, i->asked);
	put_bytes(&w, i->msg1, sizeof i->msg1);
	return hub_push(s, now, i->to, PUSH_REQUEST, &w);
}

/* ---- REQUEST ---- */

/* The account who is meant, if it is online with that key and does not mind;
 * all reasons why not look alike. */
static uint32_t
find_target(struct server *s, uint32_t asker, const char *wanted,
    const uint8_t *key)
{
	char name[NAME_SIZE];
	uint32_t account;

	if (name_check(wanted, strlen(wanted), name) != NAME_OK)
		return NOBODY;
	account = account_by_name(&s->reg, name);
	if (account == NOBODY || account_at(s, account)->member == NOBODY ||
	    memcmp(account_at(s, account)->key, key, KEY_LEN) != 0 ||
	    block_has(&s->blocks, &s->reg, account, account_at(s, asker)->key))
		return NOBODY;
	return account;
}

static int
ask(struct server *s, usec_t now, uint32_t from, uint32_t to,
    const uint8_t *nonce, const char *asked, const uint8_t *msg1)
{
	/* Anybody can name anybody. */
	const bool is_stranger =
	    !relay_has_named(&s->relay, &s->reg, to, from);
	struct intro *i;
	uint32_t slot;

	if (intro_check(&s->rendezvous, &s->reg, now, from, to,
	    is_stranger) != 0)
		return STATUS_LIMIT;
	slot = intro_new(&s->rendezvous, &s->reg, now, nonce, from, to,
	    is_stranger);
	if (slot == NOBODY)
		return STATUS_LIMIT;
	i = intro_at(s, slot);
	memcpy(i->asked, asked, NAME_SIZE);
	memcpy(i->msg1, msg1, sizeof i->msg1);
	if (!push_request(s, now, i)) {
		i->state = INTRO_ENDED;
		return STATUS_LIMIT;
	}
	s->stats.requests++;
	return STATUS_OK;
}

int
introduce_request(struct server *s, usec_t now, struct query *c)
{
	const uint8_t *nonce = get_bytes(&c->in, NONCE_LEN);
	char asked[NAME_SIZE];
	const uint8_t *key, *msg1;
	uint32_t to, slot;

	wire_get_name(&c->in, asked);
	key = get_bytes(&c->in, KEY_LEN);
	msg1 = get_bytes(&c->in, INTRO_MSG1_LEN);
	if (!rd_done(&c->in))
		return STATUS_BAD;
	slot = intro_find(&s->rendezvous, nonce);
	if (slot != NOBODY) /* repeated, unless the nonce is another's */
		return intro_at(s, slot)->from == c->account ? STATUS_OK :
		    STATUS_BAD;
	to = find_target(s, c->account, asked, key);
	if (to == NOBODY)
		return STATUS_UNKNOWN;
	if (to == c->account)
		return STATUS_BAD;
	return ask(s, now, c->account, to, nonce, asked, msg1);
}

/* ---- its ends ---- */

/* The introduction that a call of its target (or of its requester) is about;
 * NULL if it is none of the caller's, or forgotten. */
static struct intro *
intro_of(struct server *s, struct query *c, bool is_target,
    const uint8_t **nonce)
{
	uint32_t slot;
	struct intro *i;

	*nonce = get_bytes(&c->in, NONCE_LEN);
	if (*nonce == NULL)
		return NULL;
	slot = intro_find(&s->rendezvous, *nonce);
	if (slot == NOBODY)
		return NULL;
	i = intro_at(s, slot);
	return (is_target ? i->to : i->from) == c->account ? i : NULL;
}

static void
put_path(struct server *s, struct wr *w, uint32_t account, uint64_t route)
{
	struct addr addr = hub_public(s, account_at(s, account)->member);

	addr_put(w, &addr);
	put_u64(w, route);
}

static bool
push_allow(struct server *s, usec_t now, const struct intro *i,
    uint64_t route, const uint8_t *msg2, size_t len)
{
	uint8_t body[PUSH_BODY_MAX];
	struct wr w = wr_of(body, sizeof body);

	put_bytes(&w, i->nonce, NONCE_LEN);
	put_path(s, &w, i->to, route);
	put_bytes(&w, msg2, len);
	return hub_push(s, now, i->from, PUSH_ALLOW, &w);
}

/* Both named each other; NOBODY if there is no room for that. */
static uint32_t
agree(struct server *s, usec_t now, uint32_t a, uint32_t b)
{
	uint32_t pair = relay_name(&s->relay, &s->reg, a, b);

	if (pair == NOBODY ||
	    relay_name(&s->relay, &s->reg, b, a) == NOBODY)
		return NOBODY;
	if (s->conf.relay)
		relay_open(&s->relay, &s->rng, now, pair);
	return pair;
}

static uint64_t
route_of(const struct server *s, uint32_t pair, uint32_t account)
{
	return relay_route(&s->relay, pair,
	    relay_side(&s->relay, pair, account));
}

int
introduce_allow(struct server *s, usec_t now, struct query *c)
{
	const uint8_t *nonce, *msg2;
	struct intro *i = intro_of(s, c, true, &nonce);
	const size_t len = c->in.len;
	uint32_t pair;

	msg2 = get_bytes(&c->in, len);
	if (c->in.bad || len == 0 || len > INTRO_MSG2_MAX)
		return STATUS_BAD;
	if (i == NULL || i->state == INTRO_ENDED || i->from == NOBODY)
		return STATUS_GONE;
	pair = agree(s, now, i->from, i->to);
	if (pair == NOBODY)
		return STATUS_LIMIT;
	if (i->state == INTRO_PENDING) {
		if (!push_allow(s, now, i, route_of(s, pair, i->from), msg2,
		    len))
			return STATUS_LIMIT;
		s->stats.allows++;
	}
	i->state = INTRO_ALLOWED;
	put_path(s, &c->out, i->from, route_of(s, pair, i->to));
	return STATUS_OK;
}

int
introduce_deny(struct server *s, usec_t now, struct query *c)
{
	const uint8_t *nonce;
	struct intro *i = intro_of(s, c, true, &nonce);
	const bool is_block = get_u8(&c->in) == 1;

	if (!rd_done(&c->in))
		return STATUS_BAD;
	if (i == NULL || i->from == NOBODY)
		return STATUS_GONE;
	if (is_block)
		block_add(&s->blocks, &s->reg, c->account,
		    account_at(s, i->from)->key);
	/* A yes may be taken back. */
	if (i->state != INTRO_ENDED)
		push_end(s, now, i->from, PUSH_DENY, nonce, END_DENIED);
	i->state = INTRO_ENDED;
	return STATUS_OK;
}

int
introduce_cancel(struct server *s, usec_t now, struct query *c)
{
	const uint8_t *nonce;
	struct intro *i = intro_of(s, c, false, &nonce);

	if (!rd_done(&c->in))
		return STATUS_BAD;
	if (i == NULL)
		return STATUS_GONE;
	/* A yes may be under way to the caller. */
	if (i->state != INTRO_ENDED && i->to != NOBODY) {
		push_cancel(&s->pushes, &s->reg, i->to, PUSH_REQUEST, nonce);
		push_end(s, now, i->to, PUSH_ENDED, nonce, END_CANCELLED);
	}
	i->state = INTRO_ENDED;
	return STATUS_OK;
}

void
introduce_again(struct server *s, usec_t now, uint32_t account)
{
	uint32_t slot = account_at(s, account)->asked;

	for (; slot != NOBODY; slot = intro_at(s, slot)->next_to) {
		const struct intro *i = intro_at(s, slot);

		if (i->state != INTRO_PENDING)
			continue;
		push_cancel(&s->pushes, &s->reg, account, PUSH_REQUEST,
		    i->nonce);
		push_request(s, now, i);
	}
}

void
introduce_depart(struct server *s, usec_t now, uint32_t account)
{
	bool was_asker, was_pending;
	uint32_t slot, other;

	while ((slot = intro_leave(&s->rendezvous, &s->reg, account, &other,
	    &was_asker, &was_pending)) != NOBODY) {
		const uint8_t *nonce = intro_at(s, slot)->nonce;

		if (!was_pending || other == NOBODY)
			continue;
		if (was_asker)
			push_cancel(&s->pushes, &s->reg, other, PUSH_REQUEST,
			    nonce);
		push_end(s, now, other, was_asker ? PUSH_ENDED : PUSH_DENY,
		    nonce, END_GONE);
	}
}

/* ---- conversations ---- */

static bool
push_resume(struct server *s, usec_t now, uint32_t from, uint32_t to,
    uint64_t route, const uint8_t *blob, size_t len)
{
	uint8_t body[PUSH_BODY_MAX];
	struct wr w = wr_of(body, sizeof body);

	put_bytes(&w, account_at(s, from)->key, KEY_LEN);
	put_path(s, &w, from, route);
	put_bytes(&w, blob, len);
	return hub_push(s, now, to, PUSH_RESUME, &w);
}

/* Forwards a RESUME to the other side of an agreed pair, once: a repeated call
 * carries the same packet. */
static int
forward_resume(struct server *s, usec_t now, uint32_t pair, uint32_t from,
    uint32_t to, const uint8_t *blob, size_t len)
{
	static const struct bucket_rate rate = { 1, RESUME_BURST };
	struct pair *p = &s->relay.pairs[pair];
	const int side = relay_side(&s->relay, pair, from);
	struct rd r = rd_of(blob + 8, 8);
	/* The counter of the packet; 0 is that of none forwarded yet. */
	const uint64_t counter = get_u64(&r) + 1;

	if (counter == p->resumed[side])
		return STATUS_OK;
	if (!bucket_take(&p->resumes[side], &rate, now, 1) ||
	    !push_resume(s, now, from, to, route_of(s, pair, to), blob, len))
		return STATUS_LIMIT;
	p->resumed[side] = counter;
	s->stats.resumes++;
	return STATUS_OK;
}

/* Notes that the caller names the key; the pair if the other has named it too,
 * is online, and does not block it. */
static uint32_t
agreed_with(struct server *s, uint32_t account, uint32_t to)
{
	uint32_t pair;

	if (to == NOBODY || to == account)
		return NOBODY;
	pair = relay_name(&s->relay, &s->reg, account, to);
	if (pair == NOBODY || !relay_is_agreed(&s->relay, pair) ||
	    account_at(s, to)->member == NOBODY ||
	    block_has(&s->blocks, &s->reg, to, account_at(s, account)->key))
		return NOBODY;
	return pair;
}

int
introduce_resume(struct server *s, usec_t now, struct query *c)
{
	const uint8_t *key = get_bytes(&c->in, KEY_LEN), *blob;
	const uint8_t flags = get_u8(&c->in);
	const size_t len = c->in.len;
	uint32_t to, pair;
	int status;

	blob = get_bytes(&c->in, len);
	if (c->in.bad || len < SESSION_OVERHEAD || len > RESUME_BLOB_MAX ||
	    blob[0] != PACKET_DATA)
		return STATUS_BAD;
	to = account_by_key(&s->reg, key);
	pair = agreed_with(s, c->account, to);
	if (pair == NOBODY) {
		put_u8(&c->out, 0);
		return STATUS_OK;
	}
	if (s->conf.relay && !(flags & REQUEST_NO_RELAY))
		relay_open(&s->relay, &s->rng, now, pair);
	status = forward_resume(s, now, pair, c->account, to, blob, len);
	if (status != STATUS_OK)
		return status;
	put_u8(&c->out, 1);
	put_path(s, &c->out, to, route_of(s, pair, c->account));
	return STATUS_OK;
}

int
introduce_leave(struct server *s, usec_t now, struct query *c)
{
	const uint8_t *key = get_bytes(&c->in, KEY_LEN);
	uint32_t to;

	(void)now;
	if (!rd_done(&c->in))
		return STATUS_BAD;
	to = account_by_key(&s->reg, key);
	if (to != NOBODY && to != c->account)
		relay_unname(&s->relay, &s->reg, c->account, to);
	return STATUS_OK;
}
