/* A folder for one case, gone after it. */
#ifndef SCRATCH_H
#define SCRATCH_H

/* Makes one (0700) and returns its path without links, to be freed with
 * scratch_remove. */
char *scratch_make(void);
void scratch_remove(char *path);

/* "path/name" in memory that lasts as long as the case. */
char *scratch_path(const char *path, const char *name);

#endif
