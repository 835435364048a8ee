#include "due.h"

#include <assert.h>
#include <stdlib.h>

void
dues_fini(struct dues *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->heap[i].what);
	free(d->heap);
	*d = (struct dues) { 0 };
}

static bool
is_before(const struct due *a, const struct due *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void
swap(struct due *a, struct due *b)
{
	struct due t = *a;

	*a = *b;
	*b = t;
}

void
dues_add(struct dues *d, usec_t at, due_fn *fn, void *what)
{
	size_t i = d->count;

	if (d->count == d->capacity) {
		d->capacity = d->capacity > 0 ? d->capacity * 2 : 256;
		d->heap = realloc(d->heap, d->capacity * sizeof *d->heap);
		assert(d->heap != NULL);
	}
	d->heap[d->count++] = (struct due) { at, d->seq++, fn, what };
	while (i > 0 && is_before(&d->heap[i], &d->heap[(i - 1) / 2])) {
		swap(&d->heap[i], &d->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
}

usec_t
dues_next(const struct dues *d)
{
	return d->count > 0 ? d->heap[0].at : USEC_NEVER;
}

struct due
dues_take(struct dues *d)
{
	struct due top = d->heap[0];
	size_t i = 0, child;

	assert(d->count > 0);
	d->heap[0] = d->heap[--d->count];
	for (; (child = 2 * i + 1) < d->count; i = child) {
		if (child + 1 < d->count &&
		    is_before(&d->heap[child + 1], &d->heap[child]))
			child++;
		if (!is_before(&d->heap[child], &d->heap[i]))
			break;
		swap(&d->heap[child], &d->heap[i]);
	}
	return top;
}

void
dues_cancel(struct dues *d, due_fn *fn,
    bool (*see)(const void *what, const void *ctx), const void *ctx)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->heap[i].fn == fn && see(d->heap[i].what, ctx)) {
			free(d->heap[i].what);
			d->heap[i].what = NULL;
			d->heap[i].fn = NULL;
		}
}
