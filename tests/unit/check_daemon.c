#include "config.h"

#include "io/clock.h"
#include "io/logsink.h"
#include "io/notify.h"
#include "runner.h"
#include "scratch.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- log ---- */

static int ends[2];

static const char *
what_was_logged(void)
{
	static char buf[65536];
	ssize_t n = read(ends[0], buf, sizeof buf - 1);

	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

static void
open_log(struct logsink *s, enum logsink_form form, enum log_level level)
{
	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	logsink_init(s, ends[1], form, level);
}

START_TEST(journal_gets_priorities_and_no_time)
{
	struct logsink s;

	open_log(&s, LOGSINK_JOURNAL, LOG_LEVEL_INFO);
	log_err(&s.log, "one");
	log_warn(&s.log, "two");
	log_info(&s.log, "three");
	log_debug(&s.log, "four");
	ck_assert_str_eq(what_was_logged(), "<3>one\n<4>two\n<6>three\n");
}
END_TEST

START_TEST(lines_have_the_time_elsewhere)
{
	struct logsink s;
	const char *line;

	open_log(&s, LOGSINK_DATED, LOG_LEVEL_INFO);
	log_info(&s.log, "name \"%s\"", "a\nb");
	line = what_was_logged();
	/* 2025-08-01T12:34:56.789Z */
	ck_assert_uint_eq(strspn(line, "0123456789-T:.Z"), 24);
	ck_assert_str_eq(line + 24, " info: name \"a\\x0ab\"\n");
}
END_TEST

static void
keep_line(void *ctx, const char *line)
{
	snprintf(ctx, LOG_LINE_MAX, "%s", line);
}

START_TEST(a_function_gets_level_and_line)
{
	char kept[LOG_LINE_MAX] = "";
	struct logsink s;

	logsink_init_call(&s, keep_line, kept, LOG_LEVEL_DEBUG);
	log_debug(&s.log, "why %d", 1);
	ck_assert_str_eq(kept, "debug: why 1");
}
END_TEST

START_TEST(flood_is_cut_and_counted)
{
	struct logsink s;
	const char *out;
	const usec_t began = clock_now();
	usec_t took;
	unsigned int lines = 0;

	open_log(&s, LOGSINK_PLAIN, LOG_LEVEL_INFO);
	for (int i = 0; i < 10000; i++)
		log_warn(&s.log, "flood");
	took = clock_now() - began;
	for (out = what_was_logged(); *out != '\0'; out++)
		lines += *out == '\n';
	/* Ten, and ten with a note each for every second that it took. */
	ck_assert_uint_ge(lines, 10);
	ck_assert_uint_le(lines, 10 + 20 * (took / USEC_S + 1));
	/* As if no time went by, and then a second. */
	s.left_out = 0;
	s.bucket.full_at = clock_now() + 3600 * USEC_S;
	for (int i = 0; i < 3; i++)
		log_warn(&s.log, "flood");
	ck_assert_str_eq(what_was_logged(), "");
	memset(&s.bucket, 0, sizeof s.bucket);
	log_warn(&s.log, "later");
	ck_assert_str_eq(what_was_logged(),
	    "warning: 3 lines were left out\nwarning: later\n");
}
END_TEST

START_TEST(journal_is_known_by_its_file)
{
	struct stat st;
	char text[64];

	unsetenv("JOURNAL_STREAM");
	ck_assert_int_eq(logsink_form_of_stderr(), LOGSINK_DATED);
	setenv("JOURNAL_STREAM", "1:2", 1);
	ck_assert_int_eq(logsink_form_of_stderr(), LOGSINK_DATED);
	setenv("JOURNAL_STREAM", "garbage", 1);
	ck_assert_int_eq(logsink_form_of_stderr(), LOGSINK_DATED);
	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	snprintf(text, sizeof text, "%llu:%llu", (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", text, 1);
	ck_assert_int_eq(logsink_form_of_stderr(), LOGSINK_JOURNAL);
}
END_TEST

/* ---- supervisor ---- */

static const char *
receive(int fd)
{
	static char buf[64];
	ssize_t n = recv(fd, buf, sizeof buf - 1, MSG_DONTWAIT);

	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

START_TEST(supervisor_hears_of_it_by_path_and_by_abstract_name)
{
	char *base = scratch_make();
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	socklen_t len;
	char name[108];
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%.80s/notify", base);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	setenv("NOTIFY_SOCKET", at.sun_path, 1);
	notify_send("READY=1");
	ck_assert_str_eq(receive(fd), "READY=1");
	close(fd);
	scratch_remove(base);

	snprintf(name, sizeof name, "@gop2p-check-%d", getpid());
	memset(at.sun_path, 0, sizeof at.sun_path);
	memcpy(at.sun_path + 1, name + 1, strlen(name) - 1);
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(name));
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, len), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	notify_send("STOPPING=1");
	ck_assert_str_eq(receive(fd), "STOPPING=1");
	close(fd);
}
END_TEST

START_TEST(without_a_supervisor_nothing_is_sent)
{
	unsetenv("NOTIFY_SOCKET");
	notify_send("READY=1");
	setenv("NOTIFY_SOCKET", "relative", 1);
	notify_send("READY=1");
	setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
	notify_send("READY=1");
}
END_TEST

START_TEST(watchdog_is_ours_or_not)
{
	char pid[16];

	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	ck_assert_uint_eq(notify_watchdog(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	ck_assert_uint_eq(notify_watchdog(), 30 * USEC_S);
	setenv("WATCHDOG_PID", "1", 1);
	ck_assert_uint_eq(notify_watchdog(), 0);
	snprintf(pid, sizeof pid, "%d", getpid());
	setenv("WATCHDOG_PID", pid, 1);
	ck_assert_uint_eq(notify_watchdog(), 30 * USEC_S);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("daemon");
	TCase *tc = tcase_create("log");

	tcase_add_test(tc, journal_gets_priorities_and_no_time);
	tcase_add_test(tc, lines_have_the_time_elsewhere);
	tcase_add_test(tc, a_function_gets_level_and_line);
	tcase_add_test(tc, flood_is_cut_and_counted);
	tcase_add_test(tc, journal_is_known_by_its_file);
	suite_add_tcase(s, tc);
	tc = tcase_create("supervisor");
	tcase_add_test(tc,
	    supervisor_hears_of_it_by_path_and_by_abstract_name);
	tcase_add_test(tc, without_a_supervisor_nothing_is_sent);
	tcase_add_test(tc, watchdog_is_ours_or_not);
	suite_add_tcase(s, tc);
	return s;
}
