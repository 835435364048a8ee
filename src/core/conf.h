/* Settings: one table of them serves the configuration file ("key = value"),
 * the long options and --help. The file is read whole by the edge:
 *
 *	# a comment, on a line of its own or after a blank
 *	port = 9000
 */
#ifndef CONF_H
#define CONF_H

#include "limit.h"
#include "lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum conf_type {          /* field, and what a person writes */
	CONF_BOOL,        /* bool: yes or no */
	CONF_PORT,        /* uint16_t: low to 65535 */
	CONF_NUMBER,      /* uint32_t: low to high */
	CONF_STRING,      /* char[high + 1]: low to high bytes of UTF-8 */
	CONF_HOST,        /* struct conf_host: HOST[:PORT]; PORT is low if
	                     it is absent */
	CONF_DURATION,    /* usec_t: low to high, both in ms: 500ms 30s 5m 2h
	                     1d; a number alone is seconds */
};

enum conf_place { CONF_IN_FILE = 1, CONF_IN_OPTIONS = 2, CONF_BOTH = 3 };

enum { CONF_OPTIONS_MAX = 48, CONF_ERROR_SIZE = 256 };

struct conf_host {
	char name[HOST_SIZE]; /* "" while none was given */
	uint16_t port;
};

/* A row; a table ends with one whose name is NULL. */
struct conf_option {
	const char *name;  /* "probe-port": key, and --probe-port */
	const char *arg;   /* what --help calls the value; for CONF_BOOL "no-"
	                      if the default is yes, else NULL */
	const char *help;  /* half a sentence for --help */
	size_t offset;     /* of the field in the owner's struct */
	uint32_t low, high;
	enum conf_type type;
	enum conf_place place;
	char letter;       /* -p, or 0 */
};

struct conf_error {
	uint32_t line; /* of the file; 0: an option */
	/* A sentence without full stop that names the mistake and what to do,
	 * clean for a terminal. */
	char text[CONF_ERROR_SIZE];
};

/* The row of a name, or NULL. */
const struct conf_option *conf_find(const struct conf_option *table,
    struct slice name);

/* Sets one field of conf. False with *err, and conf untouched, if the value
 * is not of the option's type or out of range. */
bool conf_set(const struct conf_option *option, struct slice value, void *conf,
    struct conf_error *err);

/* Reads a file into conf, which holds the defaults. False with *err at the
 * first mistake: a line that is no setting, an unknown key, one given twice, a
 * bad value; what stood before it was set. */
bool conf_read(const struct conf_option *table, const char *text, size_t len,
    void *conf, struct conf_error *err);

/* Complains that the table has no such key of a file or option, and names the
 * one that was probably meant. */
void conf_unknown(const struct conf_option *table, enum conf_place place,
    struct slice name, struct conf_error *err);

/* A line of --help for every option that is one on the command line. Writes at
 * most cap bytes with NUL; returns the length that it has uncut. */
size_t conf_help(const struct conf_option *table, char *out, size_t cap);

#endif
