/* A node for tests of the edge: does what the test puts into its outbox, and
 * keeps what it was told. */
#ifndef TOY_H
#define TOY_H

#include "core/outbox.h"
#include "io/host.h"
#include "io/loop.h"

enum { TOY_SEEN_MAX = 512, TOY_TEXT = 64 };

struct toy {
	struct loop *loop;
	struct host *host;
	struct outbox out;
	usec_t deadline;
	int expired;
	/* Called for every input, after it was kept. */
	void (*on_input)(struct toy *t, const struct input *in);
	/* The loop is stopped once so many inputs of a kind were seen. */
	enum in_kind until_kind;
	size_t until_count;
	struct toy_seen {
		struct input in; /* buf, addrs and text point here */
		uint8_t bytes[TOY_TEXT];
		char text[TOY_TEXT];
	} seen[TOY_SEEN_MAX];
	size_t seen_count, counts[IN_SAVED + 1];
	uint8_t stream[1 << 20]; /* all IN_BYTES, one after the other */
	size_t stream_len;
};

/* hooks may be NULL. */
struct toy *toy_new(const struct host_hooks *hooks);
void toy_free(struct toy *t);

/* Runs until so many inputs of a kind have come in all; fails the case if they
 * have not after a while. */
void toy_run(struct toy *t, enum in_kind kind, size_t count);

/* The nth input of a kind, from 0. */
const struct input *toy_input(const struct toy *t, enum in_kind kind,
    size_t nth);

/* Opens a socket on loopback and returns its address. */
struct addr toy_open(struct toy *t, int sock);
struct addr toy_listen(struct toy *t, int sock);

/* 127.0.0.1 with a port. */
struct addr toy_addr(uint16_t port);

#endif
