#include "runner.h"

#include "name.h"
#include "rng.h"
#include "script.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static enum name_fault
check(const char *in)
{
	char out[NAME_SIZE];

	return name_check(in, strlen(in), out);
}

static const struct check_row {
	const char *in;
	enum name_fault fault;
} check_rows[] = {
	{ "a", NAME_OK },
	{ "calm-otter-42", NAME_OK },
	{ "O'Neill_2.0", NAME_OK },
	{ "12345678901234567890123456789012", NAME_OK },
	{ "J\xc3\xbcrgen", NAME_OK },
	{ "\xd0\x9c\xd0\xb0\xd1\x88\xd0\xb0", NAME_OK },      /* Cyrillic */
	{ "\xd9\x85\xd8\xb1\xd9\x8a\xd9\x85\xd9\xa3", NAME_OK }, /* Arabic, 3 */
	{ "\xe0\xa4\x95\xe0\xa4\xbe\xe0\xa4\x82", NAME_OK },  /* Devanagari */
	{ "\xe0\xb8\x99\xe0\xb9\x89\xe0\xb8\xb3", NAME_OK }, /* Thai, sara am */
	{ "tanaka\xe7\x94\xb0\xe4\xb8\xad", NAME_OK },        /* Latin, Han */
	{ "\xe7\x94\xb0\xe3\x81\xae\xe3\x82\xab\xe3\x83\xbc", NAME_OK },
	{ "kim\xea\xb9\x80\xe9\x87\x91", NAME_OK },           /* Hangul, Han */
	{ "\xf0\x9f\xa6\xa6otter", NAME_OK },                 /* an emoji */
	{ "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", NAME_OK },      /* skin tone */
	{ "", NAME_EMPTY },
	{ "123456789012345678901234567890123", NAME_TOO_LONG },
	{ "\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80"
	  "\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80"
	  "\xe4\xb8\x80", NAME_TOO_LONG },
	{ "\xff", NAME_NOT_UTF8 },
	{ "a\xed\xa0\x80", NAME_NOT_UTF8 },
	{ "a\xe2\x82", NAME_NOT_UTF8 },
	{ "a b", NAME_BAD_CHAR },
	{ " a", NAME_BAD_CHAR },
	{ "a\tb", NAME_BAD_CHAR },
	{ "a\nb", NAME_BAD_CHAR },
	{ "a\x1b[31m", NAME_BAD_CHAR },
	{ "a\x7f", NAME_BAD_CHAR },
	{ "a\xc2\x9b", NAME_BAD_CHAR },
	{ "a\xc2\xa0" "b", NAME_BAD_CHAR },                 /* no-break space */
	{ "a\xe3\x80\x80" "b", NAME_BAD_CHAR },               /* wide space */
	{ "a\xe2\xa0\x80", NAME_BAD_CHAR },                  /* braille blank */
	{ "a\xe3\x85\xa4", NAME_BAD_CHAR },                  /* Hangul filler */
	{ "a\xe2\x80\xae" "b", NAME_BAD_CHAR },               /* bidi */
	{ "a\xe2\x80\x8b" "b", NAME_BAD_CHAR },               /* zero width */
	{ "a\xe2\x80\x8d" "b", NAME_BAD_CHAR },               /* joiner */
	{ "a\xef\xb8\x8f", NAME_BAD_CHAR },                   /* selector */
	{ "a\xf3\xa0\x81\xa1", NAME_BAD_CHAR },               /* tag */
	{ "a\xee\x80\x80", NAME_BAD_CHAR },                   /* private */
	{ "a\xef\xbf\xbf", NAME_BAD_CHAR },                   /* noncharacter */
	{ "a\xcd\xb8", NAME_BAD_CHAR },                       /* unassigned */
	{ "a@b", NAME_BAD_CHAR },
	{ "/a", NAME_BAD_CHAR },
	{ "-a", NAME_BAD_CHAR },
	{ ".a", NAME_BAD_CHAR },
	{ "a/b-c.d", NAME_OK },
	{ "\xcc\x81" "a", NAME_BAD_CHAR },                    /* no base */
	{ "q\xcc\x81\xcc\x81\xcc\x81\xcc\x81", NAME_OK },
	{ "q\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81", NAME_BAD_CHAR },
	{ "p\xd0\xb0ypal", NAME_MIXED },                      /* Cyrillic a */
	{ "\xce\xb1lice", NAME_MIXED },                       /* Greek alpha */
	{ "\xe1\x8e\xaalice", NAME_MIXED },                   /* Cherokee */
	{ "\xd0\xb0\xe7\x94\xb0", NAME_MIXED },              /* Cyrillic, Han */
	{ "\xea\xb9\x80\xe3\x81\xae", NAME_MIXED },           /* Hangul, kana */
	{ "al\xd9\xa1" "ce", NAME_MIXED },                    /* Arabic digit */
	{ "\xd0\xb0\xe2\x85\xbc", NAME_MIXED },              /* Roman numeral */
};

