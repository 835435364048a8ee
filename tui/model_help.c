#include "tui/model.h"

#include "face/str.h"

#include <string.h>

enum { KEYED_SIZE = 512 };

/* What to do now, first of all; keys by what they do. */
static const char *
advice(const struct model *m)
{
	const struct chat *c = model_shown(m);

	if (m->asks_server)
		return "Type the address of a server, HOST or HOST:PORT, and "
		    "press Enter. Whoever runs gop2pd can tell you one.\n";
	if (m->taken[0] != '\0')
		return "Your name is taken: /rename NAME takes another one.\n";
	if (m->server == SERVER_LOST || m->server == SERVER_UNREACHABLE)
		return m->server_reason == REASON_NETWORK ?
		    "There is no network here; the server is tried again as "
		    "soon as there is.\n" :
		    "The server does not answer; open conversations go on. "
		    "Enter on an empty line tries it again at once, "
		    "gop2p-tui -s HOST another one.\n";
	if (m->wish_count > 0)
		return "Somebody asks to talk to you: {allow} allows, {deny} "
		    "denies, {info} tells more.\n";
	if (m->shown == 0)
		return "This is home: what the server says comes here. "
		    "/connect NAME asks somebody for a conversation; Tab "
		    "completes the name.\n";
	switch (c->state) {
	case CHAT_ASKING:
		return "The other has 60 s to say yes. What you write "
		    "meanwhile waits. {clear} on an empty line gives up.\n";
	case CHAT_PUNCHING:
		return "Both agreed; a way through the routers is being sought."
		    " What you write waits until there is one.\n";
	case CHAT_OPEN:
		return "Type and press Enter. Everything is encrypted from end "
		    "to end; {verify} compares keys, so that you know with "
		    "whom.\n";
	case CHAT_KEY:
		return "This name came with another key: perhaps a new "
		    "computer, perhaps somebody else. {verify} shows the "
		    "number to compare on another channel, /trust NAME "
		    "accepts the key.\n";
	default:
		return "No conversation at the moment: Enter on an empty line "
		    "asks again.\n";
	}
}

static void
add_keyed(struct str *out, const struct keymap *k, const char *text)
{
	char keyed[KEYED_SIZE];

	keymap_text(k, text, keyed, sizeof(keyed));
	str_puts(out, keyed);
}

static void
add_locals(struct str *out, const struct keymap *k)
{
	size_t count;
	const struct local *l = model_locals(&count);

	str_puts(out, "\nOf this screen\n");
	for (size_t i = 0; i < count; i++) {
		char key[KEYS_NAME_SIZE] = "";
		bool has_key = l[i].action != ACTION_NONE &&
		    keymap_key(k, l[i].action, key);

		str_printf(out, "  /%-8s %-12s %s%s%s%s\n", l[i].name,
		    l[i].args, l[i].summary, has_key ? " (" : "", key,
		    has_key ? ")" : "");
	}
}

static void
add_commands(struct str *out)
{
	str_puts(out, "\nCommands (/help NAME explains one)\n");
	for (int i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
		const struct command_info *info =
		    command_info((enum command_id)i);

		str_printf(out, "  /%-10s %-15s %s\n", info->name, info->args,
		    info->summary);
	}
}

/* The text of the table is wrapped for terminals of 80 columns, and its
 * commands have no slash. */
static void
help_command(struct model *m, enum command_id id)
{
	const struct command_info *info = command_info(id);
	const char *s = info->help, *example;
	struct str plain = { 0 }, out = { 0 };

	str_printf(&out, "/%s %s   %s\n\n", info->name, info->args,
	    info->summary);
	for (; *s != '\0'; s++) {
		example = s[0] == '\n' && strncmp(s + 1, "Example: ", 9) == 0 ?
		    "\n\nExample: /" : NULL;
		if (example != NULL) {
			str_puts(&plain, example);
			s += 9;
		} else {
			str_put(&plain, *s == '\n' ? " " : s, 1);
		}
	}
	str_puts(&plain, "\n");
	model_slashes(&out, str_text(&plain), plain.len);
	if (out.s != NULL)
		model_page(m, "HELP", out.s, out.len);
	str_fini(&plain);
	str_fini(&out);
}

static const struct topic {
	const char *name, *title, *text;
} topics[] = {
	{ "nat", "WAYS THROUGH ROUTERS",
	    "Your router lets nobody in whom you have not written to. Two who "
	    "agreed to talk get through by these steps:\n\n"
	    "  1 own addresses   the same network, or IPv6\n"
	    "  2 seen by server  what your routers look like from outside\n"
	    "  3 hole punch      both send at the same moment: each router\n"
	    "                    takes the other's packets for answers\n"
	    "  4 TCP             the same with connections\n"
	    "  5 relay           the server passes on what it cannot read\n\n"
	    "/why says what was tried and what came of it, /netcheck what your "
	    "own router does.\n\nWhat helps when nothing gets through\n"
	    "  the relay: start both sides without --no-relay\n"
	    "  IPv6 on both sides\n"
	    "  a port that your router forwards to this computer: -p PORT\n"
	    "  another network, where this one lets no UDP out: /tcp\n" },
};

