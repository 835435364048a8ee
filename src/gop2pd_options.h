/* What gop2pd can be told: on its command line and in its file. */
#ifndef GOP2PD_OPTIONS_H
#define GOP2PD_OPTIONS_H

#include "core/server.h"
#include "io/why.h"

#define PROGRAM "gop2pd"
#define OPTIONS_FILE "/etc/gop2pd.conf"

enum { OPTIONS_PATH = 1023, OPTIONS_LISTEN = 127, OPTIONS_USER = 63 };

struct options {
	char config[OPTIONS_PATH + 1];
	char state[OPTIONS_PATH + 1];
	char listen[OPTIONS_LISTEN + 1];
	char user[OPTIONS_USER + 1];
	char sandbox[7]; /* "yes", "no" or "strict" */
	uint16_t port;
	uint16_t probe_port; /* 0: PROBE_PORT_OFFSET above the port */
	uint16_t tcp_port;   /* 0: none */
	bool probe;
	bool syslog, verbose, help, version;
	struct server_conf server;
};

/* Reads the command line over the file. False with the reason. With help or
 * version the rest is not looked at. */
bool options_read(struct options *s, int argc, char **argv,
    char why[static WHY_SIZE]);

/* Lists what differs of that which is only read at the start; false if nothing
 * does. */
bool options_wait(const struct options *before, const struct options *now,
    char list[static WHY_SIZE]);

/* False, and told, if standard output does not take it. */
bool options_print_help(void);

#endif
