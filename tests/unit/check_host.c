#include "config.h"

#include "core/rng.h"
#include "io/clock.h"
#include "io/resolve.h"
#include "io/sock.h"
#include "runner.h"
#include "toy.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- UDP ---- */

START_TEST(opened_socket_tells_its_address)
{
	struct toy *t = toy_new(NULL);
	struct addr a = toy_open(t, 3);

	ck_assert_int_eq(toy_input(t, IN_OPENED, 0)->sock, 3);
	ck_assert_uint_ne(a.port, 0);
	toy_free(t);
}
END_TEST

START_TEST(taken_port_is_reported)
{
	struct toy *t = toy_new(NULL);
	struct addr a = toy_open(t, 0);
	const struct input *in;

	outbox_open(&t->out, 1, &a);
	toy_run(t, IN_OPENED, 2);
	in = toy_input(t, IN_OPENED, 1);
	ck_assert_int_eq(in->sock, 1);
	ck_assert_int_eq(in->err, E_TAKEN);
	ck_assert_str_eq(in->text, "Address already in use");
	toy_free(t);
}
END_TEST

START_TEST(address_of_another_machine_cannot_be_opened)
{
	struct toy *t = toy_new(NULL);
	struct addr a = addr_v4(192, 0, 2, 1, 0);

	outbox_open(&t->out, 0, &a);
	toy_run(t, IN_OPENED, 1);
	ck_assert_int_eq(toy_input(t, IN_OPENED, 0)->err, E_IO);
	ck_assert_ptr_nonnull(toy_input(t, IN_OPENED, 0)->text);
	toy_free(t);
}
END_TEST

START_TEST(closed_port_can_be_opened_at_once)
{
	struct toy *t = toy_new(NULL);
	struct addr a = toy_open(t, 0);

	outbox_close(&t->out, 0);
	outbox_open(&t->out, 0, &a);
	toy_run(t, IN_OPENED, 2);
	ck_assert_int_eq(toy_input(t, IN_OPENED, 1)->err, 0);
	toy_free(t);
}
END_TEST

START_TEST(nothing_is_reported_of_a_closed_socket)
{
	struct toy *t = toy_new(NULL);
	const struct addr any = toy_addr(0);

	outbox_open(&t->out, 0, &any);
	outbox_close(&t->out, 0);
	outbox_open(&t->out, 1, &any);
	toy_run(t, IN_OPENED, 1);
	ck_assert_int_eq(toy_input(t, IN_OPENED, 0)->sock, 1);
	toy_free(t);
}
END_TEST

/* From elsewhere on this machine, to nobody beyond it. */
static void
send_to_group(const struct addr *group)
{
	const struct addr here = toy_addr(0);
	union sock_addr to, from;
	const socklen_t len = sock_put(group, &to);
	int fd = sock_bound(SOCK_DGRAM, &here);

	ck_assert_int_ge(fd, 0);
	sock_put(&here, &from);
	ck_assert_int_eq(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF,
	    &from.v4.sin_addr, sizeof from.v4.sin_addr), 0);
	ck_assert_int_eq(sendto(fd, "to all", 6, 0, &to.any, len), 6);
	close(fd);
}

START_TEST(a_group_is_heard_by_all_who_joined_it)
{
	struct toy *t = toy_new(NULL);
	const struct addr here = toy_open(t, 0);
	const struct addr group = addr_v4(239, 192, 7, 11, here.port);

	outbox_join(&t->out, 1, &group, &here);
	outbox_join(&t->out, 2, &group, &here);
	toy_run(t, IN_OPENED, 3);
	ck_assert_int_eq(toy_input(t, IN_OPENED, 1)->err, 0);
	ck_assert_int_eq(toy_input(t, IN_OPENED, 2)->err, 0);
	send_to_group(&group);
	toy_run(t, IN_DGRAM, 2);
	ck_assert_int_ne(toy_input(t, IN_DGRAM, 0)->sock,
	    toy_input(t, IN_DGRAM, 1)->sock);
	for (size_t i = 0; i < 2; i++)
		ck_assert_uint_eq(toy_input(t, IN_DGRAM, i)->len, 6);
	toy_free(t);
}
END_TEST

