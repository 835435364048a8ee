#include "toy.h"

#include "io/clock.h"
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nothing waits for it when all is well. */
#define PATIENCE (60 * USEC_S)

struct patience {
	struct alarm alarm;
	struct toy *toy;
};

static void
keep(struct toy *t, const struct input *in)
{
	struct toy_seen *s = &t->seen[t->seen_count++];
	size_t len = in->len < TOY_TEXT ? in->len : TOY_TEXT;

	ck_assert_uint_le(t->seen_count, TOY_SEEN_MAX);
	s->in = *in;
	if (in->buf != NULL)
		memcpy(s->bytes, in->buf, len);
	if (in->text != NULL)
		snprintf(s->text, sizeof s->text, "%s", in->text);
	s->in.buf = s->bytes;
	s->in.text = in->text != NULL ? s->text : NULL;
	if (in->kind != IN_BYTES)
		return;
	ck_assert_uint_le(t->stream_len + in->len, sizeof t->stream);
	memcpy(t->stream + t->stream_len, in->buf, in->len);
	t->stream_len += in->len;
}

static void
toy_in(void *node, usec_t now, const struct input *in)
{
	struct toy *t = node;

	ck_assert_uint_eq(now, loop_now(t->loop));
	t->counts[in->kind]++;
	keep(t, in);
	if (t->on_input != NULL)
		t->on_input(t, in);
}

static void
toy_expire(void *node, usec_t now)
{
	struct toy *t = node;

	ck_assert_uint_ge(now, t->deadline);
	t->deadline = USEC_NEVER;
	t->expired++;
}

/* Checked here, because the last act has been carried out by now. */
static bool
toy_next(void *node, usec_t now, struct act *out)
{
	struct toy *t = node;

	(void)now;
	if (outbox_next(&t->out, out))
		return true;
	if (t->until_count > 0 && t->counts[t->until_kind] >= t->until_count)
		loop_stop(t->loop);
	return false;
}

static usec_t
toy_deadline(const void *node)
{
	return ((const struct toy *)node)->deadline;
}

static const struct node_ops toy_ops = {
	.input = toy_in, .expire = toy_expire, .next = toy_next,
	.deadline = toy_deadline,
};

struct toy *
toy_new(const struct host_hooks *hooks)
{
	const struct host_hooks none = { .keep_fd = -1 };
	struct toy *t = calloc(1, sizeof *t);

	ck_assert_ptr_nonnull(t);
	t->deadline = USEC_NEVER;
	t->loop = loop_new();
	ck_assert_ptr_nonnull(t->loop);
	ck_assert(outbox_init(&t->out, 4096, 4 << 20));
	t->host = host_new(t->loop, &toy_ops, t,
	    hooks != NULL ? hooks : &none);
	ck_assert_ptr_nonnull(t->host);
	return t;
}

void
toy_free(struct toy *t)
{
	host_free(t->host);
	loop_free(t->loop);
	outbox_fini(&t->out);
	free(t);
}

static void
lose_patience(struct alarm *a, usec_t now)
{
	const struct toy *t = ((struct patience *)a)->toy;

	(void)now;
	ck_abort_msg("%zu of %zu inputs of kind %d", t->counts[t->until_kind],
	    t->until_count, (int)t->until_kind);
}

void
toy_run(struct toy *t, enum in_kind kind, size_t count)
{
	struct patience p = { .alarm.fire = lose_patience, .toy = t };

	t->until_kind = kind;
	t->until_count = count;
	loop_set(t->loop, &p.alarm, clock_now() + PATIENCE);
	loop_run(t->loop);
	loop_set(t->loop, &p.alarm, USEC_NEVER);
}

const struct input *
toy_input(const struct toy *t, enum in_kind kind, size_t nth)
{
	for (size_t i = 0; i < t->seen_count; i++)
		if (t->seen[i].in.kind == kind && nth-- == 0)
			return &t->seen[i].in;
	ck_abort_msg("no such input of kind %d", (int)kind);
	return NULL;
}

static struct addr
wait_opened(struct toy *t)
{
	const size_t nth = t->counts[IN_OPENED];
	const struct input *in;

	toy_run(t, IN_OPENED, nth + 1);
	in = toy_input(t, IN_OPENED, nth);
	ck_assert_int_eq(in->err, 0);
	return in->to;
}

struct addr
toy_open(struct toy *t, int sock)
{
	const struct addr any = toy_addr(0);

	outbox_open(&t->out, sock, &any);
	return wait_opened(t);
}

struct addr
toy_listen(struct toy *t, int sock)
{
	const struct addr any = toy_addr(0);

	outbox_listen(&t->out, sock, &any);
	return wait_opened(t);
}

struct addr
toy_addr(uint16_t port)
{
	return addr_v4(127, 0, 0, 1, port);
}
