/* Drafts as a file: what was typed and not sent, by chat. */
#ifndef DRAFTS_H
#define DRAFTS_H

#include "tui/model.h"

#include "face/str.h"

/* Appends a line for every draft, the one that is being typed among them. */
void drafts_write(const struct model *m, struct str *out);

/* Opens a chat for each line that makes sense and gives it its draft. */
void drafts_read(struct model *m, const char *text, size_t len);

#endif