enum { TOPICS = sizeof(topics) / sizeof(topics[0]) };

static const struct topic *
find_topic(const char *name, size_t len)
{
	for (size_t i = 0; i < TOPICS; i++)
		if (strlen(topics[i].name) == len &&
		    memcmp(topics[i].name, name, len) == 0)
			return &topics[i];
	return NULL;
}

bool
model_has_topic(const char *topic, size_t len)
{
	return find_topic(topic, len) != NULL;
}

static bool
help_topic(struct model *m, const char *topic, size_t len)
{
	size_t count;
	const struct local *l = model_locals(&count);
	const struct topic *t = find_topic(topic, len);
	struct str out = { 0 };

	if (t != NULL) {
		model_page(m, t->title, t->text, strlen(t->text));
		return true;
	}
	for (int i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
		const char *name = command_name((enum command_id)i);

		if (strlen(name) == len && memcmp(name, topic, len) == 0) {
			help_command(m, (enum command_id)i);
			return true;
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (strlen(l[i].name) != len ||
		    memcmp(l[i].name, topic, len) != 0)
			continue;
		str_printf(&out, "/%s %s\n\n%s\n", l[i].name, l[i].args,
		    l[i].summary);
		if (out.s != NULL)
			model_page(m, "HELP", out.s, out.len);
		str_fini(&out);
		return true;
	}
	return false;
}

void
model_help(struct model *m, const char *topic, size_t len)
{
	struct str out = { 0 };

	if (len > 0 && help_topic(m, topic, len))
		return;
	add_keyed(&out, &m->keymap, advice(m));
	add_keyed(&out, &m->keymap, "\nA line that begins with \"/\" is a "
	    "command, \"//\" sends a slash. {complete} completes. {go} chats, "
	    "{news} next unread, {page-up} and {page-down} scroll, /keys "
	    "shows all keys.\n");
	add_commands(&out);
	add_locals(&out, &m->keymap);
	str_puts(&out, "\nBeside commands: /help nat, the ways through "
	    "routers.\n");
	if (out.s != NULL)
		model_page(m, "HELP", out.s, out.len);
	str_fini(&out);
}

/* ---- keys ---- */

static void
add_key(struct str *line, struct key key)
{
	char name[KEYS_NAME_SIZE];

	str_printf(line, "%s%s", line->len == 0 ? "" : ", ",
	    keys_name(key, name));
}

static void
add_goes(struct str *out, const struct keymap *k)
{
	char name[KEYS_NAME_SIZE];
	int usual = 0;

	for (size_t i = 0; i < k->count; i++)
		usual += keymap_is_usual_go(&k->rows[i]);
	if (usual == 10)
		str_printf(out, "  %-20s %s (%s)\n", "Alt+1..9, Alt+0",
		    keymap_help(ACTION_GO, 0), keymap_name(ACTION_GO, 0));
	for (size_t i = 0; i < k->count; i++)
		if (k->rows[i].action == ACTION_GO &&
		    (usual < 10 || !keymap_is_usual_go(&k->rows[i])))
			str_printf(out, "  %-20s chat %d (go %d)\n",
			    keys_name(k->rows[i].key, name),
			    k->rows[i].number, k->rows[i].number);
}

/* The keys of an action, with those that the editor has for it. */
static void
add_action(struct str *out, const struct keymap *k, enum action action,
    int number)
{
	size_t count;
	const struct edit_binding *b = edit_bindings(&count);
	struct str line = { 0 };

	for (size_t i = (size_t)number; action == ACTION_EDIT && i < count &&
	    (i == (size_t)number || b[i].name == NULL); i++)
		if (keymap_find(k, b[i].key) == NULL)
			add_key(&line, b[i].key);
	for (size_t i = 0; i < k->count; i++)
		if (k->rows[i].action == action &&
		    (action != ACTION_EDIT || k->rows[i].number == number))
			add_key(&line, k->rows[i].key);
	if (line.len > 0)
		str_printf(out, "  %-20s %s (%s)\n", str_text(&line),
		    keymap_help(action, number), keymap_name(action, number));
	str_fini(&line);
}

static void
add_editor(struct str *out, const struct keymap *k)
{
	size_t count;
	const struct edit_binding *b = edit_bindings(&count);

	str_puts(out, "\nIn the line\n");
	for (size_t i = 0; i < count; i++)
		if (b[i].name != NULL)
			add_action(out, k, ACTION_EDIT, (int)i);
}

void
model_page_keys(struct model *m)
{
	struct str out = { 0 };

	str_puts(&out, "On this screen (/bind KEY ACTION changes one)\n");
	add_goes(&out, &m->keymap);
	for (int i = ACTION_GO + 1; i < ACTION_COUNT; i++)
		add_action(&out, &m->keymap, (enum action)i, 0);
	add_editor(&out, &m->keymap);
	if (out.s != NULL)
		model_page(m, "KEYS", out.s, out.len);
	str_fini(&out);
}
