#include "states.h"

#include "runner.h"

#include <stdio.h>
#include <string.h>

const char *const states_others[STATES_OTHERS] = { "Bob", "Carol", "Frank",
	"Grace" };

void
states_at_bob(struct scene *s, enum transport transport)
{
	scene_registered(s);
	scene_online(s, states_others, 4);
	scene_connected(s, "Bob", transport);
}

void
states_rtt(struct scene *s, uint32_t ms)
{
	struct client_path path = { .why.rtt_us = ms * 1000, .is_open = true };

	model_path(&s->m, s->now, model_shown(&s->m), &path);
}

static void
talk(struct scene *s)
{
	states_rtt(s, 38);
	scene_message(s, "Bob", "did the tunnel come up on your side?");
	scene_sent(s, "Bob", "yes, direct UDP, 38 ms", 1, true);
	scene_wait(s, 60 * USEC_S);
	scene_message(s, "Bob", "漢字 and emoji 👍 line up: every cell is "
	    "measured once, and wrapped lines hang under the text");
	scene_sent(s, "Bob", "sending it now", 2, false);
}

static void
registering(struct scene *s)
{
	struct event ev = scene_event(EV_SERVER, "");

	ev.server = SERVER_REGISTERING;
	scene_tell(s, &ev);
	scene_wait(s, 2 * USEC_S);
}

static void
first_start(struct scene *s)
{
	s->m.host[0] = '\0';
	s->m.asks_server = true;
	scene_type(s, "rv.example.net");
}

static void
idle(struct scene *s)
{
	scene_registered(s);
	scene_online(s, states_others, 4);
}

static void
alone(struct scene *s)
{
	scene_registered(s);
	scene_online(s, states_others, 0);
}

static void
name_taken(struct scene *s)
{
	struct event ev = scene_event(EV_ERROR, "Ann");

	ev.reason = REASON_NAME_TAKEN;
	ev.code = reason_token(ev.reason);
	ev.text = reason_text(ev.reason);
	ev.len = strlen(ev.text);
	snprintf(ev.old_name, sizeof(ev.old_name), "Ann2");
	scene_tell(s, &ev);
}

static void
asking(struct scene *s)
{
	idle(s);
	model_connect(&s->m, s->now, "Bob");
	scene_asking(s, "Bob");
	scene_wait(s, 18 * USEC_S);
}

static void
denied(struct scene *s)
{
	struct event ev = scene_event(EV_DENIED, "Bob");

	asking(s);
	ev.reason = REASON_DENIED;
	scene_tell(s, &ev);
}

static void
failed(struct scene *s)
{
	struct event ev = scene_event(EV_FAILED, "Bob");

	asking(s);
	ev.reason = REASON_NAT_HARD;
	scene_tell(s, &ev);
}

static void
punching(struct scene *s)
{
	struct client_path path = { .is_open = true, .is_punching = true,
		.probes = 7, .punch_ms = 1300,
		.why.own_public = addr_v4(203, 0, 113, 5, 61822) };

	asking(s);
	model_path(&s->m, s->now, model_shown(&s->m), &path);
	scene_sent(s, "Bob", "are you there?", 1, false);
	scene_wait(s, 1300 * USEC_MS);
}

static void
udp(struct scene *s)
{
	states_at_bob(s, TRANSPORT_UDP);
	talk(s);
}

static void
tcp(struct scene *s)
{
	states_at_bob(s, TRANSPORT_TCP);
	talk(s);
	scene_verified(s, "Bob");
}

static void
relay(struct scene *s)
{
	states_at_bob(s, TRANSPORT_RELAY);
	talk(s);
}

static void
key_changed(struct scene *s)
{
	struct event ev = scene_event(EV_DISCONNECTED, "Bob");

	udp(s);
	ev.reason = REASON_CLOSED;
	scene_tell(s, &ev);
	scene_asking(s, "Bob");
	ev = scene_event(EV_KEY_CHANGED, "Bob");
	memset(ev.new_key, 7, KEY_LEN);
	scene_tell(s, &ev);
}

