/* Transport keys: the packets that flow after a handshake, PACKET_DATA of
 * wire.h. A packet is a header of DATA_HEADER bytes (the type, 3 zeros, the
 * receiver's index, the counter), the ciphertext, and a tag of TAG_LEN bytes.
 * The header is authenticated, and its counter is the nonce.
 *
 * Sessions are plain memory without pointers: they lie wherever their owner
 * puts them, and one that is zero but for its keys is fresh. Two sizes: peers
 * tolerate much reordering, a server has very many clients. */
#ifndef SESSION_H
#define SESSION_H

#include "limit.h"
#include "noise.h"

#include <stddef.h>
#include <stdint.h>

enum {
	SESSION_OVERHEAD = 32, /* DATA_HEADER + TAG_LEN */

	/* A counter this far behind the highest one is still accepted. */
	REPLAY_BEHIND = 63,
	REPLAY_WIDE_BEHIND = 8128,
	REPLAY_WIDE_WORDS = 128,
};

/* Counters that were seen. next is the highest one plus 1. */
struct replay {
	uint64_t next;
	uint64_t seen; /* bit i: next - 1 - i */
};

struct replay_wide {
	uint64_t next;
	uint64_t seen[REPLAY_WIDE_WORDS]; /* a ring: bit c % 8192 is c */
};

/* True the first time, and only if counter is in the window; 2^64-1 is never
 * valid. False changes nothing. */
bool replay_take(struct replay *r, uint64_t counter);
bool replay_wide_take(struct replay_wide *r, uint64_t counter);

struct session_keys {
	uint8_t send[KEY_LEN];
	uint8_t recv[KEY_LEN];
	uint64_t next; /* the lowest counter that may still be sent */
};

/* Of a conversation between peers. */
struct session {
	struct session_keys keys;
	struct replay_wide seen;
};

/* Of a client and its server. */
struct session_small {
	struct session_keys keys;
	struct replay seen;
};

/* Takes the keys out of a handshake that is done (noise_split). */
void session_init(struct session *s, struct noise *n);
void session_small_init(struct session_small *s, struct noise *n);

/* Wipes. Any number of times. */
void session_fini(struct session *s);
void session_small_fini(struct session_small *s);

/* Writes a packet of len + SESSION_OVERHEAD bytes to out. plain may be
 * out + DATA_HEADER, and does not overlap out otherwise. Counters go up but
 * need not begin at 0 or follow each other: E_STATE for one that is not above
 * the last one used with these keys. E_LIMIT for 2^64-1, which is reserved:
 * make new keys. E_FULL if out has no room. Nothing changes on failure. */
int session_seal(struct session_keys *keys, uint32_t index, uint64_t counter,
    const void *plain, size_t len, uint8_t *out, size_t cap, size_t *out_len);

/* The receiver's index of a packet, which says whose keys open it. E_SHORT;
 * E_BAD: not a data packet. */
int session_index(const uint8_t *packet, size_t len, uint32_t *index);

/* Opens a packet to plain, len - SESSION_OVERHEAD bytes, which may be
 * packet + DATA_HEADER. E_SHORT, E_BAD: not a data packet; E_FULL: more than
 * cap; E_AUTH: not authentic; E_REPLAY: authentic, but seen before or too old
 * to tell. A failure changes nothing in the session, and leaves no plaintext;
 * after E_AUTH and E_REPLAY the bytes at plain are zero. */
int session_open(struct session *s, const uint8_t *packet, size_t len,
    uint8_t *plain, size_t cap, size_t *plain_len, uint64_t *counter);
int session_small_open(struct session_small *s, const uint8_t *packet,
    size_t len, uint8_t *plain, size_t cap, size_t *plain_len,
    uint64_t *counter);

#endif
