#include "answer.h"
#include "enroll.h"
#include "gate.h"
#include "introduce.h"
#include "name.h"
#include "text.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum {
	PROOF_BIT = 0x40000000, /* of push ids that prove an address */
	PROOF_S = 32,           /* how long one is good, at least */
	ENTRY_MAX = 1 + NAME_MAX_LEN + KEY_ID_LEN + 4,
};

/* A packet while it is answered. */
struct packet {
	uint32_t member;
	const struct place *from;
	bool is_newest;
	bool is_asked_proof;
	struct wr reply;
};

static struct member *
member_at(struct server *s, uint32_t member)
{
	return &s->reg.members[member];
}

static struct account *
account_of(struct server *s, uint32_t member)
{
	return &s->reg.accounts[member_at(s, member)->account];
}

/* ---- the directory ---- */

static bool
is_listed(struct server *s, const struct query *c, uint32_t member,
    const char *prefix)
{
	const struct member *m = member_at(s, member);

	return m->state == MEMBER_LIVE && !(m->flags & MEMBER_HIDDEN) &&
	    member != c->member && (prefix[0] == '\0' ||
	    account_has_prefix(account_of(s, member), prefix)) &&
	    !block_has(&s->blocks, &s->reg, m->account,
	    account_of(s, c->member)->key);
}

static void
put_entry(struct server *s, usec_t now, struct wr *w, uint32_t member)
{
	const struct account *p = account_of(s, member);
	uint8_t id[KEY_ID_LEN];

	wire_key_id(p->key, id);
	wire_put_name(w, p->name);
	put_bytes(w, id, sizeof id);
	put_u32(w, member_online_s(&s->reg, now, member));
}

static int
call_list(struct server *s, usec_t now, struct query *c)
{
	char name[NAME_SIZE], prefix[NAME_FOLD_SIZE];
	struct wr cursor = c->out;
	uint32_t at, end = s->reg.members_end;

	wire_get_name(&c->in, name);
	at = get_u32(&c->in);
	if (!rd_done(&c->in) || !text_is_utf8(name, strlen(name)))
		return STATUS_BAD;
	account_fold(name, prefix);
	put_u32(&c->out, LIST_END);
	put_u64(&c->out, s->presence.head);
	for (int n = 0; n < LIST_SCAN && at < end; n++, at++) {
		if (c->out.cap - c->out.len < ENTRY_MAX)
			break;
		if (is_listed(s, c, at, prefix))
			put_entry(s, now, &c->out, at);
	}
	put_u32(&cursor, at < end ? at : LIST_END);
	return STATUS_OK;
}

static int
call_lookup(struct server *s, usec_t now, struct query *c)
{
	char asked[NAME_SIZE], name[NAME_SIZE];
	uint32_t account = NOBODY;
	const struct account *p;
	struct place path;

	wire_get_name(&c->in, asked);
	if (!rd_done(&c->in))
		return STATUS_BAD;
	if (name_check(asked, strlen(asked), name) == NAME_OK)
		account = account_by_name(&s->reg, name);
	if (account == NOBODY || s->reg.accounts[account].member == NOBODY ||
	    block_has(&s->blocks, &s->reg, account,
	    account_of(s, c->member)->key))
		return STATUS_UNKNOWN;
	p = &s->reg.accounts[account];
	wire_put_name(&c->out, p->name);
	put_bytes(&c->out, p->key, KEY_LEN);
	put_u32(&c->out, member_online_s(&s->reg, now, p->member));
	put_u8(&c->out, hub_path(s, p->member, &path) &&
	    path.stream != NOBODY ? LOOKUP_TCP : 0);
	return STATUS_OK;
}

static int
call_rename(struct server *s, usec_t now, struct query *c)
{
	char asked[NAME_SIZE], name[NAME_SIZE];
	int status;

	wire_get_name(&c->in, asked);
	if (!rd_done(&c->in))
		return STATUS_BAD;
	if (name_check(asked, strlen(asked), name) != NAME_OK)
		return STATUS_NAME_BAD;
	status = enroll_rename(s, now, c, name);
	if (status == STATUS_NAME_TAKEN)
		gate_free_name(s, name, name);
	if (status == STATUS_NAME_TAKEN || status == STATUS_OK)
		wire_put_name(&c->out, name);
	return status;
}

