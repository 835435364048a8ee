#include "config.h"

#include "io/sock.h"
#include "io/table.h"
#include "io/tcp.h"
#include "runner.h"
#include "toy.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* A socket of the test's own, outside of the host. */
static int
outside(struct addr *a)
{
	const struct addr any = toy_addr(0);
	int fd = sock_bound(SOCK_STREAM, &any);

	ck_assert_int_ge(fd, 0);
	*a = sock_local(fd);
	return fd;
}

static int
connect_outside(const struct addr *to)
{
	struct addr a;
	union sock_addr s;
	socklen_t len = sock_put(to, &s);
	int fd = outside(&a);

	fcntl(fd, F_SETFL, 0);
	ck_assert_int_eq(connect(fd, &s.any, len), 0);
	return fd;
}

/* Reads until the other side has ended; returns how much. */
static size_t
read_all(int fd, uint8_t *buf, size_t cap)
{
	size_t len = 0;
	ssize_t n;

	fcntl(fd, F_SETFL, 0);
	while ((n = read(fd, buf + len, cap - len)) > 0)
		len += (size_t)n;
	ck_assert_int_eq(n, 0);
	return len;
}

/* One stream between two sockets of a toy; returns the accepted number. */
static int
join(struct toy *t, int listener, int dialled)
{
	struct addr to = toy_listen(t, listener);
	const size_t nth = t->counts[IN_ACCEPTED];

	outbox_dial(&t->out, dialled, NULL, &to);
	toy_run(t, IN_ACCEPTED, nth + 1);
	if (t->counts[IN_CONNECTED] <= nth)
		toy_run(t, IN_CONNECTED, nth + 1);
	return toy_input(t, IN_ACCEPTED, nth)->sock;
}

START_TEST(dialled_and_accepted_know_each_other)
{
	struct toy *t = toy_new(NULL);
	const int number = join(t, 1, 2);
	const struct input *a = toy_input(t, IN_ACCEPTED, 0);
	const struct input *c = toy_input(t, IN_CONNECTED, 0);

	ck_assert_int_eq(number, ACT_ACCEPTED);
	ck_assert_int_eq(a->listener, 1);
	ck_assert_int_eq(c->sock, 2);
	ck_assert_int_eq(c->err, 0);
	ck_assert(addr_eq(&a->from, &c->to));
	ck_assert(addr_eq(&a->to, &c->from));
	toy_free(t);
}
END_TEST

/* Until so many bytes have come in all, in however many pieces; returns the
 * socket of the last. */
static int
take_bytes(struct toy *t, size_t len)
{
	while (t->stream_len < len)
		toy_run(t, IN_BYTES, t->counts[IN_BYTES] + 1);
	ck_assert_uint_eq(t->stream_len, len);
	return toy_input(t, IN_BYTES, t->counts[IN_BYTES] - 1)->sock;
}

START_TEST(bytes_arrive_in_order_both_ways)
{
	struct toy *t = toy_new(NULL);
	const int number = join(t, 1, 2);

	outbox_write_copy(&t->out, 2, "one ", 4);
	outbox_write_copy(&t->out, 2, "two", 3);
	ck_assert_int_eq(take_bytes(t, 7), number);
	outbox_write_copy(&t->out, number, " three", 6);
	ck_assert_int_eq(take_bytes(t, 13), 2);
	ck_assert_int_eq(memcmp(t->stream, "one two three", 13), 0);
	toy_free(t);
}
END_TEST

START_TEST(refused_dial_is_denied)
{
	struct toy *t = toy_new(NULL);
	struct addr to;

	close(outside(&to));
	outbox_dial(&t->out, 2, NULL, &to);
	toy_run(t, IN_CONNECTED, 1);
	ck_assert_int_eq(toy_input(t, IN_CONNECTED, 0)->err, E_DENIED);
	ck_assert_str_eq(toy_input(t, IN_CONNECTED, 0)->text,
	    "Connection refused");
	toy_free(t);
}
END_TEST

