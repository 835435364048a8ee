#include "config.h"

#include "looks.h"

#include <string.h>

#ifdef HAVE_ICU

#include <unicode/uspoof.h>

/* Opened with the first name, for as long as the process lives. */
static USpoofChecker *
checker(void)
{
	static USpoofChecker *only;
	static bool is_tried;
	UErrorCode err = U_ZERO_ERROR;

	if (!is_tried)
		only = uspoof_open(&err);
	is_tried = true;
	return U_FAILURE(err) ? NULL : only;
}

void
looks_skeleton(const char *name, char out[static SKELETON_SIZE])
{
	char same[8 * SKELETON_SIZE];
	UErrorCode err = U_ZERO_ERROR;

	if (checker() == NULL)
		err = U_INTERNAL_PROGRAM_ERROR;
	uspoof_getSkeletonUTF8(checker(), 0, name,
	    (int32_t)strnlen(name, NAME_MAX_LEN), same, sizeof same, &err);
	/* Without NUL it does not fit, and is none. */
	skeleton_of(err == U_ZERO_ERROR ? same : name, out);
}

#else

void
looks_skeleton(const char *name, char out[static SKELETON_SIZE])
{
	skeleton_of(name, out);
}

#endif
