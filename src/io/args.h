/* The command line, by the table that serves the configuration file too. */
#ifndef ARGS_H
#define ARGS_H

#include "conf.h"

#include <stdbool.h>

/* Sets what the options say: -p 9000, --port 9000, --port=9000, --json, and
 * --no-relay for a CONF_BOOL that the file has too; of two the later counts.
 * May be called again with the same arguments: first for --config, then over
 * what the file said. False with *err for what is no option, has no value or a
 * bad one.
 * Words beside the options come last in argv then, and *words is the index of
 * the first of them, argc if there is none; where words is NULL they are
 * refused. */
bool args_read(const struct conf_option *table, int argc, char **argv,
    void *conf, int *words, struct conf_error *err);

/* Writes what --help or --version asks for. False, and told on standard error,
 * if standard output does not take it. */
bool args_answer(const char *program, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
