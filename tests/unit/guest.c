#include "guest.h"
#include "err.h"
#include "noise.h"

/* ---- the world ---- */

struct server_conf
world_conf(void)
{
	struct server_conf conf = server_conf_default();

	conf.bind4 = addr_any(ADDR_V4, 9000);
	conf.clients_max = 1000;
	conf.names_max = 2000;
	conf.streams_max = 600;
	return conf;
}

static void
write_log(void *ctx, enum log_level level, const char *line)
{
	struct world *w = ctx;
	size_t room = sizeof w->log_text - w->log_len;
	int n = snprintf(w->log_text + w->log_len, room, "%d %s\n", level,
	    line);

	if (n > 0 && (size_t)n < room)
		w->log_len += (size_t)n;
}

static void
opened(struct world *w, const struct act *act)
{
	struct input in = { .kind = IN_OPENED, .sock = act->sock,
		.err = w->open_err[act->sock], .to = act->from };

	server_input(w->s, w->now, &in);
}

static void
keep(struct world *w, const struct act *act, size_t skip)
{
	struct sent *sent;

	w->packets++;
	w->bytes += act->len - skip;
	if (w->count == SENT_MAX)
		world_forget(w);
	sent = &w->sent[w->count++];
	sent->sock = act->sock;
	sent->to = act->to;
	sent->is_taken = false;
	sent->len = act->len - skip;
	ck_assert_uint_le(sent->len, sizeof sent->buf);
	memcpy(sent->buf, act->buf + skip, sent->len);
}

static void
store(struct world *w, const struct act *act)
{
	ck_assert_uint_lt(w->stored_count, STORED_MAX);
	if (!w->is_store_broken)
		w->stored[w->stored_count++] = *act->change;
	if (act->id != 0) {
		ck_assert_uint_lt(w->saves_count, STORED_MAX);
		w->saves[w->saves_count++] = act->id;
	}
}

static void
take(struct world *w, const struct act *act)
{
	switch (act->kind) {
	case ACT_OPEN:
	case ACT_LISTEN:
		opened(w, act);
		break;
	case ACT_SEND:
		ck_assert_uint_le(act->len, DGRAM_MAX);
		keep(w, act, 0);
		break;
	case ACT_WRITE:
		ck_assert_uint_eq((size_t)(act->buf[0] << 8 | act->buf[1]),
		    act->len - 2);
		keep(w, act, FRAME_HEADER);
		break;
	case ACT_CLOSE:
		ck_assert_uint_lt(w->closed_count, CLOSED_MAX);
		w->closed[w->closed_count++] = act->sock;
		w->cut_count += act->is_cut;
		break;
	case ACT_STORE:
		store(w, act);
		break;
	default:
		ck_abort_msg("act %d", (int)act->kind);
	}
}

static void
drain(struct world *w)
{
	struct act act;

	while (server_next(w->s, w->now, &act))
		take(w, &act);
	if (!w->is_store_slow && w->saves_count > 0)
		world_answer_saves(w);
}

void
world_answer_saves(struct world *w)
{
	struct input in = { .kind = IN_SAVED,
		.err = w->is_store_broken ? E_IO : 0 };

	for (size_t i = 0; i < w->saves_count; i++) {
		in.id = w->saves[i];
		server_input(w->s, w->now, &in);
	}
	w->saves_count = 0;
	drain(w);
}

static void
start(struct world *w)
{
	uint8_t seed[RNG_SEED_LEN];

	rng_fill(&w->rng, seed, sizeof seed);
	w->s = server_new(&w->conf, seed, w->now, 1700000000 + w->now / USEC_S);
	ck_assert_ptr_nonnull(w->s);
}

