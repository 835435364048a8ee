#include "runner.h"

#include "crypt.h"

#include <string.h>

/* RFC 7748 section 6.1 */
static const char alice[] =
    "77076d0a7318a57d3c16c17251b26645"
    "df4c2f87ebc0992ab177fba51db92c2a";
static const char alice_public[] =
    "8520f0098930a754748b7ddcb43ef75a"
    "0dbf3a0d26381af4eba4a98eaa9b4e6a";
static const char bob_public[] =
    "de9edb7d7b7dc1b4d35b61c2ece43537"
    "3f8343c85b78674dadfc7e146f882b4f";
static const char shared[] =
    "4a5d9d5ba4ce2de1728e3bf480350f25"
    "e07e21c947d19e3376f09b3c1e161742";

START_TEST(keypair_of_a_secret_has_its_public_key)
{
	struct keypair pair, again;
	uint8_t want[KEY_LEN];

	unhex(alice, pair.secret, sizeof pair.secret);
	unhex(alice_public, want, sizeof want);
	keypair_of(&pair, pair.secret);
	ck_assert_mem_eq(pair.public, want, sizeof want);
	memset(&again, 0xaa, sizeof again);
	keypair_of(&again, pair.secret);
	ck_assert_mem_eq(&again, &pair, sizeof pair);
}
END_TEST

START_TEST(keypairs_of_one_seed_are_the_same)
{
	struct keypair a, b, c;
	struct rng one, two;

	rng_init_test(&one, 7, "pair");
	rng_init_test(&two, 7, "pair");
	keypair_make(&a, &one);
	keypair_make(&b, &two);
	keypair_make(&c, &two);
	ck_assert_mem_eq(&a, &b, sizeof a);
	ck_assert_mem_ne(a.public, c.public, sizeof a.public);
}
END_TEST

START_TEST(fini_leaves_no_secret)
{
	static const struct keypair zero;
	struct keypair pair;
	struct rng rng;

	rng_init_test(&rng, 7, "pair");
	keypair_make(&pair, &rng);
	keypair_fini(&pair);
	ck_assert_mem_eq(&pair, &zero, sizeof zero);
}
END_TEST

START_TEST(dh_agrees_with_rfc_7748)
{
	uint8_t secret[KEY_LEN], public[KEY_LEN], want[KEY_LEN], got[KEY_LEN];

	unhex(alice, secret, sizeof secret);
	unhex(bob_public, public, sizeof public);
	unhex(shared, want, sizeof want);
	ck_assert(crypt_dh(secret, public, got));
	ck_assert_mem_eq(got, want, sizeof want);
}
END_TEST

START_TEST(dh_refuses_a_point_of_low_order)
{
	static const uint8_t zero[KEY_LEN];
	uint8_t secret[KEY_LEN], one[KEY_LEN] = { 1 }, got[KEY_LEN];

	unhex(alice, secret, sizeof secret);
	memset(got, 0xaa, sizeof got);
	ck_assert(!crypt_dh(secret, zero, got));
	ck_assert_mem_eq(got, zero, sizeof got);
	ck_assert(!crypt_dh(secret, one, got));
	ck_assert_mem_eq(got, zero, sizeof got);
}
END_TEST

START_TEST(nonce_is_little_endian_after_four_zeros)
{
	static const uint8_t want[CRYPT_NONCE_LEN] =
	    { 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1 };
	uint8_t nonce[CRYPT_NONCE_LEN];

	memset(nonce, 0xaa, sizeof nonce);
	crypt_nonce(0x0102030405060708, nonce);
	ck_assert_mem_eq(nonce, want, sizeof want);
}
END_TEST

START_TEST(seal_and_open_agree_with_rfc_8439)
{
	static const char plain[] = "Ladies and Gentlemen of the class of '99: "
	    "If I could offer you only one tip for the future, sunscreen would "
	    "be it.";
	uint8_t key[KEY_LEN], nonce[CRYPT_NONCE_LEN], ad[12];
	uint8_t want[sizeof plain - 1 + CRYPT_TAG_LEN], buf[sizeof want];
	size_t len = sizeof plain - 1;

	unhex("808182838485868788898a8b8c8d8e8f"
	    "909192939495969798999a9b9c9d9e9f", key, sizeof key);
	unhex("070000004041424344454647", nonce, sizeof nonce);
	unhex("50515253c0c1c2c3c4c5c6c7", ad, sizeof ad);
	unhex("d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
	    "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
	    "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
	    "3ff4def08e4b7a9de576d26586cec64b6116"
	    "1ae10b594f09e26a7e902ecbd0600691", want, sizeof want);
	memcpy(buf, plain, len);
	crypt_seal(key, nonce, ad, sizeof ad, buf, len, buf);
	ck_assert_mem_eq(buf, want, sizeof want);
	ck_assert(crypt_open(key, nonce, ad, sizeof ad, buf, sizeof buf, buf));
	ck_assert_mem_eq(buf, plain, len);
}
END_TEST

START_TEST(open_refuses_less_than_a_tag)
{
	uint8_t key[KEY_LEN] = { 0 }, nonce[CRYPT_NONCE_LEN] = { 0 };
	uint8_t sealed[CRYPT_TAG_LEN], out[1];

	crypt_seal(key, nonce, NULL, 0, NULL, 0, sealed);
	ck_assert(crypt_open(key, nonce, NULL, 0, sealed, sizeof sealed, out));
	for (size_t len = 0; len < sizeof sealed; len++)
		ck_assert(!crypt_open(key, nonce, NULL, 0, sealed, len, out));
}
END_TEST

START_TEST(hash_is_sha256_of_both_parts)
{
	uint8_t want[CRYPT_HASH_LEN], got[CRYPT_HASH_LEN];

	unhex("ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad", want, sizeof want);
	crypt_hash("a", 1, "bc", 2, got);
	ck_assert_mem_eq(got, want, sizeof want);
	crypt_hash("abc", 3, NULL, 0, got);
	ck_assert_mem_eq(got, want, sizeof want);
}
END_TEST

/* Test case 3: salt and info are empty. */
START_TEST(hkdf_agrees_with_rfc_5869)
{
	uint8_t want[42], input[22], one[CRYPT_HASH_LEN] = { 0 };
	uint8_t two[CRYPT_HASH_LEN];

	memset(input, 0x0b, sizeof input);
	unhex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
	    "9d201395faa4b61a96c8", want, sizeof want);
	crypt_hkdf(one, input, sizeof input, one, two);
	ck_assert_mem_eq(one, want, 32);
	ck_assert_mem_eq(two, want + 32, 10);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("crypt");
	TCase *tcase = tcase_create("crypt");

	tcase_add_test(tcase, keypair_of_a_secret_has_its_public_key);
	tcase_add_test(tcase, keypairs_of_one_seed_are_the_same);
	tcase_add_test(tcase, fini_leaves_no_secret);
	tcase_add_test(tcase, dh_agrees_with_rfc_7748);
	tcase_add_test(tcase, dh_refuses_a_point_of_low_order);
	tcase_add_test(tcase, nonce_is_little_endian_after_four_zeros);
	tcase_add_test(tcase, seal_and_open_agree_with_rfc_8439);
	tcase_add_test(tcase, open_refuses_less_than_a_tag);
	tcase_add_test(tcase, hash_is_sha256_of_both_parts);
	tcase_add_test(tcase, hkdf_agrees_with_rfc_5869);
	suite_add_tcase(suite, tcase);
	return suite;
}
