#include "runner.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

TCase *
runner_case(Suite *s, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_set_timeout(tc, 60);
	suite_add_tcase(s, tc);
	return tc;
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

size_t
unhex(const char *hex, uint8_t *out, size_t cap)
{
	size_t n = 0;
	int high = -1;

	for (; *hex != '\0'; hex++) {
		int d = digit(*hex);

		if (*hex == ' ')
			continue;
		ck_assert_msg(d >= 0, "not hexadecimal: %s", hex);
		if (high < 0) {
			high = d;
			continue;
		}
		ck_assert_uint_lt(n, cap);
		out[n++] = (uint8_t)(high << 4 | d);
		high = -1;
	}
	ck_assert_msg(high < 0, "odd number of digits");
	return n;
}

uint64_t
test_seed(void)
{
	const char *s = getenv("GOP2P_SEED");

	return s != NULL ? strtoull(s, NULL, 0) : 0x60b2b;
}

int
main(void)
{
	SRunner *runner;
	int failed;

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	runner = srunner_create(make_suite());
	/* The driver reads TAP; a person wants to see what failed. */
	srunner_run_all(runner, srunner_has_tap(runner) ? CK_SILENT :
	    CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (failed > 0)
		fprintf(stderr, "GOP2P_SEED=%#llx\n",
		    (unsigned long long)test_seed());
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
