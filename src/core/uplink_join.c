#include "uplink_state.h"

#include "err.h"
#include "name.h"

#include <assert.h>
#include <string.h>

_Static_assert(RESOLVED_MAX < 32, "a bit for each address");

static const uint8_t backoff_s[] = { 1, 2, 4, 8, 15, 30 };

static void
send_plain(struct self *self, const struct addr *to, bool is_tcp,
    const void *buf, size_t len)
{
	if (is_tcp)
		self_write(self, SOCK_UPLINK, buf, len);
	else
		self_send(self, to, 0, buf, len);
}

void
uplink_close_tcp(struct uplink *u, struct self *self)
{
	if (u->is_tcp_dialled)
		outbox_close(&self->out, SOCK_UPLINK);
	u->is_tcp_dialled = u->is_tcp_open = false;
	frame_fini(&u->tcp_in);
}

void
uplink_knock(struct uplink *u, struct self *self, usec_t now)
{
	rng_fill(&self->rng, u->nonce, sizeof u->nonce);
	u->state = UPLINK_KNOCKING;
	u->began_at = u->next_at = now;
	u->tries = 0;
	u->tcp_next = 0;
	u->no_routes = 0;
	u->has_other = false;
	/* The stream of a session that still lives serves again. */
	if (!(u->is_up && u->session_tcp))
		uplink_close_tcp(u, self);
}

void
uplink_start(struct uplink *u, struct self *self, usec_t now)
{
	struct addr literal;

	if (addr_parse(u->host, u->port, &literal)) {
		u->addrs[0] = literal;
		u->addrs_count = 1;
		uplink_knock(u, self, now);
		return;
	}
	u->state = UPLINK_RESOLVING;
	u->began_at = now;
	u->next_at = now + UPLINK_UNREACHABLE_US;
	outbox_resolve(&self->out, SOCK_RESOLVE, u->host, u->port);
}

/* This attempt is over without a registration: again after a while. */
void
uplink_wait(struct uplink *u, struct self *self, usec_t now,
    enum news_kind kind)
{
	size_t n = sizeof backoff_s / sizeof backoff_s[0];
	size_t i = u->failures < n ? u->failures : n - 1;
	bool has_network = kind != NEWS_NO_NETWORK;
	usec_t wait = has_network ? backoff_s[i] * USEC_S :
	    UPLINK_NO_NETWORK_US;

	wait += rng_below(&self->rng, (uint32_t)(wait / 4));
	u->failures += has_network;
	noise_fini(&u->noise);
	u->state = UPLINK_WAITING;
	u->next_at = now + wait;
	u->wait_ms = wait / USEC_MS;
	if (!u->is_up)
		uplink_close_tcp(u, self);
	uplink_flag(u, kind);
}

static void
send_hello(const struct uplink *u, struct self *self, const struct addr *to,
    bool is_tcp)
{
	uint8_t hello[HELLO_LEN];
	struct wr w = wr_of(hello, sizeof hello);
	char text[ADDR_TEXT];

	if (!is_tcp)
		log_debug(self->log, "asking the server at %s",
		    addr_format(to, text));
	put_u8(&w, PACKET_HELLO);
	put_u8(&w, WIRE_VERSION);
	put_u16(&w, 0);
	put_bytes(&w, u->nonce, sizeof u->nonce);
	put_zeros(&w, sizeof hello - w.len);
	send_plain(self, to, is_tcp, hello, sizeof hello);
}

static void
dial(struct uplink *u, struct self *self, usec_t now)
{
	struct addr own = addr_any((enum addr_family)u->tcp_peer.family,
	    self->port);
	char text[ADDR_TEXT];

	log_debug(self->log, "asking the server at %s over TCP",
	    addr_format(&u->tcp_peer, text));
	u->is_tcp_dialled = true;
	u->dialled_at = now;
	outbox_dial(&self->out, SOCK_UPLINK, u->is_tcp_free ? NULL : &own,
	    &u->tcp_peer);
}

/* Every address in turn; then every one at the port of the web, for some
 * networks let out nothing else; then again. The first time from our own port,
 * so that the server sees an address that peers can dial; but not again, for
 * what is left of an earlier connection may be in the way. */