void
world_open(struct world *w, const struct server_conf *conf)
{
	struct rng rng;

	memset(w, 0, sizeof *w);
	w->sent = calloc(SENT_MAX, sizeof *w->sent);
	w->conf = conf != NULL ? *conf : world_conf();
	w->now = 1000 * USEC_S;
	w->next_sock = ACT_ACCEPTED;
	w->log = (struct log){ write_log, w, LOG_LEVEL_INFO };
	w->conf.log = &w->log;
	rng_init_test(&w->rng, test_seed(), "world");
	rng_init_test(&rng, 1, "server");
	keypair_make(&w->conf.identity, &rng);
	start(w);
	world_pass(w, 0);
}

void
world_close(struct world *w)
{
	server_free(w->s);
	free(w->sent);
	w->s = NULL;
	w->sent = NULL;
}

/* The store as a table: the last change of a name counts. */
static bool
is_last(const struct world *w, size_t i)
{
	for (size_t j = i + 1; j < w->stored_count; j++)
		if (strcmp(w->stored[i].fold, w->stored[j].fold) == 0)
			return false;
	return !w->stored[i].remove;
}

void
world_restart(struct world *w)
{
	server_free(w->s);
	start(w);
	for (size_t i = 0; i < w->stored_count; i++)
		if (is_last(w, i))
			ck_assert(server_bind(w->s, &w->stored[i]));
	world_pass(w, 0);
}

void
world_pass(struct world *w, usec_t span)
{
	const usec_t end = w->now + span;
	usec_t at;

	drain(w);
	for (int n = 0; (at = server_deadline(w->s)) <= end; n++) {
		ck_assert_msg(n < 1000000, "deadline does not move");
		if (at > w->now)
			w->now = at;
		server_expire(w->s, w->now);
		drain(w);
	}
	w->now = end;
}

void
world_dgram(struct world *w, int sock, const struct addr *from,
    const void *buf, size_t len)
{
	struct input in = { .kind = IN_DGRAM, .sock = sock, .from = *from,
		.buf = buf, .len = len };

	server_input(w->s, w->now, &in);
	drain(w);
}

int
world_accept(struct world *w, const struct addr *from)
{
	struct input in = { .kind = IN_ACCEPTED, .sock = w->next_sock++,
		.listener = SERVER_TCP4, .from = *from };

	server_input(w->s, w->now, &in);
	drain(w);
	return in.sock;
}

void
world_bytes(struct world *w, int sock, const void *buf, size_t len)
{
	struct input in = { .kind = IN_BYTES, .sock = sock, .buf = buf,
		.len = len };

	server_input(w->s, w->now, &in);
	drain(w);
}

void
world_hangup(struct world *w, int sock)
{
	struct input in = { .kind = IN_CLOSED, .sock = sock };

	server_input(w->s, w->now, &in);
	drain(w);
}

bool
world_is_closed(const struct world *w, int sock)
{
	for (size_t i = 0; i < w->closed_count; i++)
		if (w->closed[i] == sock)
			return true;
	return false;
}

void
world_forget(struct world *w)
{
	w->count = 0;
}

struct sent *
world_take(struct world *w, int sock, const struct addr *to)
{
	for (size_t i = 0; i < w->count; i++) {
		struct sent *sent = &w->sent[i];
		bool is_stream = sent->sock >= ACT_ACCEPTED;

		if (sent->is_taken || is_stream != (sock >= ACT_ACCEPTED))
			continue;
		if (is_stream ? sent->sock != sock : !addr_eq(&sent->to, to))
			continue;
		sent->is_taken = true;
		return sent;
	}
	return NULL;
}

/* ---- a guest ---- */

struct addr
guest_home(int n)
{
	return addr_v4(198, 51, (uint8_t)(100 + n / 200), (uint8_t)(n % 200 +
	    1), 9001);
}

void
guest_make(struct guest *g, struct world *w, const char *label,
    struct addr addr)
{
	struct rng rng;

	memset(g, 0, sizeof *g);
	rng_init_test(&rng, 2, label);
	keypair_make(&g->keys, &rng);
	g->w = w;
	g->addr = addr;
	g->sock = SERVER_UDP4;
}

