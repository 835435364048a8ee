#include "face/report.h"

#include "core/ident.h"
#include "core/reason.h"
#include "face/words.h"

static void
say_tries(struct str *out, const struct say *how, const struct why *w)
{
	char link[WORDS_LINK], first[WORDS_TIME], last[WORDS_TIME];

	for (size_t i = 0; i < w->tries_count; i++) {
		const struct why_try *t = &w->tries[i];

		say_line(out, how, "  %s: sent %u, received %u, from %s to %s",
		    words_link(t->transport, &t->addr, link), t->sent,
		    t->received, words_seconds(t->first_ms, first),
		    words_seconds(t->last_ms, last));
	}
}

static void
say_link(struct str *out, const struct say *how, const char *peer,
    const struct why *w)
{
	char link[WORDS_LINK];

	if (w->transport == TRANSPORT_NONE)
		say_line(out, how, "* %s: no path at the moment.", peer);
	else
		say_line(out, how, "* %s: over %s, round trip %u.%u ms, loss "
		    "%u.%u %%.", peer,
		    words_link(w->transport, &w->addr, link),
		    w->rtt_us / 1000, w->rtt_us % 1000 / 100,
		    w->loss_permille / 10, w->loss_permille % 10);
	if (w->udp_loss_permille > 0)
		say_line(out, how, "  UDP loses %u %%: it is used again once "
		    "that is over.", w->udp_loss_permille / 10);
	if (w->reason != REASON_NONE)
		say_line(out, how, "  Not direct: %s. %s",
		    reason_text(w->reason), reason_remedy(w->reason));
}

static void
say_advice(struct str *out, const struct say *how, const struct why *w)
{
	if (w->advice == 0)
		return;
	say_line(out, how, "  What would change it:");
	for (int i = 0; i < ADVICE_COUNT; i++)
		if (w->advice >> i & 1)
			say_line(out, how, "  - %s",
			    advice_text((enum advice)i));
}

static void
say_nat(struct str *out, const struct say *how, const char *whose, uint8_t nat)
{
	char text[WORDS_NAT];

	if (*words_nat(nat, text) != '\0')
		say_line(out, how, "  %s: %s.", whose, text);
}

static void
say_own_nat(struct str *out, const struct say *how, const struct why *w)
{
	char text[WORDS_HOPS], lifetime[WORDS_LIFETIME];

	say_nat(out, how, "Your NAT", w->own_nat);
	if (w->own_step != 0)
		say_line(out, how, "  It counts: the next port is %d further, "
		    "and can be foreseen.", w->own_step);
	if (*words_hops(w, text) != '\0')
		say_line(out, how, "  On the way to the internet: %s.", text);
	if (*words_lifetime(w, lifetime) != '\0')
		say_line(out, how, "  A mapping that is not used is kept %s: "
		    "something is sent every %u s.", lifetime, w->beat_s);
}

/* That a firewall of IPv6 gives no ports is nothing to talk about. */
static void
say_mappings(struct str *out, const struct say *how, const struct why *w)
{
	char text[WORDS_MAPPING];

	for (int i = 0; i < MAPPING_FAMILIES; i++)
		if ((i == MAPPING_V4 || w->mappings[i].state == MAPPING_OPEN)
		    && *words_mapping(&w->mappings[i], text) != '\0')
			say_line(out, how, "  Port mapping: %s.", text);
}

static void
say_why(struct str *out, const struct say *how, const struct event *ev)
{
	const struct why *w = ev->report;
	char own[ADDR_TEXT], peer[ADDR_TEXT], took[WORDS_TIME];

	say_link(out, how, ev->peer, w);
	if (addr_is_set(&w->own_public))
		say_line(out, how, "  The server sees you at %s.",
		    addr_format(&w->own_public, own));
	say_own_nat(out, how, w);
	say_mappings(out, how, w);
	if (addr_is_set(&w->peer_public))
		say_line(out, how, "  It sees %s at %s.", ev->peer,
		    addr_format(&w->peer_public, peer));
	say_nat(out, how, "The other NAT", w->peer_nat);
	if (w->attempts > 0)
		say_line(out, how, "  Attempts for a direct path: %u; the last "
		    "took %s:", w->attempts,
		    words_seconds(w->attempt_ms, took));
	say_tries(out, how, w);
	if (w->guessed_udp + w->guessed_tcp > 0)
		say_line(out, how, "  Ports guessed: %u by UDP, %u by TCP.",
		    w->guessed_udp, w->guessed_tcp);
	if (w->refused_tcp > 0)
		say_line(out, how, "  On the way %u of those by TCP were "
		    "refused.", w->refused_tcp);
	if (w->tcp_reason != REASON_NONE)
		say_line(out, how, "  The last attempt at TCP: %s.",
		    reason_text(w->tcp_reason));
	say_advice(out, how, w);
}

