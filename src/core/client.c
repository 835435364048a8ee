#include "client_state.h"

#include "err.h"
#include "name.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OUTBOX_ACTS = 1024,
	OUTBOX_BYTES = 2 * 1024 * 1024,
	EXPIRE_PASSES = 8,
};

/* ---- life ---- */

struct client *
client_new(const struct client_conf *conf, struct known *known,
    const uint8_t seed[static RNG_SEED_LEN], usec_t now, uint64_t wall_s)
{
	struct client *c = sodium_malloc(sizeof *c);
	const struct known_server *server;

	if (c == NULL)
		return NULL;
	memset(c, 0, sizeof *c);
	if (!outbox_init(&c->self.out, OUTBOX_ACTS, OUTBOX_BYTES)) {
		sodium_free(c);
		return NULL;
	}
	c->conf = *conf;
	c->known = known;
	c->wall_at = now;
	c->wall_s = wall_s;
	c->self.log = conf->log;
	c->self.identity = conf->identity;
	c->self.no_relay = conf->no_relay;
	c->self.lan = conf->lan;
	sodium_memzero(&c->conf.identity, sizeof c->conf.identity);
	rng_init(&c->self.rng, seed);
	server = known_server_find(known, conf->server_host,
	    conf->server_port);
	uplink_init(&c->up, conf->server_host, conf->server_port,
	    server != NULL ? server->key : NULL);
	c->up.hidden = conf->hidden;
	c->up.subscribe = conf->subscribe;
	memcpy(c->up.wanted, conf->name, NAME_SIZE);
	natcheck_init(&c->natcheck);
	depth_init(&c->depth);
	lifetime_init(&c->lifetime);
	client_reroll_init(&c->reroll);
	portmap_init(&c->maps[SOCK_UDP4], SOCK_MAP4, SOCK_EAR4);
	portmap_init(&c->maps[SOCK_UDP6], SOCK_MAP6, SOCK_EAR6);
	c->self.ports = ports_all;
	c->spray.sample_extra = -1;
	c->spray.sample_at = c->spray.next_at = USEC_NEVER;
	c->observe_at = c->salvo.row.next_at = USEC_NEVER;
	return c;
}

void
client_free(struct client *c)
{
	int i;

	if (c == NULL)
		return;
	for (i = 0; i < PEERS_MAX; i++)
		peer_free(c->peers[i]);
	client_list_fini(c);
	client_tcp_fini(c);
	uplink_fini(&c->up);
	outbox_fini(&c->self.out);
	free(c->save_peers);
	free(c->save_servers);
	sodium_free(c);
}

void
client_forget(struct client *c)
{
	int i;

	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL)
			sodium_memzero(c->peers[i], sizeof *c->peers[i]);
	sodium_memzero(c, sizeof *c);
}

uint64_t
client_wall(const struct client *c, usec_t now)
{
	return c->wall_s + (now - c->wall_at) / USEC_S;
}

/* ---- how commands end ---- */

void
client_done(struct client *c, uint32_t serial, uint8_t command, bool ok,
    enum exit_code code)
{
	struct event *e;

	if (serial == 0)
		return;
	e = outbox_event(&c->self.out, EV_DONE);
	e->serial = serial;
	e->command = command;
	e->ok = ok;
	e->exit_code = code;
}

void
client_error(struct client *c, uint32_t serial, uint8_t command,
    enum reason reason, const char *peer)
{
	struct event *e = outbox_event(&c->self.out, EV_ERROR);

	memcpy(e->peer, peer, strnlen(peer, NAME_MAX_LEN));
	e->serial = serial;
	e->command = command;
	e->reason = reason;
	e->code = reason_token(reason);
	e->text = reason_text(reason);
	e->len = strlen(e->text);
}

enum exit_code
client_exit_code(enum reason reason)
{
	switch (reason) {
	case REASON_DENIED:
		return EXIT_CODE_DENIED;
	case REASON_SERVER_SILENT:
		return EXIT_CODE_SERVER;
	case REASON_KEY_CHANGED:
		return EXIT_CODE_KEY;
	case REASON_NO_PATH:
	case REASON_LOST:
	case REASON_TCP_FAILED:
	case REASON_TCP_HARD:
	case REASON_TCP_PORTS:
		return EXIT_CODE_NO_PATH;
	default:
		return EXIT_CODE_RUNTIME;
	}
}

void
client_fail(struct client *c, uint32_t serial, uint8_t command,
    enum reason reason, const char *peer)
{
	client_error(c, serial, command, reason, peer);
	client_done(c, serial, command, false, client_exit_code(reason));
}

/* ---- input ---- */

struct peer *
client_peer_of_packet(struct client *c, const uint8_t *buf, size_t len)
{
	uint32_t index;
	int i;

	if (session_index(buf, len, &index) != E_OK)
		return NULL;
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL &&
		    link_has_index(&c->peers[i]->link, index))
			return c->peers[i];
	return NULL;
}