static int
call_subscribe(struct server *s, usec_t now, struct query *c)
{
	struct member *m = member_at(s, c->member);
	const uint8_t on = get_u8(&c->in);

	(void)now;
	if (!rd_done(&c->in) || on > 1)
		return STATUS_BAD;
	if (on && !(m->flags & MEMBER_SUBSCRIBED))
		presence_subscribe(&s->presence, m);
	else if (!on)
		m->flags &= (uint8_t)~MEMBER_SUBSCRIBED;
	put_u64(&c->out, s->presence.head);
	return STATUS_OK;
}

static int
call_hide(struct server *s, usec_t now, struct query *c)
{
	const struct member *m = member_at(s, c->member);
	const bool is_hidden = (m->flags & MEMBER_HIDDEN) != 0;
	const uint8_t on = get_u8(&c->in);

	if (!rd_done(&c->in) || on > 1)
		return STATUS_BAD;
	if (is_hidden == (on == 1))
		return STATUS_OK;
	if (!gate_take_key(s, now, &m->addr))
		return STATUS_LIMIT;
	enroll_hide(s, now, c->member, !is_hidden);
	return STATUS_OK;
}

static int
call_release(struct server *s, usec_t now, struct query *c)
{
	(void)now;
	if (!rd_done(&c->in))
		return STATUS_BAD;
	enroll_release(s, c->account);
	return STATUS_OK;
}

static int
call_block(struct server *s, usec_t now, struct query *c)
{
	const uint8_t *key = get_bytes(&c->in, KEY_LEN);
	const uint8_t on = get_u8(&c->in);

	(void)now;
	if (!rd_done(&c->in) || on > 1)
		return STATUS_BAD;
	if (on == 0)
		block_remove(&s->blocks, &s->reg, c->account, key);
	else if (!block_add(&s->blocks, &s->reg, c->account, key))
		return STATUS_LIMIT;
	return STATUS_OK;
}

/* ---- addresses that prove themselves ---- */

enum mac_use { MAC_PROOF, MAC_TICKET };

/* What only we can say about a client at an address, in an epoch. */
static uint64_t
mac_of(const struct server *s, enum mac_use use, uint32_t member,
    const struct place *from, uint64_t epoch)
{
	uint8_t in[1 + 4 + 8 + 1 + ADDR_WIRE_MAX];
	uint8_t hash[crypto_shorthash_BYTES];
	struct wr w = wr_of(in, sizeof in);
	uint64_t v;

	put_u8(&w, (uint8_t)use);
	put_u32(&w, member_index(&s->reg, member));
	put_u64(&w, epoch);
	put_u8(&w, from->is_probe);
	addr_put(&w, &from->addr);
	assert(!w.bad);
	crypto_shorthash(hash, in, w.len, s->proof_key);
	memcpy(&v, hash, sizeof v);
	return v;
}

static uint32_t
proof(const struct server *s, uint32_t member, const struct place *from,
    uint64_t epoch)
{
	uint32_t v = (uint32_t)mac_of(s, MAC_PROOF, member, from, epoch);

	return (v & (PROOF_BIT - 1)) | PROOF_BIT;
}

static uint64_t
ticket(const struct server *s, usec_t now, uint32_t member,
    const struct place *from, unsigned age)
{
	return mac_of(s, MAC_TICKET, member, from,
	    now / (TICKET_S * USEC_S) - age);
}

static bool
is_ticket(const struct server *s, usec_t now, uint32_t member,
    const struct place *to, uint64_t given)
{
	const uint64_t good[] = { ticket(s, now, member, to, 0),
		ticket(s, now, member, to, 1) };

	return sodium_memcmp(&given, &good[0], sizeof given) == 0 ||
	    sodium_memcmp(&given, &good[1], sizeof given) == 0;
}

/* One small packet, and only to where a ticket that we gave to this client was
 * received: nobody else can be made to get one, and nothing is kept. */
static int
call_echo(struct server *s, usec_t now, struct query *c)
{
	struct place to = { .stream = NOBODY };
	uint8_t frames[3 + 8 + ADDR_WIRE_MAX];
	struct wr w = wr_of(frames, sizeof frames);
	size_t frame = wire_begin_frame(&w, SF_OBSERVED);
	const uint8_t *token = get_bytes(&c->in, 8);
	uint64_t given;

	to.addr = addr_get(&c->in);
	given = get_u64(&c->in);
	if (!rd_done(&c->in))
		return STATUS_BAD;
	if (!is_ticket(s, now, c->member, &to, given)) {
		to.is_probe = true;
		if (!is_ticket(s, now, c->member, &to, given))
			return STATUS_GONE;
	}
	put_bytes(&w, token, 8);
	addr_put(&w, &to.addr);
	wire_end_frame(&w, frame);
	assert(!w.bad);
	if (hub_is_bound(s, &to))
		hub_seal(s, c->member, &to, w.p, w.len);
	return STATUS_OK;
}

