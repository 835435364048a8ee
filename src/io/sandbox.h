/* What a daemon can still do once it runs: use the sockets that it has, write
 * one folder, read its configuration. landlock and seccomp, as far as the
 * system has them. */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "io/why.h"

#include <stdbool.h>

struct sandbox {
	const char *writable; /* folder */
	const char *readable; /* folder, or NULL */
	bool is_strict; /* what is forbidden ends the process instead of
	                   failing, and what the system lacks is an error */
};

/* For good. what gets the names of what is in force ("landlock, seccomp"), ""
 * if nothing is. False only if is_strict, with the reason in what. */
bool sandbox_enter(const struct sandbox *box, char what[static WHY_SIZE]);

#endif
