#include "tui/model.h"

#include "core/ident.h"
#include "face/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_TWICE_US (10 * USEC_S)
enum { URLS_MAX = 50 };

/* ---- commands of the screen ---- */

static bool
do_go(struct model *m, usec_t now, int64_t wall_s, const char *arg, size_t len)
{
	struct chat *c = model_find(m, arg);
	int number = atoi(arg);

	(void)wall_s;
	if (c != NULL)
		number = model_number(m, c);
	else if (len == 0 || (number == 0 && strcmp(arg, "0") != 0) ||
	    model_chat(m, number) == NULL) {
		model_hint(m, "/go NUMBER or NAME: there is no chat \"%s\"",
		    arg);
		return false;
	}
	model_take(m);
	model_show(m, now, number);
	return true;
}

static bool
do_close(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)wall_s;
	(void)arg;
	(void)len;
	if (m->shown == 0) {
		model_hint(m, "Home stays open");
		return false;
	}
	if (chat_takes_text(model_shown(m)))
		model_order(m, COMMAND_DISCONNECT, model_shown(m)->name);
	model_take(m);
	model_close(m, now, m->shown);
	return true;
}

static bool
do_clear(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	struct chat *c = model_shown(m);

	(void)now;
	(void)wall_s;
	(void)arg;
	(void)len;
	backlog_fini(&c->log);
	c->at = (struct spot){ 0 };
	c->unread_from = 0;
	return true;
}

static bool
do_keys(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)now;
	(void)wall_s;
	(void)arg;
	(void)len;
	model_page_keys(m);
	return true;
}

static bool
do_bind(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)now;
	(void)wall_s;
	(void)len;
	return model_bind_line(m, arg);
}

static bool
do_set(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)now;
	(void)wall_s;
	(void)len;
	return model_set_line(m, arg);
}

/* "on", "off", or the other one. */
static bool
set_switch(struct model *m, enum pref pref, const char *arg)
{
	if (*arg == '\0')
		arg = m->prefs.word[pref] ? "off" : "on";
	return model_set(m, pref, arg);
}

static bool
do_term(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)now;
	(void)wall_s;
	(void)arg;
	(void)len;
	model_page_term(m);
	return true;
}

static bool
do_log(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	static const char off[] = "Nothing is written any more.";
	char text[512];

	(void)now;
	(void)len;
	if (!set_switch(m, PREF_LOG, arg))
		return false;
	snprintf(text, sizeof(text), "What is said from now on is written to "
	    "%s, which only you can read.", m->log_path);
	if (m->prefs.word[PREF_LOG])
		model_say(m, model_shown(m), wall_s, ENTRY_EVENT, text,
		    strlen(text));
	else
		model_say(m, model_shown(m), wall_s, ENTRY_EVENT, off,
		    strlen(off));
	return true;
}

static bool
do_theme(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)now;
	(void)wall_s;
	(void)len;
	return model_set(m, PREF_THEME, arg);
}

static bool
do_notify(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)now;
	(void)wall_s;
	(void)len;
	return model_set(m, PREF_NOTIFY, arg);
}

static bool
do_clock(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)now;
	(void)wall_s;
	(void)len;
	return set_switch(m, PREF_CLOCK, arg);
}

static bool
do_details(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)now;
	(void)wall_s;
	(void)len;
	return set_switch(m, PREF_DETAILS, arg);
}

static bool
do_mouse(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)now;
	(void)wall_s;
	(void)len;
	return set_switch(m, PREF_MOUSE, arg);
}

static bool
do_list(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)arg;
	(void)len;
	model_act(m, now, wall_s, ACTION_LIST, 0);
	return true;
}

static bool
do_redraw(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)now;
	(void)wall_s;
	(void)arg;
	(void)len;
	model_deed(m, DEED_REPAINT, NULL, 0);
	return true;
}

static bool
do_search(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)now;
	(void)wall_s;
	if (len == 0 && m->sought[0] == '\0') {
		model_hint(m, "/search TEXT looks for text in this chat");
		return false;
	}
	model_search(m, len == 0 ? m->sought : arg);
	return true;
}

