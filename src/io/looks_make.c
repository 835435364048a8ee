/* Run once, by make: writes ICU's table of confusable characters for looks.c,
 * so that the programs need not carry ICU with them. */
#include "config.h"

#include "core/skeleton.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

enum {
	LAST_CHAR = 0x10ffff,
	ROWS_MAX = 16384,
	POOL_MAX = 65535,
	LOOKS_LIKE_MAX = 256,
};

struct table {
	UChar32 from[ROWS_MAX];
	unsigned at[ROWS_MAX];
	size_t count;
	char pool[POOL_MAX];
	size_t len;
};

/* Adds the character if it is not its own likeness. One that is composed is
 * looked up by its parts. */
static void
add(struct table *t, const USpoofChecker *checker, UChar32 c)
{
	char name[U8_MAX_LENGTH + 1], same[LOOKS_LIKE_MAX];
	UErrorCode err = U_ZERO_ERROR;
	int32_t len = 0, size;

	if (U_IS_SURROGATE(c) || c == 0 ||
	    u_getIntPropertyValue(c, UCHAR_NFD_QUICK_CHECK) == UNORM_NO)
		return;
	U8_APPEND_UNSAFE(name, len, c);
	name[len] = '\0';
	size = uspoof_getSkeletonUTF8(
	    checker, 0, name, len, same, LOOKS_LIKE_MAX, &err);
	if (err != U_ZERO_ERROR || t->count == ROWS_MAX ||
	    t->len + (size_t)size + 1 > POOL_MAX) {
		fprintf(stderr, "looks_make: U+%04X: %s\n", (unsigned)c,
		    U_FAILURE(err) ? u_errorName(err) : "no room");
		exit(1);
	}
	if (strcmp(name, same) == 0)
		return;
	t->from[t->count] = c;
	t->at[t->count++] = (unsigned)t->len;
	memcpy(t->pool + t->len, same, (size_t)size + 1);
	t->len += (size_t)size + 1;
}

static void
print(const struct table *t)
{
	size_t i;

	printf("static const uint32_t looks_from[] = {");
	for (i = 0; i < t->count; i++)
		printf(
		    "%s0x%x,", i % 8 == 0 ? "\n\t" : " ", (unsigned)t->from[i]);
	printf("\n};\nstatic const uint16_t looks_at[] = {");
	for (i = 0; i < t->count; i++)
		printf("%s%u,", i % 8 == 0 ? "\n\t" : " ", t->at[i]);
	printf("\n};\nstatic const char looks_pool[] = {");
	for (i = 0; i < t->len; i++)
		printf("%s%d,", i % 12 == 0 ? "\n\t" : " ",
		    (signed char)t->pool[i]);
	printf("\n};\n");
}

int
main(void)
{
	static struct table table;
	UErrorCode err = U_ZERO_ERROR;
	USpoofChecker *checker = uspoof_open(&err);

	if (U_FAILURE(err)) {
		fprintf(stderr, "looks_make: %s\n", u_errorName(err));
		return 1;
	}
	for (UChar32 c = 0; c <= LAST_CHAR; c++)
		add(&table, checker, c);
	print(&table);
	uspoof_close(checker);
	return ferror(stdout) || fflush(stdout) != 0;
}
