/* A folder of our own: what we keep in it nobody else can have put there. All
 * folders on the way to it belong to us or to root, and nobody else can change
 * them; its files are read and written beneath its descriptor, without
 * following links. */
#ifndef FOLDER_H
#define FOLDER_H

#include "io/why.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	FOLDER_PATH = 4096,
	FOLDER_PRIVATE = 077, /* nobody else may even look */
	FOLDER_OURS = 022,    /* nobody else may write */
};

struct folder {
	int fd;
	char path[FOLDER_PATH]; /* without links */
};

/* Opens the folder, made with mode 0700 if it is not there, as are those above
 * it. forbidden: permissions that others must not have. E_DENIED: it is not
 * safe; E_IO: it cannot be opened. Both with the reason in why. */
int folder_open(struct folder *f, const char *path, unsigned int forbidden,
    char why[static WHY_SIZE]);
void folder_close(struct folder *f);

/* Keeps others out until the folder is closed. False if somebody has it. */
bool folder_lock(const struct folder *f);

/* Reads a whole file of at most cap bytes, and appends a NUL that cap does not
 * count. E_NONE: there is none; E_DENIED: it is not safe (is_secret: others
 * can read it); E_FULL: it is longer; E_IO. All but E_NONE with a reason. */
int folder_read(const struct folder *f, const char *name, bool is_secret,
    char *buf, size_t cap, size_t *len, char why[static WHY_SIZE]);

/* Whether a file that somebody else will open is safe, or is not there: 0, or
 * E_DENIED or E_IO with the reason. */
int folder_check(const struct folder *f, const char *name,
    char why[static WHY_SIZE]);

/* Replaces a file, mode 0600: after a failure or a crash it has the old
 * contents or the new ones, and after success the new ones for good. E_IO with
 * the reason. */
int folder_write(const struct folder *f, const char *name, const void *buf,
    size_t len, char why[static WHY_SIZE]);

#endif
