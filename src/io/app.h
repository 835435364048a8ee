/* What the mains of the clients share: common options, the profile, the trust
 * store, and a client in a loop. */
#ifndef APP_H
#define APP_H

#include "core/client.h"
#include "core/conf.h"
#include "io/folder.h"
#include "io/host.h"
#include "io/logsink.h"
#include "io/loop.h"
#include "io/profile.h"

enum {
	APP_PATH = 1023,
	APP_NAME = 4 * NAME_MAX_LEN, /* before NFC */
	APP_FILE_MAX = 1 << 20,      /* of a file in the state folder */
	APP_SERVER_SIZE = HOST_SIZE + 8, /* "[ADDRESS]:PORT" with NUL */
};

/* The settings of every client: the first member of a program's own. */
struct app_settings {
	struct conf_host server;
	char name[APP_NAME + 1];
	char profile[PROFILE_NAME_MAX + 1];
	char config[APP_PATH + 1];
	uint16_t port; /* 0: not asked for */
	bool relay, lan, port_mapping, hidden, presence, verbose, help, version;
};

struct upnp;

struct app_conf {
	const char *program;
	const char *about; /* what --help says below the usage */
	/* Options that only this program has, with offsets into the struct
	 * that settings is the first member of. */
	const struct conf_option *options;
	struct app_settings *settings;
	bool takes_words; /* beside the options */
	/* See struct host_hooks. */
	void (*event)(void *ctx, const struct event *event);
	bool (*turn)(void *ctx, usec_t now);
	/* Takes log lines where standard error is a terminal, until app_end
	 * returns. NULL: they go to a file of the state folder. */
	void (*log)(void *ctx, const char *line);
	void *ctx;
};

struct app {
	struct app_conf conf;
	struct conf_option table[CONF_OPTIONS_MAX + 1];
	struct client_conf client_conf;
	struct profile profile;
	struct known known;
	struct logsink sink;
	struct client *client;
	struct loop *loop;
	struct host *host;
	struct upnp *upnp4, *upnp6;
	int words; /* index of the first in argv, after app_read */
	char last_name[NAME_SIZE]; /* as the profile has it */
	char last_server[APP_SERVER_SIZE];
};

enum { APP_GOES_ON = -1 };

/* Reads the settings: the command line over the environment over the file.
 * APP_GOES_ON, or the status to exit with: everything is said then. */
int app_read(struct app *a, const struct app_conf *conf, int argc,
    char **argv);

bool app_has_server(const struct app *a);

/* Opens the profile; where no server was named it is the one used last. For
 * people only: scripts name theirs. APP_GOES_ON, or the status to exit with
 * after app_end: the reason was said. */
int app_recall_server(struct app *a);

/* The server as it was named, to be read and given again. */
void app_server_text(const struct app *a, char out[static APP_SERVER_SIZE]);

/* The answer of a person who was asked for the server. */
bool app_set_server(struct app *a, const char *text, size_t len,
    char why[static WHY_SIZE]);

/* Opens the profile and makes client, loop and host. APP_GOES_ON, or the
 * status to exit with after app_end: the reason was said. */
int app_start(struct app *a);

/* Files of the state folder. app_load: the whole text, NULL if there is none,
 * to be freed. Losing these is no reason to fail. */
char *app_load(struct app *a, const char *file, size_t *len);
void app_save(struct app *a, const char *file, const void *text, size_t len);

/* Adds to the end of one, which is made for its owner's eyes only. */
void app_append(struct app *a, const char *file, const char *text);

/* After the loop has stopped, or after a failed start: says goodbye to the
 * network and frees everything. conf.event is not called any more. */
void app_end(struct app *a);

#endif