static void
silent(struct scene *s, enum link_state link, usec_t us)
{
	struct event ev = scene_event(EV_LINK, "Bob");

	udp(s);
	ev.link = link;
	ev.ms = 5000;
	scene_tell(s, &ev);
	scene_wait(s, us);
}

static void
quiet(struct scene *s)
{
	silent(s, LINK_QUIET, 2 * USEC_S);
}

static void
lost(struct scene *s)
{
	silent(s, LINK_LOST, 26 * USEC_S);
	scene_sent(s, "Bob", "this one waits", 3, false);
}

static void
server_lost(struct scene *s)
{
	struct event ev = scene_event(EV_SERVER, "");

	udp(s);
	ev.server = SERVER_LOST;
	ev.reason = REASON_SERVER_SILENT;
	ev.ms = 16000;
	scene_tell(s, &ev);
	scene_wait(s, 12 * USEC_S);
}

static void
scrolled(struct scene *s)
{
	char text[32];

	udp(s);
	for (int i = 1; i <= 50; i++) {
		snprintf(text, sizeof(text), "line %d", i);
		scene_message(s, "Bob", text);
	}
	scene_key(s, "PgUp");
	scene_message(s, "Bob", "new below");
}

static void
request(struct scene *s)
{
	udp(s);
	scene_request(s, "Eve");
	scene_wait(s, 19 * USEC_S);
	scene_request(s, "Mallory");
	scene_type(s, "the log is on its way");
}

static void
unread(struct scene *s)
{
	struct key out = { KEYS_FOCUS_OUT, 0 };

	udp(s);
	scene_connected(s, "Carol", TRANSPORT_TCP);
	model_key(&s->m, s->now, s->wall_s, out);
	scene_message(s, "Carol", "psst");
	scene_message(s, "Carol", "are you there?");
	scene_message(s, "Bob", "can you send me the log?");
}

static void
verify(struct scene *s)
{
	udp(s);
	scene_key(s, "Alt+V");
	scene_number(s, "Bob");
}

static void
list(struct scene *s)
{
	request(s);
	scene_key(s, "Alt+S");
}

static void
help(struct scene *s)
{
	udp(s);
	scene_key(s, "F1");
}

static void
pasted(struct scene *s)
{
	udp(s);
	model_key(&s->m, s->now, s->wall_s,
	    (struct key){ KEYS_PASTE_BEGIN, 0 });
	scene_type(s, "one\rtwo\rthree and it is longer than forty columns");
	model_key(&s->m, s->now, s->wall_s, (struct key){ KEYS_PASTE_END, 0 });
	scene_wait(s, USEC_S);
}

static void
choices(struct scene *s)
{
	udp(s);
	scene_type(s, "/un");
	scene_key(s, "Ctrl+U");
	scene_type(s, "/b");
	scene_key(s, "Tab");
}

const struct state states[STATES] = {
	{ "registering", registering }, { "first-start", first_start },
	{ "idle", idle }, { "alone", alone }, { "name-taken", name_taken },
	{ "asking", asking }, { "denied", denied }, { "failed", failed },
	{ "punching", punching }, { "udp", udp }, { "tcp", tcp },
	{ "relay", relay }, { "key-changed", key_changed },
	{ "quiet", quiet }, { "lost", lost }, { "server-lost", server_lost },
	{ "scrolled", scrolled }, { "request", request },
	{ "unread", unread }, { "verify", verify }, { "list", list },
	{ "help", help }, { "pasted", pasted }, { "choices", choices },
};

void
states_enter(struct scene *s, const char *name)
{
	for (size_t i = 0; i < STATES; i++)
		if (strcmp(states[i].name, name) == 0) {
			states[i].make(s);
			return;
		}
	must(false, "no state is called %s", name);
}
