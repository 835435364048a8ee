/* Guessing the ports of a NAT that chooses another one for every destination
 * (nat.md 6.4 R2 and R3): what to do, and which ports to try. One at a time
 * per client; within the limits of nat.md 6.3; only at the address that the
 * server saw for the peer. What both sides know of their NATs decides, and
 * decides anew when they know better.
 *
 * near    a NAT that counts: its owner tells which port a fresh mapping got,
 *         the other side tries those around it
 * match   two that count: both open a row of sockets, each aimed at where the
 *         other's row is about to be
 * open    our NAT is random: 256 sockets, each of which opens a port towards
 *         the peer with a low TTL
 * seek    the peer's NAT is random: probes to its ports, none twice
 * both    both are random and strict: as open and as seek, but what opens is a
 *         read request of TFTP (RFC 1350). Its answer may come from any port,
 *         so a NAT that helps TFTP lets in every port of that address. */
#ifndef SPRAY_H
#define SPRAY_H

#include "addr.h"
#include "ports.h"
#include "rng.h"
#include "usec.h"
#include "wire.h"

enum spray_role {
	SPRAY_NONE,
	SPRAY_NEAR,
	SPRAY_MATCH,
	SPRAY_OPEN,
	SPRAY_SEEK,
	SPRAY_BOTH,
};

enum {
	SPRAY_SOCKETS = 256,
	SPRAY_PROBES = 1800,
	SPRAY_RATE = 300,       /* packets in any second */
	SPRAY_BURST = 4,        /* of those that are late, at once */
	SPRAY_ROUNDS = 2,       /* before the long pause */
	SPRAY_TURNS = 8,        /* to another way, beside a plain attempt */
	SPRAY_SAMPLES = 3,      /* of a NAT that counts, in a plain attempt */
	SPRAY_NEAR_REACH = 25,  /* ports to each side of the one told */
	SPRAY_NEAR_LAPS = 2,
	SPRAY_MATCH_SOCKETS = 40,
	SPRAY_MATCH_AHEAD = 20,
	SPRAY_MATCH_LAPS = 5,
	SPRAY_SOCKETS_MIN = 8,
	SPRAY_SHARE = 16,       /* of its ports one is opened, or fewer */
	SPRAY_TFTP_PORT = 69,
	/* What opens a port of a NAT by TCP keeps it for minutes, and carriers
	 * give 240 and more (RFC 6888 REQ-4, RFC 7597); of a NAT that counts
	 * a row is enough. */
	SALVO_OPENERS = 192,
	/* So many on both sides where both NATs choose from all ports: they
	 * meet 93 times of 100. An address with 128 subscribers has 504 for
	 * each. */
	SALVO_HARD = 416,
	SALVO_AT_ONCE = 8,      /* of these openers */
	SALVO_ROW = 40,
	SALVO_MATCHES = 3,      /* rows of an attempt */
	SALVO_AHEAD = 12,       /* of the port seen last, in steps */
	SALVO_PORT_MIN = 20000, /* local ports of openers, in a row */
	SALVO_PORT_MAX = 60000,
};

/* A little less than SPRAY_RATE (nat.md 6.3: 300 packets a second). */
#define SPRAY_PACE_US (3400)
/* The openers' holes need a moment to exist, over TCP. Of UDP no more is lost
 * than the probes that come too early; one is under way for longer than the
 * peer begins after us. */
#define SPRAY_HOLES_US (150 * USEC_MS)
#define SPRAY_ENDS_US (10 * USEC_S)
/* A SYN to a guessed port is given up after this time: before it would be sent
 * again. */
#define SALVO_KEEP_US (950 * USEC_MS)
/* Plain TCP has this long before guessing begins, or three round trips and a
 * little, whichever is less; and what is guessed at the moment again so long to
 * end. */
#define SALVO_AFTER_US (500 * USEC_MS)
#define SALVO_SPARE_US (50 * USEC_MS)
#define SALVO_WAIT_US (50 * USEC_MS)
/* A NAT forgets what was opened after 4 minutes (RFC 5382 REQ-5), and the last
 * SYN goes out some seconds after the first. */
