#include "config.h"

#include "results.h"

#include "why.h"

#include <stdio.h>
#include <stdlib.h>

struct result {
	struct input in;
	char text[WHY_SIZE];
};

void
results_init(struct results *rs)
{
	*rs = (struct results){ 0 };
}

void
results_fini(struct results *rs)
{
	free(rs->list);
}

void
results_add(struct results *rs, const struct input *in, const char *text)
{
	struct result *r;

	if (rs->count == rs->size) {
		const size_t size = rs->size * 2 + 8;

		r = realloc(rs->list, size * sizeof *r);
		if (r == NULL)
			abort();
		rs->list = r;
		rs->size = size;
	}
	r = &rs->list[rs->count++];
	r->in = *in;
	r->text[0] = '\0';
	if (text != NULL)
		snprintf(r->text, sizeof r->text, "%s", text);
}

void
results_drop(struct results *rs, int sock)
{
	size_t kept = 0;

	for (size_t i = 0; i < rs->count; i++) {
		const struct result *r = &rs->list[i];

		if (r->in.sock == sock && (r->in.kind == IN_OPENED ||
		    r->in.kind == IN_CONNECTED))
			continue;
		rs->list[kept++] = *r;
	}
	rs->count = kept;
}

void
results_feed(struct results *rs, const struct node_ops *ops, void *node,
    usec_t now)
{
	for (size_t i = 0; i < rs->count; i++) {
		struct result *r = &rs->list[i];

		r->in.text = r->text[0] != '\0' ? r->text : NULL;
		/* A literal address is its own answer. */
		if (r->in.kind == IN_RESOLVED && r->in.err == 0) {
			r->in.addrs = &r->in.to;
			r->in.count = 1;
		}
		ops->input(node, now, &r->in);
	}
	rs->count = 0;
}
