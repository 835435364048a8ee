/* Tab: what can stand at the cursor, for both faces. */
#ifndef COMPLETE_H
#define COMPLETE_H

#include "core/client.h"
#include "core/edit.h"

/* Answers EDIT_COMPLETE: offers commands, and names that the client knows. */
enum edit_result complete(struct edit *e, const struct client *c);

#endif
