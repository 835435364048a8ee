/* What the network says of datagrams that it did not deliver (ICMP). A hint,
 * which anybody can forge. */
#ifndef REFUSAL_H
#define REFUSAL_H

#include "core/addr.h"

/* From now on refusals of a UDP socket are kept for refusal_read, where the
 * system can. They make the socket ready to read. */
void refusal_want(int fd, enum addr_family family);

/* Takes one; to is where the datagram was sent, or no address if it was not a
 * refusal. False when there is none. */
bool refusal_read(int fd, struct addr *to);

#endif
