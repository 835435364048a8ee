#include "fake.h"

#include "err.h"
#include "runner.h"

#include <string.h>

void
fake_init(struct fake *f, const char *label)
{
	memset(f, 0, sizeof *f);
	rng_init_test(&f->rng, 1, label);
	keypair_make(&f->keys, &f->rng);
	rng_fill(&f->rng, f->cookie, sizeof f->cookie);
	f->accept = (struct wire_accept) { .status = STATUS_OK,
		.flags = ACCEPT_RELAY, .probe_port = 9002, .beat_min_s = 20,
		.beat_max_s = 25, .gone_s = 55, .online = 2 };
}

void
fake_fini(struct fake *f)
{
	memset(f, 0, sizeof *f);
}

void
fake_restart(struct fake *f)
{
	f->has_session = false;
	f->answer_len = 0;
	f->call_count = 0;
	rng_fill(&f->rng, f->cookie, sizeof f->cookie);
}

size_t
fake_seal(struct fake *f, const struct wr *frames, uint8_t *out)
{
	size_t len = 0;

	ck_assert(f->has_session && !frames->bad);
	ck_assert_int_eq(session_seal(&f->session.keys, f->remote,
	    f->counter++, frames->p, frames->len, out, FAKE_PACKET, &len),
	    E_OK);
	return len;
}

/* ---- registration ---- */

static size_t
got_hello(struct fake *f, struct rd r, uint8_t *out)
{
	struct wr w = wr_of(out, FAKE_PACKET);

	f->hellos++;
	if (f->silence & FAKE_NO_HELLO)
		return 0;
	get_u32(&r);
	get_copy(&r, f->nonce, NONCE_LEN);
	ck_assert(!r.bad);
	put_u8(&w, PACKET_COOKIE);
	put_u8(&w, WIRE_VERSION);
	put_u16(&w, 0);
	put_bytes(&w, f->nonce, NONCE_LEN);
	put_bytes(&w, f->cookie, COOKIE_LEN);
	put_bytes(&w, f->shown != NULL ? f->shown->public : f->keys.public,
	    KEY_LEN);
	return w.len;
}

/* Reads message 1 into n and what it says of the client. */
static bool
read_init(struct fake *f, struct rd *r, struct noise *n)
{
	uint8_t prologue[PROLOGUE_SERVER_LEN], payload[INIT_PAYLOAD];
	const uint8_t *nonce, *cookie;
	struct rd p;
	size_t len;

	get_u32(r);
	f->remote = get_u32(r);
	nonce = get_bytes(r, NONCE_LEN);
	cookie = get_bytes(r, COOKIE_LEN);
	if (r->bad || memcmp(cookie, f->cookie, COOKIE_LEN) != 0)
		return false;
	wire_server_prologue(nonce, prologue);
	ck_assert_int_eq(noise_init(n, NOISE_IK, false, prologue,
	    sizeof prologue, &f->keys, NULL), E_OK);
	if (noise_read(n, r->p, r->len, payload, sizeof payload, &len) != E_OK)
		return false;
	p = rd_of(payload, len);
	f->flags = get_u8(&p);
	wire_get_name(&p, f->wanted);
	memcpy(f->client, noise_remote(n), KEY_LEN);
	return !p.bad;
}

static size_t
answer_init(struct fake *f, const struct addr *from, struct rd r, uint8_t *out)
{
	uint8_t payload[ACCEPT_PAYLOAD_MAX];
	struct wire_accept accept = f->accept;
	struct wr w = wr_of(payload, sizeof payload), p = wr_of(out, 16);
	struct noise n;
	size_t len = 0;

	if (!read_init(f, &r, &n)) {
		f->rejects++;
		return 0;
	}
	if (accept.name[0] == '\0' && !f->is_verbatim)
		memcpy(accept.name, f->wanted[0] != '\0' ? f->wanted :
		    "calm-otter-42", f->wanted[0] != '\0' ? NAME_SIZE : 14);
	if (!addr_is_set(&accept.seen))
		accept.seen = *from;
	wire_put_accept(&w, &accept);
	f->index = rng_u32(&f->rng) | 1;
	put_u8(&p, PACKET_ACCEPT);
	put_u8(&p, WIRE_VERSION);
	put_u16(&p, 0);
	put_u32(&p, f->remote);
	put_u32(&p, accept.status == STATUS_OK ? f->index : 0);
	ck_assert_int_eq(noise_write(&n, &f->rng, payload, w.len, out + p.len,
	    FAKE_PACKET - p.len, &len), E_OK);
	if (accept.status == STATUS_OK) {
		session_init(&f->session, &n);
		f->has_session = true;
		f->counter = 0;
	}
	noise_fini(&n);
	return p.len + len;
}

