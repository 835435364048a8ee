/* The secret key of a client or a server, in a file that only its owner can
 * read; made at the first start. */
#ifndef KEYFILE_H
#define KEYFILE_H

#include "core/crypt.h"
#include "io/folder.h"

#define KEYFILE_NAME "key"

/* E_DENIED: others can read it, or it is not where it should be; E_BAD: it is
 * damaged, or no key; E_IO. All with a reason. */
int keyfile_open(const struct folder *f, struct rng *rng, struct keypair *out,
    bool *is_new, char why[static WHY_SIZE]);

#endif
