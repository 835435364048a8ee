/* Where a program keeps what: the XDG Base Directory Specification. */
#ifndef XDG_H
#define XDG_H

#include "io/folder.h"

enum xdg_kind { XDG_CONFIG, XDG_DATA, XDG_STATE };

/* The variable that says where it is. */
const char *xdg_variable(enum xdg_kind kind);

/* The path of rest below the base folder of a kind. False if it is too long or
 * the user has no home. */
bool xdg_path(enum xdg_kind kind, const char *rest,
    char out[static FOLDER_PATH]);

#endif