static void
take_relayed(struct client *c, usec_t now, const uint8_t *buf, size_t len)
{
	struct peer *p;

	if (len <= RELAY_HEADER)
		return;
	p = client_peer_of_packet(c, buf + RELAY_HEADER, len - RELAY_HEADER);
	if (p == NULL)
		return;
	link_input(&p->link, &c->self, &c->up, now, TRANSPORT_RELAY, -1,
	    &c->self.server, buf + RELAY_HEADER, len - RELAY_HEADER);
	client_attend(c, now, p);
}

/* A packet of the server's, by datagram or (from NULL) stream. */
static bool
take_server_packet(struct client *c, usec_t now, const struct addr *from,
    const uint8_t *buf, size_t len)
{
	if (len > 0 && buf[0] == PACKET_RELAY) {
		take_relayed(c, now, buf, len);
		return true;
	}
	if (!uplink_packet(&c->up, &c->self, now, from, buf, len))
		return false;
	client_take_news(c, now);
	return true;
}

static void
take_datagram(struct client *c, usec_t now, const struct input *in)
{
	struct peer *p;

	if (take_server_packet(c, now, &in->from, in->buf, in->len))
		return;
	p = client_peer_of_packet(c, in->buf, in->len);
	if (p == NULL)
		return;
	link_input(&p->link, &c->self, &c->up, now, TRANSPORT_UDP,
	    in->sock >= SOCK_EXTRA ? in->sock : -1, &in->from, in->buf,
	    in->len);
	client_attend(c, now, p);
}

static void
take_uplink_bytes(struct client *c, usec_t now, const struct input *in)
{
	const uint8_t *bytes = in->buf, *packet;
	size_t count = in->len, len;
	int err;

	while ((err = frame_next(&c->up.tcp_in, &bytes, &count, &packet,
	    &len)) == E_OK)
		take_server_packet(c, now, NULL, packet, len);
	if (err != E_AGAIN) {
		struct input gone = { .kind = IN_CLOSED, .sock = SOCK_UPLINK };

		outbox_close(&c->self.out, SOCK_UPLINK);
		uplink_input(&c->up, &c->self, now, &gone);
	}
}

static void
take_input(struct client *c, usec_t now, const struct input *in)
{
	switch (in->kind) {
	case IN_OPENED:
		if (in->sock >= SOCK_EXTRA)
			client_extra_opened(c, now, in);
		else if (in->sock >= SOCK_LISTEN4)
			client_tcp_input(c, now, in);
		else
			client_opened(c, now, in);
		break;
	case IN_DGRAM:
		take_datagram(c, now, in);
		break;
	case IN_CONNECTED:
	case IN_BYTES:
	case IN_CLOSED:
		if (in->sock != SOCK_UPLINK)
			client_tcp_input(c, now, in);
		else if (in->kind == IN_BYTES)
			take_uplink_bytes(c, now, in);
		else
			uplink_input(&c->up, &c->self, now, in);
		break;
	case IN_ACCEPTED:
		client_tcp_input(c, now, in);
		break;
	case IN_RESOLVED:
	case IN_NO_ROUTE:
		uplink_input(&c->up, &c->self, now, in);
		break;
	case IN_NETIF:
		client_netif(c, now, in);
		break;
	case IN_SAVED:
		client_saved(c, in);
		break;
	case IN_GATEWAYS:
		client_gateways(c, now, in);
		break;
	case IN_EXPIRED:
		client_nat_hop(c, in);
		break;
	case IN_UNREACHABLE:
	case IN_UPNP:
		break;
	}
	client_take_news(c, now);
}

static bool
is_about_routers(const struct input *in)
{
	if (in->kind == IN_OPENED || in->kind == IN_DGRAM ||
	    in->kind == IN_UNREACHABLE || in->kind == IN_UPNP)
		return in->sock >= SOCK_MAP4 && in->sock <= SOCK_EAR6;
	return false;
}

void
client_input(struct client *c, usec_t now, const struct input *in)
{
	if (c->has_left)
		return;
	if (is_about_routers(in))
		client_map_input(c, now, in);
	else if (!c->is_leaving)
		take_input(c, now, in);
}

/* ---- time ---- */

static void
leave(struct client *c)
{
	client_save_changed(c);
	outbox_event(&c->self.out, EV_EXIT)->exit_code = c->exit_code;
	c->has_left = true;
}

static void
expire_once(struct client *c, usec_t now)
{
	int i;

	if (c->has_left)
		return;
	client_map_expire(c, now);
	if (c->is_leaving) {
		if (client_map_has_left(c))
			leave(c);
		return;
	}
	if (!c->is_started) {
		c->is_started = true;
		client_open_udp(c, SOCK_UDP4, c->conf.local_port);
	}
	uplink_expire(&c->up, &c->self, now);
	client_take_news(c, now);
	client_nat_expire(c, now);
	client_tcp_expire(c, now);
	client_spray_expire(c, now);
	client_reroll_expire(c, now);
	client_netcheck_expire(c, now);
	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *p = c->peers[i];

		if (p == NULL)
			continue;
		if (p->state == PEER_OPEN)
			client_talk_expire(c, now, p);
		else
			client_intro_expire(c, now, p);
	}
}

