#include "config.h"

#include "gop2pd_options.h"

#include "core/conf.h"
#include "core/wire.h"
#include "io/args.h"
#include "io/settings.h"
#include "io/sock.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define FIELD(name) offsetof(struct options, name)

static const struct conf_option table[] = {
	{ "port", "PORT", "UDP and TCP port (9000)",
	    FIELD(port), 1, 0, CONF_PORT, CONF_BOTH, 'p' },
	{ "probe-port", "PORT", "second UDP port (2 above the first)",
	    FIELD(probe_port), 1, 0, CONF_PORT, CONF_BOTH, 0 },
	{ "probe", "no-", "open the second UDP port",
	    FIELD(probe), 0, 0, CONF_BOOL, CONF_IN_FILE, 0 },
	{ "tcp-port", "PORT", "second TCP port, best 443 (none)",
	    FIELD(tcp_port), 1, 0, CONF_PORT, CONF_BOTH, 0 },
	{ "listen", "ADDR[,ADDR]", "addresses to listen on (all)",
	    FIELD(listen), 1, OPTIONS_LISTEN, CONF_STRING, CONF_BOTH, 0 },
	{ "state", "FOLDER", "where the key and the names are kept",
	    FIELD(state), 1, OPTIONS_PATH, CONF_STRING, CONF_BOTH, 0 },
	{ "config", "FILE", "configuration (" OPTIONS_FILE ")",
	    FIELD(config), 1, OPTIONS_PATH, CONF_STRING, CONF_IN_OPTIONS, 0 },
	{ "relay", "no-", "never pass on what clients say to each other",
	    FIELD(server.relay), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "max-clients", "N", "clients online at once (100000)",
	    FIELD(server.clients_max), 1, 1000000, CONF_NUMBER, CONF_BOTH, 0 },
	{ "max-streams", "N", "TCP connections at once (4096)",
	    FIELD(server.streams_max), 1, 1000000, CONF_NUMBER, CONF_IN_FILE,
	    0 },
	{ "site-names", "N", "clients of one address",
	    FIELD(server.site_names), 1, 1000000, CONF_NUMBER, CONF_IN_FILE,
	    0 },
	{ "site-burst", "N", "new clients of one address at once",
	    FIELD(server.site_burst), 1, 1000000, CONF_NUMBER, CONF_IN_FILE,
	    0 },
	{ "handshakes", "N", "registrations a second",
	    FIELD(server.handshakes_per_s), 1, 1000000, CONF_NUMBER,
	    CONF_IN_FILE, 0 },
	{ "relay-user", "BYTES", "relayed a second, of one client",
	    FIELD(server.relay_user), 1, UINT32_MAX, CONF_NUMBER,
	    CONF_IN_FILE, 0 },
	{ "relay-burst", "BYTES", "relayed at once, of one client",
	    FIELD(server.relay_burst), 1, UINT32_MAX, CONF_NUMBER,
	    CONF_IN_FILE, 0 },
	{ "relay-total", "BYTES", "relayed a second, of all",
	    FIELD(server.relay_total), 1, UINT32_MAX, CONF_NUMBER,
	    CONF_IN_FILE, 0 },
	{ "user", "NAME", "become this user when started by root",
	    FIELD(user), 1, OPTIONS_USER, CONF_STRING, CONF_IN_FILE, 0 },
	{ "sandbox", "yes|no|strict", "give up what is not needed",
	    FIELD(sandbox), 2, 6, CONF_STRING, CONF_IN_FILE, 0 },
	{ "syslog", NULL, "log by syslog instead of standard error",
	    FIELD(syslog), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "verbose", NULL, "log what is decided, and why",
	    FIELD(verbose), 0, 0, CONF_BOOL, CONF_BOTH, 'v' },
	{ "help", NULL, "print this and exit",
	    FIELD(help), 0, 0, CONF_BOOL, CONF_IN_OPTIONS, 'h' },
	{ "version", NULL, "print the version and exit",
	    FIELD(version), 0, 0, CONF_BOOL, CONF_IN_OPTIONS, 'V' },
	{ 0 }
};

