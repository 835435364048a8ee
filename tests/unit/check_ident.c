#include "runner.h"

#include "err.h"
#include "ident.h"

#include <stdlib.h>
#include <string.h>

/* Keys of bytes that count up from a number. */
static void
fill(uint8_t key[static KEY_LEN], uint8_t from)
{
	for (int i = 0; i < KEY_LEN; i++)
		key[i] = (uint8_t)(from + i);
}

START_TEST(fingerprint_is_crockford_base32_of_sha256)
{
	static const struct {
		uint8_t from;
		const char *text;
	} rows[] = {
		{ 0, "CC6W-TAB6-RGSP-D48J-AH4B-QCJV" },
		{ 32, "EBDV-ECVC-ESW0-08ZR-7PJC-6NFJ" },
	};
	uint8_t key[KEY_LEN];
	char text[IDENT_FULL_SIZE];

	fill(key, rows[_i].from);
	ident_fingerprint(key, text);
	ck_assert_str_eq(text, rows[_i].text);
}
END_TEST

START_TEST(short_fingerprint_begins_the_full_one)
{
	uint8_t key[KEY_LEN], id[KEY_ID_LEN];
	char full[IDENT_FULL_SIZE], brief[IDENT_SHORT_SIZE];
	struct rng rng;

	fill(key, 0);
	wire_key_id(key, id);
	ident_short(id, brief);
	ck_assert_str_eq(brief, "CC6W-TAB6");
	rng_init_test(&rng, test_seed(), "ident");
	for (int i = 0; i < 100; i++) {
		rng_fill(&rng, key, sizeof key);
		wire_key_id(key, id);
		ident_fingerprint(key, full);
		ident_short(id, brief);
		ck_assert_int_eq(memcmp(full, brief, strlen(brief)), 0);
	}
}
END_TEST

START_TEST(safety_number_is_the_same_on_both_sides)
{
	static const char want[] = "32618 05451 55413 07775 73388 96041 "
	    "96418 89104 09051 01710 16458 67247";
	uint8_t one[KEY_LEN], two[KEY_LEN];
	char number[IDENT_NUMBER_SIZE];

	fill(one, 0);
	fill(two, 32);
	ident_number(one, two, number);
	ck_assert_str_eq(number, want);
	ident_number(two, one, number);
	ck_assert_str_eq(number, want);
	ident_number(one, one, number);
	ck_assert_str_eq(number, "96418 89104 09051 01710 16458 67247 "
	    "96418 89104 09051 01710 16458 67247");
}
END_TEST

START_TEST(safety_number_changes_with_every_bit_of_a_key)
{
	uint8_t one[KEY_LEN], two[KEY_LEN];
	char want[IDENT_NUMBER_SIZE], number[IDENT_NUMBER_SIZE];

	fill(one, 0);
	fill(two, 32);
	ident_number(one, two, want);
	for (int i = 0; i < KEY_LEN; i++) {
		two[i] ^= (uint8_t)(1 << i % 8);
		ident_number(one, two, number);
		ck_assert_str_ne(number, want);
		two[i] ^= (uint8_t)(1 << i % 8);
	}
}
END_TEST

START_TEST(key_text_is_read_in_either_case)
{
	static const char lower[] =
	    "000102030405060708090a0b0c0d0e0f"
	    "101112131415161718191a1b1c1d1e1f";
	static const char upper[] =
	    "000102030405060708090A0B0C0D0E0F"
	    "101112131415161718191A1B1C1D1E1F";
	uint8_t key[KEY_LEN], got[KEY_LEN];
	char text[IDENT_KEY_SIZE];

	fill(key, 0);
	ident_key_text(key, text);
	ck_assert_str_eq(text, lower);
	ck_assert(ident_key_parse(lower, 64, got));
	ck_assert_mem_eq(got, key, sizeof key);
	ck_assert(ident_key_parse(upper, 64, got));
	ck_assert_mem_eq(got, key, sizeof key);
}
END_TEST

/* Without its last byte. */
#define BAD_HEX "000102030405060708090a0b0c0d0e0f" \
	"101112131415161718191a1b1c1d1e"

START_TEST(key_text_of_another_form_is_refused)
{
	static const char *const bad[] = {
		"", "00", "0x000102",
		BAD_HEX "1",
		BAD_HEX "1f0",
		BAD_HEX "1g",
		" " BAD_HEX "1", BAD_HEX " 1",
		BAD_HEX "\xc3\xbc",
	};
	uint8_t key[KEY_LEN], before[KEY_LEN];

	fill(key, 7);
	fill(before, 7);
	ck_assert(!ident_key_parse(bad[_i], strlen(bad[_i]), key));
	ck_assert_mem_eq(key, before, sizeof key);
}
END_TEST

/* ---- the key file ---- */

#define SECRET_HEX "000102030405060708090a0b0c0d0e0f" \
	"101112131415161718191a1b1c1d1e1f"
#define LINE "gop2p-key-1 " SECRET_HEX " ceb72a45cd7066bd"

static void
make(struct keypair *pair)
{
	uint8_t secret[KEY_LEN];

	fill(secret, 0);
	keypair_of(pair, secret);
}

static int
decode(const char *text, struct keypair *out)
{
	return ident_decode(text, strlen(text), out);
}

