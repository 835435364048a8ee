#define _GNU_SOURCE
#include "lone.h"

#include "command.h"
#include "err.h"
#include "frame.h"
#include "runner.h"
#include "self.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

static const usec_t t0 = 1000 * USEC_S;

/* ---- acts ---- */

static void
fly(struct lone *l, int sock, const struct addr *from, bool is_stream,
    const void *buf, size_t len, usec_t late)
{
	struct flight *f = &l->flights[l->flight_count];

	ck_assert_uint_lt(l->flight_count, LONE_FLIGHTS);
	ck_assert_uint_le(len, sizeof f->buf);
	l->flight_count++;
	f->at = l->now + late;
	f->sock = sock;
	f->is_stream = is_stream;
	f->from = *from;
	f->len = len;
	memcpy(f->buf, buf, len);
}

static void mate_take(struct mate *m, int way, const uint8_t *packet,
    size_t len);

/* Where the state of a socket is kept. */
static size_t
place(int sock)
{
	return sock < ACT_ACCEPTED ? (size_t)sock :
	    (size_t)(sock - ACT_ACCEPTED + LONE_ACCEPTED);
}

/* What the server passes on. */
static void
relay(struct lone *l, const uint8_t *packet, size_t len)
{
	struct rd r = rd_of(packet, len);
	uint64_t route;
	size_t i;

	get_u32(&r);
	route = get_u64(&r);
	for (i = 0; i < l->mate_count; i++)
		if (l->mates[i]->route == route)
			mate_take(l->mates[i], MATE_RELAY, r.p, r.len);
}

static void
to_server(struct lone *l, const uint8_t *packet, size_t len, bool is_tcp)
{
	struct addr seen = is_tcp ? addr_v4(192, 0, 2, 7, 5555) : l->at;
	uint8_t out[FAKE_PACKET];

	if (packet[0] == PACKET_RELAY) {
		relay(l, packet, len);
		return;
	}
	len = fake_take(&l->fake, &seen, packet, len, out);
	if (len == 0)
		return;
	if (is_tcp) {
		uint8_t framed[FAKE_PACKET + FRAME_HEADER];

		frame_put(framed, len);
		memcpy(framed + FRAME_HEADER, out, len);
		fly(l, SOCK_UPLINK, &l->server, true, framed,
		    len + FRAME_HEADER, 2 * LONE_ONE_WAY);
	} else
		fly(l, SOCK_UDP4, &l->server, false, out, len,
		    2 * LONE_ONE_WAY);
}

static void
look_for_plain(const struct lone *l, const struct act *act)
{
	if (l->plain[0] != '\0')
		must(memmem(act->buf, act->len, l->plain, strlen(l->plain)) ==
		    NULL, "plain text was sent");
}

static void
send_act(struct lone *l, const struct act *act)
{
	struct sent_to *s = &l->sent[l->sent_count % LONE_SENT];
	size_t i;

	look_for_plain(l, act);
	must(l->is_sock[act->sock], "sent on socket %d", act->sock);
	must(act->len <= DGRAM_MAX, "a datagram of %zu bytes", act->len);
	if (addr_same_ip(&act->to, &l->server)) {
		if (!l->is_cut && act->sock < SOCK_EXTRA)
			to_server(l, act->buf, act->len, false);
		return;
	}
	l->sent_count++;
	l->sent_bytes += act->len;
	s->at = l->now;
	s->to = act->to;
	s->sock = act->sock;
	s->ttl = act->ttl;
	s->len = act->len;
	for (i = 0; i < l->mate_count; i++)
		if (l->mates[i]->is_direct &&
		    addr_eq(&act->to, &l->mates[i]->at))
			mate_take(l->mates[i], MATE_UDP, act->buf, act->len);
}