START_TEST(a_group_cannot_be_joined_where_we_are_not)
{
	struct toy *t = toy_new(NULL);
	const struct addr there = addr_v4(192, 0, 2, 1, 0);
	const struct addr group = addr_v4(239, 192, 7, 11, 5350);

	outbox_join(&t->out, 1, &group, &there);
	toy_run(t, IN_OPENED, 1);
	ck_assert_int_eq(toy_input(t, IN_OPENED, 0)->err, E_IO);
	toy_free(t);
}
END_TEST

START_TEST(datagrams_of_one_turn_arrive_in_order)
{
	struct toy *t = toy_new(NULL);
	struct addr a = toy_open(t, 0), b = toy_open(t, 1);

	for (uint16_t i = 0; i < 300; i++)
		outbox_send_copy(&t->out, 0, &b, 0, &i, sizeof i);
	toy_run(t, IN_DGRAM, 300);
	for (uint16_t i = 0; i < 300; i++) {
		const struct input *in = toy_input(t, IN_DGRAM, i);

		ck_assert_int_eq(in->sock, 1);
		ck_assert(addr_eq(&in->from, &a));
		ck_assert_uint_eq(in->len, sizeof i);
		ck_assert_int_eq(memcmp(in->buf, &i, sizeof i), 0);
	}
	ck_assert_uint_eq(host_stats(t->host).udp.sent, 300);
	ck_assert_uint_eq(host_stats(t->host).udp.received, 300);
	toy_free(t);
}
END_TEST

START_TEST(datagrams_of_several_sockets_keep_their_senders)
{
	struct toy *t = toy_new(NULL);
	struct addr a = toy_open(t, 0), b = toy_open(t, 1);

	for (int i = 0; i < 4; i++) {
		outbox_send_copy(&t->out, 0, &b, 0, "ab", 2);
		outbox_send_copy(&t->out, 1, &a, 0, "ba", 2);
	}
	toy_run(t, IN_DGRAM, 8);
	for (size_t i = 0; i < 8; i++) {
		const struct input *in = toy_input(t, IN_DGRAM, i);

		ck_assert(addr_eq(&in->from, in->sock == 0 ? &b : &a));
		ck_assert_int_eq(memcmp(in->buf, in->sock == 0 ? "ba" : "ab",
		    2), 0);
	}
	toy_free(t);
}
END_TEST

/* Sizes and addresses at random, in every mixture of trains and single ones:
 * between two sockets the order stays. */
START_TEST(datagrams_of_any_sizes_arrive_whole_and_in_order)
{
	struct toy *t = toy_new(NULL);
	struct addr to[3];
	uint16_t lens[500], next[3] = { 0 };
	uint8_t whom[500], buf[1232];
	struct rng rng;

	rng_init_test(&rng, test_seed(), "trains");
	for (int i = 0; i < 3; i++)
		to[i] = toy_open(t, i);
	for (uint16_t i = 0; i < 500; i++) {
		lens[i] = (uint16_t)rng_range(&rng, 0, 1232);
		if (i > 0 && rng_below(&rng, 4) > 0)
			lens[i] = lens[i - 1];
		whom[i] = (uint8_t)rng_below(&rng, 3);
		memset(buf, i & 0xff, sizeof buf);
		outbox_send_copy(&t->out, 0, &to[whom[i]],
		    rng_below(&rng, 50) == 0 ? 9 : 0, buf, lens[i]);
	}
	toy_run(t, IN_DGRAM, 500);
	for (size_t nth = 0; nth < 500; nth++) {
		const struct input *in = toy_input(t, IN_DGRAM, nth);
		uint16_t *i = &next[in->sock];

		while (whom[*i] != in->sock)
			++*i;
		ck_assert_uint_eq(in->len, lens[*i]);
		ck_assert(in->len == 0 || in->buf[0] == (*i & 0xff));
		++*i;
	}
	ck_assert_uint_eq(host_stats(t->host).udp.sent, 500);
	ck_assert_uint_eq(host_stats(t->host).udp.received, 500);
	toy_free(t);
}
END_TEST

