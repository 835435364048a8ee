/* Lists of slots by age, for records that all live equally long: the oldest
 * is the next to be due, and one that is heard of again goes to the end. The
 * links lie in an array of their own, one for each slot; a slot is in at most
 * one of the lists that share it. */
#ifndef FIFO_H
#define FIFO_H

#include <stdint.h>

#define FIFO_NONE UINT32_MAX

struct fifo_link {
	uint32_t older, newer;
};

struct fifo {
	uint32_t oldest, newest;
	uint32_t count;
};

void fifo_init(struct fifo *f);
void fifo_add(struct fifo *f, struct fifo_link *links, uint32_t slot);

/* The slot must be in this list. */
void fifo_remove(struct fifo *f, struct fifo_link *links, uint32_t slot);

#endif
