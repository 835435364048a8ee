#include "config.h"

#include "xdg.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	const char *variable;
	const char *below_home;
} bases[] = {
	[XDG_CONFIG] = { "XDG_CONFIG_HOME", ".config" },
	[XDG_DATA] = { "XDG_DATA_HOME", ".local/share" },
	[XDG_STATE] = { "XDG_STATE_HOME", ".local/state" },
};

static const char *
home(void)
{
	const char *path = getenv("HOME");
	const struct passwd *user;

	if (path != NULL && path[0] == '/')
		return path;
	user = getpwuid(geteuid());
	return user != NULL ? user->pw_dir : NULL;
}

const char *
xdg_variable(enum xdg_kind kind)
{
	return bases[kind].variable;
}

bool
xdg_path(enum xdg_kind kind, const char *rest, char out[static FOLDER_PATH])
{
	const char *base = getenv(bases[kind].variable);
	int len;

	/* The specification: a path that is not absolute is ignored. */
	if (base != NULL && base[0] == '/') {
		len = snprintf(out, FOLDER_PATH, "%s/%s", base, rest);
		return len < FOLDER_PATH;
	}
	base = home();
	if (base == NULL)
		return false;
	len = snprintf(out, FOLDER_PATH, "%s/%s/%s", base,
	    bases[kind].below_home, rest);
	return len < FOLDER_PATH;
}