/* A batch that was received is fed over several turns. */
static void
close_when_it_comes(struct toy *t, const struct input *in)
{
	if (in->kind == IN_DGRAM && t->counts[IN_DGRAM] == 1)
		outbox_close(&t->out, 1);
}

START_TEST(nothing_comes_from_a_socket_that_is_closed_meanwhile)
{
	struct toy *t = toy_new(NULL);
	struct addr a, b;

	a = toy_open(t, 0);
	b = toy_open(t, 1);
	for (int i = 0; i < 1000; i++)
		outbox_send_copy(&t->out, 0, &b, 0, "x", 1);
	t->on_input = close_when_it_comes;
	toy_run(t, IN_DGRAM, 1);
	t->on_input = NULL;
	t->seen_count = 0;
	t->counts[IN_DGRAM] = 0;
	outbox_send_copy(&t->out, 0, &a, 0, "end", 3);
	toy_run(t, IN_DGRAM, 1);
	ck_assert_int_eq(toy_input(t, IN_DGRAM, 0)->sock, 0);
	ck_assert_uint_lt(host_stats(t->host).udp.received, 1001);
	toy_free(t);
}
END_TEST

START_TEST(what_was_sent_before_a_close_goes_out)
{
	struct toy *t = toy_new(NULL);
	struct addr b;

	toy_open(t, 0);
	b = toy_open(t, 1);
	outbox_send_copy(&t->out, 0, &b, 0, "bye", 3);
	outbox_close(&t->out, 0);
	toy_run(t, IN_DGRAM, 1);
	toy_free(t);
}
END_TEST

static int
receive_ttl(int fd)
{
	char byte, control[64];
	struct iovec vec = { &byte, 1 };
	struct msghdr head = { .msg_iov = &vec, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof control };
	struct pollfd arrival = { .fd = fd, .events = POLLIN };
	int ttl;

	ck_assert_int_eq(poll(&arrival, 1, 60000), 1);
	ck_assert_int_eq(recvmsg(fd, &head, 0), 1);
	ck_assert_ptr_nonnull(CMSG_FIRSTHDR(&head));
	memcpy(&ttl, CMSG_DATA(CMSG_FIRSTHDR(&head)), sizeof ttl);
	return ttl;
}

START_TEST(ttl_is_set_for_one_datagram)
{
	struct toy *t = toy_new(NULL);
	struct addr to, any = toy_addr(0);
	int fd = sock_bound(SOCK_DGRAM, &any);

	ck_assert_int_ge(fd, 0);
	sock_set(fd, IPPROTO_IP, IP_RECVTTL, 1);
	to = sock_local(fd);
	toy_open(t, 0);
	outbox_send_copy(&t->out, 0, &to, 3, "a", 1);
	outbox_send_copy(&t->out, 0, &to, 0, "b", 1);
	outbox_send_copy(&t->out, 0, &to, 255, "c", 1);
	toy_open(t, 1);
	ck_assert_int_eq(receive_ttl(fd), 3);
	ck_assert_int_ge(receive_ttl(fd), 32);
	ck_assert_int_eq(receive_ttl(fd), 255);
	close(fd);
	toy_free(t);
}
END_TEST

START_TEST(hop_limit_is_set_for_one_datagram)
{
	struct toy *t = toy_new(NULL);
	struct addr to, any = { .family = ADDR_V6, .ip[15] = 1 };
	int fd = sock_bound(SOCK_DGRAM, &any);

	if (fd < 0) {
		toy_free(t);
		return; /* no IPv6 here */
	}
	sock_set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	to = sock_local(fd);
	outbox_open(&t->out, 0, &any);
	toy_run(t, IN_OPENED, 1);
	outbox_send_copy(&t->out, 0, &to, 3, "a", 1);
	outbox_send_copy(&t->out, 0, &to, 0, "b", 1);
	toy_open(t, 1);
	ck_assert_int_eq(receive_ttl(fd), 3);
	ck_assert_int_ge(receive_ttl(fd), 32);
	close(fd);
	toy_free(t);
}
END_TEST

