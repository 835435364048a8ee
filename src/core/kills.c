#include "kills.h"

#include <stdlib.h>
#include <string.h>

void
kills_fini(struct kills *k)
{
	while (k->count > 0)
		free(k->items[--k->count].s);
}

static void
push(struct kills *k)
{
	if (k->count == KILLS_MAX)
		free(k->items[--k->count].s);
	memmove(k->items + 1, k->items, k->count * sizeof(k->items[0]));
	k->count++;
}

void
kills_add(struct kills *k, const char *s, size_t len, bool joins,
    bool in_front)
{
	struct kill *top = &k->items[0];
	size_t old = joins && k->count > 0 ? top->len : 0;
	char *joined = malloc(old + len + 1);

	if (joined == NULL)
		return;
	memcpy(joined + (in_front ? 0 : old), s, len);
	if (old > 0) {
		memcpy(joined + (in_front ? len : 0), top->s, old);
		free(top->s);
	} else {
		push(k);
	}
	*top = (struct kill){ joined, old + len };
}

const char *
kills_get(const struct kills *k, size_t i, size_t *len)
{
	if (i >= k->count)
		return NULL;
	*len = k->items[i].len;
	return k->items[i].s;
}
