#include "config.h"

#include "target.h"

#include "bench.h"
#include "fan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_FILE "log"
#define CONF_FILE "conf"

enum { READY_TRIES = 100, READY_WAIT_MS = 50 };

static const char no_limits[] =
    "listen = 127.0.0.1\n"
    "probe = no\n"
    "site-names = 1000000\n"
    "site-burst = 1000000\n"
    "handshakes = 1000000\n"
    "relay-user = 4294967295\n"
    "relay-burst = 4294967295\n"
    "relay-total = 4294967295\n";

/* A port that nobody has for UDP, 0 if somebody has it for TCP. */
static uint16_t
try_port(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t len = sizeof any;
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	int tcp = socket(AF_INET, SOCK_STREAM, 0);

	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (udp < 0 || tcp < 0 ||
	    bind(udp, (struct sockaddr *)&any, len) != 0 ||
	    getsockname(udp, (struct sockaddr *)&any, &len) != 0)
		bench_die("no free port");
	if (bind(tcp, (struct sockaddr *)&any, len) != 0)
		any.sin_port = 0;
	close(udp);
	close(tcp);
	return ntohs(any.sin_port);
}

static uint16_t
free_port(void)
{
	uint16_t port;

	do
		port = try_port();
	while (port == 0);
	return port;
}

static void
write_conf(const struct target *t, const char *conf, char path[static 96])
{
	FILE *f;

	snprintf(path, 96, "%s/" CONF_FILE, t->folder);
	f = fopen(path, "w");
	if (f == NULL || fprintf(f, "port = %u\n%s%s", t->port, no_limits,
	    conf) < 0 || fclose(f) != 0)
		bench_die("the configuration cannot be written");
}

static _Noreturn void
become_daemon(const struct target *t, const char *conf)
{
	const char *program = getenv("GOP2PD");
	char log[96];
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	bench_pin(0);
	snprintf(log, sizeof log, "%s/" LOG_FILE, t->folder);
	fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		_exit(1);
	execl(program != NULL ? program : "./gop2pd", "gop2pd", "--config",
	    conf, "--state", t->folder, (char *)NULL);
	_exit(1);
}

/* It is there when it answers. */
static void
await(const struct target *t)
{
	uint8_t hello[HELLO_LEN] = { PACKET_HELLO, WIRE_VERSION };
	struct fan *f = fan_new();
	int tries = 0;

	fan_aim(f, t->port);
	do {
		fan_send(f, 0, hello, sizeof hello);
		if (fan_receive(f, READY_WAIT_MS) > 0)
			break;
		usleep(READY_WAIT_MS * 1000);
	} while (++tries < READY_TRIES);
	fan_free(f);
	if (tries == READY_TRIES)
		bench_die("gop2pd does not answer");
}

struct target
daemon_start(const char *conf)
{
	struct target t = { .port = free_port() };
	const char *tmp = getenv("TMPDIR");
	char path[96];

	snprintf(t.folder, sizeof t.folder, "%s/gop2p-bench-XXXXXX",
	    tmp != NULL && strlen(tmp) < 32 ? tmp : "/tmp");
	if (mkdtemp(t.folder) == NULL)
		bench_die("no temporary folder");
	write_conf(&t, conf, path);
	t.pid = fork();
	if (t.pid < 0)
		bench_die("no process");
	if (t.pid == 0)
		become_daemon(&t, path);
	await(&t);
	return t;
}

static void
remove_folder(const char *folder)
{
	static const char *const files[] = { CONF_FILE, LOG_FILE, "key",
		"lock", "names.db", "names.db-wal", "names.db-journal" };
	char path[128];

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
}

void
target_stop(struct target *t)
{
	const bool is_daemon = t->folder[0] != '\0';

	kill(t->pid, is_daemon ? SIGTERM : SIGKILL);
	while (waitpid(t->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (is_daemon)
		remove_folder(t->folder);
	memset(t, 0, sizeof *t);
}
