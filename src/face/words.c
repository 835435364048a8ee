#include "face/words.h"

#include "core/wire.h"

#include <stdio.h>

static const char *
transport_name(enum transport transport)
{
	switch (transport) {
	case TRANSPORT_UDP:
		return "UDP";
	case TRANSPORT_TCP:
		return "TCP";
	case TRANSPORT_RELAY:
		return "RELAY";
	case TRANSPORT_NONE:
		break;
	}
	return "no path";
}

const char *
words_link(enum transport transport, const struct addr *addr,
    char out[static WORDS_LINK])
{
	char text[ADDR_TEXT];

	if (transport == TRANSPORT_RELAY)
		snprintf(out, WORDS_LINK, "the relay at %s",
		    addr_format(addr, text));
	else
		snprintf(out, WORDS_LINK, "%s %s", transport_name(transport),
		    addr_format(addr, text));
	return out;
}

const char *
words_duration(uint64_t s, char out[static WORDS_TIME])
{
	const char *unit = "s";

	if (s >= 2 * 86400)
		s /= 86400, unit = "days";
	else if (s >= 2 * 3600)
		s /= 3600, unit = "h";
	else if (s >= 120)
		s /= 60, unit = "min";
	snprintf(out, WORDS_TIME, "%llu %s", (unsigned long long)s, unit);
	return out;
}

const char *
words_seconds(uint64_t ms, char out[static WORDS_TIME])
{
	snprintf(out, WORDS_TIME, "%llu.%llu s",
	    (unsigned long long)(ms / 1000),
	    (unsigned long long)(ms % 1000 / 100));
	return out;
}

const char *
words_trust(bool known, bool verified)
{
	return verified ? "verified" : known ? "known" : "NEW";
}

struct outlook_own
words_outlook(const struct why *w)
{
	return (struct outlook_own) {
		.nat = w->own_nat,
		.counts = w->own_step != 0,
		.is_mapped = w->mappings[MAPPING_V4].state == MAPPING_OPEN,
		.no_udp = w->reason == REASON_UDP_BLOCKED,
	};
}

const char *
words_nat_mapping(uint8_t nat)
{
	switch (nat_mapping_of(nat)) {
	case NAT_NONE:
		return "none";
	case NAT_EIM:
		return "eim";
	case NAT_APDM:
		return "apdm";
	case NAT_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *
words_nat_filter(uint8_t nat)
{
	switch (nat_filter_of(nat)) {
	case FILTER_OPEN:
		return "open";
	case FILTER_APDF:
		return "apdf";
	case FILTER_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *
words_nat(uint8_t nat, char out[static WORDS_NAT])
{
	static const char *const mapping[] = {
		[NAT_UNKNOWN] = "",
		[NAT_NONE] = "no NAT",
		[NAT_EIM] = "one port for every destination (easy)",
		[NAT_APDM] = "another port for every destination (hard)",
	};
	static const char *const filter[] = {
		[FILTER_UNKNOWN] = "",
		[FILTER_OPEN] = "; packets of others come in",
		[FILTER_APDF] = "; only answers come in",
	};

	if (nat_mapping_of(nat) == NAT_UNKNOWN)
		out[0] = '\0';
	else
		snprintf(out, WORDS_NAT, "%s%s", mapping[nat_mapping_of(nat)],
		    nat_filter_of(nat) <= FILTER_APDF ?
		    filter[nat_filter_of(nat)] : "");
	return out;
}

const char *
words_hops(const struct why *w, char out[static WORDS_HOPS])
{
	const char *carrier = "";
	char addr[ADDR_TEXT];
	size_t n = 0;

	out[0] = '\0';
	if (w->own_depth == 0)
		return out;
	n = (size_t)snprintf(out, WORDS_HOPS, "%u router%s (", w->own_depth,
	    w->own_depth > 1 ? "s" : "");
	for (int i = 0; i < w->own_depth && i < HOPS_MAX; i++) {
		const struct addr *hop = &w->hops[i];

		n += (size_t)snprintf(out + n, WORDS_HOPS - n, "%s%s",
		    i > 0 ? ", " : "", addr_is_set(hop) ?
		    addr_format_ip(hop, addr) : "a silent one");
		if (addr_class(hop) == ADDR_IS_SHARED)
			carrier = ", a carrier's NAT among them";
	}
	snprintf(out + n, WORDS_HOPS - n, ")%s", carrier);
	return out;
}

const char *
words_lifetime(const struct why *w, char out[static WORDS_LIFETIME])
{
	if (w->alive_s == 0 && w->dead_s == 0)
		out[0] = '\0';
	else if (w->dead_s == 0)
		snprintf(out, WORDS_LIFETIME, "for %u s or longer",
		    w->alive_s);
	else if (w->alive_s == 0)
		snprintf(out, WORDS_LIFETIME, "for less than %u s", w->dead_s);
	else
		snprintf(out, WORDS_LIFETIME, "for %u to %u s", w->alive_s,
		    w->dead_s);
	return out;
}

const char *
words_mapping_state(enum mapping_state state)
{
	switch (state) {
	case MAPPING_ASKING:
		return "asking";
	case MAPPING_OPEN:
		return "open";
	case MAPPING_REFUSED:
		return "refused";
	case MAPPING_NONE:
		return "none";
	case MAPPING_OFF:
		break;
	}
	return "off";
}

const char *
words_mapping_protocol(enum mapping_protocol protocol)
{
	switch (protocol) {
	case MAPPING_BY_NATPMP:
		return "nat-pmp";
	case MAPPING_BY_PCP:
		return "pcp";
	case MAPPING_BY_UPNP:
		return "upnp";
	case MAPPING_BY_NONE:
		break;
	}
	return NULL;
}

static const char *
mapping_name(enum mapping_protocol protocol)
{
	switch (protocol) {
	case MAPPING_BY_NATPMP:
		return "NAT-PMP";
	case MAPPING_BY_PCP:
		return "PCP";
	case MAPPING_BY_UPNP:
		return "UPnP";
	case MAPPING_BY_NONE:
		break;
	}
	return "?";
}

const char *
words_mapping(const struct mapping_report *m, char out[static WORDS_MAPPING])
{
	static const char *const words[] = {
		[MAPPING_OFF] = "",
		[MAPPING_ASKING] = "asking the router",
		[MAPPING_REFUSED] = "the router refuses it (its settings may "
		    "allow it)",
		[MAPPING_NONE] = "the router offers none (UPnP or NAT-PMP in "
		    "its settings)",
	};
	char addr[ADDR_TEXT], left[WORDS_TIME];

	if (m->state == MAPPING_OPEN)
		snprintf(out, WORDS_MAPPING, "%s, %s for %s",
		    mapping_name(m->protocol), addr_format(&m->udp, addr),
		    words_duration(m->lifetime_s, left));
	else
		snprintf(out, WORDS_MAPPING, "%s", words[m->state]);
	return out;
}

const char *
words_cand(uint8_t kind)
{
	static const char *const words[] = {
		[CAND_LAN] = "lan",
		[CAND_SEEN] = "seen",
		[CAND_GUESS] = "guess",
		[CAND_PEER] = "peer",
		[CAND_MAPPED] = "mapped",
		[CAND_RELAY] = "relay",
	};

	return kind >= CAND_LAN && kind <= CAND_RELAY ? words[kind] : "?";
}