/* Where nothing is known nothing is to be expected. */
static void
say_outlook(struct str *out, const struct say *how, const struct why *w)
{
	const struct outlook_own own = words_outlook(w);

	if (outlook_of(&own, OUTLOOK_EASY) == OUTLOOK_UNKNOWN)
		return;
	say_line(out, how, "  What to expect of a conversation with");
	for (int i = 0; i < OUTLOOK_PEERS; i++) {
		const enum outlook_peer peer = (enum outlook_peer)i;

		say_line(out, how, "  - %s: %s", outlook_peer_text(peer),
		    outlook_text(outlook_of(&own, peer)));
	}
}

static void
say_netcheck(struct str *out, const struct say *how, const struct event *ev)
{
	const struct why *w = ev->report;
	char addr[ADDR_TEXT];

	if (addr_is_set(&w->own_public))
		say_line(out, how, "* The server sees you at %s.",
		    addr_format(&w->own_public, addr));
	else if (!addr_is_set(&ev->addr))
		say_line(out, how, "* You are not registered: the server has "
		    "not told how it sees you.");
	else
		say_line(out, how, "* The server at %s %s.",
		    addr_format(&ev->addr, addr),
		    w->reason == REASON_UDP_BLOCKED ?
		    "answers by TCP only" : "has not answered");
	say_own_nat(out, how, w);
	say_mappings(out, how, w);
	if (w->reason != REASON_NONE)
		say_line(out, how, "  Trouble: %s. %s",
		    reason_text(w->reason), reason_remedy(w->reason));
	say_outlook(out, how, w);
}

void
report_path(struct str *out, const struct say *how, const struct event *ev)
{
	if (ev->report == NULL)
		return;
	if (ev->kind == EV_NETCHECK)
		say_netcheck(out, how, ev);
	else
		say_why(out, how, ev);
}

static const char *
server_text(enum server_state state)
{
	switch (state) {
	case SERVER_RESOLVING:
	case SERVER_REGISTERING:
		return "registering";
	case SERVER_REGISTERED:
		return "registered";
	case SERVER_LOST:
		return "lost, trying again";
	case SERVER_UNREACHABLE:
		return "out of reach";
	case SERVER_LEFT:
		break;
	}
	return "left";
}

/* Oneself and the server. */
static void
say_own_status(struct str *out, const struct say *how, const struct event *ev)
{
	char id[IDENT_FULL_SIZE], addr[ADDR_TEXT];

	ident_fingerprint(ev->key, id);
	say_line(out, how, "* You are %s, key %s.",
	    ev->old_name[0] == '\0' ? "nobody yet" : ev->old_name, id);
	say_line(out, how, "* Server %s: %s.", addr_format(&ev->addr, addr),
	    server_text(ev->server));
	if (ev->report != NULL && addr_is_set(&ev->report->own_public))
		say_line(out, how, "  It sees you at %s.",
		    addr_format(&ev->report->own_public, addr));
	if (ev->report != NULL)
		say_mappings(out, how, ev->report);
	if (ev->count > 0)
		say_line(out, how, "* Messages not delivered yet: %zu.",
		    ev->count);
}

void
report_status(struct str *out, const struct say *how, const struct event *ev)
{
	if (ev->id == 0)
		say_own_status(out, how, ev);
	if (ev->peer[0] == '\0')
		say_line(out, how, "* No conversation: \"connect NAME\" asks "
		    "for one.");
	else if (ev->report != NULL)
		say_link(out, how, ev->peer, ev->report);
}