static void
opened(struct lone *l, const struct act *act)
{
	struct input in = { .kind = IN_OPENED, .sock = act->sock,
		.to = act->from };
	bool is_v6 = act->from.family == ADDR_V6;

	must(!l->is_sock[act->sock], "socket %d opened twice", act->sock);
	l->is_sock[act->sock] = !is_v6;
	in.err = is_v6 ? E_IO : E_OK;
	if (in.to.port == 0)
		in.to.port = 40000;
	client_input(l->c, l->now, &in);
}

static void
dial_act(struct lone *l, const struct act *act)
{
	struct sent_to *s = &l->dials[l->dial_count++ % LONE_SENT];

	must(!l->is_sock[act->sock], "socket %d dialled twice", act->sock);
	l->is_sock[act->sock] = true;
	l->is_up[act->sock] = false;
	l->wants[act->sock] = true;
	l->far[act->sock] = act->to;
	s->at = l->now;
	s->to = act->to;
	s->sock = act->sock;
	fly(l, act->sock, &act->to, true, "", 0, 2 * LONE_ONE_WAY);
}

static void
close_act(struct lone *l, const struct act *act)
{
	size_t at = place(act->sock);

	must(l->is_sock[at], "socket %d closed twice", act->sock);
	l->is_sock[at] = l->is_up[at] = l->wants[at] = false;
	l->lingering += act->sock >= ACT_ACCEPTED && !act->is_cut;
}

static void
write_act(struct lone *l, const struct act *act)
{
	size_t i;

	must(l->is_up[place(act->sock)], "written on socket %d", act->sock);
	l->writes++;
	look_for_plain(l, act);
	if (act->sock == SOCK_UPLINK || act->sock == SOCK_OBSERVE)
		to_server(l, act->buf + FRAME_HEADER, act->len - FRAME_HEADER,
		    true);
	for (i = 0; i < l->mate_count; i++)
		if (l->mates[i]->is_direct && addr_same_ip(&l->mates[i]->at,
		    &l->far[place(act->sock)]))
			mate_take(l->mates[i], act->sock, act->buf +
			    FRAME_HEADER, act->len - FRAME_HEADER);
}

/* In one block, the tries behind it. */
static struct why *
keep_report(const struct why *why)
{
	size_t len = why->tries_count * sizeof *why->tries;
	struct why *copy = malloc(sizeof *copy + len);

	must(why->tries_count <= PATHS_MAX, "report");
	*copy = *why;
	copy->tries = (const struct why_try *)(copy + 1);
	if (len > 0)
		memcpy(copy + 1, why->tries, len);
	return copy;
}

static void
keep(struct lone *l, const struct event *ev)
{
	struct said *s = &l->said[l->said_count];

	ck_assert_uint_lt(l->said_count, LONE_EVENTS);
	l->said_count++;
	s->at = l->now;
	s->ev = *ev;
	s->why = NULL;
	s->text = NULL;
	s->people = NULL;
	if (ev->text != NULL) {
		s->text = calloc(1, ev->len + 1);
		memcpy(s->text, ev->text, ev->len);
		s->ev.text = s->text;
	}
	if (ev->count > 0 && ev->list != NULL) {
		s->people = calloc(ev->count, sizeof *s->people);
		memcpy(s->people, ev->list, ev->count * sizeof *s->people);
		s->ev.list = s->people;
	}
	if (ev->report != NULL)
		s->ev.report = s->why = keep_report(ev->report);
	if (ev->kind == EV_DONE) {
		must(ev->serial > 0 && ev->serial <= l->serial &&
		    l->ended[ev->serial] == 0, "command %u ended %u times",
		    ev->serial, l->ended[ev->serial] + 1u);
		l->ended[ev->serial]++;
	}
	if (ev->kind == EV_EXIT)
		l->exits++;
}

/* The whole file is read, so that bytes which are gone are noticed. */
static void
save_act(struct lone *l, const struct act *act)
{
	uint8_t *copy = malloc(act->len + 1);

	memcpy(copy, act->buf, act->len);
	free(copy);
	l->saves++;
}