static void
dial_next(struct uplink *u, struct self *self, usec_t now)
{
	size_t round = u->tcp_next / u->addrs_count;

	if (round > 2)
		return;
	if (u->is_tcp_dialled && now - u->dialled_at < UPLINK_DIAL_US)
		return;
	uplink_close_tcp(u, self);
	u->tcp_peer = u->addrs[u->tcp_next % u->addrs_count];
	u->tcp_peer.port = round == 1 ? SERVER_TCP_PORT : u->tcp_peer.port;
	u->is_tcp_free = self->port == 0 || u->tcp_next > 0 ||
	    u->failures > 0;
	u->tcp_next++;
	dial(u, self, now);
}

/* A HELLO to every address in turn, 250 ms apart at first (RFC 8305 section 5),
 * then more slowly; TCP beside them after a while. */
static void
knock(struct uplink *u, struct self *self, usec_t now)
{
	unsigned round = u->tries / (unsigned)u->addrs_count;
	usec_t pause = round == 0 ? 250 * USEC_MS :
	    usec_min((500 * USEC_MS) << (round - 1), 2 * USEC_S);

	if (now - u->began_at >= UPLINK_UNREACHABLE_US) {
		uplink_wait(u, self, now, NEWS_UNREACHABLE);
		return;
	}
	send_hello(u, self, &u->addrs[u->tries % u->addrs_count], false);
	if (u->is_tcp_open)
		send_hello(u, self, NULL, true);
	if (now - u->began_at >= UPLINK_TCP_AFTER_US)
		dial_next(u, self, now);
	u->tries++;
	u->next_at = now + pause;
	if (now < u->began_at + UPLINK_TCP_AFTER_US)
		u->next_at = usec_min(u->next_at,
		    u->began_at + UPLINK_TCP_AFTER_US);
	u->next_at = usec_min(u->next_at,
	    u->began_at + UPLINK_UNREACHABLE_US);
}

static void
send_init(struct uplink *u, struct self *self, usec_t now)
{
	send_plain(self, &u->peer, u->is_tcp, u->init, sizeof u->init);
	u->next_at = now + ((250 * USEC_MS) << (u->tries < 3 ? u->tries : 3));
	u->tries++;
}

/* Message 1 of IK with what the COOKIE gave. */
static bool
make_init(struct uplink *u, struct self *self, const uint8_t *cookie)
{
	uint8_t prologue[PROLOGUE_SERVER_LEN], payload[INIT_PAYLOAD];
	struct wr w = wr_of(payload, sizeof payload);
	size_t len;

	put_u8(&w, (uint8_t)((u->hidden ? INIT_HIDDEN : 0) |
	    (u->subscribe ? INIT_SUBSCRIBE : 0)));
	wire_put_name(&w, u->wanted);
	put_zeros(&w, sizeof payload - w.len);
	u->index = rng_u32(&self->rng);
	w = wr_of(u->init, sizeof u->init);
	put_u8(&w, PACKET_INIT);
	put_u8(&w, WIRE_VERSION);
	put_u16(&w, 0);
	put_u32(&w, u->index);
	put_bytes(&w, u->nonce, NONCE_LEN);
	put_bytes(&w, cookie, COOKIE_LEN);
	wire_server_prologue(u->nonce, prologue);
	noise_fini(&u->noise);
	if (noise_init(&u->noise, NOISE_IK, true, prologue, sizeof prologue,
	    &self->identity, u->key) != E_OK)
		return false;
	if (noise_write(&u->noise, &self->rng, payload, sizeof payload,
	    w.p + w.len, w.cap - w.len, &len) != E_OK)
		return false;
	assert(w.len + len == INIT_LEN);
	return true;
}

/* One of those that were asked. Whoever reads the answers on their way could
 * send them on from another address, and be talked to instead. */
static bool
was_asked(const struct uplink *u, const struct addr *from)
{
	size_t i;

	for (i = 0; i < u->addrs_count; i++)
		if (addr_eq(&u->addrs[i], from))
			return true;
	return false;
}