#ifdef IP_MINTTL
/* What is close to deaf while it dials hears everybody once it is open. */
START_TEST(open_stream_hears_from_afar)
{
	struct toy *t = toy_new(NULL);
	const int few = 10;
	struct addr to;
	int fd = outside(&to), other;

	ck_assert_int_eq(listen(fd, 1), 0);
	outbox_dial_ttl(&t->out, 2, NULL, &to, 64);
	toy_run(t, IN_CONNECTED, 1);
	ck_assert_int_eq(toy_input(t, IN_CONNECTED, 0)->err, E_OK);
	other = accept(fd, NULL, NULL);
	ck_assert_int_ge(other, 0);
	ck_assert_int_eq(setsockopt(other, IPPROTO_IP, IP_TTL, &few,
	    sizeof few), 0);
	ck_assert_int_eq(write(other, "far", 3), 3);
	ck_assert_int_eq(take_bytes(t, 3), 2);
	close(other);
	close(fd);
	toy_free(t);
}
END_TEST
#endif

START_TEST(dial_from_a_foreign_address_is_told)
{
	struct toy *t = toy_new(NULL);
	struct addr to, from = addr_v4(192, 0, 2, 1, 0);

	close(outside(&to));
	outbox_dial(&t->out, 2, &from, &to);
	toy_run(t, IN_CONNECTED, 1);
	ck_assert_int_eq(toy_input(t, IN_CONNECTED, 0)->err, E_TAKEN);
	toy_free(t);
}
END_TEST

START_TEST(dials_share_the_port_of_the_listener)
{
	struct toy *t = toy_new(NULL);
	struct addr from = toy_listen(t, 1), one, two;
	int a = outside(&one), b = outside(&two);

	ck_assert_int_eq(listen(a, 1), 0);
	ck_assert_int_eq(listen(b, 1), 0);
	outbox_dial(&t->out, 2, &from, &one);
	outbox_dial(&t->out, 3, &from, &two);
	toy_run(t, IN_CONNECTED, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct input *in = toy_input(t, IN_CONNECTED, i);

		ck_assert_int_eq(in->err, 0);
		ck_assert(addr_eq(&in->to, &from));
	}
	close(a);
	close(b);
	toy_free(t);
}
END_TEST

START_TEST(refused_dial_can_be_repeated_from_the_same_port)
{
	struct toy *t = toy_new(NULL);
	struct addr from = toy_listen(t, 1), to;

	close(outside(&to));
	for (size_t i = 1; i <= 20; i++) {
		outbox_dial(&t->out, 2, &from, &to);
		toy_run(t, IN_CONNECTED, i);
		ck_assert_int_eq(toy_input(t, IN_CONNECTED, i - 1)->err,
		    E_DENIED);
	}
	toy_free(t);
}
END_TEST

START_TEST(stream_that_reached_itself_is_denied)
{
	struct toy *t = toy_new(NULL);
	struct addr to;

	close(outside(&to));
	outbox_dial(&t->out, 2, &to, &to);
	toy_run(t, IN_CONNECTED, 1);
	ck_assert_int_eq(toy_input(t, IN_CONNECTED, 0)->err, E_DENIED);
	toy_free(t);
}
END_TEST

START_TEST(orderly_end_is_told_and_the_number_used_again)
{
	struct toy *t = toy_new(NULL);
	const int number = join(t, 1, 2);

	outbox_close(&t->out, 2);
	toy_run(t, IN_CLOSED, 1);
	ck_assert_int_eq(toy_input(t, IN_CLOSED, 0)->sock, number);
	ck_assert_int_eq(toy_input(t, IN_CLOSED, 0)->err, 0);
	ck_assert_int_eq(join(t, 3, 4), number);
	toy_free(t);
}
END_TEST

START_TEST(reset_is_told_as_such)
{
	const struct linger hard = { .l_onoff = 1 };
	struct toy *t = toy_new(NULL);
	struct addr to = toy_listen(t, 1);
	int fd = connect_outside(&to);

	toy_run(t, IN_ACCEPTED, 1);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	close(fd);
	toy_run(t, IN_CLOSED, 1);
	ck_assert_int_eq(toy_input(t, IN_CLOSED, 0)->err, E_DENIED);
	toy_free(t);
}
END_TEST

/* Writes frames of 1000 bytes that nobody reads, turn after turn. */
static void
write_frames(struct toy *t, int sock, int count)
{
	uint8_t frame[1000];

	for (int i = 0; i < count; i++) {
		memset(frame, i & 0xff, sizeof frame);
		outbox_write_copy(&t->out, sock, frame, sizeof frame);
		if (i % 50 == 49)
			toy_open(t, 10);
		t->seen_count = 0;
		t->counts[IN_OPENED] = 0;
	}
}