void
guest_send(struct guest *g, const void *packet, size_t len)
{
	uint8_t framed[FRAME_HEADER + FRAME_MAX];

	if (len <= sizeof g->last) {
		memcpy(g->last, packet, len);
		g->last_len = len;
	}
	if (g->sock < ACT_ACCEPTED) {
		world_dgram(g->w, g->sock, &g->addr, packet, len);
		return;
	}
	frame_put(framed, len);
	memcpy(framed + FRAME_HEADER, packet, len);
	world_bytes(g->w, g->sock, framed, FRAME_HEADER + len);
}

size_t
guest_write_hello(struct guest *g, uint8_t *buf)
{
	struct wr w = wr_of(buf, HELLO_LEN);

	rng_fill(&g->w->rng, g->nonce, sizeof g->nonce);
	put_u8(&w, PACKET_HELLO);
	put_u8(&w, WIRE_VERSION);
	put_zeros(&w, 2);
	put_bytes(&w, g->nonce, NONCE_LEN);
	put_zeros(&w, HELLO_LEN - w.len);
	return w.len;
}

bool
guest_hello(struct guest *g)
{
	uint8_t buf[HELLO_LEN];
	struct sent *sent;

	guest_listen(g);
	guest_send(g, buf, guest_write_hello(g, buf));
	sent = world_take(g->w, g->sock, &g->addr);
	if (sent == NULL)
		return false;
	ck_assert_uint_eq(sent->len, 68);
	ck_assert_uint_eq(sent->buf[0], PACKET_COOKIE);
	ck_assert_uint_eq(sent->buf[1], 1);
	ck_assert_mem_eq(sent->buf + 4, g->nonce, NONCE_LEN);
	memcpy(g->cookie, sent->buf + 20, COOKIE_LEN);
	ck_assert_mem_eq(sent->buf + 36, g->w->conf.identity.public, KEY_LEN);
	return true;
}

size_t
guest_write_init(struct guest *g, const char *name, uint8_t *buf)
{
	uint8_t prologue[PROLOGUE_SERVER_LEN], payload[INIT_PAYLOAD];
	struct wr w = wr_of(buf, INIT_LEN), p = wr_of(payload, sizeof payload);
	size_t len;

	g->index = rng_u32(&g->w->rng);
	wire_server_prologue_of(g->version != 0 ? g->version : WIRE_VERSION,
	    g->nonce, prologue);
	noise_fini(&g->noise);
	ck_assert_int_eq(noise_init(&g->noise, NOISE_IK, true, prologue,
	    sizeof prologue, &g->keys, g->w->conf.identity.public), 0);
	put_u8(&p, g->flags);
	wire_put_name(&p, name);
	put_zeros(&p, sizeof payload - p.len);
	put_u8(&w, PACKET_INIT);
	put_u8(&w, g->version != 0 ? g->version : WIRE_VERSION);
	put_zeros(&w, 2);
	put_u32(&w, g->index);
	put_bytes(&w, g->nonce, NONCE_LEN);
	put_bytes(&w, g->cookie, COOKIE_LEN);
	ck_assert_int_eq(noise_write(&g->noise, &g->w->rng, payload,
	    sizeof payload, buf + w.len, INIT_LEN - w.len, &len), 0);
	ck_assert_uint_eq(w.len + len, 184);
	return w.len + len;
}

static void
read_accept(struct guest *g, const struct sent *sent)
{
	uint8_t payload[ACCEPT_PAYLOAD_MAX];
	struct rd r = rd_of(sent->buf, sent->len);
	size_t len;

	ck_assert_uint_eq(get_u32(&r), 0x04010000);
	ck_assert_uint_eq(get_u32(&r), g->index);
	g->server_index = get_u32(&r);
	ck_assert_int_eq(noise_read(&g->noise, r.p, r.len, payload,
	    sizeof payload, &len), 0);
	r = rd_of(payload, len);
	ck_assert(wire_get_accept(&r, &g->accept));
	ck_assert(rd_done(&r));
	ck_assert((g->server_index == 0) == (g->accept.status != STATUS_OK));
	session_small_init(&g->session, &g->noise);
	memcpy(g->name, g->accept.name, NAME_SIZE);
}

