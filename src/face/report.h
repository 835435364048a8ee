/* The long answers: why, netcheck and status. */
#ifndef REPORT_H
#define REPORT_H

#include "face/say.h"

/* EV_WHY, EV_NETCHECK. */
void report_path(struct str *out, const struct say *how,
    const struct event *ev);

/* EV_STATUS. */
void report_status(struct str *out, const struct say *how,
    const struct event *ev);

#endif
