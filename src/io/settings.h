/* Where a program's settings come from: its file, the environment, the command
 * line (args.h), each over the one before. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "core/conf.h"
#include "io/why.h"

/* Reads a configuration file over conf; one that is not there is an error only
 * if it must be. False with the file, the line and the mistake in why. */
bool settings_read_file(const struct conf_option *table, const char *path,
    bool must_be, void *conf, char why[static WHY_SIZE]);

/* What variables such as GOP2P_NO_RELAY or GOP2P_SERVER say, for the keys of
 * the file: the prefix, and the key in capitals with "_" for "-". */
bool settings_read_environment(const struct conf_option *table,
    const char *prefix, void *conf, char why[static WHY_SIZE]);

#endif
