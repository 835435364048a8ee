/* A node without a mind: it does what a test tells it and remembers what it
 * hears. It proves the world before there is anybody to live in it. */
#ifndef TOY_H
#define TOY_H

#include "err.h"
#include "world.h"
#include "../unit/runner.h"

enum { TOY_HEARD = 4096, TOY_ACTS = 4096, TOY_TEXT = 64 };

struct toy {
	struct node *node;
	bool echoes;        /* sends datagrams back */
	usec_t deadline;    /* of the node's clock */
	unsigned expired;
	struct act acts[TOY_ACTS];
	uint8_t bytes[TOY_ACTS][TOY_TEXT];
	size_t next, count;
	struct heard {
		struct input in;
		usec_t at;      /* of the node's clock */
		char text[TOY_TEXT];
		struct addr first; /* of addrs */
	} heard[TOY_HEARD];
	size_t heard_count;
	uint8_t *stream;    /* all bytes of IN_BYTES */
	size_t stream_len;
};

struct toy *toy_new(struct world *w, struct host *h, const char *name);
void toy_free(struct toy *t);

/* What it shall do, at once. */
void toy_open(struct toy *t, int sock, struct addr local);
void toy_listen(struct toy *t, int sock, struct addr local);
void toy_send(struct toy *t, int sock, struct addr to, const char *text);
void toy_send_ttl(struct toy *t, int sock, struct addr to, uint8_t ttl);
void toy_dial(struct toy *t, int sock, struct addr local, struct addr to);
void toy_write(struct toy *t, int sock, const void *buf, size_t len);
void toy_close(struct toy *t, int sock);
void toy_do(struct toy *t, const struct act *act);

/* How many inputs of a kind it heard, and the i-th (NULL: not so many). */
size_t toy_count(const struct toy *t, enum in_kind kind);
const struct heard *toy_heard(const struct toy *t, enum in_kind kind,
    size_t i);

/* The usual stage: server.example 85.1.1.1 without delay on the internet; ann
 * and bob each 20 ms away behind a NAT of their own (85.1.2.1, 85.1.3.1), at
 * 192.168.1.2 both; UDP sockets 0 on port 9001 (the server's on 9000). */
struct stage {
	struct world *w;
	struct toy *server, *ann, *bob;
	struct router *ann_nat, *bob_nat;
};
struct stage stage_new(const struct nat_conf *conf);
void stage_free(struct stage *s);

/* Public addresses with a port. */
struct addr server_addr(uint16_t port);
struct addr ann_addr(uint16_t port);
struct addr bob_addr(uint16_t port);
struct addr any_port(uint16_t port);

#endif