static void
carry_out(struct lone *l, const struct act *act)
{
	must(act->sock >= 0 && place(act->sock) < LONE_SOCKS, "socket %d",
	    act->sock);
	switch (act->kind) {
	case ACT_SEND:
		send_act(l, act);
		break;
	case ACT_OPEN:
	case ACT_LISTEN:
		opened(l, act);
		break;
	case ACT_DIAL:
		dial_act(l, act);
		break;
	case ACT_WRITE:
		write_act(l, act);
		break;
	case ACT_CLOSE:
		close_act(l, act);
		break;
	case ACT_EVENT:
		keep(l, act->event);
		break;
	case ACT_SAVE:
		save_act(l, act);
		break;
	case ACT_RESOLVE:
	case ACT_STORE:
	case ACT_UPNP:
		ck_abort_msg("act %d", (int)act->kind);
	}
}

void
lone_drain(struct lone *l)
{
	struct act act;

	while (client_next(l->c, l->now, &act))
		carry_out(l, &act);
}

void
lone_input(struct lone *l, const struct input *in)
{
	client_input(l->c, l->now, in);
	lone_drain(l);
}

void
lone_hand(struct lone *l, const struct addr *from, const void *packet,
    size_t len)
{
	struct input in = { .kind = IN_DGRAM, .sock = SOCK_UDP4,
		.from = *from, .buf = packet, .len = len };

	lone_input(l, &in);
}

void
lone_say(struct lone *l, const uint8_t *packet, size_t len)
{
	lone_hand(l, &l->server, packet, len);
}

void
lone_push(struct lone *l, enum push push, const void *body, size_t len)
{
	uint8_t out[FAKE_PACKET];

	lone_say(l, out, fake_push(&l->fake, push, body, len, out));
}

int
lone_accept(struct lone *l, const struct addr *from)
{
	struct input in = { .kind = IN_ACCEPTED, .listener = SOCK_LISTEN4,
		.sock = ACT_ACCEPTED, .from = *from };

	while (l->is_sock[place(in.sock)])
		in.sock++;
	ck_assert_uint_lt(place(in.sock), LONE_SOCKS);
	l->is_sock[place(in.sock)] = l->is_up[place(in.sock)] = true;
	l->far[place(in.sock)] = *from;
	lone_input(l, &in);
	return in.sock;
}

void
lone_hang_up(struct lone *l, int sock)
{
	struct input in = { .kind = IN_CLOSED, .sock = sock };

	l->is_sock[place(sock)] = l->is_up[place(sock)] = false;
	lone_input(l, &in);
}

size_t
lone_streams(const struct lone *l)
{
	size_t i, n = 0;

	for (i = SOCK_DIAL; i < LONE_SOCKS; i++)
		n += l->is_sock[i] && (i < SOCK_RESOLVE || i >= LONE_ACCEPTED);
	return n;
}

void
lone_bytes(struct lone *l, int sock, const void *bytes, size_t len)
{
	struct input in = { .kind = IN_BYTES, .sock = sock, .buf = bytes,
		.len = len };

	if (l->is_up[place(sock)])
		lone_input(l, &in);
}

/* ---- time ---- */

static void
connects(struct lone *l, const struct flight *f)
{
	bool is_server = addr_same_ip(&f->from, &l->server);
	struct input in = { .kind = IN_CONNECTED, .sock = f->sock,
		.from = f->from, .err = is_server ? E_OK : l->dial_err };

	if (!l->wants[f->sock])
		return;
	l->wants[f->sock] = false;
	l->is_up[f->sock] = in.err == E_OK;
	l->is_sock[f->sock] = in.err == E_OK;
	lone_input(l, &in);
}

static void
land(struct lone *l, const struct flight *f)
{
	struct input in = { .kind = IN_BYTES, .sock = f->sock,
		.buf = f->buf, .len = f->len };

	if (f->is_stream && f->len == 0)
		connects(l, f);
	else if (f->is_stream && l->is_up[place(f->sock)])
		lone_input(l, &in);
	else if (!f->is_stream && !l->is_cut)
		lone_hand(l, &f->from, f->buf, f->len);
}