void
uplink_cookie(struct uplink *u, struct self *self, usec_t now,
    const struct addr *from, bool is_tcp, struct rd r)
{
	const uint8_t *nonce, *cookie, *key;
	bool is_expected;

	get_u32(&r);
	nonce = get_bytes(&r, NONCE_LEN);
	cookie = get_bytes(&r, COOKIE_LEN);
	key = get_bytes(&r, KEY_LEN);
	if (!rd_done(&r) || memcmp(nonce, u->nonce, NONCE_LEN) != 0 ||
	    (!is_tcp && !was_asked(u, from)))
		return;
	is_expected = !u->has_pin || memcmp(key, u->pin, KEY_LEN) == 0;
	if (!is_expected) {
		u->has_other = true;
		memcpy(u->other, key, KEY_LEN);
	}
	/* Whoever was faster under another key does not keep us from the
	 * server that we know. */
	if (u->state != UPLINK_KNOCKING && (u->state != UPLINK_SHAKING ||
	    u->is_expected || !is_expected))
		return;
	u->is_expected = is_expected;
	memcpy(u->key, u->has_pin ? u->pin : key, KEY_LEN);
	u->peer = *from;
	u->is_tcp = is_tcp;
	if (!make_init(u, self, cookie))
		return;
	u->state = UPLINK_SHAKING;
	u->tries = 0;
	send_init(u, self, now);
}

static void
refused(struct uplink *u, struct self *self, usec_t now)
{
	enum status status = (enum status)u->accept.status;

	uplink_flag(u, NEWS_REFUSED);
	if (status == STATUS_NAME_TAKEN || status == STATUS_NAME_BAD) {
		u->state = UPLINK_REFUSED;
		u->next_at = USEC_NEVER;
		return;
	}
	uplink_wait(u, self, now, NEWS_REFUSED);
}

/* The name goes on a screen: what is none is not taken. A suggestion may be
 * left out. */
static bool
check_name(struct wire_accept *a)
{
	if (name_check(a->name, strlen(a->name), a->name) == NAME_OK)
		return true;
	a->name[0] = '\0';
	return a->status != STATUS_OK;
}

void
uplink_accept(struct uplink *u, struct self *self, usec_t now,
    const struct addr *from, bool is_tcp, struct rd r)
{
	uint8_t payload[ACCEPT_PAYLOAD_MAX];
	uint32_t index;
	size_t len;

	get_u32(&r);
	index = get_u32(&r);
	if (u->state != UPLINK_SHAKING || index != u->index ||
	    is_tcp != u->is_tcp || !addr_eq(from, &u->peer))
		return;
	index = get_u32(&r);
	if (r.bad || noise_try_read(&u->noise, r.p, r.len, payload,
	    sizeof payload, &len) != E_OK)
		return;
	r = rd_of(payload, len);
	if (!wire_get_accept(&r, &u->accept) || !check_name(&u->accept)) {
		uplink_wait(u, self, now, NEWS_UNREACHABLE);
		return;
	}
	if (u->accept.status != STATUS_OK) {
		refused(u, self, now);
		return;
	}
	session_fini(&u->session);
	session_init(&u->session, &u->noise);
	noise_fini(&u->noise);
	u->has_session = true;
	u->own_index = u->index;
	u->server_index = index;
	u->counter = 0;
	u->session_peer = *from;
	u->session_tcp = is_tcp;
	u->rekey_at = now + UPLINK_REKEY_US +
	    rng_below(&self->rng, 3600) * USEC_S;
	u->beats_missed = 0;
	u->presence = 0;
	u->state = UPLINK_CONFIRMING;
	u->tries = 0;
	u->next_at = USEC_NEVER;
	/* The first transport message commits the registration. */
	uplink_beat(u, self, now);
	u->beat_at = now + 250 * USEC_MS;
}

static void
resolved(struct uplink *u, struct self *self, usec_t now,
    const struct input *in)
{
	if (u->state != UPLINK_RESOLVING)
		return;
	if (in->err != E_OK || in->count == 0) {
		uplink_wait(u, self, now, in->err == E_AGAIN ?
		    NEWS_NO_NETWORK : NEWS_RESOLVE);
		return;
	}
	u->addrs_count = in->count < RESOLVED_MAX ? in->count : RESOLVED_MAX;
	memcpy(u->addrs, in->addrs, u->addrs_count * sizeof *u->addrs);
	uplink_knock(u, self, now);
}

