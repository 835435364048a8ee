#include "config.h"

#include "scratch.h"

#include "runner.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SCRATCH_PATH = 4096 };

char *
scratch_make(void)
{
	const char *base = getenv("TMPDIR");
	char path[SCRATCH_PATH];

	snprintf(path, sizeof path, "%s/gop2p-check-XXXXXX",
	    base != NULL ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(path));
	return realpath(path, NULL);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
scratch_remove(char *path)
{
	ck_assert_int_eq(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	free(path);
}

char *
scratch_path(const char *path, const char *name)
{
	static char paths[8][SCRATCH_PATH];
	static int turn;
	char *out = paths[turn++ % 8];

	snprintf(out, SCRATCH_PATH, "%s/%s", path, name);
	return out;
}
