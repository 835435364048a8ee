#include "noise.h"

#include "err.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* DEAD --init--> RUNNING --last message--> DONE --split--> SPLIT
 * Any failure, and fini, lead back to DEAD, which is all zeros. */
enum state { DEAD, RUNNING, DONE, SPLIT };

enum token { END, E, S, EE, ES, SE, SS };

enum { MESSAGES_MAX = 3, TOKENS_MAX = 5 };

/* Noise section 7.5. The index of has_static and is_known: 0 is the
 * initiator, 1 the responder; known ones are the pre-messages. */
static const struct pattern {
	char name[3];
	bool has_static[2];
	bool is_known[2];
	uint8_t messages;
	uint8_t tokens[MESSAGES_MAX][TOKENS_MAX];
} patterns[NOISE_PATTERN_COUNT] = {
	[NOISE_IK] = { "IK", { true, true }, { false, true }, 2,
		{ { E, ES, S, SS }, { E, EE, SE } } },
	[NOISE_XX] = { "XX", { true, true }, { false, false }, 3,
		{ { E }, { E, EE, S, ES }, { S, SE } } },
	[NOISE_NK] = { "NK", { false, true }, { false, true }, 2,
		{ { E, ES }, { E, EE } } },
	[NOISE_KK] = { "KK", { true, true }, { true, true }, 2,
		{ { E, ES, SS }, { E, EE, SE } } },
};

static void
mix_hash(struct noise *n, const void *data, size_t len)
{
	crypt_hash(n->hash, sizeof n->hash, data, len, n->hash);
}

static void
mix_key(struct noise *n, const uint8_t secret[static KEY_LEN])
{
	crypt_hkdf(n->chaining, secret, KEY_LEN, n->chaining, n->key);
	n->nonce = 0;
	n->has_key = true;
}

/* Bytes that a part of len bytes has in a message. */
static size_t
sealed_len(const struct noise *n, size_t len)
{
	return n->has_key ? len + CRYPT_TAG_LEN : len;
}

/* EncryptAndHash. False when the nonces are used up: 2^64-1 is reserved. */
static bool
seal(struct noise *n, const void *plain, size_t len, uint8_t *out)
{
	uint8_t nonce[CRYPT_NONCE_LEN];

	if (n->has_key) {
		if (n->nonce == UINT64_MAX)
			return false;
		crypt_nonce(n->nonce++, nonce);
		crypt_seal(n->key, nonce, n->hash, sizeof n->hash, plain, len,
		    out);
	} else if (len > 0) {
		memcpy(out, plain, len);
	}
	mix_hash(n, out, sealed_len(n, len));
	return true;
}

/* DecryptAndHash of a part whose plaintext has len bytes. */
static bool
open_part(struct noise *n, const uint8_t *part, size_t len, uint8_t *plain)
{
	uint8_t nonce[CRYPT_NONCE_LEN];

	if (n->has_key) {
		if (n->nonce == UINT64_MAX)
			return false;
		crypt_nonce(n->nonce++, nonce);
		if (!crypt_open(n->key, nonce, n->hash, sizeof n->hash, part,
		    sealed_len(n, len), plain))
			return false;
	} else if (len > 0) {
		memcpy(plain, part, len);
	}
	mix_hash(n, part, sealed_len(n, len));
	return true;
}

/* The first letter of a token is the initiator's key, the second the
 * responder's. */
static bool
mix_dh(struct noise *n, enum token token)
{
	bool own_is_static, remote_is_static, is_fine;
	uint8_t shared[KEY_LEN];

	own_is_static = token == SS || token == (n->is_initiator ? SE : ES);
	remote_is_static = token == SS || token == (n->is_initiator ? ES : SE);
	is_fine = crypt_dh(
	    own_is_static ? n->own->secret : n->ephemeral.secret,
	    remote_is_static ? n->remote : n->remote_ephemeral, shared);
	if (is_fine)
		mix_key(n, shared);
	crypt_wipe(shared, sizeof shared);
	return is_fine;
}

static int
fail(struct noise *n, enum err err)
{
	noise_fini(n);
	return err;
}

/* Goes on to the next message, or to the end. */
static void
advance(struct noise *n)
{
	if (++n->step < patterns[n->pattern].messages)
		return;
	n->state = DONE;
	n->own = NULL;
	keypair_fini(&n->ephemeral);
	crypt_wipe(n->key, sizeof n->key);
}

int
noise_init(struct noise *n, enum noise_pattern pattern, bool is_initiator,
    const void *prologue, size_t len, const struct keypair *own,
    const uint8_t *remote)
{
	const struct pattern *p = &patterns[pattern];
	int self = is_initiator ? 0 : 1;
	char name[CRYPT_HASH_LEN + 1];
	int name_len;

	assert(pattern < NOISE_PATTERN_COUNT);
	memset(n, 0, sizeof *n);
	if (p->has_static[self] != (own != NULL) ||
	    p->is_known[!self] != (remote != NULL))
		return E_BAD;
	n->state = RUNNING;
	n->pattern = (uint8_t)pattern;
	n->is_initiator = is_initiator;
	n->own = own;
	if (remote != NULL) {
		memcpy(n->remote, remote, KEY_LEN);
		n->has_remote = true;
	}
	/* A name of exactly HASHLEN bytes is h as it stands (section 5.2). */
	name_len = snprintf(name, sizeof name,
	    "Noise_%s_25519_ChaChaPoly_SHA256", p->name);
	assert(name_len == CRYPT_HASH_LEN);
	memcpy(n->hash, name, sizeof n->hash);
	memcpy(n->chaining, name, sizeof n->chaining);
	mix_hash(n, prologue, len);
	for (int side = 0; side < 2; side++) {
		if (p->is_known[side])
			mix_hash(n, side == self ? own->public : n->remote,
			    KEY_LEN);
	}
	return E_OK;
}