static size_t
next_flight(const struct lone *l)
{
	size_t i, best = 0;

	for (i = 1; i < l->flight_count; i++)
		if (l->flights[i].at < l->flights[best].at)
			best = i;
	return best;
}

static void
step(struct lone *l, usec_t at)
{
	size_t i;

	l->now = at > l->now ? at : l->now;
	if (l->flight_count > 0 &&
	    l->flights[i = next_flight(l)].at <= l->now) {
		struct flight f = l->flights[i];

		l->flight_count--;
		memmove(&l->flights[i], &l->flights[i + 1],
		    (l->flight_count - i) * sizeof f);
		land(l, &f);
		return;
	}
	l->spins = l->expired_at == l->now ? l->spins + 1 : 0;
	l->expired_at = l->now;
	ck_assert_msg(l->spins < 4, "the deadline stays in the past");
	client_expire(l->c, l->now);
	lone_drain(l);
}

static usec_t
mates_due(const struct lone *l)
{
	usec_t at = USEC_NEVER;
	size_t i;

	for (i = 0; i < l->mate_count; i++)
		if (l->mates[i]->has_session && !l->mates[i]->is_mute)
			at = usec_min(at,
			    chan_deadline(&l->mates[i]->chan));
	return at;
}

static void
expire_mates(struct lone *l)
{
	size_t i;

	for (i = 0; i < l->mate_count; i++) {
		struct mate *m = l->mates[i];

		if (!m->has_session || m->is_mute ||
		    chan_deadline(&m->chan) > l->now)
			continue;
		chan_expire(&m->chan, l->now);
		mate_flush(m);
	}
}

void
lone_run(struct lone *l, usec_t span)
{
	usec_t end = l->now + span;

	for (;;) {
		usec_t at = client_deadline(l->c), mates = mates_due(l);

		if (l->flight_count > 0)
			at = usec_min(at, l->flights[next_flight(l)].at);
		if (at > end && mates > end)
			break;
		if (mates < at) {
			l->now = mates > l->now ? mates : l->now;
			expire_mates(l);
		} else
			step(l, at);
	}
	l->now = end;
}

/* ---- life ---- */

void
lone_make(struct lone *l)
{
	memset(l, 0, sizeof *l);
	l->now = t0;
	fake_init(&l->fake, "server");
	rng_init_test(&l->rng, test_seed(), "lone");
	keypair_make(&l->keys, &l->rng);
	known_init(&l->known);
	l->server = addr_v4(198, 51, 100, 1, 9000);
	l->at = addr_v4(192, 0, 2, 7, 9001);
	l->dial_err = E_DENIED;
	l->conf = (struct client_conf) { .server_host = "198.51.100.1",
		.server_port = 9000, .local_port = 9001, .name = "ann" };
	l->conf.identity = l->keys;
	fake_answers(&l->fake, OP_LEAVE, STATUS_OK, "", 0);
	fake_answers(&l->fake, OP_CANCEL, STATUS_OK, "", 0);
	fake_answers(&l->fake, OP_DENY, STATUS_OK, "", 0);
	fake_answers(&l->fake, OP_BLOCK, STATUS_OK, "", 0);
	fake_answers(&l->fake, OP_RESUME, STATUS_OK, "", 1);
}

void
lone_start_for(struct lone *l, usec_t span)
{
	uint8_t seed[RNG_SEED_LEN];
	struct addr here = addr_v4(10, 0, 0, 7, 0);
	struct input in = { .kind = IN_NETIF, .addrs = &here, .count = 1 };

	rng_fill(&l->rng, seed, sizeof seed);
	l->c = client_new(&l->conf, &l->known, seed, l->now, 1800000000);
	ck_assert_ptr_nonnull(l->c);
	lone_input(l, &in);
	lone_run(l, span);
}

void
lone_start(struct lone *l)
{
	lone_start_for(l, USEC_S);
}

void
lone_open(struct lone *l)
{
	lone_make(l);
	lone_start(l);
	ck_assert_uint_eq(lone_count(l, EV_REGISTERED), 1);
	lone_forget(l);
}

