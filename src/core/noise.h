/* The Noise protocol framework, revision 34: interactive patterns without
 * pre-shared keys over 25519_ChaChaPoly_SHA256. A handshake is a plain value:
 * it may be copied, and lives wherever its owner puts it. It holds secrets,
 * so the owner calls noise_fini. */
#ifndef NOISE_H
#define NOISE_H

#include "crypt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NOISE_MSG_MAX = 65535 };

enum noise_pattern {
	NOISE_IK, /* the initiator knows the responder's key */
	NOISE_XX, /* nobody knows a key; both learn the other's */
	NOISE_NK, /* like IK with an anonymous initiator */
	NOISE_KK, /* both know the other's key */
	NOISE_PATTERN_COUNT
};

struct noise {
	const struct keypair *own;
	uint8_t remote[KEY_LEN];
	uint8_t remote_ephemeral[KEY_LEN];
	struct keypair ephemeral;
	uint8_t chaining[CRYPT_HASH_LEN];
	uint8_t hash[CRYPT_HASH_LEN];
	uint8_t key[KEY_LEN];
	uint64_t nonce;
	uint8_t state; /* private to noise.c; 0 is unusable */
	uint8_t pattern;
	uint8_t step;  /* messages so far */
	bool is_initiator;
	bool has_key;
	bool has_remote;
	bool has_ephemeral; /* a test has set it */
};

/* Begins a handshake. The pattern says which keys are needed: own for all but
 * the initiator of NK; remote for the initiator of IK and NK and for both of
 * KK. One that is missing, or given where the pattern would not use it, gives
 * E_BAD, and nothing is left to wipe. The prologue is copied into the hash;
 * own is borrowed until the last message was written or read. */
int noise_init(struct noise *n, enum noise_pattern pattern, bool is_initiator,
    const void *prologue, size_t len, const struct keypair *own,
    const uint8_t *remote);

/* Wipes everything. Any number of times, also on zeroed memory. */
void noise_fini(struct noise *n);

/* Bytes that the next message has beyond its payload; 0 if there is none. */
size_t noise_overhead(const struct noise *n);

/* True if the next message is ours to write. */
bool noise_is_turn(const struct noise *n);

/* Writes the next message, len + noise_overhead(n) bytes, to out (which does
 * not overlap the payload). E_STATE: not our turn, over, or failed before;
 * E_LIMIT: longer than NOISE_MSG_MAX; E_FULL: more than cap; E_AUTH: a remote
 * key of low order. Any failure ends the handshake: it is wiped, and every
 * later call gives E_STATE. */
int noise_write(struct noise *n, struct rng *rng, const void *payload,
    size_t len, uint8_t *out, size_t cap, size_t *out_len);

/* Reads the next message and writes its payload (which does not overlap msg).
 * E_STATE as above; E_SHORT; E_LIMIT: longer than NOISE_MSG_MAX; E_FULL: the
 * payload is more than cap; E_AUTH: not authentic, or a key of low order. Any
 * failure ends the handshake as above, and leaves no plaintext in payload. */
int noise_read(struct noise *n, const uint8_t *msg, size_t len,
    uint8_t *payload, size_t cap, size_t *payload_len);

/* noise_read for messages that anybody could have sent: a failure changes
 * nothing, so that a forged message does not end a handshake whose true
 * message is still under way. */
int noise_try_read(struct noise *n, const uint8_t *msg, size_t len,
    uint8_t *payload, size_t cap, size_t *payload_len);

/* True after the last message, until noise_split. */
bool noise_is_done(const struct noise *n);

/* The keys for transport; n must be done. Wipes the secrets of n: what stays
 * until noise_fini is the remote key and the hash. */
void noise_split(struct noise *n, uint8_t send[static KEY_LEN],
    uint8_t recv[static KEY_LEN]);

/* The remote's static key, or NULL while it is not known. After message 1 of
 * IK it is claimed, not proved: such a message can be replayed, and made by
 * whoever holds our own secret. The first transport message proves it. */
const uint8_t *noise_remote(const struct noise *n);

/* The hash of the handshake (CRYPT_HASH_LEN bytes) for channel binding, from
 * the last message on; NULL before. */
const uint8_t *noise_hash(const struct noise *n);

/* For test vectors: the ephemeral of the next message that sends one. */
void noise_set_ephemeral(struct noise *n,
    const uint8_t secret[static KEY_LEN]);

#endif
