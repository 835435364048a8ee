/* How acts ended, until the node is told at the beginning of the next turn:
 * nothing calls into a node that is being drained. */
#ifndef RESULTS_H
#define RESULTS_H

#include "core/act.h"

struct result;

struct results {
	struct result *list;
	size_t count, size;
};

void results_init(struct results *rs);
void results_fini(struct results *rs);

/* Keeps a copy of both; text may be NULL. */
void results_add(struct results *rs, const struct input *in, const char *text);

/* Nothing is reported of a socket that was closed. */
void results_drop(struct results *rs, int sock);

/* Tells the node all of them. */
void results_feed(struct results *rs, const struct node_ops *ops, void *node,
    usec_t now);

#endif