START_TEST(names_are_checked)
{
	const struct check_row *row = &check_rows[_i];

	ck_assert_msg(check(row->in) == row->fault, "row %d, %s: %s", _i,
	    row->in, name_fault_text(check(row->in)));
}
END_TEST

START_TEST(nul_in_a_name_is_refused)
{
	char out[NAME_SIZE];

	ck_assert_int_eq(name_check("a\0b", 3, out), NAME_BAD_CHAR);
}
END_TEST

START_TEST(accepted_name_is_in_nfc)
{
	char out[NAME_SIZE];

	ck_assert_int_eq(name_check("Ame\xcc\x81lie", 8, out), NAME_OK);
	ck_assert_str_eq(out, "Am\xc3\xa9lie");
}
END_TEST

START_TEST(length_counts_after_nfc)
{
	/* Eight syllables of Hangul as 72 bytes of jamo are 24. */
	static const char one[] = "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab";
	char in[8 * 9 + 1] = "", out[NAME_SIZE];

	for (int i = 0; i < 8; i++)
		strcat(in, one);
	ck_assert_int_eq(name_check(in, strlen(in), out), NAME_OK);
	ck_assert_uint_eq(strlen(out), 24);
}
END_TEST

START_TEST(refused_name_leaves_the_output_alone)
{
	char out[NAME_SIZE] = "before";

	name_check("a b", 3, out);
	name_check("", 0, out);
	name_check("\xff", 1, out);
	name_check("123456789012345678901234567890123", 33, out);
	ck_assert_str_eq(out, "before");
}
END_TEST

START_TEST(every_fault_has_its_words)
{
	for (int fault = NAME_OK; fault <= NAME_MIXED; fault++)
		ck_assert_uint_gt(strlen(name_fault_text(
		    (enum name_fault)fault)), 5);
}
END_TEST

START_TEST(accepted_names_survive_a_terminal_and_another_check)
{
	struct rng rng;
	int accepted = 0;

	rng_init_test(&rng, test_seed(), "name");
	for (int i = 0; i < 100000; i++) {
		uint8_t in[12];
		char out[NAME_SIZE], again[NAME_SIZE], clean[512];
		size_t len = 1 + rng_below(&rng, sizeof in);

		rng_fill(&rng, in, len);
		for (size_t j = 0; j < len; j++)
			in[j] &= i % 2 != 0 ? 0x7f : 0xff;
		if (name_check(in, len, out) != NAME_OK)
			continue;
		accepted++;
		must(name_check(out, strlen(out), again) == NAME_OK &&
		    strcmp(out, again) == 0, "%s: twice", out);
		text_clean_line(out, strlen(out), clean, sizeof clean);
		must(strcmp(out, clean) == 0, "%s: not clean", out);
	}
	ck_assert_int_gt(accepted, 1000);
}
END_TEST

static const struct same_row {
	const char *a, *b;
	bool same;
} same_rows[] = {
	{ "alice", "alice", true },
	{ "alice", "ALICE", true },
	{ "alice", "alicia", false },
	{ "Stra\xc3\x9f" "e", "STRASSE", true },
	{ "\xc3\x89mile", "\xc3\xa9mile", true },
	{ "\xce\xa3\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x82",
	    "\xcf\x83\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x83", true },
	{ "\xef\xbc\xa1lice", "alice", true },                /* fullwidth */
	{ "\xef\xac\x81n", "fin", true },                     /* ligature */
	{ "\xf0\x9d\x93\xaa", "a", true },                    /* script a */
	{ "\xd0\xb0", "a", false },                           /* Cyrillic */
	{ "a", "", false },
};

START_TEST(names_are_compared_by_their_folded_form)
{
	const struct same_row *row = &same_rows[_i];

	ck_assert_msg(name_same(row->a, row->b) == row->same, "%s %s", row->a,
	    row->b);
	ck_assert_msg(name_same(row->b, row->a) == row->same, "%s %s", row->b,
	    row->a);
}
END_TEST

START_TEST(fold_is_the_beginning_of_a_fold)
{
	char prefix[NAME_FOLD_SIZE], whole[NAME_FOLD_SIZE];
	size_t len = name_fold("CALM-Ot", prefix);

	name_fold("calm-OTTER-42", whole);
	ck_assert_str_eq(prefix, "calm-ot");
	ck_assert_int_eq(strncmp(prefix, whole, len), 0);
}
END_TEST

START_TEST(long_folds_are_cut_between_characters)
{
	/* U+FDFA becomes 18 characters, 33 bytes. */
	char out[NAME_FOLD_SIZE];
	size_t len = name_fold("\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba", out);

	ck_assert_uint_eq(len, strlen(out));
	ck_assert_uint_ge(len, NAME_FOLD_SIZE - 4);
	ck_assert(text_is_utf8(out, len));
}
END_TEST

