#include "command.h"

#include "lines.h"
#include "name.h"
#include "text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct command_info table[COMMAND_COUNT] = {
[COMMAND_ALL] = { "all", "[PREFIX]", "list who is online",
	"Lists the others at the server: name, beginning of the key, since\n"
	"when. With PREFIX only the names that begin with it. Who "
	"hides is not\n"
	"on the list, but can be reached by the exact name.\n"
	"Example: all bo",
	COMMAND_ARGS_PREFIX },
[COMMAND_CONNECT] = { "connect", "NAME", "ask NAME for a conversation",
	"NAME sees who asks and with which key, and has 60 seconds "
	"to allow or\n"
	"deny it. Once it is allowed you can write; the messages go "
	"through the\n"
	"server, unreadable to it, until a direct path is found. With a\n"
	"conversation already open, it becomes the current one. \"disconnect\n"
	"NAME\" takes the question back.\n"
	"Example: connect Bob",
	COMMAND_ARGS_NAME },
[COMMAND_ALLOW] = { "allow", "[NAME]", "say yes to NAME, who asks",
	"Opens the conversation that NAME asked for. Before this neither side\n"
	"learns an address of the other. NAME may be left out when only one\n"
	"asks; \"requests\" lists who does.\n"
	"Example: allow Ann",
	COMMAND_ARGS_MAYBE_NAME },
[COMMAND_DENY] = { "deny", "[NAME]", "say no to NAME, who asks",
	"NAME is told that you said no, and learns no address of yours. NAME\n"
	"may be left out when only one asks. \"block NAME\" keeps further\n"
	"questions from your screen.\n"
	"Example: deny Ann",
	COMMAND_ARGS_MAYBE_NAME },
[COMMAND_MSG] = { "msg", "[@NAME] TEXT", "send TEXT to the current peer",
	"Sends a text of up to 65536 bytes, with @NAME to that peer, who then\n"
	"is the current one. Without a path it waits and goes out "
	"when there is\n"
	"one; you are told when it was delivered. Alt+Enter, or a backslash\n"
	"before Enter, goes on in a new line. To begin a text with "
	"@, type @@.\n"
	"Example: msg @Bob did you get the file?",
	COMMAND_ARGS_TEXT },
[COMMAND_TCP] = { "tcp", "", "move the conversation to TCP",
	"Opens a TCP connection to the current peer next to the path "
	"in use and\n"
	"moves over once it works, within 10 seconds. If it does "
	"not, all stays\n"
	"as it was and the reason is shown. \"udp\" goes back.",
	COMMAND_ARGS_NONE },
[COMMAND_UDP] = { "udp", "", "move the conversation to UDP",
	"Goes back from TCP or the relay to a direct UDP path, "
	"looking for one\n"
	"if there is none yet.",
	COMMAND_ARGS_NONE },
[COMMAND_DISCONNECT] = { "disconnect", "[NAME]", "end a conversation",
	"Ends the conversation with NAME or the current peer, who is "
	"told. What\n"
	"was not delivered is shown. Also takes back a \"connect\" that waits\n"
	"for its answer.\n"
	"Example: disconnect Bob",
	COMMAND_ARGS_MAYBE_NAME },
[COMMAND_RENAME] = { "rename", "NAME", "change your own name",
	"A name has 1 to 32 bytes and no spaces. It belongs to your key from\n"
	"then on: nobody else can take it while you use it now and then. Open\n"
	"conversations go on.\n"
	"Example: rename Ann",
	COMMAND_ARGS_NAME },
[COMMAND_REQUESTS] = { "requests", "", "list who waits for your answer",
	"Shows who asks, with which key, and how long the question still\n"
	"stands. Answer with \"allow NAME\" or \"deny NAME\".",
	COMMAND_ARGS_NONE },
[COMMAND_STATUS] = { "status", "", "show the server and every conversation",
	"Your name, key and public address, the server, and for every\n"
	"conversation the path in use, its round trip and what waits.",
	COMMAND_ARGS_NONE },