/* A session that works is not doubted for it: its heartbeats tell. */
static void
no_route(struct uplink *u, struct self *self, usec_t now,
    const struct addr *to)
{
	size_t i;

	if (u->state != UPLINK_KNOCKING)
		return;
	for (i = 0; i < u->addrs_count; i++)
		if (addr_eq(&u->addrs[i], to) ||
		    self_sock(self, &u->addrs[i]) < 0)
			u->no_routes |= 1u << i;
	if (u->no_routes == (1u << u->addrs_count) - 1 && !u->is_up)
		uplink_wait(u, self, now, NEWS_NO_NETWORK);
}

/* The stream to the server is gone: ask over UDP and dial again. */
static void
stream_gone(struct uplink *u, struct self *self, usec_t now)
{
	u->is_tcp_dialled = u->is_tcp_open = false;
	frame_fini(&u->tcp_in);
	if (u->state == UPLINK_KNOCKING)
		dial_next(u, self, now);
	if (u->state == UPLINK_CONFIRMING && u->session_tcp)
		uplink_drop_session(u);
	if ((u->state == UPLINK_SHAKING || u->state == UPLINK_CONFIRMING) &&
	    u->is_tcp)
		uplink_wait(u, self, now, NEWS_UNREACHABLE);
	if (u->is_up && u->session_tcp && u->state == UPLINK_IDLE)
		uplink_knock(u, self, now);
}

void
uplink_input(struct uplink *u, struct self *self, usec_t now,
    const struct input *in)
{
	if (in->kind == IN_RESOLVED)
		resolved(u, self, now, in);
	else if (in->kind == IN_NO_ROUTE)
		no_route(u, self, now, &in->from);
	else if (in->kind == IN_CLOSED)
		stream_gone(u, self, now);
	else if (in->kind == IN_CONNECTED && in->err == E_TAKEN &&
	    !u->is_tcp_free) {
		u->is_tcp_free = true;
		dial(u, self, now);
	} else if (in->kind == IN_CONNECTED && in->err != E_OK)
		stream_gone(u, self, now);
	else if (in->kind == IN_CONNECTED) {
		u->is_tcp_open = true;
		if (u->state == UPLINK_KNOCKING)
			send_hello(u, self, NULL, true);
	}
}

static void
key_changed(struct uplink *u, struct self *self)
{
	uplink_drop_session(u);
	noise_fini(&u->noise);
	u->state = UPLINK_STOPPED;
	u->next_at = USEC_NEVER;
	uplink_close_tcp(u, self);
	uplink_flag(u, NEWS_KEY_CHANGED);
}

/* The pinned key stays unanswered. Every HELLO of the meantime showed whether
 * somebody else answers for the server. */
static void
shake_again(struct uplink *u, struct self *self, usec_t now)
{
	if (u->has_other && now - u->began_at >= UPLINK_KEY_PATIENCE_US) {
		key_changed(u, self);
		return;
	}
	if (now - u->began_at >= UPLINK_UNREACHABLE_US) {
		uplink_wait(u, self, now, NEWS_UNREACHABLE);
		return;
	}
	send_hello(u, self, &u->peer, u->is_tcp);
	if (!u->is_expected)
		send_hello(u, self, &u->addrs[u->tries % u->addrs_count],
		    false);
	send_init(u, self, now);
}

void
uplink_step(struct uplink *u, struct self *self, usec_t now)
{
	switch (u->state) {
	case UPLINK_KNOCKING:
		knock(u, self, now);
		break;
	case UPLINK_SHAKING:
		shake_again(u, self, now);
		break;
	case UPLINK_RESOLVING:
		uplink_wait(u, self, now, NEWS_RESOLVE);
		break;
	case UPLINK_WAITING:
		uplink_start(u, self, now);
		break;
	case UPLINK_IDLE:
	case UPLINK_CONFIRMING:
	case UPLINK_REFUSED:
	case UPLINK_STOPPED:
		u->next_at = USEC_NEVER;
		break;
	}
}
