#include "config.h"

#include "keyfile.h"

#include "core/err.h"
#include "core/ident.h"

#include <sodium.h>

static int
make(const struct folder *f, struct rng *rng, struct keypair *out,
    char why[static WHY_SIZE])
{
	char text[IDENT_FILE_SIZE];
	size_t len;
	int err;

	keypair_make(out, rng);
	len = ident_encode(out, text);
	err = folder_write(f, KEYFILE_NAME, text, len, why);
	sodium_memzero(text, sizeof text);
	if (err != 0)
		keypair_fini(out);
	return err;
}

static int
decode(const struct folder *f, const char *text, size_t len,
    struct keypair *out, char why[static WHY_SIZE])
{
	int err = ident_decode(text, len, out);

	if (err == 0)
		return 0;
	return why_say(why, E_BAD, "%s/%s %s: restore it from a copy, or "
	    "move it away to start with a new identity", f->path, KEYFILE_NAME,
	    err == E_AUTH ? "is damaged" : "is not a key file");
}

int
keyfile_open(const struct folder *f, struct rng *rng, struct keypair *out,
    bool *is_new, char why[static WHY_SIZE])
{
	char text[IDENT_FILE_SIZE + 1];
	size_t len;
	int err = folder_read(f, KEYFILE_NAME, true, text, sizeof text - 1,
	    &len, why);

	*is_new = err == E_NONE;
	if (err == 0)
		err = decode(f, text, len, out, why);
	else if (err == E_NONE)
		err = make(f, rng, out, why);
	sodium_memzero(text, sizeof text);
	return err == E_FULL ? E_BAD : err;
}
