#include "knownfile.h"

#include "addr.h"
#include "bytes.h"
#include "err.h"
#include "ident.h"
#include "lines.h"
#include "wire.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { YEAR_FIRST = 1970, YEAR_LAST = 9999, DATE_SIZE = 11 };

static const char peers_head[] =
    "# The people that gop2p knows, by their keys. A line is\n"
    "#\n"
    "#     KEY FIRST-SEEN STATE NAME\n"
    "#\n"
    "# and STATE one of\n"
    "#     pinned            only this key may use the name\n"
    "#     verified          the same, and you have compared safety numbers\n"
    "#     blocked           you never hear from this key\n"
    "#     verified,blocked  both\n"
    "#\n"
    "# Remove a line to forget a key. Edit this file while gop2p is not\n"
    "# running, for it writes it anew with every change. Your own comments\n"
    "# move to the end.\n";

static const char servers_head[] =
    "# The servers that gop2p knows, by their keys. A line is\n"
    "#\n"
    "#     HOST:PORT KEY FIRST-SEEN\n"
    "#\n"
    "# Remove a line to forget a key. Edit this file while gop2p is not\n"
    "# running, for it writes it anew with every change. Your own comments\n"
    "# move to the end.\n";

static const char rest_head[] =
    "# What follows is kept as it was found: comments, and lines that could\n"
    "# not be read.\n";

/* Either of the two files. */
struct kind {
	const char *head;
	/* Adds the entry of a line. NULL, or what is wrong with it; *err is
	 * E_FULL if that ends the reading. */
	const char *(*read)(struct known *k, struct slice line, int *err);
};

/* ---- dates ---- */

static uint32_t
days_before_year(uint32_t year)
{
	uint32_t n = year - 1;

	return n * 365 + n / 4 - n / 100 + n / 400 - 719162;
}

static uint32_t
days_before_month(uint32_t year, uint32_t month)
{
	static const uint16_t days[] = { 0, 31, 59, 90, 120, 151, 181, 212,
	    243, 273, 304, 334, 365 };
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	assert(month >= 1 && month <= 13);
	return days[month - 1] + (is_leap && month > 2);
}

static void
write_date(uint32_t day, char out[static DATE_SIZE])
{
	uint32_t last = days_before_year(YEAR_LAST + 1) - 1, year, month = 1;

	if (day > last)
		day = last;
	for (year = YEAR_FIRST + day / 366; days_before_year(year + 1) <= day;)
		year++;
	day -= days_before_year(year);
	while (days_before_month(year, month + 1) <= day)
		month++;
	day -= days_before_month(year, month);
	snprintf(out, DATE_SIZE, "%04u-%02u-%02u", year % 10000, month % 100,
	    (day + 1) % 100);
}

static bool
read_digits(const char *s, int count, uint32_t *value)
{
	*value = 0;
	for (int i = 0; i < count; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*value = *value * 10 + (uint32_t)(s[i] - '0');
	}
	return true;
}

static bool
read_date(const struct slice *word, uint32_t *day)
{
	uint32_t year, month, date;

	if (word->len != DATE_SIZE - 1 || word->p[4] != '-' ||
	    word->p[7] != '-' || !read_digits(word->p, 4, &year) ||
	    !read_digits(word->p + 5, 2, &month) ||
	    !read_digits(word->p + 8, 2, &date))
		return false;
	if (year < YEAR_FIRST || month < 1 || month > 12 || date < 1 ||
	    date > days_before_month(year, month + 1) -
	    days_before_month(year, month))
		return false;
	*day = days_before_year(year) + days_before_month(year, month) +
	    date - 1;
	return true;
}

/* ---- reading ---- */

static bool
read_state(const struct slice *word, struct known_peer *peer)
{
	peer->verified = slice_is(word, "verified") ||
	    slice_is(word, "verified,blocked");
	peer->blocked = slice_is(word, "blocked") ||
	    slice_is(word, "verified,blocked");
	return peer->verified || peer->blocked || slice_is(word, "pinned");
}

/* Copies a word to a buffer; false if it does not fit. */
static bool
copy_word(const struct slice *word, char *out, size_t cap)
{
	if (word->len >= cap)
		return false;
	memcpy(out, word->p, word->len);
	out[word->len] = '\0';
	return true;
}

