/* Candidate addresses: which ones we offer a peer, and which of a peer's we are
 * willing to send probes to (security.md P3: nobody may use us to scan). */
#ifndef CAND_H
#define CAND_H

#include "self.h"

struct cand {
	uint8_t kind; /* enum cand_kind */
	struct addr addr;
};

struct cands {
	struct cand list[CANDS_MAX];
	size_t count;
};

enum {
	CANDS_PORTS_PER_IP = 3,
	CANDS_PUBLIC_IPS = 4,
	CANDS_PORT_MIN = 1024,
};

/* Adds an address once, or twice if it is also one for TCP; false when there is
 * no room or it is there already. */
bool cands_add(struct cands *c, enum cand_kind kind, const struct addr *addr);

/* What we offer for UDP: the server's view of us, the port at our router, the
 * public address with our own port, and every usable interface address of both
 * families. The router's address need not be public: two customers of one
 * carrier reach each other there. */
void cands_own(struct cands *c, const struct self *self);

/* What we offer for TCP: the same with the TCP view. */
void cands_own_tcp(struct cands *c, const struct self *self);

/* What in says of TCP, and the LAN; nothing if it says nothing. */
void cands_of_tcp(struct cands *out, const struct cands *in);

/* True if a probe may go to addr, given where the peer is by the server's
 * word (peer_seen; may be unset). Never to loopback, private and link-local
 * addresses unless both sides are seen at one public address, or the server
 * itself sees both in such a place; never to multicast, invalid and server
 * addresses or ports below CANDS_PORT_MIN. */
bool cand_is_allowed(const struct self *self, const struct addr *peer_seen,
    const struct addr *addr);

/* Keeps those of in that are allowed, within the limits above, best first:
 * LAN when it may be shared, then public ones in the order given; none that
 * is marked as for TCP. */
void cands_filter(struct cands *out, const struct self *self,
    const struct addr *peer_seen, const struct cands *in);

/* The limits over several lists: drops from c what would exceed them together
 * with what was asked, which gets the rest. Where the server sees the peer
 * other ports may follow, as the peer may have opened fresh ones. */
void cands_confine(struct cands *c, struct cands *asked,
    const struct addr *peer_seen);

/* Count (1), then kind (1) and address each. cands_get sets r->bad for more
 * than CANDS_MAX, and passes over kinds it does not know. */
void cands_put(struct wr *w, const struct cands *c);
void cands_get(struct rd *r, struct cands *c);

#endif