START_TEST(what_is_no_name_is_copied)
{
	char out[NAME_FOLD_SIZE], lengthy[400];

	ck_assert_uint_eq(name_fold("A\xff", out), 2);
	ck_assert_str_eq(out, "A\xff");
	memset(lengthy, 'A', sizeof lengthy - 1);
	lengthy[sizeof lengthy - 1] = '\0';
	ck_assert_uint_eq(name_fold(lengthy, out), NAME_FOLD_SIZE - 1);
	ck_assert(!name_same("A\xff", "A\xfe"));
}
END_TEST

START_TEST(random_name_is_that_of_its_number)
{
	char out[NAME_SIZE];

	name_random(0, out);
	ck_assert_str_eq(out, "able-acorn-10");
	name_random(UINT64_MAX, out);
	ck_assert_int_eq(check(out), NAME_OK);
}
END_TEST

START_TEST(random_names_are_names_and_many)
{
	enum { MANY = 20000, BITS = 1 << 20 };
	uint8_t *seen = calloc(BITS, 1);
	struct rng rng;
	int distinct = 0;

	rng_init_test(&rng, test_seed(), "random");
	for (int i = 0; i < MANY; i++) {
		char out[NAME_SIZE];
		uint32_t hash = 2166136261u;

		name_random(rng_u64(&rng), out);
		must(check(out) == NAME_OK &&
		    strspn(out, "abcdefghijklmnopqrstuvwxyz-") ==
		    strlen(out) - 2, "%s", out);
		for (const char *p = out; *p != '\0'; p++)
			hash = (hash ^ (uint8_t)*p) * 16777619u;
		distinct += seen[hash % BITS] == 0;
		seen[hash % BITS] = 1;
	}
	/* Of a million names and a million bits: about 400 meet by chance. */
	ck_assert_int_gt(distinct, MANY - 700);
	free(seen);
}
END_TEST

static const struct script_row {
	uint32_t cp;
	enum script script;
} script_rows[] = {
	{ '0', SCRIPT_COMMON },
	{ 'a', SCRIPT_LATIN },
	{ 0x0301, SCRIPT_COMMON },
	{ 0x03b1, SCRIPT_GREEK },
	{ 0x0430, SCRIPT_CYRILLIC },
	{ 0x05d0, SCRIPT_HEBREW },
	{ 0x0661, SCRIPT_ARABIC },
	{ 0x0904, SCRIPT_DEVANAGARI },
	{ 0x0e01, SCRIPT_THAI },
	{ 0x10d0, SCRIPT_GEORGIAN },
	{ 0x13aa, SCRIPT_OTHER },
	{ 0x1f00, SCRIPT_GREEK },
	{ 0x3042, SCRIPT_HIRAGANA },
	{ 0x30fc, SCRIPT_KATAKANA },
	{ 0x4e00, SCRIPT_HAN },
	{ 0xac00, SCRIPT_HANGUL },
	{ 0xff21, SCRIPT_LATIN },
	{ 0x20000, SCRIPT_HAN },
	{ 0x10ffff, SCRIPT_OTHER },
};

START_TEST(characters_have_their_script)
{
	ck_assert_msg(script_of(script_rows[_i].cp) == script_rows[_i].script,
	    "U+%04X", (unsigned)script_rows[_i].cp);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

Suite *
make_suite(void)
{
	Suite *s = suite_create("name");
	TCase *rules = tcase_create("check");
	TCase *fold = tcase_create("fold");
	TCase *random = tcase_create("random");

	tcase_set_timeout(rules, 30);
	tcase_add_loop_test(rules, names_are_checked, 0, ROWS(check_rows));
	tcase_add_test(rules, nul_in_a_name_is_refused);
	tcase_add_test(rules, accepted_name_is_in_nfc);
	tcase_add_test(rules, length_counts_after_nfc);
	tcase_add_test(rules, refused_name_leaves_the_output_alone);
	tcase_add_test(rules, every_fault_has_its_words);
	tcase_add_test(rules,
	    accepted_names_survive_a_terminal_and_another_check);
	tcase_add_loop_test(rules, characters_have_their_script, 0,
	    ROWS(script_rows));
	suite_add_tcase(s, rules);
	tcase_add_loop_test(fold, names_are_compared_by_their_folded_form, 0,
	    ROWS(same_rows));
	tcase_add_test(fold, fold_is_the_beginning_of_a_fold);
	tcase_add_test(fold, long_folds_are_cut_between_characters);
	tcase_add_test(fold, what_is_no_name_is_copied);
	suite_add_tcase(s, fold);
	tcase_add_test(random, random_name_is_that_of_its_number);
	tcase_add_test(random, random_names_are_names_and_many);
	suite_add_tcase(s, random);
	return s;
}