bool
guest_init(struct guest *g, const char *name)
{
	uint8_t buf[INIT_LEN];
	struct sent *sent;

	guest_send(g, buf, guest_write_init(g, name, buf));
	sent = world_take(g->w, g->sock, &g->addr);
	if (sent == NULL)
		return false;
	read_accept(g, sent);
	return true;
}

void
guest_say(struct guest *g, const struct wr *frames)
{
	uint8_t buf[2048];
	size_t len;

	ck_assert(!frames->bad);
	ck_assert_int_eq(session_seal(&g->session.keys, g->server_index,
	    g->session.keys.next, frames->p, frames->len, buf, sizeof buf,
	    &len), 0);
	guest_send(g, buf, len);
}

/* Drops the frames that were used, or all when nobody wants them. */
static void
make_room(struct guest *g)
{
	size_t kept = 0;

	if (g->got_count < GOT_MAX)
		return;
	for (size_t i = 0; i < g->got_count; i++)
		if (!g->got[i].is_used)
			g->got[kept++] = g->got[i];
	g->got_count = kept < GOT_MAX ? kept : 0;
}

static void
read_frames(struct guest *g, const uint8_t *plain, size_t len)
{
	struct rd r = rd_of(plain, len), body;
	uint8_t type;

	while (wire_next_frame(&r, &type, &body)) {
		struct frame_got *got;

		make_room(g);
		got = &g->got[g->got_count++];
		got->type = type;
		got->is_used = false;
		got->len = body.len;
		memcpy(got->body, body.p, body.len);
	}
	ck_assert(!r.bad);
}

void
guest_listen(struct guest *g)
{
	uint8_t plain[DGRAM_MAX];
	struct sent *sent;
	uint64_t counter;
	uint32_t index;
	size_t len;

	while ((sent = world_take(g->w, g->sock, &g->addr)) != NULL) {
		if (session_index(sent->buf, sent->len, &index) != 0 ||
		    index != g->index)
			continue;
		if (session_small_open(&g->session, sent->buf, sent->len,
		    plain, sizeof plain, &len, &counter) == 0)
			read_frames(g, plain, len);
	}
}

struct frame_got *
guest_got(struct guest *g, uint8_t type)
{
	guest_listen(g);
	for (size_t i = 0; i < g->got_count; i++) {
		if (g->got[i].is_used || g->got[i].type != type)
			continue;
		g->got[i].is_used = true;
		return &g->got[i];
	}
	return NULL;
}

bool
guest_beat(struct guest *g)
{
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof buf);
	size_t frame = wire_begin_frame(&w, SF_HEARTBEAT);
	struct frame_got *got;

	put_u32(&w, ++g->beat);
	put_u64(&w, g->cursor);
	wire_end_frame(&w, frame);
	guest_say(g, &w);
	while ((got = guest_got(g, SF_HEARTBEAT_ACK)) != NULL) {
		struct rd r = rd_of(got->body, got->len);

		if (get_u32(&r) == g->beat)
			return true;
	}
	return false;
}

int
guest_join(struct guest *g, const char *name)
{
	if (!guest_hello(g) || !guest_init(g, name))
		return -1;
	if (g->accept.status != STATUS_OK)
		return g->accept.status;
	return guest_beat(g) ? STATUS_OK : -1;
}

void
guest_must_join(struct guest *g, struct world *w, const char *name,
    struct addr addr)
{
	guest_make(g, w, name, addr);
	ck_assert_int_eq(guest_join(g, name), STATUS_OK);
	ck_assert_str_eq(g->name, name);
}

