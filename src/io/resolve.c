#include "config.h"

#include "resolve.h"

#include "child.h"
#include "sock.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct resolve_answer) <= CHILD_ANSWER_MAX,
    "an answer goes through the pipe");

struct resolve {
	struct child *child;
	void (*done)(void *ctx, const struct resolve_answer *answer);
	void *ctx;
	uint16_t port;
	char host[HOST_SIZE];
};

static bool
has_addr(const struct resolve_answer *answer, const struct addr *a)
{
	for (unsigned int i = 0; i < answer->count; i++)
		if (addr_eq(&answer->addrs[i], a))
			return true;
	return false;
}

/* The next address of a family that was not taken yet; no address at the
 * end. */
static struct addr
next_of(const struct addrinfo **at, int family, uint16_t port)
{
	struct addr a = { 0 };
	union sock_addr s;

	while (*at != NULL && (*at)->ai_family != family)
		*at = (*at)->ai_next;
	if (*at == NULL || (*at)->ai_addrlen > sizeof s)
		return a;
	memcpy(&s, (*at)->ai_addr, (*at)->ai_addrlen);
	*at = (*at)->ai_next;
	a = sock_get(&s);
	a.port = port;
	return a;
}

/* The system's order within a family, the families in turn, so that one that
 * leads nowhere costs one attempt (RFC 8305 section 4). */
static void
take_addrs(const struct addrinfo *list, uint16_t port,
    struct resolve_answer *out)
{
	const int first = list->ai_family;
	const int second = first == AF_INET ? AF_INET6 : AF_INET;
	const struct addrinfo *at[2] = { list, list };
	int idle = 0;

	for (int turn = 0; idle < 2 && out->count < RESOLVED_MAX; turn ^= 1) {
		struct addr a = next_of(&at[turn], turn == 0 ? first : second,
		    port);

		idle = addr_is_set(&a) ? 0 : idle + 1;
		if (addr_is_set(&a) && !has_addr(out, &a))
			out->addrs[out->count++] = a;
	}
}

static bool
is_no_such_name(int error)
{
#ifdef EAI_NODATA
	if (error == EAI_NODATA)
		return true;
#endif
	return error == EAI_NONAME;
}

void
resolve_now(const char *host, uint16_t port, struct resolve_answer *out)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *list = NULL;
	int error = getaddrinfo(host, NULL, &hints, &list);

	memset(out, 0, sizeof *out);
	if (error == 0) {
		take_addrs(list, port, out);
		freeaddrinfo(list);
	}
	if (out->count > 0)
		return;
	if (error == 0 || is_no_such_name(error)) {
		out->err = E_NONE;
		snprintf(out->text, sizeof out->text, "no such host");
	} else if (!sock_has_network()) {
		out->err = E_AGAIN;
		snprintf(out->text, sizeof out->text, "no network");
	} else {
		out->err = E_IO;
		snprintf(out->text, sizeof out->text, "%s",
		    gai_strerror(error));
	}
}

static size_t
work(void *arg, void *answer)
{
	const struct resolve *r = arg;
	struct resolve_answer out;

	resolve_now(r->host, r->port, &out);
	memcpy(answer, &out, sizeof out);
	return sizeof out;
}

static void
done(void *ctx, const void *answer, size_t len)
{
	struct resolve *r = ctx;
	struct resolve_answer out = { .err = E_IO };

	if (answer != NULL && len == sizeof out)
		memcpy(&out, answer, sizeof out);
	else
		snprintf(out.text, sizeof out.text,
		    "no answer from the name service");
	r->done(r->ctx, &out);
	free(r);
}

struct resolve *
resolve_start(struct loop *l, const char *host, uint16_t port,
    void (*when_done)(void *ctx, const struct resolve_answer *answer),
    void *ctx)
{
	struct resolve *r = calloc(1, sizeof *r);
	struct child_job job = { .work = work, .done = done, .arg = r,
		.ctx = r, .limit = RESOLVE_LIMIT, .keep_fd = -1 };

	if (r == NULL)
		return NULL;
	snprintf(r->host, sizeof r->host, "%s", host);
	r->port = port;
	r->done = when_done;
	r->ctx = ctx;
	r->child = child_start(l, &job);
	if (r->child == NULL) {
		free(r);
		return NULL;
	}
	return r;
}

void
resolve_cancel(struct resolve *r)
{
	child_cancel(r->child);
	free(r);
}