START_TEST(key_file_says_what_it_is)
{
	struct keypair pair;
	char text[IDENT_FILE_SIZE];
	size_t len;

	make(&pair);
	len = ident_encode(&pair, text);
	ck_assert_str_eq(text,
	    "# Identity key of gop2p. Whoever has it can pose as you:\n"
	    "# never show it, never send it. Its fingerprint, which you may\n"
	    "# show, is XVER-GFD0-N52H-B4YW-18WE-B0ZV.\n"
	    LINE "\n");
	ck_assert_uint_eq(len, strlen(text));
}
END_TEST

START_TEST(key_file_comes_back)
{
	struct keypair pair, got;
	char text[IDENT_FILE_SIZE];
	struct rng rng;
	size_t len;

	rng_init_test(&rng, test_seed(), "ident");
	for (int i = 0; i < 50; i++) {
		keypair_make(&pair, &rng);
		len = ident_encode(&pair, text);
		ck_assert_int_eq(ident_decode(text, len, &got), E_OK);
		ck_assert_mem_eq(&got, &pair, sizeof pair);
	}
}
END_TEST

START_TEST(edited_key_file_is_read)
{
	static const char *const texts[] = {
		LINE, LINE "\n", "\n\n  " LINE "  \r\n\r\n# end",
		"# mine\r\n\tgop2p-key-1\t" SECRET_HEX "\tceb72a45cd7066bd\r\n",
		"gop2p-key-1 " SECRET_HEX " CEB72A45CD7066BD\n",
	};
	struct keypair pair, got;

	make(&pair);
	ck_assert_int_eq(decode(texts[_i], &got), E_OK);
	ck_assert_mem_eq(&got, &pair, sizeof pair);
}
END_TEST

START_TEST(wrong_key_file_is_refused)
{
	static const struct {
		const char *text;
		int err;
	} rows[] = {
		{ "", E_NONE },
		{ "\n\n", E_NONE },
		{ "# gop2p-key-1 " SECRET_HEX " ceb72a45cd7066bd", E_NONE },
		{ "gop2p-key-2 " SECRET_HEX " ceb72a45cd7066bd", E_BAD },
		{ "gop2p-key-1 " SECRET_HEX, E_BAD },
		{ "gop2p-key-1", E_BAD },
		{ LINE " more", E_BAD },
		{ LINE " m", E_BAD },
		{ LINE "\n" LINE, E_BAD },
		{ LINE "\nx", E_BAD },
		{ "x\n" LINE, E_BAD },
		{ "gop2p-key-1 " SECRET_HEX " ceb72a45cd7066b", E_BAD },
		{ "gop2p-key-1 " SECRET_HEX " ceb72a45cd7066be", E_AUTH },
	};
	struct keypair pair, before;

	make(&pair);
	before = pair;
	ck_assert_int_eq(decode(rows[_i].text, &pair), rows[_i].err);
	ck_assert_mem_eq(&pair, &before, sizeof pair);
}
END_TEST

START_TEST(every_prefix_of_a_key_file_is_refused)
{
	struct keypair pair, got;
	char text[IDENT_FILE_SIZE], *exact;
	size_t len;

	make(&pair);
	len = ident_encode(&pair, text);
	for (size_t cut = 0; cut < len - 1; cut++) {
		exact = malloc(cut + (cut == 0));
		memcpy(exact, text, cut);
		ck_assert_int_ne(ident_decode(exact, cut, &got), E_OK);
		free(exact);
	}
}
END_TEST

/* Damage never makes another key: the comments may suffer, the secret not. */
START_TEST(damaged_key_file_gives_no_other_key)
{
	struct keypair pair, got;
	char text[IDENT_FILE_SIZE];
	size_t len;

	make(&pair);
	len = ident_encode(&pair, text);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		text[bit / 8] ^= (char)(1 << bit % 8);
		if (ident_decode(text, len, &got) == E_OK)
			ck_assert_mem_eq(&got, &pair, sizeof pair);
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
}
END_TEST

START_TEST(nul_and_garbage_are_refused)
{
	static const char nul[] = LINE "\0\n";
	uint8_t garbage[300];
	struct keypair got;
	struct rng rng;

	ck_assert_int_eq(ident_decode(nul, sizeof nul - 1, &got), E_BAD);
	rng_init_test(&rng, test_seed(), "garbage");
	for (int i = 0; i < 1000; i++) {
		rng_fill(&rng, garbage, sizeof garbage);
		garbage[0] = 'x';
		ck_assert_int_eq(ident_decode((const char *)garbage,
		    sizeof garbage, &got), E_BAD);
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("ident");
	TCase *text = tcase_create("text"), *file = tcase_create("file");

	tcase_add_loop_test(text, fingerprint_is_crockford_base32_of_sha256,
	    0, 2);
	tcase_add_test(text, short_fingerprint_begins_the_full_one);
	tcase_add_test(text, safety_number_is_the_same_on_both_sides);
	tcase_add_test(text, safety_number_changes_with_every_bit_of_a_key);
	tcase_add_test(text, key_text_is_read_in_either_case);
	tcase_add_loop_test(text, key_text_of_another_form_is_refused, 0, 9);
	tcase_add_test(file, key_file_says_what_it_is);
	tcase_add_test(file, key_file_comes_back);
	tcase_add_loop_test(file, edited_key_file_is_read, 0, 5);
	tcase_add_loop_test(file, wrong_key_file_is_refused, 0, 13);
	tcase_add_test(file, every_prefix_of_a_key_file_is_refused);
	tcase_add_test(file, damaged_key_file_gives_no_other_key);
	tcase_add_test(file, nul_and_garbage_are_refused);
	suite_add_tcase(suite, text);
	suite_add_tcase(suite, file);
	return suite;
}