static bool
do_retry(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	struct chat *c = model_shown(m);
	struct command cmd = { .id = COMMAND_MSG };
	size_t n = 0;

	(void)wall_s;
	(void)arg;
	(void)len;
	if (m->shown == 0 || c->state == CHAT_KEY) {
		model_hint(m, "Nothing to try again here");
		return false;
	}
	if (!chat_takes_text(c))
		model_connect(m, now, c->name);
	memcpy(cmd.name, c->name, NAME_SIZE);
	for (uint64_t i = backlog_begin(&c->log); i < backlog_end(&c->log) &&
	    m->deed_count < MODEL_DEEDS_MAX; i++) {
		struct entry *e = backlog_get(&c->log, i);

		if (e->kind != ENTRY_OWN || e->mark != MARK_FAILED)
			continue;
		cmd.text = e->text;
		cmd.len = e->len;
		model_command(m, &cmd);
		e->mark = MARK_NONE;
		n++;
	}
	if (n > 0)
		model_hint(m, n == 1 ? "One message is sent again" :
		    "%zu messages are sent again", n);
	return true;
}

static bool
do_exit_now(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)now;
	(void)wall_s;
	(void)arg;
	(void)len;
	if (m->host[0] == '\0')
		model_deed(m, DEED_QUIT, NULL, 0);
	else
		model_order(m, COMMAND_EXIT, "");
	return true;
}

bool
model_leave(struct model *m, usec_t now)
{
	size_t waiting = 0;

	for (int i = 0; i < MODEL_CHATS_MAX; i++)
		waiting += m->chats[i] == NULL ? 0 : m->chats[i]->waiting;
	if (waiting > 0 && (m->leave_asked_at == 0 ||
	    now > m->leave_asked_at + EXIT_TWICE_US)) {
		m->leave_asked_at = now;
		model_hint(m, waiting == 1 ? "One message is not delivered: "
		    "/exit again leaves without it" : "%zu messages are not "
		    "delivered: /exit again leaves without them", waiting);
		return true;
	}
	return do_exit_now(m, now, 0, "", 0);
}

/* ---- links in what was said ---- */

static size_t
url_at(const char *s, size_t len)
{
	static const char *const starts[] = { "https://", "http://" };
	size_t n = 0;

	for (size_t i = 0; i < 2; i++) {
		size_t start = strlen(starts[i]);

		if (len > start && memcmp(s, starts[i], start) == 0)
			n = start;
	}
	while (n > 0 && n < len && s[n] > ' ' && s[n] < 0x7f &&
	    strchr("<>\"'`{}|\\^", s[n]) == NULL)
		n++;
	while (n > 0 && strchr(".,;:!?)", s[n - 1]) != NULL)
		n--;
	return n;
}

/* The links of a chat, the newest first. */
static size_t
find_urls(const struct chat *c, const char **urls, size_t *lens)
{
	size_t count = 0;

	for (uint64_t n = backlog_end(&c->log); n-- > backlog_begin(&c->log) &&
	    count < URLS_MAX;) {
		const struct entry *e = backlog_get(&c->log, n);

		for (size_t i = 0; i < e->len && count < URLS_MAX; i++) {
			size_t len = url_at(e->text + i, e->len - i);

			if (len == 0)
				continue;
			urls[count] = e->text + i;
			lens[count++] = len;
			i += len;
		}
	}
	return count;
}

static bool
do_url(struct model *m, usec_t now, int64_t wall_s, const char *arg, size_t len)
{
	const char *urls[URLS_MAX];
	size_t lens[URLS_MAX];
	size_t count = find_urls(model_shown(m), urls, lens), n;
	struct str page = { 0 };

	(void)now;
	(void)wall_s;
	n = len > 0 ? strtoul(arg, NULL, 10) : 0;
	if (count == 0 || n > count) {
		model_hint(m, "There is no such link in this chat");
		return false;
	}
	if (n > 0) {
		model_deed(m, DEED_OPEN, urls[n - 1], lens[n - 1]);
		return true;
	}
	for (size_t i = 0; i < count; i++)
		str_printf(&page, "%2zu  %.*s\n", i + 1, (int)lens[i],
		    urls[i]);
	str_puts(&page, "\n/url NUMBER opens one in your browser.\n");
	if (page.s != NULL)
		model_page(m, "LINKS", page.s, page.len);
	str_fini(&page);
	return true;
}