int
guest_call(struct guest *g, enum op op, const struct wr *body)
{
	uint8_t buf[DGRAM_MAX + 64];
	struct wr w = wr_of(buf, sizeof buf);
	size_t frame = wire_begin_frame(&w, SF_CALL);
	struct frame_got *got;

	put_u32(&w, ++g->call_id);
	put_u8(&w, (uint8_t)op);
	if (body != NULL)
		put_bytes(&w, body->p, body->len);
	wire_end_frame(&w, frame);
	guest_say(g, &w);
	while ((got = guest_got(g, SF_REPLY)) != NULL) {
		struct rd r = rd_of(got->body, got->len);

		if (get_u32(&r) != g->call_id)
			continue;
		g->status = get_u8(&r);
		ck_assert(!r.bad);
		g->reply_len = r.len;
		memcpy(g->reply, r.p, r.len);
		return g->status;
	}
	return -1;
}

bool
guest_pushed_quietly(struct guest *g, enum push kind, struct rd *body,
    uint32_t *id)
{
	guest_listen(g);
	for (size_t i = 0; i < g->got_count; i++) {
		struct frame_got *got = &g->got[i];

		if (got->is_used || got->type != SF_PUSH)
			continue;
		*body = rd_of(got->body, got->len);
		*id = get_u32(body);
		if (get_u8(body) != kind)
			continue;
		got->is_used = true;
		return true;
	}
	return false;
}

void
guest_ack(struct guest *g, uint32_t id)
{
	uint8_t buf[16];
	struct wr w = wr_of(buf, sizeof buf);
	size_t frame = wire_begin_frame(&w, SF_PUSH_ACK);

	put_u32(&w, id);
	wire_end_frame(&w, frame);
	guest_say(g, &w);
}

bool
guest_pushed(struct guest *g, enum push kind, struct rd *body)
{
	uint32_t id;

	if (!guest_pushed_quietly(g, kind, body, &id))
		return false;
	guest_ack(g, id);
	return true;
}

void
guest_goodbye(struct guest *g)
{
	uint8_t buf[16];
	struct wr w = wr_of(buf, sizeof buf);
	size_t frame = wire_begin_frame(&w, SF_GOODBYE);

	put_u32(&w, UINT32_MAX);
	wire_end_frame(&w, frame);
	guest_say(g, &w);
}

static int
call_name(struct guest *g, enum op op, const char *name)
{
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof buf);

	wire_put_name(&w, name);
	return guest_call(g, op, &w);
}

int
guest_rename(struct guest *g, const char *name)
{
	return call_name(g, OP_RENAME, name);
}

int
guest_lookup(struct guest *g, const char *name)
{
	return call_name(g, OP_LOOKUP, name);
}

size_t
guest_list(struct guest *g, const char *prefix, char (*out)[NAME_SIZE],
    size_t max)
{
	uint32_t cursor = 0;
	size_t count = 0;

	do {
		uint8_t buf[64];
		struct wr w = wr_of(buf, sizeof buf);
		struct rd r;

		wire_put_name(&w, prefix);
		put_u32(&w, cursor);
		ck_assert_int_eq(guest_call(g, OP_LIST, &w), STATUS_OK);
		r = rd_of(g->reply, g->reply_len);
		cursor = get_u32(&r);
		get_u64(&r);
		while (r.len > 0) {
			char name[NAME_SIZE];

			wire_get_name(&r, name);
			get_bytes(&r, KEY_ID_LEN + 4);
			ck_assert(!r.bad);
			if (count < max)
				memcpy(out[count], name, NAME_SIZE);
			count++;
		}
	} while (cursor != LIST_END);
	return count;
}

void
nonce_of(uint8_t tag, uint8_t out[static NONCE_LEN])
{
	memset(out, tag, NONCE_LEN);
}

int
guest_request(struct guest *g, const struct guest *to, const char *name,
    uint8_t tag)
{
	uint8_t buf[256], nonce[NONCE_LEN], msg1[INTRO_MSG1_LEN];
	struct wr w = wr_of(buf, sizeof buf);

	nonce_of(tag, nonce);
	memset(msg1, tag + 1, sizeof msg1);
	put_bytes(&w, nonce, sizeof nonce);
	wire_put_name(&w, name);
	put_bytes(&w, to->keys.public, KEY_LEN);
	put_bytes(&w, msg1, sizeof msg1);
	return guest_call(g, OP_REQUEST, &w);
}

