/* The files of the trust store, known_peers and known_servers: text that
 * people read and edit, explained at the head of each. What cannot be read as
 * an entry is reported with its line, kept, and written back at the end, so
 * that a slip of the keyboard does not lose a key. */
#ifndef KNOWNFILE_H
#define KNOWNFILE_H

#include "known.h"

#include <stddef.h>
#include <stdint.h>

enum { KNOWNFILE_FAULTS_MAX = 8 };

/* What was wrong with a file: the first faults, and how many there are. */
struct knownfile_faults {
	struct {
		uint32_t line;
		const char *what; /* a constant: "the key is not one" */
	} first[KNOWNFILE_FAULTS_MAX];
	uint32_t count;
};

/* Replaces the people of k by those of a file. Lines that are no entry are
 * faults, and do not fail. The file as a whole is refused, and k unchanged:
 * E_BAD: it is not text; E_LIMIT: it is larger than KNOWN_FILE_MAX, or more
 * than KNOWN_REST_MAX of it is no entry; E_FULL: too many entries, or no
 * memory. Then first[0] is the reason. */
int knownfile_read_peers(struct known *k, const char *text, size_t len,
    struct knownfile_faults *faults);

/* The same for servers. */
int knownfile_read_servers(struct known *k, const char *text, size_t len,
    struct knownfile_faults *faults);

/* The text of the file, with NUL; the caller frees it. NULL without memory. */
char *knownfile_write_peers(const struct known *k, size_t *len);
char *knownfile_write_servers(const struct known *k, size_t *len);

#endif
