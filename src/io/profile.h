/* A profile of a client: an identity with what it knows. One process at a
 * time. */
#ifndef PROFILE_H
#define PROFILE_H

#include "core/crypt.h"
#include "io/folder.h"

enum { PROFILE_NAME_MAX = 64 };

struct profile {
	struct folder data;  /* the key, known_peers, known_servers */
	struct folder state; /* histories */
};

/* Opens the profile called name, NULL for that of everyday, and its key, making
 * what is not there. E_BAD: no name for a profile; E_TAKEN: another process
 * uses it; E_DENIED: it is not safe; E_IO: it cannot be opened, or its key is
 * damaged. All with the reason in why. The caller wipes the key. */
int profile_open(struct profile *p, const char *name, struct rng *rng,
    struct keypair *key, bool *is_new, char why[static WHY_SIZE]);
void profile_close(struct profile *p);

#endif
