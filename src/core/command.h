/* The commands: what a person can type in either face. One table holds their
 * names, arguments and help; one parser reads them. */
#ifndef COMMAND_H
#define COMMAND_H

#include "limit.h"

#include <stdbool.h>
#include <stddef.h>

/* In the order of the help page. */
enum command_id {
	COMMAND_NONE, /* an empty line */
	COMMAND_ALL,
	COMMAND_CONNECT,
	COMMAND_ALLOW,
	COMMAND_DENY,
	COMMAND_MSG,
	COMMAND_TCP,
	COMMAND_UDP,
	COMMAND_DISCONNECT,
	COMMAND_RENAME,
	COMMAND_REQUESTS,
	COMMAND_STATUS,
	COMMAND_WHY,
	COMMAND_NETCHECK,
	COMMAND_VERIFY,
	COMMAND_TRUST,
	COMMAND_BLOCK,
	COMMAND_UNBLOCK,
	COMMAND_HELP,
	COMMAND_EXIT,
	COMMAND_COUNT
};

enum command_args {
	COMMAND_ARGS_NONE,
	COMMAND_ARGS_NAME,       /* NAME */
	COMMAND_ARGS_MAYBE_NAME, /* [NAME] */
	COMMAND_ARGS_PREFIX,     /* [PREFIX] */
	COMMAND_ARGS_TEXT,       /* [@NAME] TEXT */
	COMMAND_ARGS_VERIFY,     /* [NAME] [yes|no] */
	COMMAND_ARGS_TOPIC,      /* [COMMAND] */
};

/* The answer of `verify`. */
enum command_answer { ANSWER_NONE, ANSWER_YES, ANSWER_NO };

struct command {
	enum command_id id;
	char name[NAME_SIZE]; /* checked, in NFC; "": none was given */
	const char *text;     /* borrowed from the line: of msg, of all */
	size_t len;
	enum command_answer answer;
	enum command_id topic; /* of help; COMMAND_NONE: the list */
};

enum {
	COMMAND_ERROR_SIZE = 256,
	COMMAND_HELP_SIZE = 4096, /* for any command_help */
	COMMAND_MATCHES_MAX = COMMAND_COUNT,
};

struct command_error {
	enum command_id id; /* COMMAND_NONE if that is what was wrong */
	const char *code;   /* "usage", "unknown-command",
	                       "ambiguous-command", "bad-name", "bad-text",
	                       "too-long" */
	char text[COMMAND_ERROR_SIZE]; /* one clean sentence: what is wrong
	                                  and what to type */
};

struct command_info {
	const char *name;
	const char *args;    /* "[NAME]" */
	const char *summary; /* one line: what it does */
	const char *help;    /* several: what to expect, an example */
	enum command_args kind;
};

/* What the table says of a command; id is none of NONE and COUNT. */
const struct command_info *command_info(enum command_id id);

/* Its name; "" for COMMAND_NONE. */
const char *command_name(enum command_id id);

/* Reads a line as it was typed, any bytes. A leading "/", unique beginnings
 * of a command's name, and "@" before a name are accepted. False with *err
 * set if the line makes no sense; *out is then untouched. */
bool command_parse(const char *line, size_t len, struct command *out,
    struct command_error *err);

/* What `help` prints for a topic (COMMAND_NONE: a line for every command),
 * lines of at most 79 columns. out holds COMMAND_HELP_SIZE bytes. Returns
 * the length without the NUL. */
size_t command_help(enum command_id topic, char *out);

/* For completion: what the piece between from and the cursor at is. */
enum command_gap_kind {
	COMMAND_GAP_NONE,
	COMMAND_GAP_COMMAND,
	COMMAND_GAP_NAME,
	COMMAND_GAP_ANSWER, /* yes or no */
};

struct command_gap {
	enum command_gap_kind kind;
	size_t from;
};

struct command_gap command_gap(const char *line, size_t at);

/* The names of the commands that begin with prefix, in the order of the help
 * page; out holds COMMAND_MATCHES_MAX. Returns how many. */
size_t command_matches(const char *prefix, size_t len, const char **out);

#endif
