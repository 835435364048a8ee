#include "outlook.h"

#include "wire.h"

/* Rows: what we are; columns: enum outlook_peer. What README's table shows. */
enum row { OPEN, EASY, COUNTING, RANDOM, RANDOM_OPEN, NO_UDP, ROWS };

static const enum outlook table[ROWS][OUTLOOK_PEERS] = {
	[OPEN] = { OUTLOOK_AT_ONCE, OUTLOOK_AT_ONCE, OUTLOOK_AT_ONCE,
	    OUTLOOK_SOON },
	[EASY] = { OUTLOOK_AT_ONCE, OUTLOOK_SOON, OUTLOOK_GUESSED,
	    OUTLOOK_SOON },
	[COUNTING] = { OUTLOOK_SOON, OUTLOOK_SOON, OUTLOOK_RELAYED,
	    OUTLOOK_SOON },
	[RANDOM] = { OUTLOOK_GUESSED, OUTLOOK_RELAYED, OUTLOOK_RELAYED,
	    OUTLOOK_GUESSED },
	[RANDOM_OPEN] = { OUTLOOK_GUESSED, OUTLOOK_GUESSED, OUTLOOK_GUESSED,
	    OUTLOOK_GUESSED },
	[NO_UDP] = { OUTLOOK_SOON, OUTLOOK_SOON, OUTLOOK_GUESSED,
	    OUTLOOK_SOON },
};

enum outlook
outlook_of(const struct outlook_own *own, enum outlook_peer peer)
{
	const bool is_open = nat_filter_of(own->nat) == FILTER_OPEN;

	if (own->no_udp)
		return table[NO_UDP][peer];
	if (own->is_mapped)
		return table[OPEN][peer];
	switch (nat_mapping_of(own->nat)) {
	case NAT_NONE:
	case NAT_EIM:
		return table[is_open ? OPEN : EASY][peer];
	case NAT_APDM:
		return table[is_open ? RANDOM_OPEN : own->counts ?
		    COUNTING : RANDOM][peer];
	case NAT_UNKNOWN:
		break;
	}
	return OUTLOOK_UNKNOWN;
}

const char *
outlook_token(enum outlook outlook)
{
	static const char *const tokens[] = {
		[OUTLOOK_UNKNOWN] = "unknown",
		[OUTLOOK_AT_ONCE] = "at-once",
		[OUTLOOK_SOON] = "soon",
		[OUTLOOK_GUESSED] = "guessed",
		[OUTLOOK_RELAYED] = "relayed",
	};

	return tokens[outlook <= OUTLOOK_RELAYED ? outlook : 0];
}

const char *
outlook_peer_token(enum outlook_peer peer)
{
	static const char *const tokens[OUTLOOK_PEERS] = {
		[OUTLOOK_EASY] = "easy",
		[OUTLOOK_COUNTING] = "counting",
		[OUTLOOK_RANDOM] = "random",
		[OUTLOOK_NO_UDP] = "no-udp",
	};

	return tokens[peer < OUTLOOK_PEERS ? peer : 0];
}

const char *
outlook_text(enum outlook outlook)
{
	static const char *const texts[] = {
		[OUTLOOK_UNKNOWN] = "not known yet",
		[OUTLOOK_AT_ONCE] = "directly, at once",
		[OUTLOOK_SOON] = "directly, within about a second",
		[OUTLOOK_GUESSED] = "directly in some seconds, by guessing "
		    "ports",
		[OUTLOOK_RELAYED] = "through the server",
	};

	return texts[outlook <= OUTLOOK_RELAYED ? outlook : 0];
}

const char *
outlook_peer_text(enum outlook_peer peer)
{
	static const char *const texts[OUTLOOK_PEERS] = {
		[OUTLOOK_EASY] = "most homes",
		[OUTLOOK_COUNTING] = "NATs that count ports",
		[OUTLOOK_RANDOM] = "NATs with random ports",
		[OUTLOOK_NO_UDP] = "networks without UDP",
	};

	return texts[peer < OUTLOOK_PEERS ? peer : 0];
}