#define SALVO_PORTS_LAST_US (250 * USEC_S)
/* What a row may take: a round trip, and a SYN that is sent again. */
#define SALVO_MATCH_US (1500 * USEC_MS)
/* 250 SYNs a second, and beside them those of the plain way (nat.md 6.3). */
#define SALVO_PACE_US (4 * USEC_MS)
/* The plain punch has this long before guessing begins; or, unless filters are
 * known to let it through, a round trip or two, and a little: what came to
 * nothing by then has failed. */
#define SPRAY_AFTER_US (450 * USEC_MS)
#define SPRAY_SPARE_US (20 * USEC_MS)
/* Guesses at random wait so long where a NAT counts, and where both do. */
#define SPRAY_NEAR_US (1200 * USEC_MS)
#define SPRAY_MATCH_US (4200 * USEC_MS)
/* A NAT that counts has moved on: it is asked again. */
#define SPRAY_SAMPLE_US (1400 * USEC_MS)
/* Holes whose first packet was lost are opened again. */
#define SPRAY_LAP_US (2 * USEC_S)
#define SPRAY_MATCH_LAP_US (250 * USEC_MS)
#define SPRAY_PAUSE_US (20 * USEC_S)
#define SPRAY_AGAIN_US (300 * USEC_S)

struct spray {
	enum spray_role role;
	uint64_t peer;        /* id */
	uint32_t attempt;     /* of the peer's plain ones: beside it */
	usec_t began_at, next_at;
	usec_t ended_at;      /* of the last one; 0: none yet */
	uint32_t sent;        /* beside that attempt */
	uint32_t tried;       /* ports of near, in this role */
	uint16_t port;        /* near: the one told; match: aimed at */
	struct port_row row;
	uint8_t lap;          /* of opening holes */
	uint8_t laps[SPRAY_SOCKETS]; /* in which each socket did so last */
	usec_t lap_at;
	usec_t recent[SPRAY_RATE]; /* when the last ones were sent: a ring */
	unsigned recent_next;
	/* A fresh mapping of ours, asked of the server; then a hole for the
	 * peer. */
	uint64_t sample_peer, sample_token;
	usec_t sample_at;     /* ask again; NEVER: not under way */
	unsigned sample_tries;
	uint16_t sampled;     /* the port it got; 0: not known */
	int sample_extra;     /* the socket it went out of, or -1 */
};

/* What guessing came to with a peer. */
struct guess {
	usec_t at;            /* when to think about it */
	uint32_t attempt;     /* the plain one that these belong to: */
	bool has_requested;   /* a file */
	bool is_counted;      /* as a round */
	unsigned samples, nears; /* taken here, told by the peer */
	unsigned turns;       /* to another way */
	usec_t sample_at;     /* of the next one */
	uint16_t near;        /* the last one that is not used yet; 0: none */
	uint8_t near_round;   /* its number in the peer's attempt */
	usec_t near_at;       /* when it came: perhaps before the attempt */
	/* Guessing at random: how often, when last, what and where. */
	unsigned rounds;
	usec_t round_at;
	enum spray_role role;
	struct addr own, seen;
};

/* What to do about two NATs after the plain punch had its time: OPEN, SEEK,
 * BOTH or NONE. lower: our key is the lower one, for the case that both could
 * open. */
enum spray_role spray_role(uint8_t ours, uint8_t theirs, bool lower);

/* How many round trips a plain punch is to be given first: where the filters
 * cannot let it through its first packets show it, where they are not known it
 * may be the second ones. 0: as long as it is worth. */
unsigned spray_patience(uint8_t ours, uint8_t theirs);

/* Whether one more packet is within SPRAY_RATE, and from when on; one was
 * sent. */
bool spray_may_send(const struct spray *s, usec_t now);
usec_t spray_may_send_at(const struct spray *s);
void spray_note_sent(struct spray *s, usec_t now);

/* How many sockets to open: fewer where the NAT has few ports for us. */
unsigned spray_sockets(const struct ports *ours);

/* The n-th port around the one told: itself, one above, one below, ...; 0 when
 * there is none left. */
uint16_t spray_near(uint16_t port, uint32_t n);

#endif
