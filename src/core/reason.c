#include "reason.h"

static const struct {
	const char *token, *text, *remedy;
} reasons[REASON_COUNT] = {
	[REASON_NONE] = { "none", "", "" },
	[REASON_DENIED] = { "denied", "the request was denied",
	    "Ask again only if something has changed." },
	[REASON_TIMEOUT] = { "timeout", "nobody answered in 60 s",
	    "They may be away: 'connect NAME' asks again." },
	[REASON_UNKNOWN_NAME] = { "unknown-name",
	    "nobody online has that name", "'all' shows who is online." },
	[REASON_GONE] = { "gone", "the other side has left",
	    "'all' shows who is online." },
	[REASON_CANCELLED] = { "cancelled", "the request was taken back", "" },
	[REASON_ALLOWED] = { "allowed", "the request was allowed", "" },
	[REASON_CLOSED] = { "closed", "the other side ended the conversation",
	    "'connect NAME' asks for a new one." },
	[REASON_LEFT] = { "left", "the conversation was ended here", "" },
	[REASON_LOST] = { "lost", "nothing was heard for too long",
	    "'connect NAME' asks for a new conversation." },
	[REASON_KEY_CHANGED] = { "key-changed",
	    "the name is used with another key than before",
	    "Compare keys on another channel; 'trust NAME' accepts the new "
	    "one." },
	[REASON_BLOCKED] = { "blocked", "that key is on your block list",
	    "'unblock NAME' takes it off." },
	[REASON_BUSY] = { "busy", "too many requests or conversations",
	    "End one with 'disconnect NAME' or try again later." },
	[REASON_RATE] = { "rate", "asked too often",
	    "Wait ten seconds before asking again." },
	[REASON_PROTOCOL] = { "protocol",
	    "the other side broke the rules of the protocol",
	    "Both sides should run the same version of gop2p." },
	[REASON_SELF] = { "self", "that is your own name",
	    "'all' shows who else is online." },
	[REASON_NO_PATH] = { "no-path",
	    "no direct path came up and nothing may be relayed",
	    "Allow the relay on both sides, or map a port: see 'why'." },
	[REASON_RELAY_OFF] = { "relay-off", "the server does not relay",
	    "Ask its operator for 'relay = yes', or use another server." },
	[REASON_RELAY_REFUSED] = { "relay-refused",
	    "one side runs with --no-relay",
	    "Start both sides without --no-relay." },
	[REASON_NAT_HARD] = { "nat-hard",
	    "both NATs choose a new port for every destination",
	    "A mapped port (UPnP, NAT-PMP) on either side would help." },
	[REASON_NAT_HALF] = { "nat-half",
	    "one NAT chooses a new port for every destination, and the other "
	    "lets in only whom it was sent to",
	    "A mapped port (UPnP, NAT-PMP) on either side would help." },
	[REASON_NO_DIRECT] = { "no-direct",
	    "probes were sent both ways and none came through",
	    "A firewall may drop UDP between the two; 'tcp' may work." },
	[REASON_UDP_BLOCKED] = { "udp-blocked", "no UDP comes through",
	    "'tcp' may work; else ask whoever runs the firewall." },
	[REASON_TCP_FAILED] = { "tcp-failed",
	    "no TCP connection came up within 10 s",
	    "The present link stays; 'why' says what was tried." },
	[REASON_PATH_LOST] = { "path-lost", "the path went silent", "" },
	[REASON_PATH_BETTER] = { "path-better", "a better path was found",
	    "" },
	[REASON_ASKED] = { "asked", "as asked for", "" },
	[REASON_SERVER_SILENT] = { "server-silent",
	    "the server did not answer for 10 s",
	    "Check the address, and that UDP or TCP to its port is open." },
	[REASON_SERVER_STOPPED] = { "server-stopped",
	    "the server was stopped", "It is tried again by itself." },
	[REASON_SERVER_FULL] = { "server-full", "the server has no room",
	    "Try again later or use another server." },
	[REASON_SERVER_KEY] = { "server-key",
	    "the server's key is not the one seen before",
	    "See the message above before you go on." },
	[REASON_SERVER_VERSION] = { "server-version",
	    "the server speaks another version of the protocol",
	    "Update gop2p, or ask the server's operator to update gop2pd." },
	[REASON_SERVER_STORE] = { "server-store",
	    "the server cannot save names at the moment",
	    "Tell its operator; try again later." },
	[REASON_RESOLVE] = { "resolve", "the host name was not found",
	    "Check its spelling and your name service." },
	[REASON_NAME_TAKEN] = { "name-taken", "somebody else has that name",
	    "Choose another one: 'rename NAME' or -n NAME." },
	[REASON_NAME_BAD] = { "bad-name", "that is not a name",
	    "A name has 1 to 32 bytes, without spaces." },
	[REASON_PORT_TAKEN] = { "port-taken", "the local port is in use",
	    "Choose another one with -p, or stop the other program." },
	[REASON_EXIT] = { "exit", "the program ends", "" },
	[REASON_RENEWED] = { "renewed", "a new one takes its place", "" },
	[REASON_LOSSY] = { "lossy",
	    "the direct path loses too many packets at the moment",
	    "It is watched, and used again when it is better." },
	[REASON_TCP_HARD] = { "tcp-nat-hard",
	    "no TCP connection came up: both NATs choose a new port for every "
	    "destination",
	    "The present link stays; a mapped port on either side would "
	    "help." },
	[REASON_TCP_PORTS] = { "tcp-ports",
	    "no TCP connection came up, and a NAT gives too few ports to guess "
	    "with at the moment",
	    "The present link stays; try again in five minutes, or map a "
	    "port." },
	[REASON_PORT_DENIED] = { "port-denied",
	    "the local port is not for every user",
	    "Choose one above 1023 with -p." },
	[REASON_NETWORK] = { "network", "there is no network here",
	    "Plug in the cable, or switch on the radio." },
};

const char *
reason_token(enum reason reason)
{
	return reasons[(unsigned)reason < REASON_COUNT ? reason : 0].token;
}

const char *
reason_text(enum reason reason)
{
	return reasons[(unsigned)reason < REASON_COUNT ? reason : 0].text;
}

const char *
reason_remedy(enum reason reason)
{
	return reasons[(unsigned)reason < REASON_COUNT ? reason : 0].remedy;
}
