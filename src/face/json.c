#include "face/json.h"
#include "face/words.h"

#include "core/command.h"
#include "core/ident.h"
#include "core/reason.h"
#include "core/text.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Fields of an event beyond event, time and the name. */
enum {
	F_KEY = 1 << 0,
	F_ADDRESS = 1 << 1,
	F_TRANSPORT = 1 << 2,
	F_MS = 1 << 3,
	F_REASON = 1 << 4,
	F_ID = 1 << 5,
	F_TEXT = 1 << 6,
	F_KNOWN = 1 << 7,   /* and verified */
	F_OLD_NEW = 1 << 8, /* two keys */
	F_LIST = 1 << 9,
	F_DETAIL = 1 << 10,
	F_COMMAND = 1 << 11,
	F_CODE = 1 << 12,
	F_OK = 1 << 13,
	F_EXIT = 1 << 14,
	F_REPORT = 1 << 15,
	F_SERVER = 1 << 16,
	F_PRESENCE = 1 << 17,
	F_LINK = 1 << 18,
	F_STEP = 1 << 19,
	F_EXPIRES = 1 << 20,
	F_NUMBER = 1 << 21,
	F_PREFIX = 1 << 22,
	F_OWN = 1 << 23,    /* name, server, undelivered */
	F_ALIKE = 1 << 24,
	F_LOSS = 1 << 25,   /* if that is the reason */
};

static const struct layout {
	const char *event;
	const char *name; /* what the peer is called in it; NULL: not there */
	uint32_t fields;
} layouts[] = {
	[EV_REGISTERED] = { "registered", "name", F_KEY | F_ADDRESS },
	[EV_SERVER] = { "server", NULL, F_SERVER | F_REASON | F_ADDRESS },
	[EV_CLIENTS] = { "clients", NULL, F_LIST | F_PREFIX },
	[EV_CLIENT] = { "client", "name", F_PRESENCE | F_ALIKE },
	[EV_REQUEST] = { "request", "from",
	    F_KEY | F_KNOWN | F_ALIKE | F_EXPIRES },
	[EV_REQUEST_ENDED] = { "request_ended", "from", F_REASON },
	[EV_REQUESTS] = { "requests", NULL, F_LIST },
	[EV_CONNECTING] = { "connecting", "peer",
	    F_STEP | F_DETAIL | F_KEY | F_ALIKE },
	[EV_CONNECTED] = { "connected", "peer",
	    F_KEY | F_KNOWN | F_ALIKE | F_TRANSPORT | F_ADDRESS | F_MS },
	[EV_TRANSPORT] = { "transport", "peer",
	    F_TRANSPORT | F_ADDRESS | F_REASON | F_LOSS },
	[EV_CURRENT] = { "current", "peer", 0 },
	[EV_QUEUED] = { "queued", "peer", F_ID | F_TEXT },
	[EV_MESSAGE] = { "message", "from", F_ID | F_TEXT },
	[EV_DELIVERED] = { "delivered", "peer", F_ID },
	[EV_UNDELIVERED] = { "undelivered", "peer",
	    F_ID | F_REASON | F_TEXT },
	[EV_DENIED] = { "denied", "peer", 0 },
	[EV_FAILED] = { "failed", "peer", F_REASON | F_DETAIL },
	[EV_DISCONNECTED] = { "disconnected", "peer", F_REASON },
	[EV_LINK] = { "link", "peer", F_LINK | F_MS },
	[EV_KEY_CHANGED] = { "key_changed", "peer", F_OLD_NEW },
	[EV_SERVER_KEY_CHANGED] = { "server_key_changed", NULL,
	    F_ADDRESS | F_OLD_NEW },
	[EV_VERIFY] = { "verify", "peer", F_NUMBER | F_KEY | F_KNOWN },
	[EV_STATUS] = { "status", "peer",
	    F_OWN | F_KEY | F_SERVER | F_REPORT },
	[EV_WHY] = { "why", "peer", F_REPORT },
	[EV_NETCHECK] = { "netcheck", NULL, F_REPORT },
	[EV_RENAMED] = { "renamed", "name", 0 },
	[EV_NOTICE] = { "notice", NULL, F_CODE | F_TEXT | F_ADDRESS },
	[EV_HELP] = { "help", NULL, F_TEXT },
	[EV_ERROR] = { "error", NULL, F_COMMAND | F_CODE | F_TEXT },
	[EV_DONE] = { "done", NULL, F_COMMAND | F_OK },
	[EV_EXIT] = { "exit", NULL, F_EXIT },
};