void
lone_forget(struct lone *l)
{
	size_t i;

	for (i = 0; i < l->said_count; i++) {
		free(l->said[i].text);
		free(l->said[i].people);
		free(l->said[i].why);
	}
	l->said_count = l->sent_count = l->sent_bytes = l->dial_count = 0;
}

void
lone_close(struct lone *l)
{
	uint32_t i;
	size_t k;

	if (l->exits == 0) {
		client_exit(l->c, l->now, EXIT_CODE_OK);
		lone_drain(l);
	}
	ck_assert_uint_eq(l->exits, 1);
	ck_assert_uint_eq(client_deadline(l->c), USEC_NEVER);
	for (i = 1; i <= l->serial; i++)
		ck_assert_msg(l->ended[i] == 1, "command %u ended %u times",
		    i, l->ended[i]);
	for (k = 0; k < l->mate_count; k++)
		mate_fini(l->mates[k]);
	client_free(l->c);
	known_fini(&l->known);
	lone_forget(l);
}

uint32_t
lone_type(struct lone *l, const char *line)
{
	struct command_error err;
	struct command cmd;
	uint32_t serial = ++l->serial;

	ck_assert_uint_lt(serial, LONE_SERIALS);
	ck_assert_msg(command_parse(line, strlen(line), &cmd, &err), "%s: %s",
	    line, err.text);
	client_do(l->c, l->now, &cmd, serial);
	return serial;
}

uint32_t
lone_do(struct lone *l, const char *line)
{
	uint32_t serial = lone_type(l, line);

	lone_drain(l);
	return serial;
}

/* ---- what it told ---- */

size_t
lone_count(const struct lone *l, enum event_kind kind)
{
	size_t i, n = 0;

	for (i = 0; i < l->said_count; i++)
		n += l->said[i].ev.kind == kind;
	return n;
}

const struct event *
lone_last(const struct lone *l, enum event_kind kind)
{
	size_t i = l->said_count;

	while (i-- > 0)
		if (l->said[i].ev.kind == kind)
			return &l->said[i].ev;
	ck_abort_msg("no event of kind %d", (int)kind);
	return NULL;
}

static const struct event *
of_command(const struct lone *l, enum event_kind kind, uint32_t serial)
{
	size_t i;

	for (i = 0; i < l->said_count; i++)
		if (l->said[i].ev.kind == kind &&
		    l->said[i].ev.serial == serial)
			return &l->said[i].ev;
	return NULL;
}

const struct event *
lone_done(const struct lone *l, uint32_t serial)
{
	return of_command(l, EV_DONE, serial);
}

const struct event *
lone_error(const struct lone *l, uint32_t serial)
{
	return of_command(l, EV_ERROR, serial);
}

/* ---- mates ---- */

void
mate_init(struct mate *m, struct lone *l, const char *name)
{
	memset(m, 0, sizeof *m);
	m->l = l;
	rng_init_test(&m->rng, test_seed(), name);
	keypair_make(&m->keys, &m->rng);
	memcpy(m->name, name, strlen(name) + 1);
	ck_assert_uint_lt(l->mate_count, LONE_MATES);
	m->at = addr_v4(203, 0, 113, (uint8_t)(10 + l->mate_count), 7000);
	m->route = 100 + l->mate_count;
	l->mates[l->mate_count++] = m;
	m->way = MATE_RELAY;
	chan_init(&m->chan, 0);
}

void
mate_fini(struct mate *m)
{
	chan_fini(&m->chan);
	noise_fini(&m->noise);
}

void
mate_is_online(struct mate *m)
{
	uint8_t body[128];
	struct wr w = wr_of(body, sizeof body);

	wire_put_name(&w, m->name);
	put_bytes(&w, m->keys.public, KEY_LEN);
	put_u32(&w, 60);
	fake_answers(&m->l->fake, OP_LOOKUP, STATUS_OK, body, w.len);
	fake_answers(&m->l->fake, OP_REQUEST, STATUS_OK, "", 0);
}