[COMMAND_WHY] = { "why", "[NAME]", "explain the path to a peer",
	"Which paths to NAME, or the current peer, were tried, how often, how\n"
	"long, what came back, which NATs are in the way, and what "
	"would help.\n"
	"Example: why Bob",
	COMMAND_ARGS_MAYBE_NAME },
[COMMAND_NETCHECK] = { "netcheck", "", "examine your own network",
	"Finds out how your NAT behaves, your public addresses and whether it\n"
	"opens ports on request, and says what that means for direct paths.",
	COMMAND_ARGS_NONE },
[COMMAND_VERIFY] = { "verify", "[NAME] [yes|no]",
	"compare keys with a peer",
	"Shows 60 digits that are the same on both sides if nobody sits in\n"
	"between. Compare them by telephone or in person, then type \"verify\n"
	"yes\" to mark the key as verified, or \"verify no\" if they "
	"differ: that\n"
	"ends the conversation. A yes is for the number shown last. Of a name\n"
	"that came with another key, the number is that of the new key:\n"
	"\"trust\" accepts it.\n"
	"Example: verify Bob yes",
	COMMAND_ARGS_VERIFY },
[COMMAND_TRUST] = { "trust", "NAME", "accept the changed key of NAME",
	"When NAME comes with another key than before, nothing is sent until\n"
	"you decide. A new computer is a good reason for a new key, somebody\n"
	"else's computer is a bad one: ask NAME on another channel first. The\n"
	"new key counts as not verified, and a conversation with the old one\n"
	"ends. If yet another key came meanwhile it is shown, and you decide\n"
	"again.\n"
	"Example: trust Bob",
	COMMAND_ARGS_NAME },
[COMMAND_BLOCK] = { "block", "NAME", "never hear of NAME again",
	"The questions and messages of NAME's key do not reach your "
	"screen any\n"
	"more, whatever its name. NAME is not told. An open "
	"conversation ends.\n"
	"Example: block Mallory",
	COMMAND_ARGS_NAME },
[COMMAND_UNBLOCK] = { "unblock", "NAME", "take back \"block NAME\"",
	"NAME can ask you for a conversation again.\n"
	"Example: unblock Mallory",
	COMMAND_ARGS_NAME },
[COMMAND_HELP] = { "help", "[COMMAND]", "explain a command, or list all",
	"Commands may be shortened as long as it is clear which is meant, and\n"
	"may begin with a slash.\n"
	"Example: help connect",
	COMMAND_ARGS_TOPIC },
[COMMAND_EXIT] = { "exit", "", "leave",
	"Tells the server and your peers, shows what was not delivered, and\n"
	"ends the program.",
	COMMAND_ARGS_NONE },
};

static const struct alias {
	const char *name;
	enum command_id id;
} aliases[] = {
	{ "?", COMMAND_HELP },
	/* As they are called on IRC. */
	{ "ignore", COMMAND_BLOCK },
	{ "names", COMMAND_ALL },
	{ "nick", COMMAND_RENAME },
	{ "query", COMMAND_CONNECT },
	{ "quit", COMMAND_EXIT },
	{ "unignore", COMMAND_UNBLOCK },
};

/* A part of the line. */
struct piece {
	const char *s;
	size_t len;
};

const struct command_info *
command_info(enum command_id id)
{
	assert(id > COMMAND_NONE && id < COMMAND_COUNT);
	return &table[id];
}

