#include "face/words.h"

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
