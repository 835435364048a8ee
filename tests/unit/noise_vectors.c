/* Runs test vectors of the Noise protocol framework through noise.h.
 *
 *	noise_vectors [FILE]
 *
 * FILE has the public JSON format of the Noise wiki: an object with an array
 * "vectors"; a vector has "protocol_name" (or "name"), the keys and prologues
 * of both sides, "messages" of payload and ciphertext, and perhaps
 * "handshake_hash". A member may be absent or empty. Every vector of IK, XX,
 * NK and KK over 25519_ChaChaPoly_SHA256 without pre-shared keys is run, the
 * others are passed over. Without FILE, noise-cacophony.json of the folder of
 * vectors is run (vectors.h). The output is TAP, and says how many ran; the
 * exit code is 0 only if at least one ran and none differed. */
#include "err.h"
#include "noise.h"
#include "session.h"
#include "vectors.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INITIATOR, RESPONDER, SIDES };

/* One side of a vector. */
struct side {
	struct noise noise;
	struct keypair own;
	uint8_t ephemeral[KEY_LEN];
	uint8_t remote[KEY_LEN];
	bool has_own, has_ephemeral, has_remote;
	uint8_t prologue[NOISE_MSG_MAX];
	size_t prologue_len;
	uint8_t send[KEY_LEN], recv[KEY_LEN];
	uint64_t sent, received;
};

/* Of a protocol that noise.h knows; what each side is given before the first
 * message. */
static const struct {
	const char *name;
	enum noise_pattern pattern;
	bool needs_own[SIDES], needs_remote[SIDES];
} protocols[] = {
	{ "Noise_IK_25519_ChaChaPoly_SHA256", NOISE_IK,
	    { true, true }, { true, false } },
	{ "Noise_XX_25519_ChaChaPoly_SHA256", NOISE_XX,
	    { true, true }, { false, false } },
	{ "Noise_NK_25519_ChaChaPoly_SHA256", NOISE_NK,
	    { false, true }, { true, false } },
	{ "Noise_KK_25519_ChaChaPoly_SHA256", NOISE_KK,
	    { true, true }, { true, true } },
};

enum { PROTOCOLS = sizeof protocols / sizeof protocols[0] };

/* Why a vector differed, for its TAP line. */
static char fault[128];

static bool __attribute__((format(printf, 1, 2)))
differs(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fault, sizeof fault, fmt, ap);
	va_end(ap);
	return false;
}

static bool
load_key(const json_t *vector, const char *side, const char *name,
    uint8_t out[static KEY_LEN])
{
	char member[64];

	snprintf(member, sizeof member, "%s_%s", side, name);
	return vectors_hex(vector, member, out, KEY_LEN) == KEY_LEN;
}

static void
load_side(const json_t *vector, const char *name, struct side *s)
{
	char member[64];

	memset(s, 0, sizeof *s);
	s->has_own = load_key(vector, name, "static", s->own.secret);
	if (s->has_own)
		keypair_of(&s->own, s->own.secret);
	s->has_ephemeral = load_key(vector, name, "ephemeral", s->ephemeral);
	s->has_remote = load_key(vector, name, "remote_static", s->remote);
	snprintf(member, sizeof member, "%s_prologue", name);
	s->prologue_len = vectors_hex(vector, member, s->prologue,
	    sizeof s->prologue);
}

/* A remote key that the file does not repeat is the other side's own. */
static bool
begin(int protocol, int self, struct side *s, const struct side *other)
{
	const uint8_t *remote = s->has_remote ? s->remote : other->own.public;
	bool needs_own = protocols[protocol].needs_own[self];
	bool needs_remote = protocols[protocol].needs_remote[self];

	if ((needs_own && !s->has_own) || !s->has_ephemeral ||
	    (needs_remote && !s->has_remote && !other->has_own))
		return differs("a key is missing");
	if (noise_init(&s->noise, protocols[protocol].pattern,
	    self == INITIATOR, s->prologue, s->prologue_len,
	    needs_own ? &s->own : NULL, needs_remote ? remote : NULL) != E_OK)
		return differs("noise_init");
	noise_set_ephemeral(&s->noise, s->ephemeral);
	return true;
}

/* A transport message: encrypts with one side, decrypts with the other. */
static bool
pass_transport(struct side *from, struct side *to, const uint8_t *payload,
    size_t len, uint8_t *cipher, size_t *cipher_len, uint8_t *plain)
{
	uint8_t nonce[CRYPT_NONCE_LEN];

	crypt_nonce(from->sent++, nonce);
	crypt_seal(from->send, nonce, NULL, 0, payload, len, cipher);
	*cipher_len = len + CRYPT_TAG_LEN;
	crypt_nonce(to->received++, nonce);
	return crypt_open(to->recv, nonce, NULL, 0, cipher, *cipher_len, plain);
}