void
noise_fini(struct noise *n)
{
	crypt_wipe(n, sizeof *n);
}

size_t
noise_overhead(const struct noise *n)
{
	const uint8_t *token;
	bool has_key = n->has_key;
	size_t len = 0;

	if (n->state != RUNNING)
		return 0;
	token = patterns[n->pattern].tokens[n->step];
	for (; *token != END; token++) {
		if (*token == E)
			len += KEY_LEN;
		else if (*token == S)
			len += KEY_LEN + (has_key ? CRYPT_TAG_LEN : 0);
		else
			has_key = true;
	}
	return len + (has_key ? CRYPT_TAG_LEN : 0);
}

bool
noise_is_turn(const struct noise *n)
{
	return n->state == RUNNING && (n->step % 2 == 0) == n->is_initiator;
}

/* Writes a token at out and returns what follows it, or NULL. */
static uint8_t *
write_token(struct noise *n, struct rng *rng, enum token token, uint8_t *out)
{
	switch (token) {
	case E:
		if (!n->has_ephemeral)
			keypair_make(&n->ephemeral, rng);
		memcpy(out, n->ephemeral.public, KEY_LEN);
		mix_hash(n, out, KEY_LEN);
		return out + KEY_LEN;
	case S:
		if (!seal(n, n->own->public, KEY_LEN, out))
			return NULL;
		return out + sealed_len(n, KEY_LEN);
	case EE:
	case ES:
	case SE:
	case SS:
		return mix_dh(n, token) ? out : NULL;
	case END:
		break;
	}
	return NULL;
}

int
noise_write(struct noise *n, struct rng *rng, const void *payload,
    size_t len, uint8_t *out, size_t cap, size_t *out_len)
{
	size_t overhead = noise_overhead(n);
	const uint8_t *token;
	uint8_t *p = out;

	if (!noise_is_turn(n))
		return fail(n, E_STATE);
	if (len > NOISE_MSG_MAX - overhead)
		return fail(n, E_LIMIT);
	if (overhead + len > cap)
		return fail(n, E_FULL);
	token = patterns[n->pattern].tokens[n->step];
	for (; *token != END; token++) {
		p = write_token(n, rng, *token, p);
		if (p == NULL)
			return fail(n, E_AUTH);
	}
	if (!seal(n, payload, len, p))
		return fail(n, E_LIMIT);
	p += sealed_len(n, len);
	assert((size_t)(p - out) == overhead + len);
	*out_len = overhead + len;
	advance(n);
	return E_OK;
}

/* Reads a token at p and returns what follows it, or NULL. */
static const uint8_t *
read_token(struct noise *n, enum token token, const uint8_t *p)
{
	switch (token) {
	case E:
		memcpy(n->remote_ephemeral, p, KEY_LEN);
		mix_hash(n, p, KEY_LEN);
		return p + KEY_LEN;
	case S:
		if (!open_part(n, p, KEY_LEN, n->remote))
			return NULL;
		n->has_remote = true;
		return p + sealed_len(n, KEY_LEN);
	case EE:
	case ES:
	case SE:
	case SS:
		return mix_dh(n, token) ? p : NULL;
	case END:
		break;
	}
	return NULL;
}

int
noise_read(struct noise *n, const uint8_t *msg, size_t len,
    uint8_t *payload, size_t cap, size_t *payload_len)
{
	size_t overhead = noise_overhead(n);
	const uint8_t *token, *p = msg;

	if (n->state != RUNNING || noise_is_turn(n))
		return fail(n, E_STATE);
	if (len < overhead)
		return fail(n, E_SHORT);
	if (len > NOISE_MSG_MAX)
		return fail(n, E_LIMIT);
	if (len - overhead > cap)
		return fail(n, E_FULL);
	token = patterns[n->pattern].tokens[n->step];
	for (; *token != END; token++) {
		p = read_token(n, *token, p);
		if (p == NULL)
			return fail(n, E_AUTH);
	}
	if (!open_part(n, p, len - overhead, payload))
		return fail(n, E_AUTH);
	*payload_len = len - overhead;
	advance(n);
	return E_OK;
}

int
noise_try_read(struct noise *n, const uint8_t *msg, size_t len,
    uint8_t *payload, size_t cap, size_t *payload_len)
{
	struct noise copy = *n;
	int err = noise_read(&copy, msg, len, payload, cap, payload_len);

	if (err == E_OK)
		*n = copy;
	noise_fini(&copy);
	return err;
}

bool
noise_is_done(const struct noise *n)
{
	return n->state == DONE;
}

void
noise_split(struct noise *n, uint8_t send[static KEY_LEN],
    uint8_t recv[static KEY_LEN])
{
	assert(n->state == DONE);
	assert(send != recv);
	if (n->is_initiator)
		crypt_hkdf(n->chaining, NULL, 0, send, recv);
	else
		crypt_hkdf(n->chaining, NULL, 0, recv, send);
	crypt_wipe(n->chaining, sizeof n->chaining);
	n->state = SPLIT;
}

const uint8_t *
noise_remote(const struct noise *n)
{
	return n->has_remote ? n->remote : NULL;
}

const uint8_t *
noise_hash(const struct noise *n)
{
	return n->state == DONE || n->state == SPLIT ? n->hash : NULL;
}

void
noise_set_ephemeral(struct noise *n,
    const uint8_t secret[static KEY_LEN])
{
	assert(n->state == RUNNING);
	keypair_of(&n->ephemeral, secret);
	n->has_ephemeral = true;
}