int
guest_allow(struct guest *g, uint8_t tag)
{
	uint8_t buf[512], nonce[NONCE_LEN], msg2[200];
	struct wr w = wr_of(buf, sizeof buf);

	nonce_of(tag, nonce);
	memset(msg2, tag + 2, sizeof msg2);
	put_bytes(&w, nonce, sizeof nonce);
	put_bytes(&w, msg2, sizeof msg2);
	return guest_call(g, OP_ALLOW, &w);
}

int
guest_deny(struct guest *g, uint8_t tag, bool block)
{
	uint8_t buf[64], nonce[NONCE_LEN];
	struct wr w = wr_of(buf, sizeof buf);

	nonce_of(tag, nonce);
	put_bytes(&w, nonce, sizeof nonce);
	put_u8(&w, block);
	return guest_call(g, OP_DENY, &w);
}

int
guest_cancel(struct guest *g, uint8_t tag)
{
	uint8_t nonce[NONCE_LEN];
	struct wr w = wr_of(nonce, sizeof nonce);

	nonce_of(tag, nonce);
	w.len = sizeof nonce;
	return guest_call(g, OP_CANCEL, &w);
}

int
guest_leave(struct guest *g, const struct guest *peer)
{
	uint8_t buf[KEY_LEN];
	struct wr w = wr_of(buf, sizeof buf);

	put_bytes(&w, peer->keys.public, KEY_LEN);
	return guest_call(g, OP_LEAVE, &w);
}

int
guest_block(struct guest *g, const struct guest *other, bool on)
{
	uint8_t buf[KEY_LEN + 1];
	struct wr w = wr_of(buf, sizeof buf);

	put_bytes(&w, other->keys.public, KEY_LEN);
	put_u8(&w, on);
	return guest_call(g, OP_BLOCK, &w);
}

int
guest_switch(struct guest *g, enum op op, bool on)
{
	uint8_t buf[1] = { on };
	struct wr w = wr_of(buf, sizeof buf);

	w.len = 1;
	return guest_call(g, op, &w);
}

int
guest_resume(struct guest *g, const struct guest *peer, uint64_t counter)
{
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof buf);

	put_bytes(&w, peer->keys.public, KEY_LEN);
	put_u8(&w, 0);
	put_u8(&w, PACKET_DATA);
	put_zeros(&w, 7);
	put_u64(&w, counter);
	put_zeros(&w, 40);
	return guest_call(g, OP_RESUME, &w);
}

void
guest_introduce(struct guest *a, struct guest *b, uint8_t tag,
    uint64_t *route_a, uint64_t *route_b)
{
	struct rd r;

	ck_assert_int_eq(guest_request(a, b, b->name, tag), STATUS_OK);
	ck_assert(guest_pushed(b, PUSH_REQUEST, &r));
	ck_assert_int_eq(guest_allow(b, tag), STATUS_OK);
	r = rd_of(b->reply, b->reply_len);
	addr_get(&r);
	*route_b = get_u64(&r);
	ck_assert(rd_done(&r));
	ck_assert(guest_pushed(a, PUSH_ALLOW, &r));
	get_bytes(&r, NONCE_LEN);
	addr_get(&r);
	*route_a = get_u64(&r);
	ck_assert(!r.bad);
}

void
guest_relay(struct guest *g, uint64_t route, size_t size)
{
	uint8_t buf[FRAME_MAX];
	struct wr w = wr_of(buf, size);

	put_u8(&w, PACKET_RELAY);
	put_zeros(&w, 3);
	put_u64(&w, route);
	put_u8(&w, PACKET_DATA);
	put_zeros(&w, size - w.len);
	guest_send(g, buf, size);
}
