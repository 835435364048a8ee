#include "face/line_state.h"

#include "core/name.h"
#include "face/json.h"
#include "io/clock.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- what is said ---- */

static void
write_error(const struct str *text)
{
	size_t done = 0;
	ssize_t n;

	while (done < text->len) {
		n = write(STDERR_FILENO, text->s + done, text->len - done);
		if (n < 0 && errno != EINTR)
			return;
		done += n > 0 ? (size_t)n : 0;
	}
}

static void
tell_json(struct line *l, const struct event *ev)
{
	char *text = json_event(ev, clock_wall_us());

	if (text == NULL)
		l->bytes.bad = true;
	else
		str_puts(&l->bytes, text);
	free(text);
}

/* The server is tried again and again: people are told of a failure once. And
 * who talks with us is online, of course. */
static bool
is_old_news(struct line *l, const struct event *ev)
{
	struct addr addr;
	bool is_old;

	if (ev->kind == EV_CLIENT && ev->presence == PRESENCE_ARRIVED)
		return client_link(l->client, ev->peer, &addr)
		    != TRANSPORT_NONE;
	if (ev->kind != EV_SERVER || ev->server == SERVER_RESOLVING
	    || ev->server == SERVER_REGISTERING)
		return false;
	is_old = ev->server == l->server && ev->reason == l->server_reason;
	l->server = ev->server;
	l->server_reason = ev->reason;
	return is_old;
}

/* What was not done, or ends the program. */
static bool
is_error(const struct line *l, const struct event *ev)
{
	return ev->kind == EV_ERROR || ev->kind == EV_SERVER_KEY_CHANGED ||
	    (ev->kind == EV_SERVER && ev->server == SERVER_UNREACHABLE &&
	    !l->was_registered);
}

/* Errors are no answer: where standard output may be a file they go
 * elsewhere. */
static void
tell(struct line *l, const struct event *ev)
{
	struct str text = { 0 };

	if (l->is_silent || (!l->is_json && is_old_news(l, ev)))
		return;
	if (l->is_json) {
		tell_json(l, ev);
	} else if (l->has_term) {
		say_event(&l->said, &l->say, ev);
		l->is_dirty = true;
	} else if (is_error(l, ev)) {
		say_event(&text, &l->say, ev);
		write_error(&text);
		str_fini(&text);
	} else {
		say_event(&l->bytes, &l->say, ev);
	}
}

void
line_log(struct line *l, const char *text)
{
	struct str line = { 0 };

	if (l->has_term && !l->is_finished) {
		say_line(&l->said, &l->say, "%s", text);
		l->is_dirty = true;
		return;
	}
	str_printf(&line, "%s\n", text);
	write_error(&line);
	str_fini(&line);
}

/* ---- what happens ---- */

/* The server does not take us: a person can try another name. */
static void
refused(struct line *l, const struct event *ev)
{
	bool is_name = ev->reason == REASON_NAME_TAKEN
	    || ev->reason == REASON_NAME_BAD;

	l->is_ready = true;
	if (!l->has_term) {
		line_leave(l, 0, ev->exit_code);
	} else if (is_name) {
		l->asks_name = true;
		edit_accept(&l->edit); /* what was typed is not lost */
		edit_set(&l->edit, ev->old_name, strlen(ev->old_name));
	}
}

static void
server_changed(struct line *l, const struct event *ev)
{
	if (ev->server != SERVER_UNREACHABLE)
		return;
	l->is_ready = true;
	if (!l->has_term && !l->was_registered)
		line_leave(l, 0, EXIT_CODE_SERVER);
}

/* Of the program: a signal counts most, then what failed first in a script. */
static int
status_of(const struct line *l, enum exit_code ended)
{
	if (l->signo != 0)
		return 128 + l->signo;
	if (!l->has_term && l->agenda.failed != EXIT_CODE_OK)
		return (int)l->agenda.failed;
	return (int)ended;
}

/* A script reads the status that it will get. */
static void
ended(struct line *l, const struct event *ev)
{
	struct event last = *ev;

	l->has_ended = true;
	l->ended = ev->exit_code;
	last.exit_code = (enum exit_code)status_of(l, l->ended);
	tell(l, &last);
}

