#include "config.h"

#include "saver.h"

#include "core/err.h"
#include "io/child.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct file {
	struct file *next;
	struct saver *saver;
	uint32_t id;
	const char *name; /* name and bytes stand behind this record */
	const uint8_t *buf;
	size_t len;
};

struct saver {
	struct loop *loop;
	struct saver_conf conf;
	struct child *child; /* writes the first file */
	struct file *first, **end;
};

struct answer {
	int err;
	char why[WHY_SIZE];
};

static size_t
work(void *arg, void *out)
{
	const struct file *f = arg;
	const struct saver_conf *conf = &f->saver->conf;
	struct answer answer = { 0 };

	answer.err = conf->save(conf->save_ctx, f->name, f->buf, f->len,
	    answer.why);
	memcpy(out, &answer, sizeof answer);
	return sizeof answer;
}

/* Takes the first file off the list and says how it went. */
static void
end_first(struct saver *s, int err, const char *why)
{
	struct file *f = s->first;

	s->child = NULL;
	s->first = f->next;
	if (s->first == NULL)
		s->end = &s->first;
	s->conf.saved(s->conf.saved_ctx, f->id, err, why);
	free(f);
}

static void start_first(struct saver *s);

static void
done(void *ctx, const void *out, size_t len)
{
	struct saver *s = ctx;
	struct answer answer = { .err = E_IO, .why = "the writer died" };

	if (out != NULL && len == sizeof answer)
		memcpy(&answer, out, sizeof answer);
	end_first(s, answer.err, answer.why);
	start_first(s);
}

/* A file for which there is no child fails, and the next has its turn. */
static void
start_first(struct saver *s)
{
	while (s->first != NULL) {
		const struct child_job job = { .work = work, .arg = s->first,
			.done = done, .ctx = s, .limit = USEC_NEVER,
			.keep_fd = s->conf.keep_fd, .outlives = true };

		s->child = child_start(s->loop, &job);
		if (s->child != NULL)
			return;
		end_first(s, E_IO, strerror(errno));
	}
}

void
saver_add(struct saver *s, uint32_t id, const char *name, const void *buf,
    size_t len)
{
	const size_t name_size = strlen(name) + 1;
	struct file *f = malloc(sizeof *f + name_size + len);
	char *p;

	if (f == NULL) {
		s->conf.saved(s->conf.saved_ctx, id, E_IO, strerror(ENOMEM));
		return;
	}
	p = (char *)(f + 1);
	memcpy(p, name, name_size);
	if (len > 0)
		memcpy(p + name_size, buf, len);
	*f = (struct file){ .saver = s, .id = id, .name = p,
		.buf = (uint8_t *)p + name_size, .len = len };
	*s->end = f;
	s->end = &f->next;
	if (s->first == f)
		start_first(s);
}

bool
saver_is_idle(const struct saver *s)
{
	return s->first == NULL;
}

struct saver *
saver_new(struct loop *l, const struct saver_conf *conf)
{
	struct saver *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->loop = l;
	s->conf = *conf;
	s->end = &s->first;
	return s;
}

void
saver_free(struct saver *s)
{
	if (s == NULL)
		return;
	if (s->child != NULL)
		child_abandon(s->child);
	while (s->first != NULL) {
		struct file *f = s->first;

		s->first = f->next;
		free(f);
	}
	free(s);
}
