/* What carries a conversation: one session per peer owns the keys, the packet
 * numbers and the unacknowledged messages; paths come and go under it. */
#ifndef LINK_H
#define LINK_H

#include "chan.h"
#include "path.h"
#include "self.h"
#include "session.h"
#include "uplink.h"

enum {
	/* So that a packet fits every path, the relay included. */
	LINK_PACKET_MAX = DGRAM_MAX - RELAY_HEADER,
	LINK_PLAIN_MAX = LINK_PACKET_MAX - SESSION_OVERHEAD,
};

/* Text within this time makes a link active (design.md, Getting through). */
#define LINK_ACTIVE_US (45 * USEC_S)
/* A path not proved for so long is asked beside the next message. */
#define LINK_STALE_US (7500 * USEC_MS)
/* Silence of the peer that is worth a word. */
#define LINK_QUIET_US (5 * USEC_S)
/* The relay is kept alive in reserve: the server forgets it after 5 min. */
#define LINK_RESERVE_US (100 * USEC_S)
/* A lost path is probed every second for a minute. */
#define LINK_REVIVE_US (60 * USEC_S)
/* Packets under the keys before a rekey may still be under way. */
#define LINK_OLD_KEYS_US (10 * USEC_S)
#define LINK_REVIVE_EVERY_US (1 * USEC_S)

struct link {
	struct chan chan;
	struct paths paths;
	struct path *use;        /* where messages go, or NULL */
	enum transport preferred;/* what `tcp` and `udp` asked for; or NONE */
	bool is_asked;           /* the next move is what was asked for */
	bool relay_ok;           /* both sides let messages be relayed */
	uint64_t route;          /* at the server, 0: none */

	struct session session;
	uint32_t index;          /* ours: the receiver's in what comes in */
	uint32_t remote;         /* theirs */
	struct session spare;    /* of the last rekey: the keys before it, or
	                            (is_spare_next) those that come next */
	uint32_t spare_index, spare_remote;
	bool has_spare, is_spare_next;
	uint64_t first_pn;       /* under the present keys */
	bool is_open;            /* there are keys */
	bool is_asker;           /* we asked, the peer allowed */
	bool is_confirmed;       /* the peer has proved that it has the keys */
	uint64_t next_pn;
	usec_t keys_at;          /* when session began */
	usec_t text_at;          /* last text either way; 0: never */
	usec_t heard_at;         /* last authentic packet */

	bool is_closed;          /* a CLOSE came, or the peer broke the rules */
	enum reason closed_by;
	bool is_moved;           /* use changed: for the owner to tell */
	enum reason moved_by;
	uint32_t moved_loss;     /* of LOSSY: thousandths */
	usec_t moved_at;
	bool is_punching;        /* an attempt asks the paths under trial */
	bool wants_resume;       /* no path, or the relay does not answer */
	bool has_dead_stream;    /* a TCP path went silent: for the owner to
	                            close its stream */
};

/* A link without keys yet: text can be queued already. */
void link_init(struct link *l);

/* Takes the keys of a handshake that is done. is_asker: we sent message 1;
 * index is ours, remote theirs. */
void link_open(struct link *l, struct noise *noise, bool is_asker,
    uint32_t index, uint32_t remote, usec_t now);
void link_fini(struct link *l);

/* Replaces the keys; the old ones still open packets for a while. The answering
 * side uses link_rekey_receive: it goes on sending under the old keys until the
 * first packet under the new ones shows that the other side has them. */
void link_rekey(struct link *l, struct noise *noise, uint32_t index,
    uint32_t remote, usec_t now);
void link_rekey_receive(struct link *l, struct noise *noise, uint32_t index,
    uint32_t remote, usec_t now);

/* True if index is one of ours. */
bool link_has_index(const struct link *l, uint32_t index);

/* The relay may be used from now on (route != 0) or not any more. */
void link_set_route(struct link *l, struct self *self, usec_t now,
    uint64_t route);

/* A DATA packet with our index came: by UDP (sock as in struct path), the relay
 * (sock -1, from the server's address) or on a TCP stream. False if it is not
 * authentic; then nothing has changed. */
bool link_input(struct link *l, struct self *self, struct uplink *up,
    usec_t now, enum transport transport, int sock, const struct addr *from,
    const uint8_t *packet, size_t len);

/* A PING on a path, with ttl (0: default). */
void link_ping(struct link *l, struct self *self, struct uplink *up,
    usec_t now, struct path *path, uint8_t ttl);

/* A PING to an address that is only a guess: no path is kept for it. What comes
 * back shows itself by its own packets. sock: -1 or one of our extra ones. */
void link_probe(struct link *l, struct self *self, usec_t now, int sock,
    const struct addr *to, uint8_t ttl);

/* Tells the peer, on every path that may work, that it is over. */
void link_close(struct link *l, struct self *self, struct uplink *up,
    usec_t now, enum reason reason);

/* A packet for RESUME: what the chan has to say, unless the peer has to prove
 * first that it has the keys. Returns its length, 0 if it failed. */
size_t link_pack(struct link *l, usec_t now, uint8_t *out, size_t cap);

/* `tcp` or `udp`: that transport is used as soon as it works. NONE: whatever is
 * best. */
void link_prefer(struct link *l, enum transport transport);

/* The UDP path that loses too much, while there is none that does not; NULL
 * otherwise. */
const struct path *link_lossy(const struct link *l);

/* Messages flow, or flowed a moment ago. */
bool link_is_active(const struct link *l, usec_t now);

/* Text passed: from now on the path in use is asked at the pace of use. */
void link_used(struct link *l, usec_t now);

/* Queues text; E_BAD, E_FULL as chan_send. */
int link_text(struct link *l, struct self *self, struct uplink *up,
    usec_t now, const void *text, size_t len, uint64_t *id);

/* A stream is gone. */
void link_stream_gone(struct link *l, usec_t now, int sock);

/* Chooses the path. Call after every input and expire. */
void link_attend(struct link *l, usec_t now);

/* Chooses the path, sends what is due. Call after the inputs of a wake-up. */
void link_flush(struct link *l, struct self *self, struct uplink *up,
    usec_t now);

void link_expire(struct link *l, struct self *self, struct uplink *up,
    usec_t now);
usec_t link_deadline(const struct link *l);

/* The network changed: every path is asked again at once. */
void link_doubt(struct link *l, usec_t now);

#endif
