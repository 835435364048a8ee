/* The primitives of handshakes and sessions, in one place so that published
 * vectors run through it: X25519, ChaCha20-Poly1305 (RFC 8439), SHA-256 and
 * HKDF over HMAC-SHA256. */
#ifndef CRYPT_H
#define CRYPT_H

#include "limit.h"
#include "rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CRYPT_NONCE_LEN = 12, CRYPT_TAG_LEN = 16, CRYPT_HASH_LEN = 32 };

struct keypair {
	uint8_t secret[KEY_LEN];
	uint8_t public[KEY_LEN];
};

/* A fresh key pair. The caller wipes it (keypair_fini). */
void keypair_make(struct keypair *pair, struct rng *rng);

/* The pair of a given secret; pair->secret and secret may be the same. */
void keypair_of(struct keypair *pair, const uint8_t secret[static KEY_LEN]);
void keypair_fini(struct keypair *pair);

/* X25519. False, and out is zero, when the shared secret would be zero: the
 * public key is a point of low order. */
bool crypt_dh(const uint8_t secret[static KEY_LEN],
    const uint8_t public[static KEY_LEN], uint8_t out[static KEY_LEN]);

/* Noise's nonce of a counter: four zero bytes, the counter little-endian. */
void crypt_nonce(uint64_t counter, uint8_t nonce[static CRYPT_NONCE_LEN]);

/* Writes len + CRYPT_TAG_LEN bytes to out, which may begin where plain does
 * but not overlap it otherwise. */
void crypt_seal(const uint8_t key[static KEY_LEN],
    const uint8_t nonce[static CRYPT_NONCE_LEN], const void *ad, size_t ad_len,
    const void *plain, size_t len, uint8_t *out);

/* Opens len bytes, tag included, to len - CRYPT_TAG_LEN bytes at out, which
 * may begin where sealed does. False if it is too short or not authentic;
 * out is then zeroed or untouched. */
bool crypt_open(const uint8_t key[static KEY_LEN],
    const uint8_t nonce[static CRYPT_NONCE_LEN], const void *ad, size_t ad_len,
    const uint8_t *sealed, size_t len, void *out);

/* SHA-256 of a followed by b. */
void crypt_hash(const void *a, size_t a_len, const void *b, size_t b_len,
    uint8_t out[static CRYPT_HASH_LEN]);

/* Noise's HKDF with two outputs: chaining is the salt; either output may be
 * the same as chaining. */
void crypt_hkdf(const uint8_t chaining[static CRYPT_HASH_LEN],
    const void *input, size_t len, uint8_t one[static CRYPT_HASH_LEN],
    uint8_t two[static CRYPT_HASH_LEN]);

/* Zeroes in a way that the compiler keeps. */
void crypt_wipe(void *secret, size_t len);

#endif
