/* What a node wants done and its world has not taken yet. Engines below the
 * node append here; the node's next pops. Taken empty after every batch of
 * inputs, so plain arrays do. When it is full, datagrams and frames are dropped
 * (and counted); everything else has reserved room. */
#ifndef OUTBOX_H
#define OUTBOX_H

#include "act.h"
#include "event.h"

struct outbox {
	struct act *acts;
	uint32_t count, taken, capacity;
	uint8_t *bytes;
	size_t bytes_len, bytes_cap;
	struct event *events;
	uint32_t events_count, events_cap;
	struct outbox_kept *kept; /* copies for events */
	uint64_t dropped; /* datagrams and frames without room */
};

/* Room for capacity acts and bytes_cap bytes of them, events growing as
 * needed. False without memory. */
bool outbox_init(struct outbox *o, uint32_t capacity, size_t bytes_cap);
void outbox_fini(struct outbox *o);

/* Takes the oldest act; false when there is none. What it points to is valid
 * until the outbox is written to again. */
bool outbox_next(struct outbox *o, struct act *out);
bool outbox_is_empty(const struct outbox *o);

/* Room for a datagram or frame of at most cap bytes, to be written in place
 * and ended by one of the two calls below; NULL when full. */
uint8_t *outbox_reserve(struct outbox *o, size_t cap);

/* The bytes reserved last, len of them, as a datagram... */
void outbox_send(struct outbox *o, int sock, const struct addr *to, uint8_t ttl,
    size_t len);

/* ... or as a frame on a stream. */
void outbox_write(struct outbox *o, int sock, size_t len);

/* Both in one for bytes that exist elsewhere; false when full. */
bool outbox_send_copy(struct outbox *o, int sock, const struct addr *to,
    uint8_t ttl, const void *buf, size_t len);
bool outbox_write_copy(struct outbox *o, int sock, const void *buf, size_t len);

void outbox_open(struct outbox *o, int sock, const struct addr *local);

/* ACT_OPEN of a multicast group. */
void outbox_join(struct outbox *o, int sock, const struct addr *group,
    const struct addr *local);
void outbox_listen(struct outbox *o, int sock, const struct addr *local);
void outbox_dial(struct outbox *o, int sock, const struct addr *local,
    const struct addr *to);

/* ACT_DIAL with a ttl. */
void outbox_dial_ttl(struct outbox *o, int sock, const struct addr *local,
    const struct addr *to, uint8_t ttl);
void outbox_close(struct outbox *o, int sock);

/* ACT_CLOSE with a reset. */
void outbox_cut(struct outbox *o, int sock);
void outbox_resolve(struct outbox *o, int sock, const char *host,
    uint16_t port);

/* Mappings by UPnP at a router to our port local; lifetime_s 0 ends them. */
void outbox_upnp(struct outbox *o, int sock, const struct addr *local,
    const struct addr *router, uint32_t lifetime_s);

/* name and buf are not copied: they must stay as they are until the act was
 * taken. */
void outbox_save(struct outbox *o, const char *name, uint32_t id,
    const void *buf, size_t len);

/* The change is copied. False when full. */
bool outbox_store(struct outbox *o, uint32_t id,
    const struct store_change *change);

/* A copy of bytes that an event refers to, valid as long as acts are; NULL
 * without memory. */
uint8_t *outbox_keep(struct outbox *o, const void *buf, size_t len);

/* A zeroed event of a kind, to be filled in before the next call. */
struct event *outbox_event(struct outbox *o, enum event_kind kind);

#endif