static const char *const transports[] = {
	[TRANSPORT_UDP] = "udp",
	[TRANSPORT_TCP] = "tcp",
	[TRANSPORT_RELAY] = "relay",
};

static const char *const server_states[] = {
	[SERVER_RESOLVING] = "resolving",
	[SERVER_REGISTERING] = "registering",
	[SERVER_REGISTERED] = "registered",
	[SERVER_LOST] = "lost",
	[SERVER_UNREACHABLE] = "unreachable",
	[SERVER_LEFT] = "left",
};

static const char *const presences[] = {
	[PRESENCE_ARRIVED] = "arrived",
	[PRESENCE_RENAMED] = "renamed",
	[PRESENCE_LEFT] = "left",
};

static const char *const links[] = {
	[LINK_OK] = "ok",
	[LINK_QUIET] = "quiet",
	[LINK_LOST] = "lost",
};

#define SET(o, name, value) json_object_set_new(o, name, value)

/* A string of any bytes: what is not UTF-8 becomes U+FFFD. */
static json_t *
text_of(const char *s, size_t len)
{
	json_t *exact = json_stringn(s == NULL ? "" : s, s == NULL ? 0 : len);
	char *whole;
	size_t n = 0;
	uint32_t c;

	if (exact != NULL)
		return exact;
	whole = malloc(3 * len + 1);
	for (size_t i = 0; whole != NULL && i < len;) {
		i += text_decode((const uint8_t *)s + i, len - i, &c);
		n += text_encode(c, whole + n);
	}
	exact = whole == NULL ? NULL : json_stringn(whole, n);
	free(whole);
	return exact;
}

static json_t *
name_of(const char *name)
{
	return text_of(name, strlen(name));
}

static json_t *
token_of(const char *const *tokens, size_t count, size_t i)
{
	const char *token = i < count ? tokens[i] : NULL;

	return token == NULL ? json_null() : json_string(token);
}

#define TOKEN(tokens, i) \
	token_of(tokens, sizeof(tokens) / sizeof((tokens)[0]), i)

static json_t *
key_of(const uint8_t key[static KEY_LEN])
{
	char text[IDENT_KEY_SIZE];

	if (sodium_is_zero(key, KEY_LEN))
		return json_null();
	ident_key_text(key, text);
	return json_string(text);
}

static json_t *
address_of(const struct addr *a)
{
	char text[ADDR_TEXT];

	return addr_is_set(a) ? json_string(addr_format(a, text)) : json_null();
}

static json_t *
reason_of(enum reason reason)
{
	return reason != REASON_NONE ? json_string(reason_token(reason)) :
	    json_null();
}

static json_t *
ip_of(const struct addr *a)
{
	char text[ADDR_TEXT];

	return addr_is_set(a) ? json_string(addr_format_ip(a, text)) :
	    json_null();
}

