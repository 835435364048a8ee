#include "swarm.h"

/* True if a's client and b's both believe that they talk with each other. */
static bool
talk(const struct swarm *w, const struct user *a, const struct user *b)
{
	return a->client != NULL && b->client != NULL &&
	    (w->users[a->id].talks >> b->id & 1) &&
	    (w->users[b->id].talks >> a->id & 1);
}

static void
judge_pair(struct swarm *w, const struct user *a, const struct user *b)
{
	enum transport t = user_link(a, b);

	if (!talk(w, a, b) || a->conf.no_relay || b->conf.no_relay)
		return;
	if (t == TRANSPORT_NONE)
		world_fail(w->s->w, "%s has no path to %s at the end",
		    a->name, b->name);
}

/* Neither delivered nor reported: only if the sender's process is not the one
 * that took it, or the peer is not there any more. */
static void
judge_message(struct swarm *w, const struct message *m)
{
	if (m->delivered || m->undelivered || m->to == NULL ||
	    m->start != m->from->starts || m->from->client == NULL)
		return;
	if (!talk(w, m->from, m->to) || m->from->conf.no_relay ||
	    m->to->conf.no_relay)
		return;
	world_fail(w->s->w, "message %llu of %s to %s is neither delivered "
	    "nor reported", (unsigned long long)m->id, m->from->name,
	    m->to->name);
}

void
swarm_judge(struct swarm *w)
{
	const struct sim *s = w->s;
	uint32_t running = 0;

	for (size_t i = 0; i < s->user_count; i++) {
		const struct user *u = s->users[i];
		struct cond c = registered((struct user *)u);

		running += u->client != NULL;
		if (u->client == NULL)
			world_fail(s->w, "%s does not run", u->name);
		else if (!c.holds(&c))
			world_fail(s->w, "%s is not registered at the end",
			    u->name);
		for (size_t k = 0; k < s->user_count; k++)
			if (k != i)
				judge_pair(w, u, s->users[k]);
	}
	for (size_t i = 0; i < s->message_count; i++)
		judge_message(w, &s->messages[i]);
	if (server_stats(s->servers[0].server)->online != running)
		world_fail(s->w, "the server knows %u of %u clients",
		    server_stats(s->servers[0].server)->online, running);
}

void
swarm_judge_empty(struct swarm *w)
{
	const struct sim *s = w->s;
	const struct server_stats *st = server_stats(s->servers[0].server);

	for (size_t i = 0; i < s->user_count; i++)
		if (s->users[i]->client != NULL)
			world_fail(s->w, "%s did not exit",
			    s->users[i]->name);
	for (size_t i = 0; i < s->message_count; i++) {
		const struct message *m = &s->messages[i];

		if (!m->delivered && !m->undelivered &&
		    m->start == m->from->starts && m->from->has_exited)
			world_fail(s->w, "message %llu of %s was dropped in "
			    "silence", (unsigned long long)m->id,
			    m->from->name);
	}
	if (st->online + st->pairs + st->streams + st->half_open > 0)
		world_fail(s->w, "left over at the server: %u online, %u "
		    "pairs, %u streams, %u half open", st->online, st->pairs,
		    st->streams, st->half_open);
}
