/* What every unit test program shares: make_suite() is defined by the test
 * file, main() by runner.c. */
#ifndef RUNNER_H
#define RUNNER_H

#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The suite of the module under test. */
Suite *make_suite(void);

/* A new case of the suite, whose tests end within a minute each. */
TCase *runner_case(Suite *s, const char *name);

/* Decodes hexadecimal digits (spaces are skipped) into out; returns the
 * number of bytes. Fails the case if hex is odd, not hex, or too long. */
size_t unhex(const char *hex, uint8_t *out, size_t cap);

/* An assertion for loops of many thousands: those of check write to a pipe
 * each time, this one only when it fails. */
#define must(condition, ...) \
	do { \
		if (!(condition)) \
			ck_abort_msg(__VA_ARGS__); \
	} while (0)

/* The seed of random tests: GOP2P_SEED if set, else fixed. Printed when a
 * case fails, so that it can be run again. */
uint64_t test_seed(void);

#endif
