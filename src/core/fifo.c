#include "fifo.h"

#include <assert.h>

void
fifo_init(struct fifo *f)
{
	*f = (struct fifo){ FIFO_NONE, FIFO_NONE, 0 };
}

void
fifo_add(struct fifo *f, struct fifo_link *links, uint32_t slot)
{
	links[slot] = (struct fifo_link){ f->newest, FIFO_NONE };
	if (f->newest == FIFO_NONE)
		f->oldest = slot;
	else
		links[f->newest].newer = slot;
	f->newest = slot;
	f->count++;
}

void
fifo_remove(struct fifo *f, struct fifo_link *links, uint32_t slot)
{
	const struct fifo_link link = links[slot];

	assert(f->count > 0);
	assert((link.older == FIFO_NONE) == (f->oldest == slot));
	assert((link.newer == FIFO_NONE) == (f->newest == slot));
	if (link.older == FIFO_NONE)
		f->oldest = link.newer;
	else
		links[link.older].newer = link.newer;
	if (link.newer == FIFO_NONE)
		f->newest = link.older;
	else
		links[link.newer].older = link.older;
	f->count--;
}
