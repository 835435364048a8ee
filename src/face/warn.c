#include "face/warn.h"

#include "core/ident.h"
#include "face/rows.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define SGR_ERROR "\033[1;31m"

static void
shout(struct str *out, const struct say *how, const char *text)
{
	rows_put(out, how, text, strlen(text), strlen(text), SGR_ERROR);
}

void
warn_alike(struct str *out, const struct say *how, const struct event *ev)
{
	char id[IDENT_FULL_SIZE];

	if (ev->lookalike[0] == '\0')
		return;
	say_error(out, how, "That name looks like %s, whom you know with "
	    "another key.", ev->lookalike);
	if (sodium_is_zero(ev->key, KEY_LEN))
		ident_short(ev->key_id, id);
	else
		ident_fingerprint(ev->key, id);
	say_line(out, how, "  This one has %s.", id);
}

static void
put_keys(struct str *out, const struct say *how, const struct event *ev)
{
	char old[IDENT_FULL_SIZE], new[IDENT_FULL_SIZE];

	ident_fingerprint(ev->key, old);
	ident_fingerprint(ev->new_key, new);
	say_line(out, how, "  before: %s", old);
	say_line(out, how, "  now:    %s", new);
}

void
warn_key_changed(struct str *out, const struct say *how, const struct event *ev)
{
	char text[128];

	snprintf(text, sizeof(text), "! WARNING: THE KEY OF %s HAS CHANGED",
	    ev->peer);
	shout(out, how, text);
	put_keys(out, how, ev);
	say_line(out, how, "  Somebody else may use the name. Ask %s on "
	    "another channel; \"trust %s\" accepts the new key. Nothing is "
	    "sent until then.", ev->peer, ev->peer);
}

void
warn_server_key_changed(struct str *out, const struct say *how,
    const struct event *ev)
{
	char addr[ADDR_TEXT];

	shout(out, how, "! WARNING: THE IDENTIFICATION OF THE SERVER HAS "
	    "CHANGED");
	put_keys(out, how, ev);
	say_line(out, how, "  Somebody between you and %s may be listening, or "
	    "its operator has given it a new key. Ask the operator. If the "
	    "change is right, remove the server from the file known_servers "
	    "of your profile and start again. Nothing was sent.",
	    addr_format(&ev->addr, addr));
}

void
warn_verify(struct str *out, const struct say *how, const struct event *ev)
{
	size_t half = ev->len / 2;

	say_line(out, how, "* The safety number with %s, %s:", ev->peer,
	    ev->verified ? "which you verified" : "not verified yet");
	say_line(out, how, "    %.*s", (int)half, ev->text);
	say_line(out, how, "   %.*s", (int)(ev->len - half), ev->text + half);
	if (ev->reason == REASON_KEY_CHANGED)
		say_line(out, how, "  Compare it by telephone or in person: "
		    "it is that of a new key. The same on both sides: "
		    "\"trust %s\". Different: it is somebody else.", ev->peer);
	else if (ev->verified)
		say_line(out, how, "  If %s sees another one after all: "
		    "\"verify %s no\".", ev->peer, ev->peer);
	else
		say_line(out, how, "  Compare it by telephone or in person. "
		    "The same on both sides: \"verify %s yes\". Different: "
		    "\"verify %s no\".", ev->peer, ev->peer);
}
