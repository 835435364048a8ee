#include "crypt.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

_Static_assert(KEY_LEN == crypto_scalarmult_curve25519_BYTES, "X25519");
_Static_assert(KEY_LEN == crypto_aead_chacha20poly1305_ietf_KEYBYTES, "AEAD");
_Static_assert(CRYPT_NONCE_LEN == crypto_aead_chacha20poly1305_ietf_NPUBBYTES,
    "AEAD");
_Static_assert(CRYPT_TAG_LEN == crypto_aead_chacha20poly1305_ietf_ABYTES,
    "AEAD");
_Static_assert(CRYPT_HASH_LEN == crypto_hash_sha256_BYTES, "SHA-256");
_Static_assert(CRYPT_HASH_LEN == crypto_auth_hmacsha256_KEYBYTES, "HMAC");

void
keypair_make(struct keypair *pair, struct rng *rng)
{
	rng_fill(rng, pair->secret, sizeof pair->secret);
	keypair_of(pair, pair->secret);
}

void
keypair_of(struct keypair *pair, const uint8_t secret[static KEY_LEN])
{
	int failed;

	memmove(pair->secret, secret, KEY_LEN);
	failed = crypto_scalarmult_curve25519_base(pair->public, pair->secret);
	/* The base point has no low order and the scalar is clamped. */
	assert(failed == 0);
	(void)failed;
}

void
keypair_fini(struct keypair *pair)
{
	crypt_wipe(pair, sizeof *pair);
}

bool
crypt_dh(const uint8_t secret[static KEY_LEN],
    const uint8_t public[static KEY_LEN], uint8_t out[static KEY_LEN])
{
	if (crypto_scalarmult_curve25519(out, secret, public) == 0)
		return true;
	sodium_memzero(out, KEY_LEN);
	return false;
}

void
crypt_nonce(uint64_t counter, uint8_t nonce[static CRYPT_NONCE_LEN])
{
	memset(nonce, 0, 4);
	for (int i = 0; i < 8; i++)
		nonce[4 + i] = (uint8_t)(counter >> (8 * i));
}

void
crypt_seal(const uint8_t key[static KEY_LEN],
    const uint8_t nonce[static CRYPT_NONCE_LEN], const void *ad, size_t ad_len,
    const void *plain, size_t len, uint8_t *out)
{
	crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, plain, len, ad,
	    ad_len, NULL, nonce, key);
}

bool
crypt_open(const uint8_t key[static KEY_LEN],
    const uint8_t nonce[static CRYPT_NONCE_LEN], const void *ad, size_t ad_len,
    const uint8_t *sealed, size_t len, void *out)
{
	if (len < CRYPT_TAG_LEN)
		return false;
	return crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL,
	    sealed, len, ad, ad_len, nonce, key) == 0;
}

void
crypt_hash(const void *a, size_t a_len, const void *b, size_t b_len,
    uint8_t out[static CRYPT_HASH_LEN])
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, a, a_len);
	crypto_hash_sha256_update(&state, b, b_len);
	crypto_hash_sha256_final(&state, out);
	sodium_memzero(&state, sizeof state);
}

void
crypt_hkdf(const uint8_t chaining[static CRYPT_HASH_LEN],
    const void *input, size_t len, uint8_t one[static CRYPT_HASH_LEN],
    uint8_t two[static CRYPT_HASH_LEN])
{
	uint8_t temp[CRYPT_HASH_LEN], block[CRYPT_HASH_LEN + 1];
	const uint8_t first = 1;

	crypto_auth_hmacsha256(temp, input, len, chaining);
	crypto_auth_hmacsha256(block, &first, 1, temp);
	memcpy(one, block, CRYPT_HASH_LEN);
	block[CRYPT_HASH_LEN] = 2;
	crypto_auth_hmacsha256(two, block, sizeof block, temp);
	sodium_memzero(temp, sizeof temp);
	sodium_memzero(block, sizeof block);
}

void
crypt_wipe(void *secret, size_t len)
{
	sodium_memzero(secret, len);
}