const char *
command_name(enum command_id id)
{
	assert(id < COMMAND_COUNT);
	return id == COMMAND_NONE ? "" : table[id].name;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_blanks(struct piece *p)
{
	while (p->len > 0 && is_blank(p->s[0]))
		p->s++, p->len--;
}

static struct piece
trimmed(struct piece p)
{
	skip_blanks(&p);
	while (p.len > 0 && is_blank(p.s[p.len - 1]))
		p.len--;
	return p;
}

/* Takes the first word off; what is left begins with the blank behind it. */
static struct piece
word(struct piece *rest)
{
	struct piece w = { rest->s, 0 };

	while (w.len < rest->len && !is_blank(rest->s[w.len]))
		w.len++;
	rest->s += w.len;
	rest->len -= w.len;
	return w;
}

static bool
is_word(struct piece p, const char *s)
{
	return p.len == strlen(s) && strncasecmp(p.s, s, p.len) == 0;
}

/* Makes what was typed fit to be quoted in an error. */
static const char *
quoted(struct piece p, char out[static 64])
{
	size_t len = text_clean_line(p.s, p.len, out, 64);

	if (text_clean_max(p.len) <= 64 || len < 56)
		return out;
	for (len = 56; ((unsigned char)out[len] & 0xc0) == 0x80; len--)
		continue;
	memcpy(out + len, "...", sizeof("..."));
	return out;
}

static bool
fail(struct command_error *err, enum command_id id, const char *code)
{
	err->id = id;
	err->code = code;
	return false;
}

static bool
fail_usage(struct command_error *err, enum command_id id, const char *what)
{
	const struct command_info *info = command_info(id);

	snprintf(err->text, sizeof(err->text), "%s Type: %s%s%s", what,
	    info->name, info->args[0] == '\0' ? "" : " ", info->args);
	return fail(err, id, "usage");
}

static enum command_id
similar(struct piece w)
{
	enum command_id best = COMMAND_NONE;
	size_t best_edits = (w.len < 6 ? w.len / 3 : 2) + 1;

	for (enum command_id id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
		size_t edits = slice_edits((struct slice){ w.s, w.len },
		    (struct slice){ table[id].name, strlen(table[id].name) });

		if (edits < best_edits) {
			best = id;
			best_edits = edits;
		}
	}
	return best;
}

static bool
fail_unknown(struct command_error *err, struct piece w)
{
	enum command_id id = similar(w);
	char quote[64];

	quoted(w, quote);
	if (id != COMMAND_NONE)
		snprintf(err->text, sizeof(err->text), "There is no command "
		    "\"%s\"; did you mean \"%s\"? \"help\" lists all.",
		    quote, table[id].name);
	else
		snprintf(err->text, sizeof(err->text), "There is no command "
		    "\"%s\". \"help\" lists all; \"msg TEXT\" sends a text.",
		    quote);
	return fail(err, COMMAND_NONE, "unknown-command");
}

static bool
fail_ambiguous(struct command_error *err, struct piece w)
{
	const char *matches[COMMAND_MATCHES_MAX];
	size_t count = command_matches(w.s, w.len, matches), n;
	char quote[64];

	n = (size_t)snprintf(err->text, sizeof(err->text),
	    "\"%s\" can mean ", quoted(w, quote));
	for (size_t i = 0; i < count && n < sizeof(err->text); i++)
		n += (size_t)snprintf(err->text + n, sizeof(err->text) - n,
		    "%s\"%s\"%s", i == 0 ? "" : i + 1 < count ? ", " : " or ",
		    matches[i], i + 1 < count ? "" : ". Type more of it.");
	return fail(err, COMMAND_NONE, "ambiguous-command");
}

/* The command that a word names; false with *err set if it is none. */
static bool
find(struct piece w, enum command_id *out, struct command_error *err)
{
	enum command_id found = COMMAND_NONE;
	size_t count = 0;

	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (is_word(w, aliases[i].name)) {
			*out = aliases[i].id;
			return true;
		}
	for (enum command_id id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
		if (is_word(w, table[id].name)) {
			*out = id;
			return true;
		}
		if (strncasecmp(table[id].name, w.s, w.len) == 0) {
			found = id;
			count++;
		}
	}
	if (w.len == 0 || count == 0)
		return fail_unknown(err, w);
	if (count > 1)
		return fail_ambiguous(err, w);
	*out = found;
	return true;
}

static bool
get_name(struct piece p, struct command *cmd, struct command_error *err)
{
	enum name_fault fault;
	char quote[64];

	if (p.len > 0 && p.s[0] == '@')
		p.s++, p.len--;
	fault = name_check(p.s, p.len, cmd->name);
	if (fault == NAME_OK)
		return true;
	snprintf(err->text, sizeof(err->text), "\"%s\" cannot be a name: %s.",
	    quoted(p, quote), name_fault_text(fault));
	return fail(err, cmd->id, "bad-name");
}

/* msg: one blank ends the command's name, then every byte counts. */
static bool
get_text(struct piece rest, struct command *cmd, struct command_error *err)
{
	struct piece name;

	if (rest.len > 0)
		rest.s++, rest.len--;
	if (rest.len > 0 && rest.s[0] == '@') {
		rest.s++, rest.len--;
		if (rest.len == 0 || rest.s[0] != '@') {
			name = word(&rest);
			if (!get_name(name, cmd, err))
				return false;
			if (rest.len > 0)
				rest.s++, rest.len--;
		}
	}
	if (rest.len == 0)
		return fail_usage(err, cmd->id, "There is no text to send.");
	if (rest.len > MSG_MAX) {
		snprintf(err->text, sizeof(err->text), "The text has %zu "
		    "bytes, a message at most %d. Send it in parts.",
		    rest.len, MSG_MAX);
		return fail(err, cmd->id, "too-long");
	}
	cmd->text = rest.s;
	cmd->len = rest.len;
	return true;
}

static enum command_answer
answer_of(struct piece w)
{
	if (is_word(w, "yes"))
		return ANSWER_YES;
	return is_word(w, "no") ? ANSWER_NO : ANSWER_NONE;
}

static bool
get_verify(struct piece rest, struct command *cmd, struct command_error *err)
{
	struct piece first = word(&rest);

	rest = trimmed(rest);
	if (rest.len == 0) {
		cmd->answer = answer_of(first);
		return first.len == 0 || cmd->answer != ANSWER_NONE
		    || get_name(first, cmd, err);
	}
	cmd->answer = answer_of(rest);
	if (cmd->answer == ANSWER_NONE)
		return fail_usage(err, cmd->id, "The answer is yes or no.");
	return get_name(first, cmd, err);
}

static bool
get_topic(struct piece rest, struct command *cmd, struct command_error *err)
{
	if (rest.len > 0 && rest.s[0] == '/')
		rest.s++, rest.len--;
	if (rest.len == 0 || find(rest, &cmd->topic, err))
		return true;
	err->id = cmd->id;
	return false;
}

static bool
get_args(struct piece rest, struct command *cmd, struct command_error *err)
{
	struct piece arg = trimmed(rest);

	switch (table[cmd->id].kind) {
	case COMMAND_ARGS_NONE:
		if (arg.len > 0)
			return fail_usage(err, cmd->id,
			    "Nothing goes behind this command.");
		return true;
	case COMMAND_ARGS_NAME:
		if (arg.len == 0)
			return fail_usage(err, cmd->id, "A name is missing.");
		return get_name(arg, cmd, err);
	case COMMAND_ARGS_MAYBE_NAME:
		return arg.len == 0 || get_name(arg, cmd, err);
	case COMMAND_ARGS_PREFIX:
		cmd->text = arg.s;
		cmd->len = arg.len;
		if (arg.len > NAME_MAX_LEN)
			return fail_usage(err, cmd->id,
			    "No name is that long.");
		return true;
	case COMMAND_ARGS_TEXT:
		return get_text(rest, cmd, err);
	case COMMAND_ARGS_VERIFY:
		return get_verify(arg, cmd, err);
	case COMMAND_ARGS_TOPIC:
		return get_topic(arg, cmd, err);
	}
	assert(!"a kind of arguments");
	return false;
}

bool
command_parse(const char *line, size_t len, struct command *out,
    struct command_error *err)
{
	struct command cmd = { .id = COMMAND_NONE, .text = "" };
	struct piece rest = { line, len };

	if (!text_is_utf8(line, len)) {
		snprintf(err->text, sizeof(err->text), "This is not UTF-8 "
		    "text, so it cannot be read. Set the terminal to UTF-8.");
		return fail(err, COMMAND_NONE, "bad-text");
	}
	skip_blanks(&rest);
	if (rest.len > 0) {
		if (rest.s[0] == '/')
			rest.s++, rest.len--;
		if (!find(word(&rest), &cmd.id, err)
		    || !get_args(rest, &cmd, err))
			return false;
	}
	*out = cmd;
	return true;
}

size_t
command_help(enum command_id topic, char *out)
{
	char usage[40];
	size_t n = 0;

	if (topic != COMMAND_NONE) {
		const struct command_info *info = command_info(topic);

		return (size_t)snprintf(out, COMMAND_HELP_SIZE,
		    "%s%s%s: %s\n%s\n", info->name,
		    info->args[0] == '\0' ? "" : " ", info->args,
		    info->summary, info->help);
	}
	for (enum command_id id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
		snprintf(usage, sizeof(usage), "%s %s", table[id].name,
		    table[id].args);
		n += (size_t)snprintf(out + n, COMMAND_HELP_SIZE - n,
		    "%-22s %s\n", usage, table[id].summary);
		assert(n < COMMAND_HELP_SIZE);
	}
	return n;
}

/* What the word number n (1: the first) behind a command can be. */
static enum command_gap_kind
gap_kind(enum command_args kind, size_t n, struct piece w)
{
	switch (kind) {
	case COMMAND_ARGS_NAME:
	case COMMAND_ARGS_MAYBE_NAME:
	case COMMAND_ARGS_PREFIX:
		return n == 1 ? COMMAND_GAP_NAME : COMMAND_GAP_NONE;
	case COMMAND_ARGS_VERIFY:
		if (n == 1)
			return COMMAND_GAP_NAME;
		return n == 2 ? COMMAND_GAP_ANSWER : COMMAND_GAP_NONE;
	case COMMAND_ARGS_TEXT:
		return n == 1 && w.len > 0 && w.s[0] == '@'
		    ? COMMAND_GAP_NAME : COMMAND_GAP_NONE;
	case COMMAND_ARGS_TOPIC:
		return n == 1 ? COMMAND_GAP_COMMAND : COMMAND_GAP_NONE;
	case COMMAND_ARGS_NONE:
		break;
	}
	return COMMAND_GAP_NONE;
}

struct command_gap
command_gap(const char *line, size_t at)
{
	struct command_gap gap = { COMMAND_GAP_COMMAND, 0 };
	struct piece rest = { line, at }, w;
	struct command_error err;
	enum command_id id;

	skip_blanks(&rest);
	if (rest.len > 0 && rest.s[0] == '/')
		rest.s++, rest.len--;
	gap.from = at - rest.len;
	w = word(&rest);
	if (rest.len == 0)
		return gap;
	gap.kind = COMMAND_GAP_NONE;
	if (!find(w, &id, &err))
		return gap;
	for (size_t n = 1; rest.len > 0; n++) {
		skip_blanks(&rest);
		gap.from = at - rest.len;
		w = word(&rest);
		gap.kind = gap_kind(table[id].kind, n, w);
	}
	if (gap.kind == COMMAND_GAP_NAME && w.len > 0 && w.s[0] == '@')
		gap.from++;
	return gap;
}

size_t
command_matches(const char *prefix, size_t len, const char **out)
{
	size_t count = 0;

	for (enum command_id id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
		if (len <= strlen(table[id].name)
		    && strncasecmp(table[id].name, prefix, len) == 0)
			out[count++] = table[id].name;
	return count;
}