#ifdef HAVE_LINUX_ERRQUEUE_H
/* A port of loopback where nobody is. */
static struct addr
nobody(int type)
{
	const struct addr any = toy_addr(0);
	int fd = sock_bound(type, &any);
	struct addr a = sock_local(fd);

	ck_assert_int_ge(fd, 0);
	close(fd);
	return a;
}

START_TEST(refused_datagram_is_reported_with_its_destination)
{
	struct toy *t = toy_new(NULL);
	struct addr to = nobody(SOCK_DGRAM);
	const struct input *in;

	toy_open(t, 0);
	outbox_send_copy(&t->out, 0, &to, 0, "a", 1);
	toy_run(t, IN_UNREACHABLE, 1);
	in = toy_input(t, IN_UNREACHABLE, 0);
	ck_assert_int_eq(in->sock, 0);
	ck_assert(addr_eq(&in->from, &to));
	toy_free(t);
}
END_TEST

#ifdef CLONE_NEWNET
/* In a network of our own there is nothing yet; not every system lets us. */
START_TEST(without_a_way_out_it_is_said_at_once)
{
	const struct addr to = addr_v4(192, 0, 2, 1, 9000);
	const struct addr any = addr_any(ADDR_V4, 0);
	struct resolve_answer answer;
	struct toy *t;

	if (unshare(CLONE_NEWNET) < 0 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return;
	t = toy_new(NULL);
	outbox_open(&t->out, 0, &any);
	toy_run(t, IN_OPENED, 1);
	outbox_send_copy(&t->out, 0, &to, 0, "a", 1);
	toy_run(t, IN_NO_ROUTE, 1);
	ck_assert(addr_eq(&toy_input(t, IN_NO_ROUTE, 0)->from, &to));
	ck_assert_int_eq(toy_input(t, IN_NO_ROUTE, 0)->sock, 0);
	toy_free(t);
	ck_assert(!sock_has_route(&to));
	ck_assert(!sock_has_network());
	resolve_now("server.example", 9000, &answer);
	ck_assert_int_eq(answer.err, E_AGAIN);
}
END_TEST
#endif

START_TEST(refusals_cost_no_datagram_to_others)
{
	struct toy *t = toy_new(NULL);
	struct addr to = nobody(SOCK_DGRAM), b;

	toy_open(t, 0);
	b = toy_open(t, 1);
	for (int i = 0; i < 150; i++) {
		outbox_send_copy(&t->out, 0, &to, 0, "a", 1);
		outbox_send_copy(&t->out, 0, &b, 0, "b", 1);
	}
	toy_run(t, IN_DGRAM, 150);
	toy_free(t);
}
END_TEST
#endif

START_TEST(datagrams_that_cannot_be_sent_are_counted)
{
	struct toy *t = toy_new(NULL);
	const struct addr none = { 0 };
	struct addr v6 = { .family = ADDR_V6, .ip[15] = 1, .port = 9 };
	struct addr b;

	toy_open(t, 0);
	b = toy_open(t, 1);
	outbox_send_copy(&t->out, 0, &none, 0, "a", 1);
	outbox_send_copy(&t->out, 0, &v6, 0, "a", 1);
	outbox_send_copy(&t->out, 7, &b, 0, "a", 1);
	outbox_send_copy(&t->out, 0, &b, 0, "b", 1);
	toy_run(t, IN_DGRAM, 1);
	ck_assert_int_eq(toy_input(t, IN_DGRAM, 0)->buf[0], 'b');
	ck_assert_uint_eq(host_stats(t->host).udp.lost, 2);
	ck_assert_uint_eq(host_stats(t->host).strays, 1);
	toy_free(t);
}
END_TEST

/* ---- time ---- */

START_TEST(node_starts_in_the_first_wake_up)
{
	struct toy *t = toy_new(NULL);

	t->deadline = 0;
	toy_open(t, 0);
	ck_assert_int_eq(t->expired, 1);
	toy_free(t);
}
END_TEST

static void
send_at_once(struct toy *t, const struct input *in)
{
	if (in->kind == IN_OPENED)
		t->deadline = clock_now() + 20000;
}

START_TEST(node_expires_when_it_is_due_and_not_before)
{
	struct toy *t = toy_new(NULL);
	struct addr a;

	t->on_input = send_at_once;
	a = toy_open(t, 0);
	ck_assert_int_eq(t->expired, 0);
	t->on_input = NULL;
	while (t->expired == 0) {
		const size_t n = t->counts[IN_DGRAM] + 1;

		/* Turns go by, and it does not expire early (toy.c). */
		outbox_send_copy(&t->out, 0, &a, 0, "x", 1);
		toy_run(t, IN_DGRAM, n);
		t->seen_count = 0;
	}
	ck_assert_int_eq(t->expired, 1);
	toy_free(t);
}
END_TEST

/* ---- store and files ---- */

struct record {
	struct toy *toy;
	char trace[64];
	int commit_err;
};

static void
note(struct record *r, char c)
{
	r->trace[strlen(r->trace)] = c;
}

static int
note_store(void *ctx, const struct store_change *change,
    char why[static WHY_SIZE])
{
	note(ctx, change->name[0]);
	if (change->name[0] != '!')
		return 0;
	snprintf(why, WHY_SIZE, "bad name");
	return E_IO;
}

static int
note_commit(void *ctx, char why[static WHY_SIZE])
{
	struct record *r = ctx;

	/* Nothing may have been sent yet. */
	ck_assert_uint_eq(host_stats(r->toy->host).udp.sent, 0);
	note(r, '.');
	snprintf(why, WHY_SIZE, "disk full");
	return r->commit_err;
}

static struct host_hooks
record_hooks(struct record *r)
{
	return (struct host_hooks){ .store = note_store,
		.commit = note_commit, .ctx = r, .keep_fd = -1 };
}

START_TEST(changes_of_one_turn_are_committed_once_before_anything_is_sent)
{
	struct record r = { 0 };
	struct host_hooks hooks = record_hooks(&r);
	struct toy *t = r.toy = toy_new(&hooks);
	struct store_change change = { .name = "a" };
	struct addr a = toy_open(t, 0);

	for (uint32_t id = 1; id <= 5; id++) {
		outbox_store(&t->out, id, &change);
		outbox_send_copy(&t->out, 0, &a, 0, "x", 1);
	}
	toy_run(t, IN_SAVED, 5);
	ck_assert_str_eq(r.trace, "aaaaa.");
	for (uint32_t i = 0; i < 5; i++) {
		ck_assert_uint_eq(toy_input(t, IN_SAVED, i)->id, i + 1);
		ck_assert_int_eq(toy_input(t, IN_SAVED, i)->err, 0);
	}
	ck_assert_uint_eq(host_stats(t->host).udp.sent, 5);
	toy_free(t);
}
END_TEST

START_TEST(failed_commit_fails_all_its_changes)
{
	struct record r = { .commit_err = E_IO };
	struct host_hooks hooks = record_hooks(&r);
	struct toy *t = r.toy = toy_new(&hooks);
	struct store_change good = { .name = "a" }, bad = { .name = "!" };

	outbox_store(&t->out, 1, &good);
	outbox_store(&t->out, 2, &bad);
	toy_run(t, IN_SAVED, 2);
	ck_assert_str_eq(r.trace, "a!.");
	ck_assert_uint_eq(toy_input(t, IN_SAVED, 0)->id, 2);
	ck_assert_str_eq(toy_input(t, IN_SAVED, 0)->text, "bad name");
	ck_assert_uint_eq(toy_input(t, IN_SAVED, 1)->id, 1);
	ck_assert_int_eq(toy_input(t, IN_SAVED, 1)->err, E_IO);
	ck_assert_str_eq(toy_input(t, IN_SAVED, 1)->text, "disk full");
	toy_free(t);
}
END_TEST

/* Appends what is saved to a file whose descriptor is *ctx. */
static int
save_line(void *ctx, const char *name, const void *buf, size_t len,
    char why[static WHY_SIZE])
{
	char line[64];
	int n;

	if (strcmp(name, "bad") == 0) {
		snprintf(why, WHY_SIZE, "no room on the disk");
		return E_IO;
	}
	n = snprintf(line, sizeof line, "%s=%.*s;", name, (int)len,
	    (const char *)buf);
	return write(*(int *)ctx, line, (size_t)n) == n ? 0 : E_IO;
}

START_TEST(files_are_saved_in_order_and_each_is_answered)
{
	FILE *f = tmpfile();
	int fd = fileno(f);
	const struct host_hooks hooks = { .save = save_line, .ctx = &fd,
		.keep_fd = fd };
	struct toy *t = toy_new(&hooks);
	char text[3] = "1\0";
	char line[64] = "";

	outbox_save(&t->out, "one", 11, text, 1);
	outbox_save(&t->out, "bad", 12, text, 1);
	outbox_save(&t->out, "two", 13, "22", 2);
	outbox_save(&t->out, "one", 14, "", 0);
	toy_run(t, IN_SAVED, 4);
	for (uint32_t i = 0; i < 4; i++) {
		const struct input *in = toy_input(t, IN_SAVED, i);

		ck_assert_uint_eq(in->id, 11 + i);
		ck_assert_int_eq(in->err, i == 1 ? E_IO : 0);
	}
	ck_assert_str_eq(toy_input(t, IN_SAVED, 1)->text,
	    "no room on the disk");
	rewind(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
	ck_assert_str_eq(line, "one=1;two=22;one=;");
	fclose(f);
	toy_free(t);
}
END_TEST

START_TEST(finish_waits_for_files)
{
	FILE *f = tmpfile();
	int fd = fileno(f);
	const struct host_hooks hooks = { .save = save_line, .ctx = &fd,
		.keep_fd = fd };
	struct toy *t = toy_new(&hooks);
	char line[64] = "";

	outbox_save(&t->out, "a", 1, "1", 1);
	outbox_save(&t->out, "b", 2, "2", 1);
	host_finish(t->host);
	rewind(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
	ck_assert_str_eq(line, "a=1;b=2;");
	fclose(f);
	toy_free(t);
}
END_TEST

START_TEST(without_a_profile_saving_fails)
{
	struct toy *t = toy_new(NULL);

	outbox_save(&t->out, "a", 1, "1", 1);
	toy_run(t, IN_SAVED, 1);
	ck_assert_int_eq(toy_input(t, IN_SAVED, 0)->err, E_IO);
	toy_free(t);
}
END_TEST

/* ---- names of hosts ---- */

START_TEST(literal_address_is_resolved_at_once)
{
	struct toy *t = toy_new(NULL);

	t->on_input = NULL;
	outbox_resolve(&t->out, 5, "192.0.2.7", 9000);
	outbox_resolve(&t->out, 6, "2001:db8::1", 9000);
	toy_run(t, IN_RESOLVED, 2);
	ck_assert_int_eq(toy_input(t, IN_RESOLVED, 0)->sock, 5);
	ck_assert_int_eq(toy_input(t, IN_RESOLVED, 0)->err, 0);
	ck_assert_uint_eq(toy_input(t, IN_RESOLVED, 0)->count, 1);
	ck_assert_int_eq(toy_input(t, IN_RESOLVED, 1)->sock, 6);
	toy_free(t);
}
END_TEST

static void
want_loopback(struct toy *t, const struct input *in)
{
	(void)t;
	ck_assert_int_eq(in->kind, IN_RESOLVED);
	ck_assert_int_eq(in->err, 0);
	ck_assert_uint_ge(in->count, 1);
	for (size_t i = 0; i < in->count; i++) {
		ck_assert_uint_eq(in->addrs[i].port, 1234);
		ck_assert_int_eq(addr_class(&in->addrs[i]),
		    ADDR_IS_LOOPBACK);
	}
}

START_TEST(localhost_is_resolved_in_a_child)
{
	struct toy *t = toy_new(NULL);

	t->on_input = want_loopback;
	outbox_resolve(&t->out, 9, "localhost", 1234);
	toy_run(t, IN_RESOLVED, 1);
	ck_assert_int_eq(toy_input(t, IN_RESOLVED, 0)->sock, 9);
	toy_free(t);
}
END_TEST

START_TEST(name_that_cannot_be_is_not_found)
{
	struct toy *t = toy_new(NULL);

	outbox_resolve(&t->out, 9, "no..where", 1234);
	toy_run(t, IN_RESOLVED, 1);
	ck_assert_int_eq(toy_input(t, IN_RESOLVED, 0)->err, E_NONE);
	ck_assert_ptr_nonnull(toy_input(t, IN_RESOLVED, 0)->text);
	toy_free(t);
}
END_TEST

static TCase *
tcase_of_udp(void)
{
	TCase *tc = tcase_create("udp");

	tcase_add_test(tc, opened_socket_tells_its_address);
	tcase_add_test(tc, taken_port_is_reported);
	tcase_add_test(tc, address_of_another_machine_cannot_be_opened);
	tcase_add_test(tc, closed_port_can_be_opened_at_once);
	tcase_add_test(tc, nothing_is_reported_of_a_closed_socket);
	tcase_add_test(tc, a_group_is_heard_by_all_who_joined_it);
	tcase_add_test(tc, a_group_cannot_be_joined_where_we_are_not);
	tcase_add_test(tc, datagrams_of_one_turn_arrive_in_order);
	tcase_add_test(tc, datagrams_of_several_sockets_keep_their_senders);
	tcase_add_test(tc, datagrams_of_any_sizes_arrive_whole_and_in_order);
	tcase_add_test(tc,
	    nothing_comes_from_a_socket_that_is_closed_meanwhile);
	tcase_add_test(tc, what_was_sent_before_a_close_goes_out);
	tcase_add_test(tc, ttl_is_set_for_one_datagram);
	tcase_add_test(tc, hop_limit_is_set_for_one_datagram);
#ifdef HAVE_LINUX_ERRQUEUE_H
	tcase_add_test(tc,
	    refused_datagram_is_reported_with_its_destination);
#ifdef CLONE_NEWNET
	tcase_add_test(tc, without_a_way_out_it_is_said_at_once);
#endif
	tcase_add_test(tc, refusals_cost_no_datagram_to_others);
#endif
	tcase_add_test(tc, datagrams_that_cannot_be_sent_are_counted);
	return tc;
}

Suite *
make_suite(void)
{
	Suite *s = suite_create("host");
	TCase *tc = tcase_create("time");

	suite_add_tcase(s, tcase_of_udp());
	tcase_add_test(tc, node_starts_in_the_first_wake_up);
	tcase_add_test(tc, node_expires_when_it_is_due_and_not_before);
	suite_add_tcase(s, tc);
	tc = tcase_create("store and files");
	tcase_add_test(tc,
	    changes_of_one_turn_are_committed_once_before_anything_is_sent);
	tcase_add_test(tc, failed_commit_fails_all_its_changes);
	tcase_add_test(tc, files_are_saved_in_order_and_each_is_answered);
	tcase_add_test(tc, finish_waits_for_files);
	tcase_add_test(tc, without_a_profile_saving_fails);
	suite_add_tcase(s, tc);
	tc = tcase_create("names");
	tcase_add_test(tc, literal_address_is_resolved_at_once);
	tcase_add_test(tc, localhost_is_resolved_in_a_child);
	tcase_add_test(tc, name_that_cannot_be_is_not_found);
	suite_add_tcase(s, tc);
	return s;
}
