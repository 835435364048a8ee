/* Which name belongs to which key, in the store: what is written, what is
 * under way, and what time takes away. */
#ifndef LEDGER_H
#define LEDGER_H

#include "hub.h"

/* A name of the store, at start (server_bind). */
bool ledger_bind(struct server *s, const struct store_change *change);

/* Writes, or removes, a name of an account; id 0: nobody waits for the result.
 * False: no room. */
bool ledger_store(struct server *s, uint32_t id, const struct account *p,
    const char *name, bool remove);

/* Writes the name of like->account and remembers like until it is written.
 * False: it cannot be tried. */
bool ledger_begin(struct server *s, usec_t now, const struct save *like);

/* What was remembered with an id (0: a free place); NULL if there is none. */
struct save *ledger_find(struct server *s, uint32_t id);

/* Something was not written, why may be NULL: for a while new names are refused
 * at once. And something was. */
void ledger_failed(struct server *s, usec_t now, const char *why);
void ledger_works(struct server *s);

/* The name is nobody's any more, and the account, which is offline, is gone. */
void ledger_forget(struct server *s, uint32_t account);

/* Notes, once a day, that a name was in use. */
void ledger_refresh(struct server *s, usec_t now, uint32_t account);

/* Goes over a part of the accounts: notes which are in use, and forgets those
 * that nobody used for long. */
void ledger_sweep(struct server *s, usec_t now);

#endif