static const char *
read_peer(struct known *k, struct slice line, int *err)
{
	struct slice key = line_word(&line), date = line_word(&line);
	struct slice state = line_word(&line), name = line_word(&line);
	struct known_peer peer = { .first_day = 0 };

	if (!ident_key_parse(key.p, key.len, peer.key))
		return "the key is not 64 hexadecimal digits";
	if (!read_date(&date, &peer.first_day))
		return "the date is not like 2026-01-31";
	if (!read_state(&state, &peer))
		return "the state is not pinned, verified or blocked";
	if (line_word(&line).len > 0)
		return "something follows the name";
	if (known_by_key(k, peer.key) != NULL)
		return "this key stands above already";
	if (!copy_word(&name, peer.name, sizeof peer.name))
		return "the name is too long";
	*err = known_add(k, &peer);
	switch (*err) {
	case E_OK:
		return NULL;
	case E_FULL:
		return "too many people";
	case E_TAKEN:
		return "this name has another key above";
	default:
		return "the name cannot be one";
	}
}

static const char *
read_server(struct known *k, struct slice line, int *err)
{
	struct slice at = line_word(&line), key = line_word(&line);
	struct slice date = line_word(&line);
	struct known_server server = { .port = 0 };
	char host[HOST_SIZE + 8];

	if (!copy_word(&at, host, sizeof host) || !addr_split(host,
	    SERVER_PORT, server.host, sizeof server.host, &server.port))
		return "the server is not HOST:PORT";
	if (!ident_key_parse(key.p, key.len, server.key))
		return "the key is not 64 hexadecimal digits";
	if (!read_date(&date, &server.first_day))
		return "the date is not like 2026-01-31";
	if (line_word(&line).len > 0)
		return "something follows the date";
	*err = known_server_add(k, &server);
	switch (*err) {
	case E_OK:
		return NULL;
	case E_FULL:
		return "too many servers";
	case E_TAKEN:
		return "this server stands above already";
	default:
		return "the host cannot be one";
	}
}

static const struct kind peers_kind = { peers_head, read_peer };
static const struct kind servers_kind = { servers_head, read_server };

static void
add_fault(struct knownfile_faults *faults, uint32_t line, const char *what)
{
	if (faults->count < KNOWNFILE_FAULTS_MAX) {
		faults->first[faults->count].line = line;
		faults->first[faults->count].what = what;
	}
	faults->count++;
}

static int
refuse(struct knownfile_faults *faults, uint32_t line, const char *what,
    int err)
{
	memset(faults, 0, sizeof *faults);
	add_fault(faults, line, what);
	return err;
}

/* The line of the first byte that has no place in text, or 0. */
static uint32_t
find_control(const char *text, size_t len)
{
	uint32_t line = 1;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)text[i];

		if (c == '\n')
			line++;
		else if ((c < ' ' && c != '\t' && c != '\r') || c == 0x7f)
			return line;
	}
	return 0;
}

/* True for a line that we wrote ourselves. */
static bool
is_part(const char *text, const struct slice *line)
{
	struct lines lines = lines_of(text, strlen(text));
	struct slice ours;

	while (lines_next(&lines, &ours)) {
		if (ours.len == line->len &&
		    memcmp(ours.p, line->p, line->len) == 0)
			return true;
	}
	return false;
}

/* Appends a line to what is kept, which has room for it. */
static void
keep(char *rest, size_t *rest_len, const struct slice *line)
{
	memcpy(rest + *rest_len, line->p, line->len);
	*rest_len += line->len;
	rest[(*rest_len)++] = '\n';
	rest[*rest_len] = '\0';
}

/* Reads a file into an empty store. rest holds KNOWN_REST_MAX + 1 bytes. */
static int
read_lines(const struct kind *kind, struct known *k, const char *text,
    size_t len, char *rest, struct knownfile_faults *faults)
{
	struct lines lines = lines_of(text, len);
	struct slice line;
	size_t rest_len = 0;

	while (lines_next(&lines, &line)) {
		const char *what = NULL;
		int err = E_OK;

		if (line_is_empty(&line))
			continue;
		if (line_is_comment(&line)) {
			if (is_part(kind->head, &line) ||
			    is_part(rest_head, &line))
				continue;
		} else if (line.len > KNOWN_LINE_MAX) {
			what = "the line is too long";
		} else {
			what = kind->read(k, line, &err);
			if (what == NULL)
				continue;
		}
		if (err == E_FULL)
			return refuse(faults, lines.number, what, E_FULL);
		if (line.len + 1 > KNOWN_REST_MAX - rest_len)
			return refuse(faults, lines.number,
			    "too much of the file is no entry", E_LIMIT);
		if (what != NULL)
			add_fault(faults, lines.number, what);
		keep(rest, &rest_len, &line);
	}
	return E_OK;
}