static void
put_place(struct mate *m, struct wr *w)
{
	addr_put(w, &m->at);
	put_u64(w, m->route);
}

size_t
mate_ask_body(struct mate *m, const char *target, uint8_t *out)
{
	uint8_t prologue[PROLOGUE_PEER_MAX], payload[INTRO_PAYLOAD];
	struct wr w = wr_of(payload, sizeof payload);
	struct wr body = wr_of(out, DGRAM_MAX);
	size_t len;

	m->index = rng_u32(&m->rng);
	rng_fill(&m->rng, m->nonce, sizeof m->nonce);
	put_u32(&w, m->index);
	put_zeros(&w, sizeof payload - w.len);
	put_bytes(&body, m->nonce, NONCE_LEN);
	wire_put_name(&body, m->name);
	wire_put_name(&body, target);
	len = wire_peer_prologue(m->name, target, m->nonce, prologue);
	noise_fini(&m->noise);
	ck_assert_int_eq(noise_init(&m->noise, NOISE_IK, true, prologue, len,
	    &m->keys, m->l->keys.public), E_OK);
	ck_assert_int_eq(noise_write(&m->noise, &m->rng, payload,
	    sizeof payload, out + body.len, DGRAM_MAX - body.len, &len), E_OK);
	return body.len + len;
}

void
mate_ask(struct mate *m)
{
	uint8_t body[DGRAM_MAX];

	lone_push(m->l, PUSH_REQUEST, body, mate_ask_body(m, "ann", body));
}

static void
open_session(struct mate *m)
{
	chan_fini(&m->chan);
	chan_init(&m->chan, 0);
	session_init(&m->session, &m->noise);
	m->has_session = true;
	m->is_closed = false;
	m->next_pn = 0;
}

void
mate_open(struct mate *m)
{
	const struct fake_call *call = fake_called(&m->l->fake, OP_ALLOW);
	uint8_t payload[INTRO_MSG2_MAX], body[64], out[FAKE_PACKET];
	struct wr w = wr_of(body, sizeof body);
	struct rd r;
	size_t len;

	ck_assert_ptr_nonnull(call);
	r = rd_of(call->body, call->len);
	ck_assert_mem_eq(get_bytes(&r, NONCE_LEN), m->nonce, NONCE_LEN);
	ck_assert_int_eq(noise_read(&m->noise, r.p, r.len, payload,
	    sizeof payload, &len), E_OK);
	r = rd_of(payload, len);
	m->remote = get_u32(&r);
	open_session(m);
	put_place(m, &w);
	lone_say(m->l, out, fake_reply(&m->l->fake, call->id, STATUS_OK, body,
	    w.len, out));
	/* Whoever asked proves first that he has the keys. */
	if (m->is_mute)
		return;
	w = wr_of(body, sizeof body);
	put_u8(&w, FRAME_PADDING);
	mate_say(m, &w);
}

size_t
mate_allow_body(struct mate *m, uint8_t *out)
{
	const struct fake_call *call = fake_called(&m->l->fake, OP_REQUEST);
	uint8_t prologue[PROLOGUE_PEER_MAX], payload[64];
	struct wr w = wr_of(payload, sizeof payload);
	struct wr body = wr_of(out, DGRAM_MAX);
	char target[NAME_SIZE];
	struct rd r, p;
	size_t len;

	ck_assert_ptr_nonnull(call);
	r = rd_of(call->body, call->len);
	get_copy(&r, m->nonce, NONCE_LEN);
	wire_get_name(&r, target);
	get_bytes(&r, KEY_LEN);
	len = wire_peer_prologue(client_name(m->l->c), target, m->nonce,
	    prologue);
	noise_fini(&m->noise);
	ck_assert_int_eq(noise_init(&m->noise, NOISE_IK, false, prologue, len,
	    &m->keys, NULL), E_OK);
	ck_assert_int_eq(noise_read(&m->noise, r.p, r.len, out, DGRAM_MAX,
	    &len), E_OK);
	p = rd_of(out, len);
	m->remote = get_u32(&p);
	m->index = rng_u32(&m->rng);
	put_u32(&w, m->index);
	put_u8(&w, m->no_relay ? REQUEST_NO_RELAY : 0);
	put_u8(&w, 0); /* no candidates */
	put_bytes(&body, m->nonce, NONCE_LEN);
	put_place(m, &body);
	ck_assert_int_eq(noise_write(&m->noise, &m->rng, payload, w.len,
	    out + body.len, DGRAM_MAX - body.len, &len), E_OK);
	return body.len + len;
}

