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

/* For good. what gets the names of what is in force ("landlock, seccomp"),
 * lacks those of what is not and why; "" for nothing. False only if is_strict,
 * when anything is lacking. */
bool sandbox_enter(const struct sandbox *box, char what[static WHY_SIZE],
    char lacks[static WHY_SIZE]);

#endif