static size_t
got_init(struct fake *f, const struct addr *from, struct rd r, uint8_t *out)
{
	f->inits++;
	if (f->silence & FAKE_NO_INIT)
		return 0;
	if (f->answer_len == 0 || memcmp(f->init, r.p, INIT_LEN) != 0) {
		memcpy(f->init, r.p, INIT_LEN);
		f->answer_len = answer_init(f, from, r, out);
		ck_assert_uint_le(f->answer_len, sizeof f->answer);
		memcpy(f->answer, out, f->answer_len);
	}
	memcpy(out, f->answer, f->answer_len);
	return f->answer_len;
}

/* ---- frames ---- */

static void
got_beat(struct fake *f, const struct addr *from, struct rd *body,
    struct wr *w)
{
	uint32_t seq = get_u32(body);
	size_t begin;

	f->beats++;
	f->cursor = get_u64(body);
	ck_assert(rd_done(body));
	if (f->silence & FAKE_NO_BEAT)
		return;
	begin = wire_begin_frame(w, SF_HEARTBEAT_ACK);
	put_u32(w, seq);
	addr_put(w, addr_is_set(&f->accept.seen) ? &f->accept.seen : from);
	put_u64(w, f->presence);
	put_u32(w, f->accept.online);
	wire_end_frame(w, begin);
}

static void
put_observed(struct wr *w, uint64_t token, const struct addr *seen,
    bool with_ticket)
{
	size_t begin = wire_begin_frame(w, SF_OBSERVED);

	put_u64(w, token);
	addr_put(w, seen);
	if (with_ticket)
		put_u64(w, token + 1);
	wire_end_frame(w, begin);
}

static void
got_observe(struct fake *f, const struct addr *from, struct rd *body,
    struct wr *w)
{
	uint64_t token = get_u64(body);
	bool wants_ticket = get_u8(body) == OBSERVE_TICKET;

	ck_assert(rd_done(body));
	f->tokens[f->observes++ % 8] = token;
	if (!(f->silence & FAKE_NO_OBSERVE))
		put_observed(w, token, from, wants_ticket && f->has_tickets);
}

static void
put_reply(struct wr *w, uint32_t id, uint8_t status, const void *body,
    size_t len)
{
	size_t begin = wire_begin_frame(w, SF_REPLY);

	put_u32(w, id);
	put_u8(w, status);
	put_bytes(w, body, len);
	wire_end_frame(w, begin);
}

static bool
is_known_call(const struct fake *f, uint32_t id)
{
	size_t i;

	for (i = 0; i < FAKE_CALLS && i < f->call_count; i++)
		if (f->calls[i].id == id)
			return true;
	return false;
}

static void
got_call(struct fake *f, struct rd *body, struct wr *w)
{
	struct fake_call *call = &f->calls[f->call_count % FAKE_CALLS];
	uint32_t id = get_u32(body);
	const struct fake_reply *reply;
	uint8_t op = get_u8(body);

	ck_assert(!body->bad && op < FAKE_OPS);
	ck_assert_uint_le(body->len, sizeof call->body);
	if (!is_known_call(f, id) || f->is_forgetful) {
		f->call_count++;
		call->id = id;
		call->op = op;
		call->len = body->len;
		memcpy(call->body, body->p, body->len);
	}
	reply = &f->replies[op];
	if (reply->is_set && !(f->silence & FAKE_NO_CALL))
		put_reply(w, id, reply->status, reply->body, reply->len);
}

static void
got_frame(struct fake *f, const struct addr *from, uint8_t type,
    struct rd body, struct wr *w)
{
	switch (type) {
	case SF_HEARTBEAT:
		got_beat(f, from, &body, w);
		break;
	case SF_OBSERVE:
		got_observe(f, from, &body, w);
		break;
	case SF_CALL:
		got_call(f, &body, w);
		break;
	case SF_PUSH_ACK:
		f->acked = get_u32(&body);
		break;
	case SF_GOODBYE:
		f->goodbyes++;
		break;
	default:
		ck_abort_msg("a frame of type %u", type);
	}
}

