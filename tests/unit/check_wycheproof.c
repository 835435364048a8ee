/* The vectors of project Wycheproof, through the wrappers that everything
 * uses, and the zero shared secrets also through a handshake. */
#include "runner.h"

#include "crypt.h"
#include "err.h"
#include "noise.h"
#include "vectors.h"

#include <stdbool.h>
#include <string.h>

static json_t *x25519, *aead;

static int
id_of(const json_t *test)
{
	return (int)json_integer_value(json_object_get(test, "tcId"));
}

static bool
has_flag(const json_t *test, const char *flag)
{
	json_t *flags = json_object_get(test, "flags"), *value;
	size_t i;

	json_array_foreach(flags, i, value) {
		if (strcmp(json_string_value(value), flag) == 0)
			return true;
	}
	return false;
}

static bool
is_result(const json_t *test, const char *result)
{
	return strcmp(json_string_value(json_object_get(test, "result")),
	    result) == 0;
}

/* Calls fn for every test of a file. */
static void
for_each(json_t *file, void (*fn)(const json_t *group, const json_t *test,
    unsigned *count), unsigned *count)
{
	json_t *groups = json_object_get(file, "testGroups"), *group, *test;
	size_t i, j;

	json_array_foreach(groups, i, group)
		json_array_foreach(json_object_get(group, "tests"), j, test)
			fn(group, test, count);
}

/* A secret that is zero is refused, everything else is computed: what other
 * programs call a twist or not canonical harms no handshake. */
static void
check_x25519(const json_t *group, const json_t *test, unsigned *count)
{
	static const uint8_t zero[KEY_LEN];
	uint8_t public[KEY_LEN], secret[KEY_LEN], want[KEY_LEN], got[KEY_LEN];
	bool is_fine, is_zero;

	(void)group;
	vectors_hex(test, "public", public, sizeof public);
	vectors_hex(test, "private", secret, sizeof secret);
	vectors_hex(test, "shared", want, sizeof want);
	is_zero = memcmp(want, zero, sizeof zero) == 0;
	is_fine = crypt_dh(secret, public, got);
	if (is_fine == is_zero)
		ck_abort_msg("tcId %d: %s", id_of(test),
		    is_fine ? "not refused" : "refused");
	if (memcmp(got, want, sizeof want) != 0)
		ck_abort_msg("tcId %d: another secret", id_of(test));
	*count += 1;
}

START_TEST(x25519_gives_the_shared_secret)
{
	unsigned count = 0;

	for_each(x25519, check_x25519, &count);
	ck_assert_uint_eq(count, 518);
}
END_TEST

/* As the ephemeral of message 1, which anybody can send. */
static void
check_zero_secret(const json_t *group, const json_t *test, unsigned *count)
{
	uint8_t msg[NOISE_MSG_MAX / 64] = { 0 }, payload[sizeof msg];
	struct keypair own;
	struct noise n;
	size_t len;

	(void)group;
	if (!has_flag(test, "ZeroSharedSecret"))
		return;
	vectors_hex(test, "public", msg, KEY_LEN);
	vectors_hex(test, "private", own.secret, KEY_LEN);
	keypair_of(&own, own.secret);
	noise_init(&n, NOISE_IK, false, NULL, 0, &own, NULL);
	if (noise_read(&n, msg, 96, payload, sizeof payload, &len) != E_AUTH)
		ck_abort_msg("tcId %d: not refused", id_of(test));
	/* As a key that was pinned. */
	if (noise_init(&n, NOISE_IK, true, NULL, 0, &own, msg) != E_OK)
		ck_abort_msg("tcId %d: init", id_of(test));
	noise_set_ephemeral(&n, own.secret);
	if (noise_write(&n, NULL, NULL, 0, payload, sizeof payload, &len) !=
	    E_AUTH)
		ck_abort_msg("tcId %d: written to", id_of(test));
	*count += 1;
}

START_TEST(zero_shared_secrets_abort_a_handshake)
{
	unsigned count = 0;

	for_each(x25519, check_zero_secret, &count);
	ck_assert_uint_eq(count, 31);
}
END_TEST

static void
check_aead(const json_t *group, const json_t *test, unsigned *count)
{
	uint8_t key[KEY_LEN], iv[64], ad[1024], msg[1024];
	uint8_t sealed[sizeof msg + CRYPT_TAG_LEN], got[sizeof sealed];
	uint8_t tag[CRYPT_TAG_LEN];
	size_t ad_len, len, sealed_len;
	bool is_valid = is_result(test, "valid"), is_open;

	/* Our nonces have 96 bits; the wrapper takes no others. */
	if (json_integer_value(json_object_get(group, "ivSize")) != 96)
		return;
	vectors_hex(test, "key", key, sizeof key);
	vectors_hex(test, "iv", iv, sizeof iv);
	ad_len = vectors_hex(test, "aad", ad, sizeof ad);
	len = vectors_hex(test, "msg", msg, sizeof msg);
	sealed_len = vectors_hex(test, "ct", sealed, sizeof sealed);
	vectors_hex(test, "tag", tag, sizeof tag);
	memcpy(sealed + sealed_len, tag, sizeof tag);
	sealed_len += sizeof tag;
	is_open = crypt_open(key, iv, ad, ad_len, sealed, sealed_len, got);
	if (is_open != is_valid)
		ck_abort_msg("tcId %d: %s", id_of(test),
		    is_open ? "not refused" : "refused");
	if (is_valid && memcmp(got, msg, len) != 0)
		ck_abort_msg("tcId %d: another message", id_of(test));
	crypt_seal(key, iv, ad, ad_len, msg, len, got);
	if (is_valid && memcmp(got, sealed, sealed_len) != 0)
		ck_abort_msg("tcId %d: another ciphertext", id_of(test));
	*count += 1;
}

START_TEST(chacha20_poly1305_opens_what_is_valid_and_nothing_else)
{
	unsigned count = 0;

	for_each(aead, check_aead, &count);
	ck_assert_uint_eq(count, 316);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("wycheproof");
	TCase *tcase = tcase_create("wycheproof");

	x25519 = vectors_load("wycheproof-x25519_test.json");
	aead = vectors_load("wycheproof-chacha20_poly1305_test.json");
	tcase_add_test(tcase, x25519_gives_the_shared_secret);
	tcase_add_test(tcase, zero_shared_secrets_abort_a_handshake);
	tcase_add_test(tcase,
	    chacha20_poly1305_opens_what_is_valid_and_nothing_else);
	suite_add_tcase(suite, tcase);
	return suite;
}
