/* The sockets of a node by their numbers: those that the node named (0 to
 * ACT_ACCEPTED-1) and those that the world accepted. */
#ifndef TABLE_H
#define TABLE_H

#include "core/act.h"

enum table_kind { TABLE_FREE, TABLE_UDP, TABLE_LISTENER, TABLE_TCP };

struct table_slot {
	void *sock;
	enum table_kind kind;
	int next; /* of the free accepted ones */
};

struct table_part {
	struct table_slot *slots;
	int size;
};

struct table {
	struct table_part named, accepted;
	int free, held; /* first of their lists, or -1 */
};

void table_init(struct table *t);
void table_fini(struct table *t);

/* The slot of a number, or NULL if there never was one. */
struct table_slot *table_get(const struct table *t, int number);

/* The slot of a number of the node's; NULL if the number is out of range or
 * there is no memory. */
struct table_slot *table_make(struct table *t, int number);

/* A number for an accepted connection, -1 without memory. */
int table_accept(struct table *t);

/* Frees a slot. An accepted number is held back until table_recycle, because
 * the node may have asked for something under that number already. */
void table_release(struct table *t, int number);
void table_recycle(struct table *t);

#endif