/* ---- frames ---- */

typedef int call_fn(struct server *s, usec_t now, struct query *c);

static call_fn *
call_of(uint8_t op)
{
	static call_fn *const calls[] = {
		[OP_LIST] = call_list,
		[OP_LOOKUP] = call_lookup,
		[OP_RENAME] = call_rename,
		[OP_SUBSCRIBE] = call_subscribe,
		[OP_HIDE] = call_hide,
		[OP_REQUEST] = introduce_request,
		[OP_ALLOW] = introduce_allow,
		[OP_DENY] = introduce_deny,
		[OP_CANCEL] = introduce_cancel,
		[OP_RESUME] = introduce_resume,
		[OP_LEAVE] = introduce_leave,
		[OP_RELEASE] = call_release,
		[OP_BLOCK] = call_block,
		[OP_ECHO] = call_echo,
	};

	return op < sizeof calls / sizeof calls[0] ? calls[op] : NULL;
}

/* Counts calls; false if the client made too many in this second. */
static bool
count_calls(struct member *m, usec_t now, uint8_t count)
{
	const uint8_t second = (uint8_t)(now / USEC_S);

	if (m->calls_second != second) {
		m->calls_second = second;
		m->calls = 0;
	}
	if (m->calls > CALLS_PER_S - count)
		return false;
	m->calls += count;
	return true;
}

/* Carries out a call and appends the reply; one that does not fit is left
 * out, since the call will be repeated. */
static void
answer_call(struct server *s, usec_t now, struct packet *p, struct rd *body)
{
	const struct wr before = p->reply;
	const size_t frame = wire_begin_frame(&p->reply, SF_REPLY);
	struct query c = { .id = get_u32(body), .member = p->member,
		.account = member_at(s, p->member)->account };
	const uint8_t op = get_u8(body);
	call_fn *fn = call_of(op);
	int status = STATUS_BAD;

	put_u32(&p->reply, c.id);
	put_u8(&p->reply, 0);
	if (body->bad || p->reply.bad) {
		p->reply = before;
		return;
	}
	s->stats.calls++;
	c.in = *body;
	c.out = wr_of(p->reply.p + p->reply.len, p->reply.cap - p->reply.len);
	if (!count_calls(member_at(s, p->member), now,
	    op == OP_ECHO ? ECHO_CALLS : 1))
		status = STATUS_LIMIT;
	else if (fn != NULL)
		status = fn(s, now, &c);
	if (status == QUERY_LATER || c.out.bad) {
		p->reply = before;
		return;
	}
	p->reply.p[p->reply.len - 1] = (uint8_t)status;
	p->reply.len += c.out.len;
	wire_end_frame(&p->reply, frame);
}

/* The client speaks from there: a stream is proved by itself, for a new UDP
 * address it is asked to. */
static void
notice_path(struct server *s, usec_t now, struct packet *p)
{
	const struct wr before = p->reply;
	size_t frame;

	if (!p->is_newest || hub_is_path(s, p->member, p->from))
		return;
	if (p->from->stream != NOBODY) {
		enroll_move(s, now, p->member, p->from);
		return;
	}
	if (p->is_asked_proof)
		return;
	p->is_asked_proof = true;
	frame = wire_begin_frame(&p->reply, SF_PUSH);
	put_u32(&p->reply, proof(s, p->member, p->from,
	    now / (PROOF_S * USEC_S)));
	put_u8(&p->reply, PUSH_PROVE);
	wire_end_frame(&p->reply, frame);
	if (p->reply.bad)
		p->reply = before;
}

static void
on_heartbeat(struct server *s, usec_t now, struct packet *p, struct rd *body)
{
	struct member *m = member_at(s, p->member);
	const struct wr before = p->reply;
	const uint32_t seq = get_u32(body);
	const uint64_t cursor = get_u64(body);

	if (!rd_done(body))
		return;
	if (m->state == MEMBER_SAVING) {
		enroll_wait(s, p->member, seq);
		return;
	}
	if (m->flags & MEMBER_SUBSCRIBED)
		presence_seen(&s->presence, now, m, cursor);
	hub_put_beat(s, &p->reply, seq, &p->from->addr);
	if (p->reply.bad)
		p->reply = before;
	notice_path(s, now, p);
}

