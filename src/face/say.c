#include "face/say.h"

#include "core/command.h"
#include "core/ident.h"
#include "core/reason.h"
#include "core/text.h"
#include "face/report.h"
#include "face/rows.h"
#include "face/warn.h"
#include "face/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SGR_HEAD "\033[1m"
#define SGR_ERROR "\033[1;31m"

static void
put_str(struct str *out, const struct say *how, struct str *line, size_t head,
    const char *style)
{
	if (line->s != NULL)
		rows_put(out, how, line->s, line->len, head, style);
	out->bad |= line->bad;
	str_fini(line);
}

static void __attribute__((format(printf, 2, 0)))
add_format(struct str *line, const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, ap);
	str_puts(line, text);
}

void
say_line(struct str *out, const struct say *how, const char *fmt, ...)
{
	struct str line = { 0 };
	va_list ap;

	va_start(ap, fmt);
	add_format(&line, fmt, ap);
	va_end(ap);
	put_str(out, how, &line, 0, "");
}

void
say_error(struct str *out, const struct say *how, const char *fmt, ...)
{
	static const char head[] = "! ";
	struct str line = { 0 };
	va_list ap;

	str_puts(&line, head);
	va_start(ap, fmt);
	add_format(&line, fmt, ap);
	va_end(ap);
	put_str(out, how, &line, strlen(head), SGR_ERROR);
}

/* A line that begins with a name. */
static void
say_text(struct str *out, const struct say *how, const char *head,
    const struct event *ev)
{
	struct str line = { 0 };

	str_puts(&line, head);
	str_put(&line, ev->text, ev->text == NULL ? 0 : ev->len);
	put_str(out, how, &line, strlen(head), SGR_HEAD);
}

/* " (because)" and what to do, for the end of a sentence. */
static void
add_reason(struct str *line, enum reason reason)
{
	const char *remedy = reason_remedy(reason);

	if (reason != REASON_NONE)
		str_printf(line, ": %s", reason_text(reason));
	str_puts(line, ".");
	if (remedy[0] != '\0')
		str_printf(line, " %s", remedy);
}