void
mate_allow(struct mate *m)
{
	uint8_t body[DGRAM_MAX];
	size_t len = mate_allow_body(m, body);

	open_session(m);
	lone_push(m->l, PUSH_ALLOW, body, len);
}

void
mate_connect(struct mate *m)
{
	char line[64] = "connect ";
	uint32_t serial;

	mate_is_online(m);
	strcat(line, m->name);
	serial = lone_do(m->l, line);
	lone_run(m->l, 100 * USEC_MS);
	mate_allow(m);
	lone_run(m->l, USEC_S);
	ck_assert_ptr_nonnull(lone_done(m->l, serial));
	ck_assert(lone_done(m->l, serial)->ok);
}

void
mate_be_allowed(struct mate *m)
{
	char line[64] = "allow ";
	uint32_t serial;

	mate_ask(m);
	strcat(line, m->name);
	serial = lone_do(m->l, line);
	mate_open(m);
	lone_run(m->l, USEC_S);
	ck_assert_ptr_nonnull(lone_done(m->l, serial));
	ck_assert(lone_done(m->l, serial)->ok);
}

size_t
mate_seal(struct mate *m, const struct wr *frames, uint8_t *out)
{
	size_t len = 0;

	ck_assert(m->has_session && !frames->bad);
	ck_assert_int_eq(session_seal(&m->session.keys, m->remote,
	    m->next_pn++, frames->p, frames->len, out, FAKE_PACKET, &len),
	    E_OK);
	return len;
}

static void
by_relay(struct mate *m, const uint8_t *packet, size_t len, usec_t late)
{
	uint8_t out[FAKE_PACKET];
	struct wr w = wr_of(out, sizeof out);

	put_u8(&w, PACKET_RELAY);
	put_zeros(&w, 3);
	put_u64(&w, m->route);
	put_bytes(&w, packet, len);
	ck_assert(!w.bad);
	if (late == 0)
		lone_say(m->l, out, w.len);
	else
		fly(m->l, SOCK_UDP4, &m->l->server, false, out, w.len, late);
}

void
mate_say(struct mate *m, const struct wr *frames)
{
	uint8_t out[FAKE_PACKET];

	by_relay(m, out, mate_seal(m, frames, out), 0);
}

static void
by_stream(struct mate *m, int sock, const uint8_t *packet, size_t len,
    usec_t late)
{
	uint8_t out[FAKE_PACKET + FRAME_HEADER];

	frame_put(out, len);
	memcpy(out + FRAME_HEADER, packet, len);
	if (late == 0)
		lone_bytes(m->l, sock, out, len + FRAME_HEADER);
	else
		fly(m->l, sock, &m->at, true, out, len + FRAME_HEADER, late);
}

void
mate_say_on(struct mate *m, int sock, const struct wr *frames)
{
	uint8_t out[FAKE_PACKET];

	by_stream(m, sock, out, mate_seal(m, frames, out), 0);
}

/* What the chan has to say, and frames before it, on the way that the last
 * packet came. */
