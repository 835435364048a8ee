#include "trace.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

static const char *const act_names[] = {
	[ACT_OPEN] = "open", [ACT_LISTEN] = "listen", [ACT_SEND] = "send",
	[ACT_DIAL] = "dial", [ACT_WRITE] = "write", [ACT_CLOSE] = "close",
	[ACT_RESOLVE] = "resolve", [ACT_SAVE] = "save", [ACT_STORE] = "store",
	[ACT_EVENT] = "event", [ACT_UPNP] = "upnp",
};

static const char *const event_names[] = {
	[EV_REGISTERED] = "registered", [EV_SERVER] = "server",
	[EV_CLIENTS] = "clients", [EV_CLIENT] = "client",
	[EV_REQUEST] = "request", [EV_REQUEST_ENDED] = "request-ended",
	[EV_REQUESTS] = "requests", [EV_CONNECTING] = "connecting",
	[EV_CONNECTED] = "connected", [EV_TRANSPORT] = "transport",
	[EV_CURRENT] = "current", [EV_QUEUED] = "queued",
	[EV_MESSAGE] = "message", [EV_DELIVERED] = "delivered",
	[EV_UNDELIVERED] = "undelivered", [EV_DENIED] = "denied",
	[EV_FAILED] = "failed", [EV_DISCONNECTED] = "disconnected",
	[EV_LINK] = "link", [EV_KEY_CHANGED] = "key-changed",
	[EV_SERVER_KEY_CHANGED] = "server-key-changed",
	[EV_VERIFY] = "verify", [EV_STATUS] = "status", [EV_WHY] = "why",
	[EV_NETCHECK] = "netcheck", [EV_RENAMED] = "renamed",
	[EV_NOTICE] = "notice", [EV_HELP] = "help", [EV_ERROR] = "error",
	[EV_DONE] = "done", [EV_EXIT] = "exit",
};

static const char *const transport_names[] = { "-", "udp", "tcp", "relay" };

static void
begin(const struct sim *s, const char *who)
{
	fprintf(stderr, "%12.6f %-8s ", (double)sim_now(s) / USEC_S, who);
}

static void
trace_event(const struct event *ev)
{
	char addr[ADDR_TEXT];

	fprintf(stderr, "%s %s", event_names[ev->kind], ev->peer);
	if (ev->transport != TRANSPORT_NONE)
		fprintf(stderr, " %s %s", transport_names[ev->transport],
		    addr_format(&ev->addr, addr));
	if (ev->reason != REASON_NONE)
		fprintf(stderr, " because %s", reason_token(ev->reason));
	if (ev->code != NULL)
		fprintf(stderr, " [%s]", ev->code);
	if (ev->kind == EV_DONE)
		fprintf(stderr, " %u %s", ev->serial,
		    ev->ok ? "ok" : "failed");
	if (ev->kind == EV_SERVER)
		fprintf(stderr, " state %d", ev->server);
	if (ev->id != 0)
		fprintf(stderr, " #%llu", (unsigned long long)ev->id);
	if (ev->text != NULL)
		fprintf(stderr, " %.*s", (int)(ev->len < 40 ? ev->len : 40),
		    ev->text);
	fputc('\n', stderr);
}

void
trace_act(const struct sim *s, const struct node *n, const struct act *act)
{
	char to[ADDR_TEXT], from[ADDR_TEXT];

	begin(s, node_name(n));
	fprintf(stderr, "%s ", act_names[act->kind]);
	if (act->kind == ACT_EVENT) {
		trace_event(act->event);
		return;
	}
	fprintf(stderr, "%d %s -> %s", act->sock,
	    addr_format(&act->from, from), addr_format(&act->to, to));
	if (act->ttl != 0)
		fprintf(stderr, " ttl %u", act->ttl);
	if (act->buf != NULL && act->len > 0)
		fprintf(stderr, " %zu bytes, type %u", act->len, act->buf[0]);
	if (act->text != NULL)
		fprintf(stderr, " %s", act->text);
	fputc('\n', stderr);
}

void
trace_got(const struct sim *s, const struct host *h, const struct pkt *p)
{
	static const char *const proto[] = { "udp", "tcp", "icmp" };
	char from[ADDR_TEXT], to[ADDR_TEXT];

	begin(s, host_name(h));
	fprintf(stderr, "got %s %s -> %s flags %u error %u, %zu bytes",
	    proto[p->proto], addr_format(&p->src, from),
	    addr_format(&p->dst, to), p->flags, p->error, p->len);
	if (p->proto == PKT_UDP && p->len > 0)
		fprintf(stderr, ", type %u", p->data[0]);
	fputc('\n', stderr);
}

void
trace_line(const struct user *u, const char *line, size_t len)
{
	begin(u->sim, u->name);
	fprintf(stderr, "types: %.*s\n", (int)(len < 70 ? len : 70), line);
}

static void
write_log(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	fprintf(stderr, "                      log: %s\n", line);
}

const struct log *
trace_log(const struct sim *s)
{
	static const struct log log = { .write = write_log,
		.level = LOG_LEVEL_DEBUG };

	(void)s;
	return &log;
}
