#include "inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
disk_free(struct host *h)
{
	for (size_t i = 0; i < h->files.count; i++) {
		struct file *f = h->files.items[i];

		free(f->buf);
		free(f);
	}
	for (size_t i = 0; i < h->stored.count; i++)
		free(h->stored.items[i]);
	list_fini(&h->files);
	list_fini(&h->stored);
}

static struct file *
find_file(const struct host *h, const char *name)
{
	for (size_t i = 0; i < h->files.count; i++) {
		struct file *f = h->files.items[i];

		if (strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}

const uint8_t *
host_file(const struct host *h, const char *name, size_t *len)
{
	const struct file *f = find_file(h, name);

	*len = f != NULL ? f->len : 0;
	return f != NULL ? f->buf : NULL;
}

void
host_put_file(struct host *h, const char *name, const void *buf, size_t len)
{
	struct file *f = find_file(h, name);

	if (f == NULL) {
		f = calloc(1, sizeof *f);
		assert(f != NULL);
		snprintf(f->name, sizeof f->name, "%s", name);
		list_add(&h->files, f);
	}
	f->buf = realloc(f->buf, len + 1);
	assert(f->buf != NULL);
	memcpy(f->buf, buf, len);
	f->len = len;
}

void
host_disk(struct host *h, bool fails, usec_t delay)
{
	h->disk_fails = fails;
	h->disk_delay = delay;
}

static void
tell_saved(struct node *n, uint32_t id)
{
	struct input in = { .kind = IN_SAVED, .id = id };

	if (n->host->disk_fails) {
		in.err = E_IO;
		in.text = "no space left on device";
	}
	node_tell(n, n->host->disk_delay, &in);
}

/* Saves are atomic: after a crash before the answer either the old bytes are
 * there or the new ones, and both are right. Here it is the new ones. */
void
disk_save(struct node *n, const struct act *act)
{
	if (!n->host->disk_fails)
		host_put_file(n->host, act->text, act->buf, act->len);
	tell_saved(n, act->id);
}

static struct store_change *
find_stored(const struct host *h, const char *fold)
{
	for (size_t i = 0; i < h->stored.count; i++) {
		struct store_change *s = h->stored.items[i];

		if (strcmp(s->fold, fold) == 0)
			return s;
	}
	return NULL;
}

void
disk_store(struct node *n, const struct act *act)
{
	struct host *h = n->host;
	struct store_change *s = find_stored(h, act->change->fold);

	if (!h->disk_fails && act->change->remove && s != NULL) {
		list_remove(&h->stored, s);
		free(s);
	} else if (!h->disk_fails && !act->change->remove) {
		if (s == NULL) {
			s = malloc(sizeof *s);
			assert(s != NULL);
			list_add(&h->stored, s);
		}
		*s = *act->change;
	}
	tell_saved(n, act->id);
}

const struct store_change *
host_stored(const struct host *h, size_t i)
{
	return i < h->stored.count ? h->stored.items[i] : NULL;
}