static bool
do_key(struct model *m, usec_t now, int64_t wall_s, const char *arg, size_t len)
{
	char id[IDENT_FULL_SIZE], text[IDENT_KEY_SIZE], page[512];

	(void)now;
	(void)wall_s;
	(void)arg;
	(void)len;
	if (!m->has_key) {
		model_hint(m, "Not registered yet");
		return false;
	}
	ident_fingerprint(m->key, id);
	ident_key_text(m->key, text);
	snprintf(page, sizeof(page), "This is you, %s.\n\nFingerprint  %s\n"
	    "Public key   %s\n\nThe secret half is on this computer only.\n",
	    m->name, id, text);
	model_page(m, "YOUR KEY", page, strlen(page));
	model_page_qr(m, text);
	return true;
}

/* If not, m->hint says so. */
static bool
is_server(struct model *m, const char *text)
{
	char host[HOST_SIZE];
	uint16_t port;

	if (addr_split(text, 9000, host, sizeof(host), &port))
		return true;
	model_hint(m, "That is no HOST or HOST:PORT, such as "
	    "rv.example.net:9000");
	return false;
}

bool
model_use_server(struct model *m, const char *text, size_t len)
{
	if (!is_server(m, text))
		return false;
	model_deed(m, DEED_SERVER, text, len);
	m->asks_server = false;
	return true;
}

/* Names, keys and conversations are those of a server: another one is another
 * start. */
static bool
do_server(struct model *m, usec_t now, int64_t wall_s, const char *arg,
    size_t len)
{
	(void)now;
	(void)wall_s;
	if (m->asks_server)
		return model_use_server(m, arg, len);
	if (len == 0) {
		model_hint(m, "This is %s", m->host);
		return true;
	}
	if (!is_server(m, arg))
		return false;
	model_hint(m, "Another server takes another start: gop2p-tui -s %s",
	    arg);
	return true;
}

static const struct local locals[] = {
	{ "bind", "KEY ACTION", "let a key do something else", do_bind, 0 },
	{ "clear", "", "empty this chat's screen", do_clear, 0 },
	{ "clock", "[on|off]", "time on the status line", do_clock, 0 },
	{ "close", "", "end and close this chat", do_close, 0 },
	{ "details", "[on|off]", "pane on the right of wide screens",
	    do_details, 0 },
	{ "exit!", "", "leave, whatever is not delivered", do_exit_now, 0 },
	{ "go", "NUMBER|NAME", "to another chat", do_go, ACTION_GO },
	{ "key", "", "your own key", do_key, 0 },
	{ "keys", "", "what every key does", do_keys, 0 },
	{ "list", "", "list of chats on or off", do_list, ACTION_LIST },
	{ "log", "[on|off]", "write down what is said", do_log, 0 },
	{ "mouse", "[on|off]", "wheel and clicks", do_mouse, 0 },
	{ "notify", "WAY", "off, bell, osc9 or osc777", do_notify, 0 },
	{ "redraw", "", "paint everything anew", do_redraw, ACTION_REPAINT },
	{ "retry", "", "ask again, send again what failed", do_retry, 0 },
	{ "search", "TEXT", "look for text in this chat", do_search,
	    ACTION_SEARCH },
	{ "server", "[HOST]", "which one this is", do_server, 0 },
	{ "set", "[NAME WORD]", "settings, and to change one", do_set, 0 },
	{ "term", "", "what this terminal can", do_term, 0 },
	{ "theme", "NAME", "auto, dark, light, mono or contrast", do_theme, 0 },
	{ "url", "[NUMBER]", "links of this chat", do_url, ACTION_URL },
};

enum { LOCALS = sizeof(locals) / sizeof(locals[0]) };

const struct local *
model_locals(size_t *count)
{
	*count = LOCALS;
	return locals;
}