static size_t
got_data(struct fake *f, const struct addr *from, const uint8_t *packet,
    size_t len, uint8_t *out)
{
	uint8_t plain[FAKE_PACKET], answer[DGRAM_MAX];
	struct wr w = wr_of(answer, sizeof answer);
	struct rd r, body;
	uint64_t counter;
	uint32_t index;
	uint8_t type;
	size_t n;

	if (!f->has_session || session_index(packet, len, &index) != E_OK ||
	    index != f->index || session_open(&f->session, packet, len, plain,
	    sizeof plain, &n, &counter) != E_OK) {
		f->rejects++;
		return 0;
	}
	ck_assert_uint_le(len, DGRAM_MAX);
	r = rd_of(plain, n);
	while (wire_next_frame(&r, &type, &body))
		got_frame(f, from, type, body, &w);
	ck_assert(!r.bad);
	return w.len > 0 ? fake_seal(f, &w, out) : 0;
}

size_t
fake_take(struct fake *f, const struct addr *from, const void *packet,
    size_t len, uint8_t *out)
{
	const uint8_t *p = packet;
	struct rd r = rd_of(packet, len);

	if (len == 0)
		return 0;
	switch (p[0]) {
	case PACKET_HELLO:
		ck_assert_uint_eq(len, HELLO_LEN);
		return got_hello(f, r, out);
	case PACKET_INIT:
		ck_assert_uint_eq(len, INIT_LEN);
		return got_init(f, from, r, out);
	case PACKET_DATA:
		return got_data(f, from, packet, len, out);
	}
	return 0;
}

/* ---- what it says ---- */

size_t
fake_push(struct fake *f, enum push push, const void *body, size_t len,
    uint8_t *out)
{
	uint8_t buf[DGRAM_MAX];
	struct wr w = wr_of(buf, sizeof buf);
	size_t begin = wire_begin_frame(&w, SF_PUSH);

	put_u32(&w, ++f->pushes);
	put_u8(&w, (uint8_t)push);
	put_bytes(&w, body, len);
	wire_end_frame(&w, begin);
	return fake_seal(f, &w, out);
}

size_t
fake_reply(struct fake *f, uint32_t id, enum status status, const void *body,
    size_t len, uint8_t *out)
{
	uint8_t buf[DGRAM_MAX];
	struct wr w = wr_of(buf, sizeof buf);

	put_reply(&w, id, (uint8_t)status, body, len);
	return fake_seal(f, &w, out);
}

size_t
fake_goodbye(struct fake *f, uint32_t ms, uint8_t *out)
{
	uint8_t buf[16];
	struct wr w = wr_of(buf, sizeof buf);
	size_t begin = wire_begin_frame(&w, SF_GOODBYE);

	put_u32(&w, ms);
	wire_end_frame(&w, begin);
	return fake_seal(f, &w, out);
}

size_t
fake_observed(struct fake *f, uint64_t token, const struct addr *seen,
    uint8_t *out)
{
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof buf);

	put_observed(&w, token, seen, false);
	return fake_seal(f, &w, out);
}

void
fake_answers(struct fake *f, enum op op, enum status status, const void *body,
    size_t len)
{
	struct fake_reply *reply = &f->replies[op];

	ck_assert_uint_le(len, sizeof reply->body);
	reply->is_set = true;
	reply->status = (uint8_t)status;
	reply->len = len;
	if (len > 0)
		memcpy(reply->body, body, len);
}

const struct fake_call *
fake_called(const struct fake *f, enum op op)
{
	size_t i = f->call_count;
	size_t end = i > FAKE_CALLS ? i - FAKE_CALLS : 0;

	while (i-- > end)
		if (f->calls[i % FAKE_CALLS].op == op)
			return &f->calls[i % FAKE_CALLS];
	return NULL;
}

size_t
fake_count(const struct fake *f, enum op op)
{
	size_t i, n = 0;

	for (i = 0; i < FAKE_CALLS && i < f->call_count; i++)
		n += f->calls[i].op == op;
	return n;
}
