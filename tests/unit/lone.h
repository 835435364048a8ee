/* One client, a fake server, and mates who speak the protocol between peers
 * word by word: for tests of what a client makes of whatever it is told. Every
 * command is watched: lone_close leaves, and fails the test unless each one
 * ended exactly once. */
#ifndef LONE_H
#define LONE_H

#include "chan.h"
#include "client.h"
#include "fake.h"
#include "known.h"

enum {
	LONE_EVENTS = 4096,
	LONE_SENT = 8192,
	LONE_FLIGHTS = 512,
	LONE_SERIALS = 1024,
	LONE_MATES = 8,
	LONE_ACCEPTED = 400,     /* places of accepted sockets, below as well */
	LONE_SOCKS = 1024,
};

#define LONE_ONE_WAY (10 * USEC_MS)

struct said {
	usec_t at;
	struct event ev;   /* text, list and report are copies */
	char *text;
	struct person *people;
	struct why *why;
};

/* A datagram that went elsewhere than to the server; a dial. */
struct sent_to {
	usec_t at;
	struct addr to;
	int sock;
	uint8_t ttl;
	size_t len;
};

struct mate;

enum { MATE_RELAY = -1, MATE_UDP = -2 };

struct flight {
	usec_t at;
	bool is_stream;
	int sock;
	struct addr from;
	size_t len;
	uint8_t buf[FAKE_PACKET];
};

struct lone {
	struct client *c;
	struct client_conf conf;
	struct known known;
	struct keypair keys;
	struct fake fake;
	struct addr server, at;  /* where the client is */
	bool is_cut;             /* no UDP to or from the server */
	usec_t now;
	struct rng rng;

	struct said said[LONE_EVENTS];
	size_t said_count;
	struct sent_to sent[LONE_SENT];
	size_t sent_count;
	size_t sent_bytes;
	struct sent_to dials[LONE_SENT];
	size_t dial_count;
	int dial_err;            /* of dials to others, after a round trip */
	bool is_sock[LONE_SOCKS];/* open, listening, dialled; by lone_place */
	struct addr far[LONE_SOCKS]; /* the other end of streams */
	bool is_up[LONE_SOCKS];  /* a stream that is connected */
	bool wants[LONE_SOCKS];  /* dialled, no answer yet */
	size_t lingering;        /* accepted, and closed without a reset */
	struct flight flights[LONE_FLIGHTS];
	size_t flight_count;
	struct mate *mates[LONE_MATES];
	size_t mate_count;
	uint8_t ended[LONE_SERIALS]; /* EV_DONE by serial */
	uint32_t serial;
	unsigned exits;
	unsigned saves;
	usec_t expired_at;
	unsigned spins;
	uint64_t writes;
	char plain[64];          /* must not be seen in anything sent */
};

/* Somebody at the other end, by way of the server. */
struct mate {
	struct lone *l;
	struct keypair keys;
	char name[NAME_SIZE];
	struct rng rng;
	struct addr at;          /* as the server tells */
	uint64_t route;          /* of the client towards us */
	uint8_t nonce[NONCE_LEN];
	struct noise noise;
	bool has_session;
	struct session session;
	uint32_t index, remote;
	uint64_t next_pn;
	struct chan chan;
	bool no_relay;           /* says so in his answer */
	bool is_mute;            /* takes packets and says nothing */
	bool is_reckless;        /* has said what he does not stand by: answers
	                            that make no sense are no fault */
	bool is_direct;          /* answers datagrams and streams to at */
	int way;                 /* of what is said now: MATE_RELAY, MATE_UDP,
	                            or the number of a stream */
	bool is_closed;          /* a CLOSE came */
	unsigned packets;        /* authentic ones */
	unsigned texts;
	char text[256];          /* the last one */
	uint8_t control[64];     /* the last control message */
	size_t control_len;
	unsigned controls[16];   /* of a type */
};

/* A client that is registered as "ann"; before it is made conf can be changed
 * (lone_make, then lone_start). */
void lone_make(struct lone *l);
void lone_start(struct lone *l);
void lone_start_for(struct lone *l, usec_t span); /* else a second */
void lone_open(struct lone *l);

/* Leaves if it has not, checks, frees. */
void lone_close(struct lone *l);

void lone_run(struct lone *l, usec_t span);

/* A line as somebody types it; its serial. */
uint32_t lone_do(struct lone *l, const char *line);

/* The same, one of several in one wake-up: what the client wants done is taken
 * when somebody calls lone_drain. */
uint32_t lone_type(struct lone *l, const char *line);

/* A packet from the server; a datagram from anywhere. */
void lone_say(struct lone *l, const uint8_t *packet, size_t len);
void lone_hand(struct lone *l, const struct addr *from, const void *packet,
    size_t len);
void lone_push(struct lone *l, enum push push, const void *body, size_t len);

/* Any other input. */
void lone_input(struct lone *l, const struct input *in);

/* Somebody connects to the client: the number of the socket, the lowest that
 * is free. The stream ends from outside. How many streams there are. */
int lone_accept(struct lone *l, const struct addr *from);
void lone_hang_up(struct lone *l, int sock);
size_t lone_streams(const struct lone *l);

/* Bytes on a stream. */
void lone_bytes(struct lone *l, int sock, const void *bytes, size_t len);

/* Takes what the client wants done. */
void lone_drain(struct lone *l);

/* ---- what it told ---- */

size_t lone_count(const struct lone *l, enum event_kind kind);
const struct event *lone_last(const struct lone *l, enum event_kind kind);

/* The end of a command; NULL if it has none yet. */
const struct event *lone_done(const struct lone *l, uint32_t serial);
const struct event *lone_error(const struct lone *l, uint32_t serial);

/* Forgets events and datagrams. */
void lone_forget(struct lone *l);

/* ---- mates ---- */

void mate_init(struct mate *m, struct lone *l, const char *name);
void mate_fini(struct mate *m);

/* The server knows him: LOOKUP and REQUEST are answered. */
void mate_is_online(struct mate *m);

/* Asks the client for a conversation (the body of PUSH_REQUEST); and opens it
 * with the client's OP_ALLOW, which the server has got. */
size_t mate_ask_body(struct mate *m, const char *target, uint8_t *out);
void mate_ask(struct mate *m);
void mate_open(struct mate *m);

/* Answers the client's OP_REQUEST: the body of PUSH_ALLOW. */
size_t mate_allow_body(struct mate *m, uint8_t *out);
void mate_allow(struct mate *m);

/* Connected by way of the server: the client asked, or was asked. */
void mate_connect(struct mate *m);
void mate_be_allowed(struct mate *m);

/* A DATA packet with frames, or with what the chan has to say; its length. */
size_t mate_seal(struct mate *m, const struct wr *frames, uint8_t *out);

/* The same, with its length in front, on a stream, at once. */
void mate_say_on(struct mate *m, int sock, const struct wr *frames);

/* The same by way of the server, at once. */
void mate_say(struct mate *m, const struct wr *frames);
void mate_flush(struct mate *m);

/* He is called so from now on, and says so; the server knows. */
void mate_rename(struct mate *m, const char *name);

/* A text, a control message. */
void mate_text(struct mate *m, const char *text);
void mate_control(struct mate *m, const void *msg, size_t len);

#endif