START_TEST(frames_beyond_the_queue_are_dropped_whole)
{
	static uint8_t buf[1 << 24];
	struct toy *t = toy_new(NULL);
	struct addr to = toy_listen(t, 1);
	int fd = connect_outside(&to);
	const int count = 15000;
	uint64_t dropped;
	size_t len;

	toy_run(t, IN_ACCEPTED, 1);
	write_frames(t, ACT_ACCEPTED, count);
	dropped = host_stats(t->host).tcp.dropped;
	ck_assert_uint_gt(dropped, 0);
	ck_assert_uint_lt(dropped, (unsigned int)count);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (len = 0; len < ((size_t)count - dropped) * 1000;) {
		ssize_t n = read(fd, buf + len, sizeof buf - len);

		len += n > 0 ? (size_t)n : 0;
		/* Turns, for the queue to move. */
		toy_open(t, 10);
		t->seen_count = 0;
		t->counts[IN_OPENED] = 0;
	}
	ck_assert_uint_eq(len, ((size_t)count - dropped) * 1000);
	for (size_t i = 1; i < len; i++)
		if (i % 1000 != 0 && buf[i] != buf[i - 1])
			ck_abort_msg("a frame was torn at %zu", i);
	close(fd);
	toy_free(t);
}
END_TEST

/* Each takes all that it may have, as long as there is more. */
START_TEST(many_who_read_nothing_leave_room_for_others)
{
	static size_t waits[4096];
	size_t queued = 0, before = 1;

	while (queued != before) {
		before = queued;
		for (size_t i = 0; i < 4096; i++)
			if (waits[i] <= tcp_queue_limit(queued)) {
				waits[i] += 1200;
				queued += 1200;
			}
	}
	ck_assert_uint_le(queued, TCP_QUEUES_MAX);
	ck_assert_uint_ge(tcp_queue_limit(queued), 8192);
	ck_assert_uint_eq(tcp_queue_limit(0), ACT_WRITE_QUEUE);
	ck_assert_uint_eq(tcp_queue_limit(TCP_QUEUES_MAX + 1), 0);
}
END_TEST

START_TEST(what_waits_is_written_after_a_close)
{
	static uint8_t buf[1 << 20], frame[16000];
	struct toy *t = toy_new(NULL);
	struct addr to = toy_listen(t, 1);
	int fd = connect_outside(&to);

	toy_run(t, IN_ACCEPTED, 1);
	for (int i = 0; i < 4; i++)
		outbox_write_copy(&t->out, ACT_ACCEPTED, frame, sizeof frame);
	outbox_close(&t->out, ACT_ACCEPTED);
	host_finish(t->host);
	ck_assert_uint_eq(read_all(fd, buf, sizeof buf), 4 * sizeof frame);
	close(fd);
	toy_free(t);
}
END_TEST

/* A close with unread bytes would be a reset, which may overtake the data. */
START_TEST(a_cut_resets_and_frees_both_ports_at_once)
{
	struct toy *t = toy_new(NULL);
	const int number = join(t, 1, 2);
	const struct input c = *toy_input(t, IN_CONNECTED, 0);

	outbox_write_copy(&t->out, 2, "x", 1);
	outbox_cut(&t->out, 2);
	outbox_dial(&t->out, 3, &c.to, &c.from);
	toy_run(t, IN_CLOSED, 1);
	ck_assert_int_eq(toy_input(t, IN_CLOSED, 0)->sock, number);
	ck_assert_int_eq(toy_input(t, IN_CLOSED, 0)->err, E_DENIED);
	toy_run(t, IN_CONNECTED, 2);
	ck_assert_int_eq(toy_input(t, IN_CONNECTED, 1)->err, 0);
	toy_free(t);
}
END_TEST

START_TEST(close_with_unread_bytes_loses_nothing)
{
	uint8_t buf[16];
	struct toy *t = toy_new(NULL);
	struct addr to = toy_listen(t, 1);
	int fd = connect_outside(&to);

	toy_run(t, IN_ACCEPTED, 1);
	ck_assert_int_eq(write(fd, "unread", 6), 6);
	outbox_write_copy(&t->out, ACT_ACCEPTED, "goodbye", 7);
	outbox_close(&t->out, ACT_ACCEPTED);
	toy_open(t, 10);
	ck_assert_uint_eq(read_all(fd, buf, sizeof buf), 7);
	close(fd);
	host_finish(t->host);
	ck_assert_uint_eq(t->counts[IN_BYTES], 0);
	toy_free(t);
}
END_TEST