static void
say_reason(struct str *out, const struct say *how, const struct event *ev,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void
say_reason(struct str *out, const struct say *how, const struct event *ev,
    const char *fmt, ...)
{
	struct str line = { 0 };
	va_list ap;

	va_start(ap, fmt);
	add_format(&line, fmt, ap);
	va_end(ap);
	add_reason(&line, ev->reason);
	if (ev->detail[0] != '\0')
		str_printf(&line, " (%s)", ev->detail);
	put_str(out, how, &line, 0, "");
}

/* The server. */

static void
say_registered(struct str *out, const struct say *how, const struct event *ev)
{
	char addr[ADDR_TEXT], id[IDENT_FULL_SIZE];

	if (ev->old_name[0] != '\0')
		say_line(out, how, "* The name %s was not to be had.",
		    ev->old_name);
	ident_fingerprint(ev->key, id);
	say_line(out, how, "* Registered as %s, seen at %s. Your key: %s",
	    ev->peer, addr_format(&ev->addr, addr), id);
}

static void
say_server(struct str *out, const struct say *how, const struct event *ev)
{
	char addr[ADDR_TEXT];

	switch (ev->server) {
	case SERVER_RESOLVING:
	case SERVER_REGISTERED:
	case SERVER_LEFT:
		break;
	case SERVER_REGISTERING:
		if (addr_is_set(&ev->addr))
			say_line(out, how, "* Registering at %s ...",
			    addr_format(&ev->addr, addr));
		break;
	case SERVER_LOST:
		say_reason(out, how, ev, "* Lost the server; conversations "
		    "with a direct path go on");
		break;
	case SERVER_UNREACHABLE:
		say_reason(out, how, ev, "* Cannot reach the server");
		break;
	}
}

static void
say_people(struct str *out, const struct say *how, const struct event *ev)
{
	char id[IDENT_SHORT_SIZE], since[WORDS_TIME];

	for (size_t i = 0; i < ev->count; i++) {
		const struct person *p = &ev->list[i];
		size_t columns = text_width(p->name, strlen(p->name));

		ident_short(p->key_id, id);
		say_line(out, how, "  %s%*s  %s  %s, %s%s", p->name,
		    columns < 20 ? (int)(20 - columns) : 0, "", id,
		    words_duration(p->since_s, since),
		    words_trust(p->known, p->verified),
		    p->blocked ? ", blocked" : "");
		if (p->lookalike[0] != '\0')
			say_error(out, how, "%s looks like %s, whom you know "
			    "with another key.", p->name, p->lookalike);
	}
}

static void
say_clients(struct str *out, const struct say *how, const struct event *ev)
{
	struct str line = { 0 };

	if (ev->count == 0)
		str_puts(&line, "* Nobody else is online");
	else if (ev->count == 1)
		str_puts(&line, "* 1 other is online");
	else
		str_printf(&line, "* %zu others are online", ev->count);
	if (ev->len > 0) {
		str_puts(&line, " whose name begins with \"");
		str_put(&line, ev->text, ev->len);
		str_puts(&line, "\"");
	}
	str_puts(&line, ev->count == 0 ? "." : ":");
	put_str(out, how, &line, 0, "");
	say_people(out, how, ev);
}

static void
say_requests(struct str *out, const struct say *how, const struct event *ev)
{
	if (ev->count == 0)
		say_line(out, how, "* Nobody waits for your answer.");
	else
		say_line(out, how, "* Waiting for \"allow NAME\" or "
		    "\"deny NAME\":");
	say_people(out, how, ev);
}

static void
say_presence(struct str *out, const struct say *how, const struct event *ev)
{
	if (!ev->known) /* there may be thousands of strangers */
		return;
	switch (ev->presence) {
	case PRESENCE_ARRIVED:
		say_line(out, how, "* %s is online.", ev->peer);
		break;
	case PRESENCE_RENAMED:
		say_line(out, how, "* %s is called %s now.", ev->old_name,
		    ev->peer);
		break;
	case PRESENCE_LEFT:
		say_line(out, how, "* %s has left.", ev->peer);
		return;
	}
	warn_alike(out, how, ev);
}

/* Requests and conversations. */

static void
say_request(struct str *out, const struct say *how, const struct event *ev)
{
	char id[IDENT_FULL_SIZE], left[WORDS_TIME];

	ident_fingerprint(ev->key, id);
	say_line(out, how, "* %s asks for a conversation: key %s, %s.",
	    ev->peer, id, words_trust(ev->known, ev->verified));
	warn_alike(out, how, ev);
	say_line(out, how, "  \"allow %s\" or \"deny %s\", within %s.",
	    ev->peer, ev->peer, words_duration(ev->ms / 1000, left));
}

static void
say_connecting(struct str *out, const struct say *how, const struct event *ev)
{
	const char *step = ev->code == NULL ? "" : ev->code;

	if (strcmp(step, "looking") == 0)
		return;
	if (strcmp(step, "asking") == 0)
		say_line(out, how, "* Asking %s, who has 60 s to answer ...",
		    ev->peer);
	else
		say_line(out, how, "* %s: %s ...", ev->peer,
		    ev->detail[0] == '\0' ? step : ev->detail);
	warn_alike(out, how, ev);
}

static void
say_connected(struct str *out, const struct say *how, const struct event *ev)
{
	char link[WORDS_LINK], id[IDENT_FULL_SIZE], after[WORDS_TIME];

	ident_fingerprint(ev->key, id);
	say_line(out, how, "* Connected to %s over %s after %s. Key %s, %s.",
	    ev->peer, words_link(ev->transport, &ev->addr, link),
	    words_seconds(ev->ms, after), id,
	    words_trust(ev->known, ev->verified));
	warn_alike(out, how, ev);
	if (!ev->known)
		say_line(out, how, "  You meet for the first time: \"verify "
		    "%s\" shows whether somebody sits in between.", ev->peer);
}

static void
say_transport(struct str *out, const struct say *how, const struct event *ev)
{
	char link[WORDS_LINK];

	if (ev->transport == TRANSPORT_NONE)
		say_reason(out, how, ev, "* No path to %s at the moment; what "
		    "you write waits", ev->peer);
	else if (ev->reason == REASON_LOSSY)
		say_line(out, how, "* %s: now over %s, UDP loses %u %%.",
		    ev->peer, words_link(ev->transport, &ev->addr, link),
		    ev->loss_permille / 10);
	else if (ev->reason != REASON_NONE)
		say_line(out, how, "* %s: now over %s, %s.", ev->peer,
		    words_link(ev->transport, &ev->addr, link),
		    reason_text(ev->reason));
	else
		say_line(out, how, "* %s: now over %s.", ev->peer,
		    words_link(ev->transport, &ev->addr, link));
}

static void
say_link(struct str *out, const struct say *how, const struct event *ev)
{
	char silence[WORDS_TIME];

	switch (ev->link) {
	case LINK_OK:
		say_line(out, how, "* %s answers again.", ev->peer);
		break;
	case LINK_QUIET:
		say_line(out, how, "* Nothing heard from %s for %s.", ev->peer,
		    words_duration(ev->ms / 1000, silence));
		break;
	case LINK_LOST:
		say_line(out, how, "* Lost %s; looking for another path, what "
		    "you write waits.", ev->peer);
		break;
	}
}

static void
say_undelivered(struct str *out, const struct say *how, const struct event *ev)
{
	char head[160];

	snprintf(head, sizeof(head), "* Not delivered to %s (%s): ", ev->peer,
	    reason_text(ev->reason));
	say_text(out, how, head, ev);
}

/* Errors and the rest. */

static void
say_failure(struct str *out, const struct say *how, const struct event *ev)
{
	struct str line = { 0 };

	if (ev->reason == REASON_NONE) {
		say_error(out, how, "%.*s", (int)ev->len,
		    ev->text == NULL ? "" : ev->text);
		return;
	}
	str_puts(&line, command_name(ev->command));
	if (ev->peer[0] != '\0')
		str_printf(&line, "%s%s", line.len > 0 ? " " : "", ev->peer);
	if (line.len == 0)
		str_puts(&line, "gop2p");
	add_reason(&line, ev->reason);
	if (ev->old_name[0] != '\0' && strcmp(ev->old_name, ev->peer) != 0)
		str_printf(&line, " Free is %s.", ev->old_name);
	if (line.s != NULL)
		say_error(out, how, "%s", line.s);
	str_fini(&line);
}

/* Of what has no other answer. */
static void
say_done(struct str *out, const struct say *how, const struct event *ev)
{
	bool is_mute = ev->command == COMMAND_DENY
	    || ev->command == COMMAND_TRUST || ev->command == COMMAND_BLOCK
	    || ev->command == COMMAND_UNBLOCK;

	if (ev->ok && is_mute)
		say_line(out, how, "* Done.");
}

static void
say_notice(struct str *out, const struct say *how, const struct event *ev)
{
	if (ev->code != NULL && strcmp(ev->code, "port") == 0)
		say_line(out, how, "* The usual port is taken; this is port "
		    "%u.", ev->addr.port);
	else
		say_text(out, how, "* ", ev);
}

static void
say_help(struct str *out, const struct say *how, const struct event *ev)
{
	const char *s = ev->text, *end = s + ev->len, *lf;

	for (; s < end; s = lf + 1) {
		lf = memchr(s, '\n', (size_t)(end - s));
		if (lf == NULL)
			lf = end;
		rows_put(out, how, s, (size_t)(lf - s), 0, "");
	}
}

static void
say_message(struct str *out, const struct say *how, const struct event *ev)
{
	char head[NAME_SIZE + 2];

	snprintf(head, sizeof(head), "%s: ", ev->peer);
	say_text(out, how, head, ev);
}

/* What is said about people and conversations; false if that is another kind
 * of event. */
static bool
say_talk(struct str *out, const struct say *how, const struct event *ev)
{
	switch (ev->kind) {
	case EV_REQUEST:
		say_request(out, how, ev);
		return true;
	case EV_REQUEST_ENDED:
		say_reason(out, how, ev, "* %s does not ask any more",
		    ev->peer);
		return true;
	case EV_CONNECTING:
		say_connecting(out, how, ev);
		return true;
	case EV_CONNECTED:
		say_connected(out, how, ev);
		return true;
	case EV_TRANSPORT:
		say_transport(out, how, ev);
		return true;
	case EV_CURRENT:
		if (ev->peer[0] != '\0' && ev->old_name[0] != '\0')
			say_line(out, how, "* \"msg\" goes to %s now, not to "
			    "%s.", ev->peer, ev->old_name);
		return true;
	case EV_MESSAGE:
		say_message(out, how, ev);
		return true;
	case EV_DELIVERED:
		say_line(out, how, "* %s has message %llu.", ev->peer,
		    (unsigned long long)ev->id);
		return true;
	case EV_UNDELIVERED:
		say_undelivered(out, how, ev);
		return true;
	case EV_DENIED:
		say_line(out, how, "* %s said no.", ev->peer);
		return true;
	case EV_FAILED:
		say_reason(out, how, ev, "* No conversation with %s", ev->peer);
		return true;
	case EV_DISCONNECTED:
		say_reason(out, how, ev, "* The conversation with %s has ended",
		    ev->peer);
		return true;
	case EV_LINK:
		say_link(out, how, ev);
		return true;
	default:
		return false;
	}
}

void
say_event(struct str *out, const struct say *how, const struct event *ev)
{
	if (say_talk(out, how, ev))
		return;
	switch (ev->kind) {
	case EV_REGISTERED:
		say_registered(out, how, ev);
		break;
	case EV_SERVER:
		say_server(out, how, ev);
		break;
	case EV_CLIENTS:
		say_clients(out, how, ev);
		break;
	case EV_CLIENT:
		say_presence(out, how, ev);
		break;
	case EV_REQUESTS:
		say_requests(out, how, ev);
		break;
	case EV_KEY_CHANGED:
		warn_key_changed(out, how, ev);
		break;
	case EV_SERVER_KEY_CHANGED:
		warn_server_key_changed(out, how, ev);
		break;
	case EV_VERIFY:
		warn_verify(out, how, ev);
		break;
	case EV_STATUS:
		report_status(out, how, ev);
		break;
	case EV_WHY:
	case EV_NETCHECK:
		report_path(out, how, ev);
		break;
	case EV_RENAMED:
		say_line(out, how, "* You are %s now.", ev->peer);
		break;
	case EV_NOTICE:
		say_notice(out, how, ev);
		break;
	case EV_HELP:
		say_help(out, how, ev);
		break;
	case EV_ERROR:
		say_failure(out, how, ev);
		break;
	case EV_DONE:
		say_done(out, how, ev);
		break;
	default:
		break;
	}
}
