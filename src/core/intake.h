/* What comes in: datagrams, connections and their bytes, each packet handed to
 * whom it concerns. A packet that is passed on by the relay costs two look-ups
 * and no cryptography. */
#ifndef INTAKE_H
#define INTAKE_H

#include "hub.h"

void intake_dgram(struct server *s, usec_t now, const struct input *in);
void intake_accepted(struct server *s, usec_t now, const struct input *in);
void intake_bytes(struct server *s, usec_t now, const struct input *in);
void intake_closed(struct server *s, const struct input *in);

/* Closes a stream; the member that was reached over it waits for another
 * path. */
void intake_close(struct server *s, uint32_t stream);

#endif