static bool
pass_handshake(struct side *from, struct side *to, const uint8_t *payload,
    size_t len, uint8_t *cipher, size_t *cipher_len, uint8_t *plain)
{
	size_t plain_len;

	if (noise_write(&from->noise, NULL, payload, len, cipher,
	    NOISE_MSG_MAX, cipher_len) != E_OK)
		return false;
	return noise_read(&to->noise, cipher, *cipher_len, plain,
	    NOISE_MSG_MAX, &plain_len) == E_OK && plain_len == len;
}

static bool
pass_message(size_t i, const json_t *message, struct side *from,
    struct side *to, bool is_handshake)
{
	static uint8_t payload[NOISE_MSG_MAX], want[NOISE_MSG_MAX];
	static uint8_t cipher[NOISE_MSG_MAX + CRYPT_TAG_LEN];
	static uint8_t plain[NOISE_MSG_MAX];
	size_t len, want_len, cipher_len = 0;
	bool passed;

	len = vectors_hex(message, "payload", payload, sizeof payload);
	want_len = vectors_hex(message, "ciphertext", want, sizeof want);
	passed = is_handshake ?
	    pass_handshake(from, to, payload, len, cipher, &cipher_len, plain) :
	    pass_transport(from, to, payload, len, cipher, &cipher_len, plain);
	if (!passed)
		return differs("message %zu does not pass", i + 1);
	if (cipher_len != want_len || memcmp(cipher, want, want_len) != 0)
		return differs("message %zu has another ciphertext", i + 1);
	if (memcmp(plain, payload, len) != 0)
		return differs("message %zu has another payload", i + 1);
	return true;
}

static bool
check_hash(const json_t *vector, const struct side *s)
{
	uint8_t want[CRYPT_HASH_LEN];
	size_t len = vectors_hex(vector, "handshake_hash", want, sizeof want);

	if (len == 0)
		return true;
	if (len != sizeof want ||
	    memcmp(noise_hash(&s[INITIATOR].noise), want, len) != 0 ||
	    memcmp(noise_hash(&s[RESPONDER].noise), want, len) != 0)
		return differs("another handshake hash");
	return true;
}

static bool
run_messages(const json_t *vector, struct side *s)
{
	const json_t *messages = json_object_get(vector, "messages"), *message;
	bool is_handshake = true;
	size_t i;

	json_array_foreach((json_t *)messages, i, message) {
		if (!pass_message(i, message, &s[i % 2], &s[(i + 1) % 2],
		    is_handshake))
			return false;
		if (!is_handshake || !noise_is_done(&s[0].noise))
			continue;
		if (!check_hash(vector, s))
			return false;
		is_handshake = false;
		for (int side = 0; side < SIDES; side++)
			noise_split(&s[side].noise, s[side].send, s[side].recv);
	}
	return is_handshake ? differs("too few messages") : true;
}

static bool
run(int protocol, const json_t *vector)
{
	static struct side s[SIDES];

	load_side(vector, "init", &s[INITIATOR]);
	load_side(vector, "resp", &s[RESPONDER]);
	return begin(protocol, INITIATOR, &s[INITIATOR], &s[RESPONDER]) &&
	    begin(protocol, RESPONDER, &s[RESPONDER], &s[INITIATOR]) &&
	    run_messages(vector, s);
}

static int
find_protocol(const json_t *vector)
{
	const json_t *name = json_object_get(vector, "protocol_name");

	if (json_string_length(name) == 0)
		name = json_object_get(vector, "name");
	if (json_string_length(name) == 0)
		return -1;
	for (int i = 0; i < PROTOCOLS; i++) {
		if (strcmp(json_string_value(name), protocols[i].name) == 0)
			return i;
	}
	return -1;
}

static json_t *
load(const char *path)
{
	json_error_t error;
	json_t *root;

	if (path == NULL)
		return vectors_load("noise-cacophony.json");
	root = json_load_file(path, 0, &error);
	if (root == NULL)
		fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
	return root;
}

int
main(int argc, char **argv)
{
	unsigned ran = 0, differed = 0, passed_over = 0;
	const json_t *vectors, *vector;
	json_t *root;
	size_t i;

	if (argc > 2) {
		fprintf(stderr, "usage: noise_vectors [FILE]\n");
		return 2;
	}
	if (sodium_init() < 0 || (root = load(argv[1])) == NULL)
		return EXIT_FAILURE;
	vectors = json_is_array(root) ? root : json_object_get(root, "vectors");
	json_array_foreach((json_t *)vectors, i, vector) {
		int protocol = find_protocol(vector);
		bool is_same;

		if (protocol < 0) {
			passed_over++;
			continue;
		}
		is_same = run(protocol, vector);
		differed += !is_same;
		ran++;
		printf("%s %u - vector %zu: %s%s%s\n",
		    is_same ? "ok" : "not ok", ran, i + 1,
		    protocols[protocol].name, is_same ? "" : ": ",
		    is_same ? "" : fault);
	}
	json_decref(root);
	if (ran == 0)
		printf("not ok 1 - no vector to run\n");
	printf("1..%u\n", ran > 0 ? ran : 1);
	printf("# %u ran, %u differed, %u passed over\n", ran, differed,
	    passed_over);
	return ran > 0 && differed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
