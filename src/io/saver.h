/* Files are written in child processes, one after the other, so that the loop
 * never waits for a disk. */
#ifndef SAVER_H
#define SAVER_H

#include "io/loop.h"
#include "io/why.h"

#include <stddef.h>
#include <stdint.h>

struct saver_conf {
	/* Writes a file; in the child. 0 or E_IO with the reason. */
	int (*save)(void *ctx, const char *name, const void *buf, size_t len,
	    char why[static WHY_SIZE]);
	/* In the parent, once for every saver_add: what save returned. */
	void (*saved)(void *ctx, uint32_t id, int err, const char *why);
	void *save_ctx, *saved_ctx;
	int keep_fd; /* left open for save; -1: none */
};

struct saver;

/* NULL without memory. */
struct saver *saver_new(struct loop *l, const struct saver_conf *conf);

/* Does not wait: what has begun is ended by the child, the rest is lost. */
void saver_free(struct saver *s);

/* Name and bytes are copied. */
void saver_add(struct saver *s, uint32_t id, const char *name, const void *buf,
    size_t len);

bool saver_is_idle(const struct saver *s);

#endif
