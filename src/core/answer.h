/* What a client says in its DATA packets: heartbeats, calls, acknowledgements,
 * goodbyes; and the calls that are about the directory. */
#ifndef ANSWER_H
#define ANSWER_H

#include "hub.h"

enum {
	CALLS_PER_S = 100,  /* of a client */
	ECHO_CALLS = 40,    /* as many an ECHO counts for: two leave room */
	TICKET_S = 256,     /* how long one is good, at least */
	LIST_SCAN = 1024,   /* members looked at for a page */
	REPLY_TIMES = 3,    /* to an address that is not proved: at most as many
	                       times what came from there (RFC 9000 §8) */
};

/* The frames of an authentic packet of a member that is not HALF. is_newest:
 * none that was sent later came before. size is that of the whole packet. */
void answer_frames(struct server *s, usec_t now, uint32_t member,
    const struct place *from, bool is_newest, const uint8_t *frames, size_t len,
    size_t size);

#endif
