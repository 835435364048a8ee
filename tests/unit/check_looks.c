#include "config.h"

#include "runner.h"

#include "io/looks.h"

#include "core/rng.h"

#include <string.h>

#ifdef HAVE_ICU
#include <unicode/uchar.h>
#include <unicode/uspoof.h>
#endif

static bool
are_alike(const char *a, const char *b)
{
	char x[SKELETON_SIZE], y[SKELETON_SIZE];

	looks_skeleton(a, x);
	looks_skeleton(b, y);
	return strcmp(x, y) == 0;
}

START_TEST(what_the_own_table_knows_is_known)
{
	ck_assert(are_alike("bob", "B0B"));
	ck_assert(are_alike("Bill", "BiII"));
	ck_assert(are_alike("maria", "rnaria"));
	ck_assert(are_alike("wanda", "vvanda"));
	ck_assert(are_alike("Bob", "\u0412\u043e\u0432"));
	ck_assert(are_alike("BOB", "\u0299\u1d0f\u0299"));
	ck_assert(!are_alike("Ian", "Lan"));
	ck_assert(!are_alike("bob", "rob"));
	ck_assert(!are_alike("J\u00fcrgen", "Jurgen"));
}
END_TEST

START_TEST(icu_knows_more)
{
#ifdef HAVE_ICU
	const bool has_icu = true;
#else
	const bool has_icu = false;
#endif
	/* Canadian syllabics; a cross of mathematics. */
	ck_assert(are_alike("JLP", "\u148d\u14aa\u146d") == has_icu);
	ck_assert(are_alike("max", "ma\u292b") == has_icu);
}
END_TEST

#ifdef HAVE_ICU

/* What ICU says of a name now, not when the table was made. */
static void
ask_icu(const USpoofChecker *checker, const char *name,
    char out[static SKELETON_SIZE])
{
	char same[8 * SKELETON_SIZE];
	UErrorCode err = U_ZERO_ERROR;

	uspoof_getSkeletonUTF8(checker, 0, name, -1, same, sizeof same, &err);
	ck_assert(err == U_ZERO_ERROR);
	skeleton_of(same, out);
}

/* One to six characters that somebody writes with. */
static void
make_name(struct rng *rng, char *name)
{
	const uint32_t ends[] = { 0x250, 0x600, 0x2000, 0x10000, 0x20000 };
	uint32_t count = 1 + rng_below(rng, 6);
	int32_t len = 0;

	while (count > 0) {
		uint32_t end = ends[rng_below(rng, 5)];
		UChar32 c = (UChar32)rng_below(rng, end);

		if (!u_isalnum(c) || U_IS_SURROGATE(c))
			continue;
		U8_APPEND_UNSAFE(name, len, c);
		count--;
	}
	name[len] = '\0';
}

START_TEST(the_table_says_what_icu_says)
{
	UErrorCode err = U_ZERO_ERROR;
	USpoofChecker *checker = uspoof_open(&err);
	char name[NAME_SIZE], want[SKELETON_SIZE], out[SKELETON_SIZE];
	struct rng rng;

	ck_assert(U_SUCCESS(err));
	rng_init_test(&rng, 39, "looks");
	for (int i = 0; i < 20000; i++) {
		make_name(&rng, name);
		ask_icu(checker, name, want);
		looks_skeleton(name, out);
		ck_assert_msg(strcmp(out, want) == 0, "%s: %s, not %s", name,
		    out, want);
	}
	uspoof_close(checker);
}
END_TEST

#endif

START_TEST(what_is_no_name_does_no_harm)
{
	char out[SKELETON_SIZE], big[1024];

	looks_skeleton("", out);
	ck_assert_str_eq(out, "");
	looks_skeleton("\xff\xfe", out);
	memset(big, 'm', sizeof big);
	big[sizeof big - 1] = '\0';
	looks_skeleton(big, out);
	ck_assert_uint_lt(strlen(out), SKELETON_SIZE);
	/* One character of three bytes that is worth thirty. */
	for (size_t i = 0; i < NAME_MAX_LEN - 2; i += 3)
		memcpy(big + i, "\ufdfa", 4);
	looks_skeleton(big, out);
	ck_assert_uint_lt(strlen(out), SKELETON_SIZE);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("looks");
	TCase *tc = tcase_create("looks");

	tcase_add_test(tc, what_the_own_table_knows_is_known);
	tcase_add_test(tc, icu_knows_more);
#ifdef HAVE_ICU
	tcase_add_test(tc, the_table_says_what_icu_says);
#endif
	tcase_add_test(tc, what_is_no_name_does_no_harm);
	suite_add_tcase(s, tc);
	return s;
}