/* Reads a file into an empty store; *rest becomes what is kept of it. */
static int
read_file(const struct kind *kind, struct known *k, const char *text,
    size_t len, char **rest, struct knownfile_faults *faults)
{
	uint32_t line;

	memset(faults, 0, sizeof *faults);
	if (len > KNOWN_FILE_MAX)
		return refuse(faults, 0, "the file is too large", E_LIMIT);
	line = find_control(text, len);
	if (line != 0)
		return refuse(faults, line, "this is not a text file", E_BAD);
	*rest = malloc(KNOWN_REST_MAX + 1);
	if (*rest == NULL)
		return refuse(faults, 0, "no memory", E_FULL);
	**rest = '\0';
	return read_lines(kind, k, text, len, *rest, faults);
}

int
knownfile_read_peers(struct known *k, const char *text, size_t len,
    struct knownfile_faults *faults)
{
	struct known fresh;
	struct known_peers old = k->peers;
	int err;

	known_init(&fresh);
	fresh.skeleton = k->skeleton;
	err = read_file(&peers_kind, &fresh, text, len, &fresh.peers.rest,
	    faults);
	if (err == E_OK) {
		k->peers = fresh.peers;
		fresh.peers = old;
	}
	known_fini(&fresh);
	return err;
}

int
knownfile_read_servers(struct known *k, const char *text, size_t len,
    struct knownfile_faults *faults)
{
	struct known fresh;
	struct known_servers old = k->servers;
	int err;

	known_init(&fresh);
	err = read_file(&servers_kind, &fresh, text, len,
	    &fresh.servers.rest, faults);
	if (err == E_OK) {
		k->servers = fresh.servers;
		fresh.servers = old;
	}
	known_fini(&fresh);
	return err;
}

/* ---- writing ---- */

/* A buffer for the head, so many entries, and the rest. */
static bool
begin(struct wr *w, const char *head, size_t count, const char *rest)
{
	size_t cap = strlen(head) + count * (KNOWN_LINE_MAX + 1) +
	    sizeof rest_head + (rest != NULL ? strlen(rest) : 0) + 1;
	char *text = malloc(cap);

	*w = wr_of(text, cap);
	if (text == NULL)
		return false;
	put_bytes(w, head, strlen(head));
	return true;
}

static char *
end(struct wr *w, const char *rest, size_t *len)
{
	if (rest != NULL && *rest != '\0') {
		put_bytes(w, rest_head, sizeof rest_head - 1);
		put_bytes(w, rest, strlen(rest));
	}
	*len = w->len;
	put_u8(w, '\0');
	assert(!w->bad);
	return (char *)w->p;
}

static const char *
state_text(const struct known_peer *peer)
{
	if (peer->verified)
		return peer->blocked ? "verified,blocked" : "verified";
	return peer->blocked ? "blocked" : "pinned";
}

/* Formats one line. */
static void __attribute__((format(printf, 2, 3)))
put_line(struct wr *w, const char *fmt, ...)
{
	char line[KNOWN_LINE_MAX + 2];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	assert(len > 0 && len < (int)sizeof line);
	put_bytes(w, line, (size_t)len);
}

char *
knownfile_write_peers(const struct known *k, size_t *len)
{
	char key[IDENT_KEY_SIZE], date[DATE_SIZE];
	struct wr w;

	if (!begin(&w, peers_head, k->peers.count, k->peers.rest))
		return NULL;
	for (size_t i = 0; i < k->peers.count; i++) {
		const struct known_peer *peer = &k->peers.items[i];

		ident_key_text(peer->key, key);
		write_date(peer->first_day, date);
		put_line(&w, "%s %s %s %s\n", key, date, state_text(peer),
		    peer->name);
	}
	return end(&w, k->peers.rest, len);
}

char *
knownfile_write_servers(const struct known *k, size_t *len)
{
	char key[IDENT_KEY_SIZE], date[DATE_SIZE];
	struct wr w;

	if (!begin(&w, servers_head, k->servers.count, k->servers.rest))
		return NULL;
	for (size_t i = 0; i < k->servers.count; i++) {
		const struct known_server *server = &k->servers.items[i];
		bool is_v6 = strchr(server->host, ':') != NULL;

		ident_key_text(server->key, key);
		write_date(server->first_day, date);
		put_line(&w, "%s%s%s:%u %s %s\n", is_v6 ? "[" : "",
		    server->host, is_v6 ? "]" : "", server->port, key, date);
	}
	return end(&w, k->servers.rest, len);
}
