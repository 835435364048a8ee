/* What one's own NAT lets one expect of others, without asking any of them: for
 * netcheck. Of the other side nothing is assumed that would help: its NAT lets
 * in only whom it sent to, port and all (RFC 4787 section 5), and gives no
 * ports on request. */
#ifndef OUTLOOK_H
#define OUTLOOK_H

#include <stdbool.h>
#include <stdint.h>

/* Kinds of others. */
enum outlook_peer {
	OUTLOOK_EASY,     /* endpoint-independent mapping, or no NAT */
	OUTLOOK_COUNTING, /* another port for every destination, the next one */
	OUTLOOK_RANDOM,   /* another port for every destination, any one */
	OUTLOOK_NO_UDP,   /* only TCP gets out; easy otherwise */
	OUTLOOK_PEERS
};

enum outlook {
	OUTLOOK_UNKNOWN,
	OUTLOOK_AT_ONCE,  /* with the first packets */
	OUTLOOK_SOON,     /* within about a second, TCP where UDP cannot */
	OUTLOOK_GUESSED,  /* in some seconds, by guessing ports */
	OUTLOOK_RELAYED,
};

struct outlook_own {
	uint8_t nat;      /* nat_mapping_of, nat_filter_of */
	bool counts;      /* another port each time, but the next one */
	bool is_mapped;   /* the router passes on what comes to a port */
	bool no_udp;      /* none reaches the server */
};

enum outlook outlook_of(const struct outlook_own *own,
    enum outlook_peer peer);

/* For programs; these never change. */
const char *outlook_token(enum outlook outlook);
const char *outlook_peer_token(enum outlook_peer peer);

/* For people: "others at home" and "direct at once". */
const char *outlook_text(enum outlook outlook);
const char *outlook_peer_text(enum outlook_peer peer);

#endif