void
line_event(void *ctx, const struct event *ev)
{
	struct line *l = ctx;

	if (ev->kind == EV_EXIT)
		ended(l, ev);
	else
		tell(l, ev);
	switch (ev->kind) {
	case EV_REGISTERED:
		l->was_registered = l->is_ready = true;
		l->asks_name = false;
		break;
	case EV_SERVER:
		server_changed(l, ev);
		break;
	case EV_REQUEST:
		memcpy(l->asker, ev->peer, NAME_SIZE);
		l->asker_at = USEC_NEVER;
		break;
	case EV_ERROR:
		if (ev->serial == 0 && ev->exit_code != EXIT_CODE_OK)
			refused(l, ev);
		break;
	case EV_DONE:
		agenda_end(&l->agenda, ev);
		break;
	case EV_UNDELIVERED:
		if (l->is_leaving && l->agenda.failed == EXIT_CODE_OK)
			l->agenda.failed = EXIT_CODE_RUNTIME;
		break;
	default:
		break;
	}
	l->is_dirty = true;
}

/* ---- what is entered ---- */

/* The answer to "Your name": a name, or a command with its slash. */
static bool
read_name(const char *s, size_t len, struct line_entry *entry)
{
	enum name_fault fault;

	if (len == 0 || s[0] == '/')
		return false;
	entry->cmd = (struct command){ .id = COMMAND_RENAME, .text = "" };
	fault = name_check(s, len, entry->cmd.name);
	if (fault == NAME_OK)
		return true;
	entry->err.id = COMMAND_RENAME;
	entry->err.code = "bad-name";
	snprintf(entry->err.text, sizeof(entry->err.text),
	    "That cannot be a name: %s.", name_fault_text(fault));
	return true;
}

bool
line_enter(struct line *l, const char *s, size_t len)
{
	struct line_entry *entry = &l->entries[l->entries_count];

	if (l->entries_count == LINE_ENTRIES_MAX || l->is_leaving)
		return false;
	memset(entry, 0, sizeof(*entry));
	entry->s = malloc(len + 1);
	if (entry->s == NULL)
		return false;
	memcpy(entry->s, s, len);
	entry->began_at = l->edit.began_at;
	l->entries_count++;
	if (l->asks_name && read_name(entry->s, len, entry))
		return true;
	if (command_parse(entry->s, len, &entry->cmd, &entry->err))
		entry->err.code = NULL;
	return true;
}

static void
drop_entry(struct line *l)
{
	free(l->entries[0].s);
	l->entries_count--;
	memmove(l->entries, l->entries + 1,
	    l->entries_count * sizeof(l->entries[0]));
}

/* Shows who could have been meant by a command without its name. */
static void
suggest_names(struct line *l)
{
	char names[8][NAME_SIZE];
	size_t count = client_names(l->client, "", names, 8);
	struct str text = { 0 };

	for (size_t i = 0; i < count && i < 8; i++)
		str_printf(&text, "%s%s", i > 0 ? ", " : "", names[i]);
	if (count > 8)
		str_puts(&text, ", ...");
	if (text.len > 0)
		say_line(&l->said, &l->say, "  Known names: %s", text.s);
	str_fini(&text);
}

static void
tell_error(struct line *l, const struct command_error *err)
{
	uint32_t serial = agenda_begin(&l->agenda, err->id);
	struct event ev = { .kind = EV_ERROR, .command = (uint8_t)err->id,
		.serial = serial, .code = err->code, .text = err->text,
		.len = strlen(err->text) };
	struct event done = { .kind = EV_DONE, .command = (uint8_t)err->id,
		.serial = serial, .exit_code = EXIT_CODE_USAGE };

	line_event(l, &ev);
	if (l->has_term && err->id != COMMAND_NONE
	    && strcmp(err->code, "usage") == 0
	    && command_info(err->id)->kind == COMMAND_ARGS_NAME)
		suggest_names(l);
	line_event(l, &done);
}

/* `exit` leaves when what was said has arrived, but does not wait for long; a
 * second one does not wait at all. */