static json_t *
number_of(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* What may be absent. */
static json_t *
words_of(const char *text)
{
	return text[0] != '\0' ? name_of(text) : json_null();
}

static json_t *
person_of(const struct person *p)
{
	char id[IDENT_SHORT_SIZE];
	json_t *o = json_object();

	ident_short(p->key_id, id);
	SET(o, "name", name_of(p->name));
	SET(o, "fingerprint", json_string(id));
	SET(o, "since", number_of(p->since_s));
	SET(o, "known", json_boolean(p->known));
	SET(o, "verified", json_boolean(p->verified));
	SET(o, "blocked", json_boolean(p->blocked));
	SET(o, "lookalike", words_of(p->lookalike));
	return o;
}

static json_t *
list_of(const struct person *list, size_t count)
{
	json_t *a = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(a, person_of(&list[i]));
	return a;
}

static json_t *
try_of(const struct why_try *t)
{
	json_t *o = json_object();

	SET(o, "transport", TOKEN(transports, t->transport));
	SET(o, "address", address_of(&t->addr));
	SET(o, "kind", json_string(words_cand(t->kind)));
	SET(o, "sent", number_of(t->sent));
	SET(o, "received", number_of(t->received));
	SET(o, "first_ms", number_of(t->first_ms));
	SET(o, "last_ms", number_of(t->last_ms));
	return o;
}

static json_t *
nat_of(uint8_t nat)
{
	json_t *o = json_object();

	SET(o, "mapping", json_string(words_nat_mapping(nat)));
	SET(o, "filtering", json_string(words_nat_filter(nat)));
	return o;
}

static json_t *
own_nat_of(const struct why *w)
{
	json_t *o = nat_of(w->own_nat), *hops = json_array();

	SET(o, "depth", w->own_depth > 0 ? number_of(w->own_depth) :
	    json_null());
	for (int i = 0; i < w->own_depth && i < HOPS_MAX; i++)
		json_array_append_new(hops, ip_of(&w->hops[i]));
	SET(o, "hops", hops);
	SET(o, "lifetime_s", w->alive_s > 0 || w->dead_s > 0 ?
	    number_of(w->alive_s) : json_null());
	SET(o, "lifetime_max_s", w->dead_s > 0 ? number_of(w->dead_s) :
	    json_null());
	SET(o, "heartbeat_s", number_of(w->beat_s));
	return o;
}

/* One for each family with a router. */
static json_t *
mappings_of(const struct why *w)
{
	json_t *a = json_array();

	for (int i = 0; i < MAPPING_FAMILIES; i++) {
		const struct mapping_report *m = &w->mappings[i];
		const char *by = words_mapping_protocol(m->protocol);
		json_t *o;

		if (m->state == MAPPING_OFF)
			continue;
		o = json_object();
		SET(o, "state", json_string(words_mapping_state(m->state)));
		SET(o, "protocol", by == NULL ? json_null() :
		    json_string(by));
		SET(o, "udp", address_of(&m->udp));
		SET(o, "tcp", address_of(&m->tcp));
		SET(o, "lifetime_s", number_of(m->lifetime_s));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *
advice_of(uint32_t bits)
{
	json_t *a = json_array();

	for (int i = 0; i < ADVICE_COUNT; i++)
		if (bits >> i & 1)
			json_array_append_new(a,
			    json_string(advice_token((enum advice)i)));
	return a;
}

static void
put_report(json_t *o, const struct why *w)
{
	json_t *tries = json_array();

	SET(o, "transport", TOKEN(transports, w->transport));
	SET(o, "address", address_of(&w->addr));
	SET(o, "rtt_us", number_of(w->rtt_us));
	SET(o, "loss_permille", number_of(w->loss_permille));
	SET(o, "udp_loss_permille", number_of(w->udp_loss_permille));
	SET(o, "attempts", number_of(w->attempts));
	SET(o, "attempt_ms", number_of(w->attempt_ms));
	SET(o, "reason", reason_of(w->reason));
	SET(o, "own_public", address_of(&w->own_public));
	SET(o, "peer_public", address_of(&w->peer_public));
	SET(o, "own_nat", own_nat_of(w));
	SET(o, "peer_nat", nat_of(w->peer_nat));
	SET(o, "port_mappings", mappings_of(w));
	for (size_t i = 0; i < w->tries_count; i++)
		json_array_append_new(tries, try_of(&w->tries[i]));
	SET(o, "tries", tries);
	SET(o, "guessed_udp", number_of(w->guessed_udp));
	SET(o, "guessed_tcp", number_of(w->guessed_tcp));
	SET(o, "refused_tcp", number_of(w->refused_tcp));
	SET(o, "tcp_reason", w->tcp_reason == REASON_NONE ? json_null() :
	    json_string(reason_token(w->tcp_reason)));
	SET(o, "advice", advice_of(w->advice));
}

/* For each kind of others, how soon they are reached. */
static json_t *
outlook_json(const struct why *w)
{
	const struct outlook_own own = words_outlook(w);
	json_t *o = json_object();

	for (int i = 0; i < OUTLOOK_PEERS; i++) {
		const enum outlook_peer peer = (enum outlook_peer)i;

		SET(o, outlook_peer_token(peer),
		    json_string(outlook_token(outlook_of(&own, peer))));
	}
	return o;
}

static void
put_presence(json_t *o, const struct event *ev)
{
	SET(o, "state", TOKEN(presences, ev->presence));
	SET(o, "known", json_boolean(ev->known));
	if (ev->presence == PRESENCE_RENAMED)
		SET(o, "old", name_of(ev->old_name));
}

static void
put_own(json_t *o, const struct event *ev)
{
	SET(o, "name", name_of(ev->old_name));
	SET(o, "server", address_of(&ev->addr));
	SET(o, "undelivered", number_of(ev->count));
}

/* Who and how: keys, addresses, states. */
static void
put_facts(json_t *o, const struct event *ev, uint32_t fields)
{
	if (fields & F_OWN)
		put_own(o, ev);
	if (fields & F_SERVER)
		SET(o, "state", TOKEN(server_states, ev->server));
	if (fields & F_PRESENCE)
		put_presence(o, ev);
	if (fields & F_LINK)
		SET(o, "state", TOKEN(links, ev->link));
	if (fields & F_KEY)
		SET(o, "key", key_of(ev->key));
	if (fields & F_OLD_NEW) {
		SET(o, "old", key_of(ev->key));
		SET(o, "new", key_of(ev->new_key));
	}
	if (fields & F_KNOWN) {
		SET(o, "known", json_boolean(ev->known));
		SET(o, "verified", json_boolean(ev->verified));
	}
	if (fields & F_ALIKE)
		SET(o, "lookalike", words_of(ev->lookalike));
	if (fields & F_TRANSPORT)
		SET(o, "transport", TOKEN(transports, ev->transport));
	if (fields & F_ADDRESS)
		SET(o, "address", address_of(&ev->addr));
	if (fields & F_MS)
		SET(o, "ms", number_of(ev->ms));
	if (fields & F_EXPIRES)
		SET(o, "expires_ms", number_of(ev->ms));
	if (fields & F_REPORT && ev->report != NULL)
		put_report(o, ev->report);
	if (ev->kind == EV_NETCHECK && ev->report != NULL)
		SET(o, "outlook", outlook_json(ev->report));
}

/* What and why: commands, texts, reasons. */
static void
put_words(json_t *o, const struct event *ev, uint32_t fields)
{
	if (fields & F_COMMAND)
		SET(o, "command", ev->command == COMMAND_NONE ? json_null()
		    : json_string(command_name(ev->command)));
	if (fields & F_OK)
		SET(o, "ok", json_boolean(ev->ok));
	if (fields & F_STEP)
		SET(o, "step", json_string(ev->code == NULL ? "" : ev->code));
	if (fields & F_CODE)
		SET(o, "code", ev->code == NULL
		    ? json_null() : json_string(ev->code));
	if (fields & F_ID)
		SET(o, "id", number_of(ev->id));
	if (fields & F_REASON)
		SET(o, "reason", reason_of(ev->reason));
	if (fields & F_LOSS && ev->reason == REASON_LOSSY)
		SET(o, "udp_loss_permille", number_of(ev->loss_permille));
	if (fields & F_DETAIL)
		SET(o, "detail", words_of(ev->detail));
	if (fields & F_PREFIX)
		SET(o, "prefix", text_of(ev->text, ev->len));
	if (fields & F_NUMBER)
		SET(o, "number", text_of(ev->text, ev->len));
	if (fields & F_TEXT)
		SET(o, "text", text_of(ev->text, ev->len));
	if (fields & F_LIST)
		SET(o, "list", list_of(ev->list, ev->count));
	if (fields & F_EXIT)
		SET(o, "code", number_of(ev->exit_code));
}

char *
json_event(const struct event *ev, uint64_t wall_us)
{
	const struct layout *l = &layouts[ev->kind];
	json_t *o = json_object();
	char *line, *whole;
	size_t len;

	SET(o, "event", json_string(l->event));
	SET(o, "time", json_real((double)wall_us / 1e6));
	if (l->name != NULL)
		SET(o, l->name, name_of(ev->peer));
	put_facts(o, ev, l->fields);
	put_words(o, ev, l->fields);
	/* 10 digits of seconds and 6 of microseconds. */
	line = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII
	    | JSON_REAL_PRECISION(16));
	json_decref(o);
	if (line == NULL)
		return NULL;
	len = strlen(line);
	whole = realloc(line, len + 2);
	if (whole == NULL) {
		free(line);
		return NULL;
	}
	memcpy(whole + len, "\n", 2);
	return whole;
}