/* Sets bind4 and bind6 from the addresses of --listen. */
static bool
set_addresses(struct options *s, char why[static WHY_SIZE])
{
	char list[OPTIONS_LISTEN + 1], *rest = list, *word;
	struct addr a;

	if (s->listen[0] == '\0') {
		s->server.bind4 = addr_any(ADDR_V4, s->port);
		if (sock_has_ipv6())
			s->server.bind6 = addr_any(ADDR_V6, s->port);
		return true;
	}
	memcpy(list, s->listen, sizeof list);
	while ((word = strsep(&rest, ", ")) != NULL) {
		struct addr *slot;

		if (word[0] == '\0')
			continue;
		if (!addr_parse(word, s->port, &a) || a.port != s->port)
			return why_say(why, false, "\"%s\" is no IP address "
			    "to listen on (the port has an option of its own)",
			    word);
		slot = a.family == ADDR_V4 ? &s->server.bind4 :
		    &s->server.bind6;
		if (addr_is_set(slot))
			return why_say(why, false, "one address of a kind to "
			    "listen on, or none for all: \"%s\" is a second",
			    word);
		*slot = a;
	}
	return true;
}

/* What depends on several settings. */
static bool
complete(struct options *s, char why[static WHY_SIZE])
{
	struct server_conf *c = &s->server;
	uint32_t probe = s->probe_port;

	if (probe == 0)
		probe = (uint32_t)s->port + PROBE_PORT_OFFSET;
	if (probe > UINT16_MAX)
		probe = (uint32_t)s->port - PROBE_PORT_OFFSET;
	if (s->probe && probe == s->port)
		return why_say(why, false,
		    "the probe port must not be the port");
	if (s->tcp_port == s->port)
		return why_say(why, false,
		    "the second TCP port must not be the port");
	if (strcmp(s->sandbox, "yes") != 0 && strcmp(s->sandbox, "no") != 0 &&
	    strcmp(s->sandbox, "strict") != 0)
		return why_say(why, false, "sandbox must be yes, no or "
		    "strict, not \"%s\"", s->sandbox);
	c->probe_port = s->probe ? (uint16_t)probe : 0;
	c->tcp_port = s->tcp_port;
	/* Names outlive their clients: room for as many again, nearly. */
	c->names_max = c->clients_max + c->clients_max / 10 * 9;
	return set_addresses(s, why);
}

bool
options_read(struct options *s, int argc, char **argv,
    char why[static WHY_SIZE])
{
	struct conf_error err;

	*s = (struct options){ .port = SERVER_PORT, .probe = true,
		.sandbox = "yes",
		.server = server_conf_default() };
	if (!args_read(table, argc, argv, s, NULL, &err))
		return why_say(why, false, "%s", err.text);
	if (s->help || s->version)
		return true;
	if (!settings_read_file(table,
	    s->config[0] != '\0' ? s->config : OPTIONS_FILE,
	    s->config[0] != '\0', s, why))
		return false;
	/* The command line again, over the file. */
	if (!args_read(table, argc, argv, s, NULL, &err))
		return why_say(why, false, "%s", err.text);
	return complete(s, why);
}

bool
options_wait(const struct options *before, const struct options *now,
    char list[static WHY_SIZE])
{
	const struct server_conf *b = &before->server, *n = &now->server;
	const struct { const char *name; bool differs; } all[] = {
		{ "port", before->port != now->port },
		{ "probe-port", before->probe_port != now->probe_port },
		{ "probe", before->probe != now->probe },
		{ "tcp-port", before->tcp_port != now->tcp_port },
		{ "listen", strcmp(before->listen, now->listen) != 0 },
		{ "state", strcmp(before->state, now->state) != 0 },
		{ "user", strcmp(before->user, now->user) != 0 },
		{ "sandbox", strcmp(before->sandbox, now->sandbox) != 0 },
		{ "syslog", before->syslog != now->syslog },
		{ "max-clients", b->clients_max != n->clients_max },
		{ "max-streams", b->streams_max != n->streams_max },
	};
	size_t len = 0;

	list[0] = '\0';
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].differs)
			len += (size_t)snprintf(list + len, WHY_SIZE - len,
			    "%s%s", len > 0 ? ", " : "", all[i].name);
	return len > 0;
}

bool
options_print_help(void)
{
	char options[4096];

	conf_help(table, options, sizeof options);
	return args_answer(PROGRAM, "usage: " PROGRAM " [OPTION]...\n"
	    "Introduce gop2p clients to each other.\n\n%s\n"
	    "The firewall has to let in UDP and TCP to the port, UDP to the "
	    "probe port\nand TCP to the second TCP port.\n"
	    "See gop2pd(8) and gop2pd.conf(5).\n", options);
}