static bool
do_exit(struct line *l, usec_t now)
{
	size_t waiting = client_undelivered(l->client);

	if (waiting == 0 || l->leave_at != USEC_NEVER)
		return false;
	l->leave_at = now + LINE_DELIVER_AT_EXIT;
	l->stay_until = now;
	l->was_told_to_exit = true;
	if (l->has_term)
		say_line(&l->said, &l->say, "* Delivering %zu message%s; "
		    "\"exit\" again leaves at once.", waiting,
		    waiting == 1 ? "" : "s");
	return true;
}

/* An answer without a name means whoever was on the screen when its typing
 * began, and not somebody who came meanwhile. A script says what it means. */
static void
look_whom_it_means(const struct line *l, struct line_entry *entry)
{
	const char *verb = command_name(entry->cmd.id);
	bool is_answer = entry->cmd.id == COMMAND_ALLOW ||
	    entry->cmd.id == COMMAND_DENY;

	if (!l->has_term || !is_answer || entry->cmd.name[0] != '\0' ||
	    l->asker[0] == '\0' ||
	    !edit_is_hasty(entry->began_at, l->asker_at))
		return;
	entry->err.id = entry->cmd.id;
	entry->err.code = "which-request";
	snprintf(entry->err.text, sizeof(entry->err.text), "%s has asked just "
	    "now: \"%s %s\", if that is whom you mean.", l->asker, verb,
	    l->asker);
}

/* Begins what was entered, if its time has come. */
static bool
begin_entry(struct line *l, usec_t now)
{
	struct line_entry *entry = &l->entries[0];
	enum command_id id = entry->err.code != NULL
	    ? COMMAND_NONE : entry->cmd.id;
	bool is_local = id == COMMAND_HELP || id == COMMAND_EXIT;

	if (!l->is_ready && !(l->has_term && is_local))
		return false;
	if (!agenda_may_begin(&l->agenda, id))
		return false;
	if (entry->err.code == NULL)
		look_whom_it_means(l, entry);
	if (entry->err.code != NULL)
		tell_error(l, &entry->err);
	else if (id == COMMAND_EXIT && do_exit(l, now))
		l->is_leaving = !l->has_term;
	else if (id != COMMAND_NONE)
		client_do(l->client, now, &entry->cmd,
		    agenda_begin(&l->agenda, id));
	drop_entry(l);
	return true;
}

/* ---- how it ends ---- */

void
line_leave(struct line *l, int signo, enum exit_code code)
{
	if (l->is_leaving && l->leave_at == 0)
		return;
	l->is_leaving = true;
	l->leave_at = 0;
	l->signo = signo;
	l->wanted = code;
}

/* At the end of the input what was said is delivered, and then we go, unless
 * we are to linger. */
static void
look_for_the_end(struct line *l, usec_t now)
{
	if (!l->input_ended || !l->is_ready || l->leave_at != USEC_NEVER
	    || l->entries_count > 0 || l->input.len > 0
	    || l->agenda.count > 0)
		return;
	l->leave_at = now + LINE_DELIVER_AT_END;
	if (l->leave_at < now + l->linger)
		l->leave_at = now + l->linger;
	l->stay_until = now + l->linger;
}

static bool
is_time_to_leave(const struct line *l, usec_t now)
{
	if (l->leave_at == USEC_NEVER)
		return false;
	return now >= l->leave_at || (now >= l->stay_until
	    && client_undelivered(l->client) == 0);
}

static void
leave(struct line *l, usec_t now)
{
	const struct command cmd = { .id = COMMAND_EXIT, .text = "" };

	l->is_leaving = true;
	l->leave_at = USEC_NEVER;
	if (l->was_told_to_exit && l->signo == 0)
		client_do(l->client, now, &cmd,
		    agenda_begin(&l->agenda, COMMAND_EXIT));
	client_exit(l->client, now, l->wanted);
}

/* Begins what a script wants next; true if anything was begun. */
static bool
begin_lines(struct line *l, usec_t now)
{
	bool is_any = false;

	for (;;) {
		line_script_enter(l);
		if (l->entries_count == 0 || l->is_leaving ||
		    !begin_entry(l, now))
			return is_any;
		is_any = true;
	}
}

/* Begins and ends what has its time now. True if the client was called: there
 * is news of it before anything is shown. */
static bool
act(struct line *l, usec_t now)
{
	bool was_called = l->has_term ?
	    l->entries_count > 0 && !l->is_leaving && begin_entry(l, now) :
	    begin_lines(l, now);

	look_for_the_end(l, now);
	if (!was_called && is_time_to_leave(l, now)) {
		leave(l, now);
		was_called = true;
	}
	return was_called;
}