/* From the other port only if it is bound; over TCP there is none, and no
 * ticket either. Of what an address may be answered this is a part. */
static void
on_observe(struct server *s, usec_t now, struct packet *p, struct rd *body)
{
	const uint8_t *token = get_bytes(body, 8);
	const uint8_t how = get_u8(body);
	uint8_t frames[3 + 8 + ADDR_WIRE_MAX + 8];
	struct wr w = wr_of(frames, sizeof frames);
	struct place to = *p->from;
	size_t frame = wire_begin_frame(&w, SF_OBSERVED);

	if (!rd_done(body))
		return;
	put_bytes(&w, token, 8);
	addr_put(&w, &p->from->addr);
	if (how == OBSERVE_TICKET && p->from->stream == NOBODY)
		put_u64(&w, ticket(s, now, p->member, p->from, 0));
	wire_end_frame(&w, frame);
	assert(!w.bad);
	if (how != OBSERVE_OTHER_PORT) {
		if (p->reply.cap - p->reply.len >= w.len)
			put_bytes(&p->reply, w.p, w.len);
		return;
	}
	to.is_probe = !to.is_probe;
	if (to.stream != NOBODY || !hub_is_bound(s, &to) ||
	    p->reply.cap - p->reply.len < w.len + SESSION_OVERHEAD)
		return;
	p->reply.cap -= w.len + SESSION_OVERHEAD;
	hub_seal(s, p->member, &to, w.p, w.len);
}

static void
on_ack(struct server *s, usec_t now, struct packet *p, struct rd *body)
{
	struct member *m = member_at(s, p->member);
	const uint32_t id = get_u32(body);
	const uint64_t epoch = now / (PROOF_S * USEC_S);

	if (!rd_done(body) || m->state != MEMBER_LIVE)
		return;
	if (presence_is_push(id)) {
		if (m->flags & MEMBER_SUBSCRIBED)
			presence_ack(&s->presence, now, m, id);
	} else if (!(id & PROOF_BIT)) {
		push_ack(&s->pushes, &s->reg, m->account, id);
	} else if (p->from->stream == NOBODY && count_calls(m, now, 1) &&
	    (id == proof(s, p->member, p->from, epoch) ||
	    id == proof(s, p->member, p->from, epoch - 1))) {
		enroll_move(s, now, p->member, p->from);
	}
}

static void
on_goodbye(struct server *s, usec_t now, struct packet *p)
{
	hub_goodbye(s, p->member, p->from, UINT32_MAX);
	s->stats.left++;
	enroll_leave(s, now, p->member);
}

static void
on_call(struct server *s, usec_t now, struct packet *p, struct rd *body)
{
	if (member_at(s, p->member)->state != MEMBER_LIVE)
		return;
	notice_path(s, now, p);
	answer_call(s, now, p, body);
}

/* False if the member is gone. */
static bool
on_frame(struct server *s, usec_t now, struct packet *p, uint8_t type,
    struct rd *body)
{
	switch (type) {
	case SF_HEARTBEAT:
		on_heartbeat(s, now, p, body);
		break;
	case SF_OBSERVE:
		on_observe(s, now, p, body);
		break;
	case SF_CALL:
		on_call(s, now, p, body);
		break;
	case SF_PUSH_ACK:
		on_ack(s, now, p, body);
		break;
	case SF_GOODBYE:
		on_goodbye(s, now, p);
		return false;
	}
	return true;
}

void
answer_frames(struct server *s, usec_t now, uint32_t member,
    const struct place *from, bool is_newest, const uint8_t *frames, size_t len,
    size_t size)
{
	uint8_t buf[DGRAM_MAX - SESSION_OVERHEAD];
	struct packet p = { .member = member, .from = from,
		.is_newest = is_newest, .reply = wr_of(buf, sizeof buf) };
	struct rd r = rd_of(frames, len), body;
	uint8_t type;

	if (from->stream == NOBODY && !hub_is_path(s, member, from) &&
	    size * REPLY_TIMES < DGRAM_MAX)
		p.reply.cap = size * REPLY_TIMES - SESSION_OVERHEAD;
	while (wire_next_frame(&r, &type, &body))
		if (!on_frame(s, now, &p, type, &body))
			return;
	if (r.bad)
		s->stats.malformed++;
	if (p.reply.len > 0)
		hub_seal(s, member, from, p.reply.p, p.reply.len);
}
