#define _GNU_SOURCE
#include "lone.h"
#include "runner.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where keys are while they are in use, and that nothing is left of them
 * afterwards. The test looks for them in all of its own memory; what it looks
 * for is kept in another form, so that it does not find itself. */

enum { MASK = 0xa5, MAPS_MAX = 1024 };
static const size_t big = (size_t)1 << 30; /* a sanitizer's own */

struct wanted {
	uint8_t masked[KEY_LEN];
};

struct area {
	const uint8_t *begin, *end;
	bool is_locked;
};

static struct area areas[MAPS_MAX];
static size_t area_count;

static void
want(struct wanted *w, const uint8_t key[static KEY_LEN])
{
	size_t i;

	for (i = 0; i < KEY_LEN; i++)
		w->masked[i] = key[i] ^ MASK;
}

/* A sanitizer spreads the frames of functions out, so that words stay behind on
 * the stack that the next calls overwrite otherwise. */
static bool
is_ignored(unsigned long begin, unsigned long end)
{
#ifdef __SANITIZE_ADDRESS__
	unsigned long here = (unsigned long)__builtin_frame_address(0);

	return begin <= here && here < end;
#else
	(void)begin, (void)end;
	return false;
#endif
}

/* What can be read and written. */
static void
list_areas(void)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	struct area *a = NULL;
	char line[512], perms[8];
	unsigned long begin, end;

	area_count = 0;
	if (f == NULL)
		return;
	while (fgets(line, sizeof line, f) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &begin, &end, perms) == 3) {
			a = NULL;
			if (strncmp(perms, "rw", 2) != 0 ||
			    end - begin > big || is_ignored(begin, end) ||
			    area_count == MAPS_MAX)
				continue;
			a = &areas[area_count++];
			a->begin = (const uint8_t *)begin;
			a->end = (const uint8_t *)end;
			a->is_locked = false;
		} else if (a != NULL && strncmp(line, "VmFlags:", 8) == 0)
			a->is_locked = strstr(line, " lo") != NULL;
	}
	fclose(f);
}

static bool __attribute__((no_sanitize("address", "undefined")))
is_at(const struct wanted *w, const uint8_t *p)
{
	size_t i;

	for (i = 0; i < KEY_LEN; i++)
		if ((p[i] ^ MASK) != w->masked[i])
			return false;
	return true;
}

/* How often it is there; of those, how often in locked memory. */
static size_t __attribute__((no_sanitize("address", "undefined")))
copies(const struct wanted *w, size_t *locked)
{
	const uint8_t *p;
	size_t i, n = 0;

	*locked = 0;
	list_areas();
	for (i = 0; i < area_count; i++)
		for (p = areas[i].begin; p + KEY_LEN <= areas[i].end; p++)
			if ((*p ^ MASK) == w->masked[0] && is_at(w, p)) {
				n++;
				*locked += areas[i].is_locked;
			}
	return n;
}

/* Limits or the system may forbid it: then nothing is locked at all. */
static size_t
locked_copies(void)
{
	uint8_t *probe = sodium_malloc(KEY_LEN);
	bool is_locked = false;
	size_t i;

	list_areas();
	for (i = 0; probe != NULL && i < area_count; i++)
		is_locked = is_locked || (areas[i].is_locked &&
		    probe >= areas[i].begin && probe < areas[i].end);
	sodium_free(probe);
	return is_locked;
}

static struct lone l;
static struct mate bob;

/* The test has the keys as well. */
static void
forget_mate(void)
{
	mate_fini(&bob);
	l.mate_count = 0;
	crypt_wipe(&bob.session, sizeof bob.session);
	crypt_wipe(&bob.noise, sizeof bob.noise);
}

static void
connect_bob(void)
{
	lone_open(&l);
	mate_init(&bob, &l, "bob");
	mate_connect(&bob);
	lone_do(&l, "msg hello");
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(bob.texts, 1);
}

START_TEST(keys_of_a_conversation_lie_in_locked_memory)
{
	struct wanted send, receive;
	size_t locked;

	connect_bob();
	want(&receive, bob.session.keys.send);
	want(&send, bob.session.keys.recv);
	forget_mate();
	ck_assert_uint_eq(copies(&send, &locked), 1);
	ck_assert_uint_eq(locked, locked_copies());
	ck_assert_uint_eq(copies(&receive, &locked), 1);
	ck_assert_uint_eq(locked, locked_copies());
	lone_close(&l);
}
END_TEST

START_TEST(nothing_is_left_of_the_keys_of_a_conversation)
{
	struct wanted send, receive;
	size_t locked;

	connect_bob();
	want(&receive, bob.session.keys.send);
	want(&send, bob.session.keys.recv);
	lone_do(&l, "disconnect");
	lone_run(&l, USEC_S);
	forget_mate();
	ck_assert_uint_eq(copies(&send, &locked), 0);
	ck_assert_uint_eq(copies(&receive, &locked), 0);
	lone_close(&l);
}
END_TEST

START_TEST(nothing_is_left_of_the_identity_and_the_server_session)
{
	struct wanted secret, send, receive;
	size_t locked;

	connect_bob();
	want(&secret, l.keys.secret);
	want(&receive, l.fake.session.keys.send);
	want(&send, l.fake.session.keys.recv);
	crypt_wipe(&l.keys, sizeof l.keys);
	crypt_wipe(&l.conf.identity, sizeof l.conf.identity);
	ck_assert_uint_ge(copies(&secret, &locked), 1);
	ck_assert_uint_ge(locked, locked_copies());
	lone_close(&l);
	crypt_wipe(&l.fake.session, sizeof l.fake.session);
	ck_assert_uint_eq(copies(&secret, &locked), 0);
	ck_assert_uint_eq(copies(&send, &locked), 0);
	ck_assert_uint_eq(copies(&receive, &locked), 0);
}
END_TEST

/* A child process gets a copy of everything, and may be one that reads what a
 * router says. */
START_TEST(nothing_is_left_in_a_child_that_forgets)
{
	struct wanted secret, send, own;
	size_t locked;
	int status;
	pid_t pid;

	connect_bob();
	want(&secret, l.keys.secret);
	want(&own, l.fake.session.keys.recv);
	want(&send, bob.session.keys.recv);
	crypt_wipe(&l.keys, sizeof l.keys);
	crypt_wipe(&l.conf.identity, sizeof l.conf.identity);
	forget_mate();
	crypt_wipe(&l.fake.session, sizeof l.fake.session);
	ck_assert_uint_eq(copies(&send, &locked), 1);
	ck_assert_uint_eq(copies(&own, &locked), 1);
	pid = fork();
	if (pid == 0) {
		client_forget(l.c);
		_exit(copies(&secret, &locked) + copies(&own, &locked) +
		    copies(&send, &locked) == 0 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	lone_close(&l);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("secrets");
	TCase *tc;

	list_areas();
	if (area_count == 0) {
		puts("# skipped: no /proc/self/smaps here");
		return s;
	}
	tc = tcase_create("secrets");
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, keys_of_a_conversation_lie_in_locked_memory);
	tcase_add_test(tc, nothing_is_left_of_the_keys_of_a_conversation);
	tcase_add_test(tc,
	    nothing_is_left_of_the_identity_and_the_server_session);
	tcase_add_test(tc, nothing_is_left_in_a_child_that_forgets);
	suite_add_tcase(s, tc);
	return s;
}
