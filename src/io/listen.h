/* TCP listeners, which go on working when descriptors run out. */
#ifndef LISTEN_H
#define LISTEN_H

#include "core/act.h"
#include "io/loop.h"

enum {
	LISTEN_ACCEPT_MAX = 64, /* connections of one listener a wake-up */
	LISTEN_BACKLOG = 1024,
};

struct listener;

/* Called for a connection on the listener called number. fd belongs to whoever
 * is called. */
typedef void listen_accepted(void *ctx, int number, int fd);

/* NULL and errno when it cannot be done. */
struct listener *listener_new(struct loop *l, int number,
    const struct addr *local, listen_accepted *accepted, void *ctx);
void listener_free(struct listener *l);
struct addr listener_local(const struct listener *l);

/* Connections for which there was no descriptor. */
uint64_t listener_refused(const struct listener *l);

#endif
