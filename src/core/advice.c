#include "advice.h"

static const struct {
	const char *token, *text;
} advices[ADVICE_COUNT] = {
	[ADVICE_MAP_OWN] = { "map-own",
	    "Turn on UPnP, NAT-PMP or PCP in your router, or forward the "
	    "client's port." },
	[ADVICE_MAP_PEER] = { "map-peer",
	    "The other side can do so in its router: one of both is enough." },
	[ADVICE_UDP_OWN] = { "udp-own",
	    "Let UDP out of your network: none reaches the server from "
	    "here." },
	[ADVICE_UDP_PEER] = { "udp-peer",
	    "Let UDP out of the other side's network: none reaches the "
	    "server from there." },
	[ADVICE_IPV6_OWN] = { "ipv6-own",
	    "Get IPv6 here: the other side has it, and it needs no guessing." },
	[ADVICE_IPV6_PEER] = { "ipv6-peer",
	    "IPv6 at the other side: you have it, and it needs no guessing." },
	[ADVICE_IPV6_BOTH] = { "ipv6-both",
	    "IPv6 on both sides, which needs no guessing." },
	[ADVICE_TCP] = { "tcp", "Type 'tcp': it may find a way." },
};

const char *
advice_token(enum advice advice)
{
	return advices[(unsigned)advice < ADVICE_COUNT ? advice : 0].token;
}

const char *
advice_text(enum advice advice)
{
	return advices[(unsigned)advice < ADVICE_COUNT ? advice : 0].text;
}
