/* What happens in a world, as lines for people: GOP2P_TRACE=1 or --trace. */
#ifndef TRACE_H
#define TRACE_H

#include "sim.h"

void trace_act(const struct sim *s, const struct node *n,
    const struct act *act);

/* Datagrams and errors that reach a host. */
void trace_got(const struct sim *s, const struct host *h,
    const struct pkt *p);

/* What somebody types. */
void trace_line(const struct user *u, const char *line, size_t len);

/* A sink for clients and servers. */
const struct log *trace_log(const struct sim *s);

#endif
