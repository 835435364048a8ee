/* What people must know about keys. */
#ifndef WARN_H
#define WARN_H

#include "face/say.h"

/* Of any event: its name can be taken for another's. */
void warn_alike(struct str *out, const struct say *how,
    const struct event *ev);

/* EV_KEY_CHANGED, EV_SERVER_KEY_CHANGED, EV_VERIFY. */
void warn_key_changed(struct str *out, const struct say *how,
    const struct event *ev);
void warn_server_key_changed(struct str *out, const struct say *how,
    const struct event *ev);
void warn_verify(struct str *out, const struct say *how,
    const struct event *ev);

#endif
