/* For tests of the server: the server with an edge that only remembers, and
 * clients that speak the protocol word by word. Time moves by world_pass. */
#ifndef GUEST_H
#define GUEST_H

#include "frame.h"
#include "runner.h"
#include "server.h"
#include "session.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENT_MAX = 4096, STORED_MAX = 1024, CLOSED_MAX = 4096 };

/* A datagram, or a packet of a stream, that the server sent. */
struct sent {
	int sock;
	struct addr to;
	bool is_taken;
	size_t len;
	uint8_t buf[FRAME_MAX];
};

struct world {
	struct server *s;
	usec_t now;
	struct server_conf conf;
	struct rng rng;
	struct sent *sent;
	size_t count;
	uint64_t packets, bytes; /* sent ever */
	struct store_change stored[STORED_MAX];
	size_t stored_count;
	uint32_t saves[STORED_MAX]; /* ids not answered yet */
	size_t saves_count;
	bool is_store_broken, is_store_slow;
	int closed[CLOSED_MAX];
	size_t closed_count, cut_count; /* cut: with a reset */
	int next_sock;           /* of accepted connections */
	/* The answer to ACT_OPEN of a socket. */
	int open_err[SERVER_SOCKS];
	struct log log;
	char log_text[8192];
	size_t log_len;
};

/* A configuration of a small server at 203.0.113.1:9000. */
struct server_conf world_conf(void);

/* A server that listens; conf NULL: as above. */
void world_open(struct world *w, const struct server_conf *conf);
void world_close(struct world *w);

/* Restarts the server: what the store had is bound again. */
void world_restart(struct world *w);

/* Lets time pass, with every deadline on the way. */
void world_pass(struct world *w, usec_t span);

/* A datagram arrives. */
void world_dgram(struct world *w, int sock, const struct addr *from,
    const void *buf, size_t len);

/* A connection arrives; the number of its socket. */
int world_accept(struct world *w, const struct addr *from);
void world_bytes(struct world *w, int sock, const void *buf, size_t len);
void world_hangup(struct world *w, int sock);
bool world_is_closed(const struct world *w, int sock);

/* The server takes what waits to be answered by the store. */
void world_answer_saves(struct world *w);

/* Forgets what was sent so far. */
void world_forget(struct world *w);

/* The first packet sent to an address (on a stream: to a socket) that was not
 * taken yet; NULL if there is none. */
struct sent *world_take(struct world *w, int sock, const struct addr *to);

struct frame_got {
	uint8_t type;
	bool is_used;
	size_t len;
	uint8_t body[DGRAM_MAX];
};

enum { GOT_MAX = 24 };

struct guest {
	struct world *w;
	struct keypair keys;
	struct addr addr;
	int sock;               /* at the server: SERVER_UDP4, or a stream */
	uint32_t index, server_index;
	uint8_t nonce[NONCE_LEN], cookie[COOKIE_LEN];
	uint8_t flags;          /* of the INIT */
	uint8_t version;        /* of the INIT; 0: ours */
	struct noise noise;
	struct session_small session;
	struct wire_accept accept;
	char name[NAME_SIZE];
	uint32_t beat, call_id;
	uint64_t cursor;
	struct frame_got got[GOT_MAX];
	size_t got_count;
	uint8_t status;         /* of the last call */
	uint8_t reply[DGRAM_MAX];
	size_t reply_len;
	uint8_t last[2048];     /* the last packet sent */
	size_t last_len;
};

/* An address for each n from 0 to 199: of one site, and more in the next. */
struct addr guest_home(int n);

/* A client with a key made from label, at an address. */
void guest_make(struct guest *g, struct world *w, const char *label,
    struct addr addr);

/* The steps of a registration. hello: false if no COOKIE came. init: false if
 * no ACCEPT came; else accept is filled. beat: false if it was not answered. */
bool guest_hello(struct guest *g);
bool guest_init(struct guest *g, const char *name);
bool guest_beat(struct guest *g);

/* Writes HELLO (INIT) to buf; returns its length. */
size_t guest_write_hello(struct guest *g, uint8_t *buf);
size_t guest_write_init(struct guest *g, const char *name, uint8_t *buf);

/* All of it: the status of ACCEPT, or -1 if something was not answered. */
int guest_join(struct guest *g, const char *name);

/* Makes a client whose label is its name, and registers it, which must work. */
void guest_must_join(struct guest *g, struct world *w, const char *name,
    struct addr addr);

/* Sends frames in a DATA packet. */
void guest_say(struct guest *g, const struct wr *frames);
void guest_send(struct guest *g, const void *packet, size_t len);

/* Reads what came since: DATA packets become frames in got. */
void guest_listen(struct guest *g);

/* The first unused frame of a type, or NULL; valid until the next call. */
struct frame_got *guest_got(struct guest *g, uint8_t type);

/* Makes a call: the status, or -1 without an answer; the reply is in reply. */
int guest_call(struct guest *g, enum op op, const struct wr *body);

/* The first unused push of a kind, with rd at its body; acknowledges it. */
bool guest_pushed(struct guest *g, enum push kind, struct rd *body);
bool guest_pushed_quietly(struct guest *g, enum push kind, struct rd *body,
    uint32_t *id);
void guest_ack(struct guest *g, uint32_t id);
void guest_goodbye(struct guest *g);

/* Calls by name. */
int guest_rename(struct guest *g, const char *name);
int guest_lookup(struct guest *g, const char *name);
int guest_request(struct guest *g, const struct guest *to, const char *name,
    uint8_t tag);
int guest_allow(struct guest *g, uint8_t tag);
int guest_deny(struct guest *g, uint8_t tag, bool block);
int guest_cancel(struct guest *g, uint8_t tag);
int guest_leave(struct guest *g, const struct guest *peer);
int guest_block(struct guest *g, const struct guest *other, bool on);
int guest_switch(struct guest *g, enum op op, bool on);
int guest_resume(struct guest *g, const struct guest *peer, uint64_t counter);

/* Pages through a list: how many there are, names in out. */
size_t guest_list(struct guest *g, const char *prefix,
    char (*out)[NAME_SIZE], size_t max);

/* The nonce of a request that was made with tag. */
void nonce_of(uint8_t tag, uint8_t out[static NONCE_LEN]);

/* From REQUEST to START and ALLOW: the routes of both. */
void guest_introduce(struct guest *a, struct guest *b, uint8_t tag,
    uint64_t *route_a, uint64_t *route_b);

/* Sends a RELAY packet of size bytes in all. */
void guest_relay(struct guest *g, uint64_t route, size_t size);

#endif