static void
answer(struct mate *m, struct wr *w)
{
	uint8_t out[FAKE_PACKET];
	bool eliciting;
	size_t len;

	do {
		w->len += chan_build(&m->chan, m->l->now, m->next_pn,
		    w->p + w->len, w->cap - w->len, &eliciting);
		if (w->len == 0)
			return;
		len = mate_seal(m, w, out);
		if (m->way == MATE_UDP)
			fly(m->l, SOCK_UDP4, &m->at, false, out, len,
			    2 * LONE_ONE_WAY);
		else if (m->way != MATE_RELAY)
			by_stream(m, m->way, out, len, 2 * LONE_ONE_WAY);
		else
			by_relay(m, out, len, 2 * LONE_ONE_WAY);
		w->len = 0;
	} while (chan_wants_send(&m->chan, m->l->now));
}

void
mate_flush(struct mate *m)
{
	uint8_t plain[1100];
	struct wr w = wr_of(plain, sizeof plain);

	answer(m, &w);
}

static void
take_messages(struct mate *m)
{
	const uint8_t *msg;
	size_t len;

	while (chan_next_message(&m->chan, STREAM_TEXT, &msg, &len)) {
		size_t n = len < sizeof m->text - 1 ? len :
		    sizeof m->text - 1;

		m->texts++;
		memcpy(m->text, msg, n);
		m->text[n] = '\0';
		chan_pop_message(&m->chan, STREAM_TEXT);
	}
	while (chan_next_message(&m->chan, STREAM_CONTROL, &msg, &len)) {
		m->control_len = len < sizeof m->control ? len :
		    sizeof m->control;
		memcpy(m->control, msg, m->control_len);
		m->controls[msg[0] % 16]++;
		chan_pop_message(&m->chan, STREAM_CONTROL);
	}
}

static bool
take_frame(struct mate *m, uint8_t type, struct rd *r, struct wr *w)
{
	uint64_t token;

	switch (type) {
	case FRAME_PADDING:
		return false;
	case FRAME_PING:
		token = get_u64(r);
		put_u8(w, FRAME_PONG);
		put_u64(w, token);
		addr_put(w, &m->l->at);
		return false;
	case FRAME_PONG:
		get_u64(r);
		addr_get(r);
		return false;
	case FRAME_CLOSE:
		get_u8(r);
		m->is_closed = true;
		return false;
	}
	if (chan_frame(&m->chan, m->l->now, m->next_pn, type, r) != E_OK) {
		ck_assert(m->is_reckless);
		r->len = 0;
	}
	return type != FRAME_ACK;
}

static void
mate_take(struct mate *m, int way, const uint8_t *packet, size_t len)
{
	uint8_t plain[FAKE_PACKET], out[1100];
	struct wr w = wr_of(out, sizeof out);
	bool eliciting = false;
	uint64_t pn;
	struct rd r;

	if (!m->has_session || session_open(&m->session, packet, len, plain,
	    sizeof plain, &len, &pn) != E_OK)
		return;
	m->packets++;
	m->way = way;
	r = rd_of(plain, len);
	while (r.len > 0 && !r.bad) {
		uint8_t type = get_u8(&r);

		eliciting |= take_frame(m, type, &r, &w);
	}
	ck_assert(!r.bad || m->is_reckless);
	chan_packet_received(&m->chan, m->l->now, pn, eliciting);
	take_messages(m);
	if (!m->is_mute && !m->is_closed)
		answer(m, &w);
}

void
mate_text(struct mate *m, const char *text)
{
	ck_assert_int_eq(chan_send(&m->chan, STREAM_TEXT, text, strlen(text),
	    NULL), E_OK);
	mate_flush(m);
}

void
mate_control(struct mate *m, const void *msg, size_t len)
{
	ck_assert_int_eq(chan_send(&m->chan, STREAM_CONTROL, msg, len, NULL),
	    E_OK);
	mate_flush(m);
}

void
mate_rename(struct mate *m, const char *name)
{
	uint8_t msg[2 + NAME_MAX_LEN];
	struct wr w = wr_of(msg, sizeof msg);

	snprintf(m->name, sizeof m->name, "%s", name);
	mate_is_online(m);
	put_u8(&w, CONTROL_NAME);
	wire_put_name(&w, name);
	mate_control(m, msg, w.len);
}
