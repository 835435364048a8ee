#include "config.h"

#include "profile.h"

#include "core/err.h"
#include "io/keyfile.h"
#include "io/xdg.h"

#include <stdio.h>
#include <string.h>

/* It becomes a part of paths. */
static bool
is_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	const size_t len = strlen(name);

	return len > 0 && len <= PROFILE_NAME_MAX && name[0] != '.' &&
	    name[0] != '-' && strspn(name, allowed) == len;
}

/* Where the system says no, another place may do. */
static int
add_hint(enum xdg_kind kind, int err, char why[static WHY_SIZE])
{
	return err == E_IO ? why_add(why, err, "mend that, or set %s to a "
	    "folder that you can write to", xdg_variable(kind)) : err;
}

static int
open_one(struct folder *f, enum xdg_kind kind, const char *name,
    char why[static WHY_SIZE])
{
	char below[PROFILE_NAME_MAX + 32], path[FOLDER_PATH];
	int err;

	if (name != NULL)
		snprintf(below, sizeof below, "gop2p/profiles/%s", name);
	else
		snprintf(below, sizeof below, "gop2p");
	if (!xdg_path(kind, below, path))
		return why_say(why, E_IO,
		    "there is no home folder: set HOME");
	err = folder_open(f, path, FOLDER_PRIVATE, why);
	return add_hint(kind, err, why);
}

static int
open_both(struct profile *p, const char *name, char why[static WHY_SIZE])
{
	int err = open_one(&p->data, XDG_DATA, name, why);

	if (err != 0)
		return err;
	if (!folder_lock(&p->data))
		return why_say(why, E_TAKEN, "the profile '%s' is in use "
		    "by another process; use --profile NAME for a second one",
		    name != NULL ? name : "default");
	return open_one(&p->state, XDG_STATE, name, why);
}

int
profile_open(struct profile *p, const char *name, struct rng *rng,
    struct keypair *key, bool *is_new, char why[static WHY_SIZE])
{
	int err;

	p->data.fd = p->state.fd = -1;
	if (name != NULL && !is_name(name))
		return why_say(why, E_BAD, "a profile's name has letters, "
		    "digits, '.', '_' and '-', at most %d, and begins with "
		    "neither '.' nor '-'", (int)PROFILE_NAME_MAX);
	err = open_both(p, name, why);
	if (err == 0) {
		err = keyfile_open(&p->data, rng, key, is_new, why);
		err = err == E_BAD ? E_IO : add_hint(XDG_DATA, err, why);
	}
	if (err != 0)
		profile_close(p);
	return err;
}

void
profile_close(struct profile *p)
{
	folder_close(&p->data);
	folder_close(&p->state);
}