/* What is done may make something else due at once: after a long sleep one
 * thing follows from the other. */
void
client_expire(struct client *c, usec_t now)
{
	int passes = 0;

	do
		expire_once(c, now);
	while (client_deadline(c) <= now && ++passes < EXPIRE_PASSES);
}

usec_t
client_deadline(const struct client *c)
{
	usec_t at;
	int i;

	if (c->has_left)
		return USEC_NEVER;
	if (!c->is_started)
		return 0;
	if (c->is_leaving)
		return client_map_has_left(c) ? 0 : client_map_deadline(c);
	at = usec_min(uplink_deadline(&c->up), client_tcp_deadline(c));
	at = usec_min(at, client_nat_deadline(c));
	at = usec_min(at, client_map_deadline(c));
	at = usec_min(at, client_spray_deadline(c));
	at = usec_min(at, client_reroll_deadline(c));
	at = usec_min(at, client_netcheck_deadline(c));
	for (i = 0; i < PEERS_MAX; i++) {
		const struct peer *p = c->peers[i];

		if (p == NULL)
			continue;
		at = usec_min(at, p->state == PEER_OPEN ?
		    client_talk_deadline(c, p) : p->expires_at);
	}
	return at;
}

/* ---- output ---- */

struct event *
client_message_event(struct client *c, struct peer *p)
{
	struct event *e = outbox_event(&c->self.out, EV_MESSAGE);

	memcpy(e->peer, p->name, NAME_SIZE);
	memcpy(e->key, p->key, KEY_LEN);
	e->id = ++p->messages_in;
	return e;
}

/* Messages are handed out straight from where they lie, and taken when the next
 * act is asked for: so none is copied, and none is lost. */
static bool
next_message(struct client *c, struct act *out)
{
	const uint8_t *msg;
	size_t len;
	int i;

	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *p = c->peers[i];
		struct event *e;

		if (p == NULL || !p->is_connected || p->state != PEER_OPEN ||
		    !chan_next_message(&p->link.chan, STREAM_TEXT, &msg,
		    &len))
			continue;
		e = client_message_event(c, p);
		e->text = (const char *)msg;
		e->len = len;
		c->popped = p;
		return outbox_next(&c->self.out, out);
	}
	return false;
}

void
client_pop(struct client *c, usec_t now)
{
	struct peer *p = c->popped;

	if (p == NULL)
		return;
	c->popped = NULL;
	link_used(&p->link, now);
	chan_pop_message(&p->link.chan, STREAM_TEXT);
	c->wants_flush = true;
}

/* Once a wake-up, when every packet was read and every message taken: what is
 * to be said of them all goes in as few packets as there can be. */
static void
flush_links(struct client *c, usec_t now)
{
	int i;

	if (!c->wants_flush)
		return;
	c->wants_flush = false;
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL && (c->peers[i]->state == PEER_OPEN ||
		    c->peers[i]->state == PEER_ALLOWING))
			link_flush(&c->peers[i]->link, &c->self, &c->up, now);
}

bool
client_next(struct client *c, usec_t now, struct act *out)
{
	client_pop(c, now);
	if (outbox_next(&c->self.out, out) || next_message(c, out))
		return true;
	flush_links(c, now);
	client_save_changed(c);
	return outbox_next(&c->self.out, out);
}

/* ---- leaving ---- */

void
client_exit(struct client *c, usec_t now, enum exit_code code)
{
	int i;

	if (c->is_leaving)
		return;
	c->is_leaving = true;
	c->exit_code = code;
	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *p = c->peers[i];

		if (p == NULL)
			continue;
		if (p->state == PEER_OPEN)
			client_end(c, now, p, REASON_EXIT);
		else
			client_refuse(c, now, p, REASON_EXIT);
	}
	client_netcheck_expire(c, now);
	client_drop_calls(c, now);
	uplink_stop(&c->up, &c->self, now);
	client_map_leave(c, now);
	if (client_map_has_left(c))
		leave(c);
}

void
client_retry(struct client *c, usec_t now)
{
	if (c->up.state == UPLINK_WAITING)
		c->up.next_at = now;
}

static void
input(void *node, usec_t now, const struct input *in)
{
	client_input(node, now, in);
}

static void
expire(void *node, usec_t now)
{
	client_expire(node, now);
}

static bool
next(void *node, usec_t now, struct act *out)
{
	return client_next(node, now, out);
}

static usec_t
deadline(const void *node)
{
	return client_deadline(node);
}

const struct node_ops client_ops = { input, expire, next, deadline };