bool
line_turn(void *ctx, usec_t now)
{
	struct line *l = ctx;
	usec_t at = USEC_NEVER;

	if (l->has_term)
		line_tty_expire(l, now);
	if (!l->has_ended && act(l, now))
		return true;
	if (l->leave_at != USEC_NEVER)
		at = now < l->stay_until ? l->stay_until : l->leave_at;
	if (l->has_term)
		at = usec_min(at, line_tty_turn(l, now));
	else
		line_script_turn(l);
	if (l->has_ended)
		loop_stop(l->loop);
	loop_set(l->loop, &l->alarm, at);
	return false;
}

int
line_finish(struct line *l)
{
	int status;

	l->is_finished = true;
	loop_set(l->loop, &l->alarm, USEC_NEVER);
	if (l->has_term)
		line_tty_close(l);
	else
		line_script_close(l);
	status = status_of(l, l->ended);
	/* The last lines may be those that found no room. */
	return l->is_silent && status == EXIT_CODE_OK ? EXIT_CODE_RUNTIME :
	    status;
}

/* ---- beginning and end ---- */

static void
on_alarm(struct alarm *a, usec_t now)
{
	(void)a;
	(void)now;
}

static void
on_signal(void *ctx, int signo)
{
	struct line *l = ctx;

	if (l->is_finished)
		return;
	if (signo == SIGWINCH || signo == SIGCONT || signo == SIGTSTP)
		line_tty_signal(l, signo);
	else
		line_leave(l, signo, EXIT_CODE_OK);
}

struct line *
line_new(const struct line_conf *conf)
{
	static const int both[] = { SIGINT, SIGTERM, SIGHUP };
	static const int terminals[] = { SIGWINCH, SIGCONT, SIGTSTP };
	struct line *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->loop = conf->loop;
	l->client = conf->client;
	l->is_json = conf->is_json;
	l->linger = conf->linger;
	l->leave_at = USEC_NEVER;
	l->alarm.fire = on_alarm;
	history_init(&l->history);
	if (!edit_init(&l->edit, &l->history)) {
		free(l);
		return NULL;
	}
	l->has_term = !l->is_json && conf->command == NULL && line_tty_open(l);
	if (!l->has_term)
		line_script_open(l, conf->command);
	l->agenda.in_order = !l->has_term;
	for (size_t i = 0; i < 3; i++)
		loop_signal(l->loop, both[i], on_signal, l);
	for (size_t i = 0; i < 3 && l->has_term; i++)
		loop_signal(l->loop, terminals[i], on_signal, l);
	return l;
}

void
line_free(struct line *l)
{
	if (l == NULL)
		return;
	while (l->entries_count > 0)
		drop_entry(l);
	edit_fini(&l->edit);
	history_fini(&l->history);
	paint_fini(&l->paint);
	str_fini(&l->said);
	str_fini(&l->bytes);
	str_fini(&l->prompt);
	str_fini(&l->below);
	str_fini(&l->input);
	free(l);
}

void
line_history_load(struct line *l, const char *text, size_t len)
{
	const char *end = text + len, *lf;

	for (; text < end; text = lf + 1) {
		lf = memchr(text, '\n', (size_t)(end - text));
		if (lf == NULL)
			lf = end;
		history_unpack(&l->history, text, (size_t)(lf - text));
	}
}

static bool
is_private(const struct history_line *line)
{
	struct command cmd;
	struct command_error err;

	return !command_parse(line->text, line->len, &cmd, &err)
	    || cmd.id == COMMAND_MSG;
}

char *
line_history_text(const struct line *l, size_t *len)
{
	struct str text = { 0 };
	char packed[4096];

	for (size_t n = l->history.first; n < history_end(&l->history); n++) {
		const struct history_line *line = history_get(&l->history, n);
		size_t size;

		if (is_private(line))
			continue;
		size = history_pack(line, packed, sizeof(packed));
		if (size == 0)
			continue;
		str_put(&text, packed, size);
		str_puts(&text, "\n");
	}
	if (text.bad)
		str_fini(&text);
	*len = text.len;
	return text.s;
}