START_TEST(finish_ends_although_the_other_side_reads_nothing)
{
	struct toy *t = toy_new(NULL);
	struct addr to = toy_listen(t, 1);
	int fd = connect_outside(&to);

	toy_run(t, IN_ACCEPTED, 1);
	write_frames(t, ACT_ACCEPTED, 15000);
	host_finish(t->host);
	close(fd);
	toy_free(t);
}
END_TEST

START_TEST(without_descriptors_callers_are_refused_and_the_rest_goes_on)
{
	struct toy *t = toy_new(NULL);
	struct addr to = toy_listen(t, 1), udp = toy_open(t, 2);
	struct rlimit limit;
	char byte;
	int fd, filler;

	getrlimit(RLIMIT_NOFILE, &limit);
	fd = connect_outside(&to);
	filler = dup(fd);
	limit.rlim_cur = (rlim_t)filler + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(dup(fd), -1);
	ck_assert_int_eq(errno, EMFILE);
	/* It may have come in before the caller. */
	while (host_stats(t->host).refused == 0) {
		outbox_send_copy(&t->out, 2, &udp, 0, "x", 1);
		toy_run(t, IN_DGRAM, t->counts[IN_DGRAM] + 1);
		t->seen_count = 0;
	}
	ck_assert_uint_eq(host_stats(t->host).refused, 1);
	ck_assert_uint_eq(t->counts[IN_ACCEPTED], 0);
	ck_assert_int_le(read(fd, &byte, 1), 0);
	/* There is room again. */
	close(filler);
	close(fd);
	fd = connect_outside(&to);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	toy_run(t, IN_ACCEPTED, 1);
	close(fd);
	toy_free(t);
}
END_TEST

/* ---- numbers ---- */

START_TEST(accepted_number_is_not_used_again_in_the_same_turn)
{
	struct table t;
	int one, two, three;

	table_init(&t);
	one = table_accept(&t);
	two = table_accept(&t);
	table_release(&t, one);
	three = table_accept(&t);
	ck_assert_int_ne(three, one);
	ck_assert_int_ne(three, two);
	table_recycle(&t);
	ck_assert_int_eq(table_accept(&t), one);
	table_fini(&t);
}
END_TEST

START_TEST(numbers_out_of_range_have_no_slot)
{
	struct table t;

	table_init(&t);
	ck_assert_ptr_null(table_get(&t, 0));
	ck_assert_ptr_null(table_get(&t, -1));
	ck_assert_ptr_null(table_get(&t, ACT_ACCEPTED));
	ck_assert_ptr_null(table_make(&t, -1));
	ck_assert_ptr_null(table_make(&t, ACT_ACCEPTED));
	ck_assert_ptr_nonnull(table_make(&t, ACT_ACCEPTED - 1));
	ck_assert_ptr_nonnull(table_get(&t, 17));
	table_fini(&t);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("tcp");
	TCase *tc = tcase_create("streams");

	tcase_add_test(tc, dialled_and_accepted_know_each_other);
	tcase_add_test(tc, bytes_arrive_in_order_both_ways);
	tcase_add_test(tc, refused_dial_is_denied);
#ifdef IP_MINTTL
	tcase_add_test(tc, open_stream_hears_from_afar);
#endif
	tcase_add_test(tc, dial_from_a_foreign_address_is_told);
	tcase_add_test(tc, dials_share_the_port_of_the_listener);
	tcase_add_test(tc, refused_dial_can_be_repeated_from_the_same_port);
	tcase_add_test(tc, stream_that_reached_itself_is_denied);
	tcase_add_test(tc, orderly_end_is_told_and_the_number_used_again);
	tcase_add_test(tc, reset_is_told_as_such);
	tcase_add_test(tc, frames_beyond_the_queue_are_dropped_whole);
	tcase_add_test(tc, many_who_read_nothing_leave_room_for_others);
	tcase_add_test(tc, what_waits_is_written_after_a_close);
	tcase_add_test(tc, a_cut_resets_and_frees_both_ports_at_once);
	tcase_add_test(tc, close_with_unread_bytes_loses_nothing);
	tcase_add_test(tc, finish_ends_although_the_other_side_reads_nothing);
	tcase_add_test(tc,
	    without_descriptors_callers_are_refused_and_the_rest_goes_on);
	suite_add_tcase(s, tc);
	tc = tcase_create("numbers");
	tcase_add_test(tc, accepted_number_is_not_used_again_in_the_same_turn);
	tcase_add_test(tc, numbers_out_of_range_have_no_slot);
	suite_add_tcase(s, tc);
	return s;
}
