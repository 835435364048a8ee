/* What the network says of datagrams that it did not deliver (ICMP). A hint,
 * which anybody can forge. */
#ifndef REFUSAL_H
#define REFUSAL_H

#include "core/addr.h"

/* From now on refusals of a UDP socket are kept for refusal_read, where the
 * system can. They make the socket ready to read. */
void refusal_want(int fd, enum addr_family family);

struct refusal {
	struct addr to;   /* where the datagram was sent; unset: nothing that
	                     says anything of its way */
	struct addr by;   /* who says so, without port; may be unset */
	bool has_expired; /* its TTL ran out on the way; else it was refused */
};

/* Takes one. False when there is none. */
bool refusal_read(int fd, struct refusal *r);

#endif
