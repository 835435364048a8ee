#include "answer.h"
#include "err.h"
#include "guest.h"

/* Tickets for addresses of a client, and what they are good for: one packet
 * there, when the client asks for it. */

static struct world w;
static struct guest ann, bob;

static void
setup(void)
{
	world_open(&w, NULL);
	guest_make(&ann, &w, "ann", guest_home(1));
	guest_make(&bob, &w, "bob", guest_home(2));
}

static void
teardown(void)
{
	world_close(&w);
}

static void
observe_so(struct guest *g, enum observe how)
{
	uint8_t buf[32];
	struct wr wr = wr_of(buf, sizeof buf);
	size_t frame = wire_begin_frame(&wr, SF_OBSERVE);

	put_u64(&wr, 0x1122334455667788);
	put_u8(&wr, (uint8_t)how);
	wire_end_frame(&wr, frame);
	guest_say(g, &wr);
}

/* The ticket that a client gets at another port of its own. */
static uint64_t
ticket_at(struct guest *g, struct addr at)
{
	struct addr old = g->addr;
	struct frame_got *got;
	uint64_t ticket;
	struct rd r;

	g->addr = at;
	observe_so(g, OBSERVE_TICKET);
	got = guest_got(g, SF_OBSERVED);
	ck_assert_ptr_nonnull(got);
	r = rd_of(got->body, got->len);
	get_u64(&r);
	addr_get(&r);
	ticket = get_u64(&r);
	ck_assert(rd_done(&r));
	g->addr = old;
	world_forget(&w);
	return ticket;
}

/* The status; what went to that address, if anything, counts in *packets. */
static int
echo(struct guest *g, struct addr to, uint64_t ticket, size_t *packets)
{
	uint8_t buf[64];
	struct wr wr = wr_of(buf, sizeof buf);
	int status;

	put_u64(&wr, 0x0102030405060708);
	addr_put(&wr, &to);
	put_u64(&wr, ticket);
	world_forget(&w);
	status = guest_call(g, OP_ECHO, &wr);
	*packets = 0;
	for (size_t i = 0; i < w.count; i++)
		*packets += addr_eq(&w.sent[i].to, &to);
	return status;
}

static struct addr
port_of(struct addr a, uint16_t port)
{
	a.port = port;
	return a;
}

START_TEST(an_echo_goes_to_where_the_ticket_was_got)
{
	struct addr at = port_of(ann.addr, 40000), seen;
	struct frame_got *got;
	uint64_t ticket;
	size_t packets;
	struct rd r;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ticket = ticket_at(&ann, at);
	world_pass(&w, 30 * USEC_S);
	ck_assert(guest_beat(&ann));
	ck_assert_int_eq(echo(&ann, at, ticket, &packets), STATUS_OK);
	ck_assert_uint_eq(packets, 1);
	/* It is small, and smaller than what asked for it. */
	for (size_t i = 0; i < w.count; i++)
		if (addr_eq(&w.sent[i].to, &at))
			ck_assert_uint_lt(w.sent[i].len, ann.last_len);
	ann.addr = at;
	got = guest_got(&ann, SF_OBSERVED);
	ck_assert_ptr_nonnull(got);
	r = rd_of(got->body, got->len);
	ck_assert_uint_eq(get_u64(&r), 0x0102030405060708);
	seen = addr_get(&r);
	ck_assert(addr_eq(&seen, &at));
	ck_assert(rd_done(&r));
}
END_TEST

START_TEST(an_echo_comes_from_the_port_that_gave_the_ticket)
{
	struct addr at = port_of(ann.addr, 40000);
	uint64_t ticket;
	size_t packets;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ann.sock = SERVER_PROBE4;
	ticket = ticket_at(&ann, at);
	ann.sock = SERVER_UDP4;
	ck_assert_int_eq(echo(&ann, at, ticket, &packets), STATUS_OK);
	ck_assert_uint_eq(packets, 1);
	for (size_t i = 0; i < w.count; i++)
		if (addr_eq(&w.sent[i].to, &at))
			ck_assert_int_eq(w.sent[i].sock, SERVER_PROBE4);
}
END_TEST

START_TEST(a_ticket_is_good_for_one_client_and_one_address)
{
	struct addr at = port_of(ann.addr, 40000), victim = guest_home(77);
	uint64_t ticket, other;
	size_t packets;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	ticket = ticket_at(&ann, at);
	other = ticket_at(&ann, port_of(ann.addr, 40001));
	/* Elsewhere, by a forged ticket, by that of another address or client:
	 * nothing is sent. */
	ck_assert_int_eq(echo(&ann, victim, ticket, &packets), STATUS_GONE);
	ck_assert_uint_eq(packets, 0);
	world_pass(&w, USEC_S);
	ck_assert_int_eq(echo(&ann, port_of(at, 40002), ticket, &packets),
	    STATUS_GONE);
	ck_assert_uint_eq(packets, 0);
	world_pass(&w, USEC_S);
	ck_assert_int_eq(echo(&ann, at, ticket ^ 1, &packets), STATUS_GONE);
	ck_assert_uint_eq(packets, 0);
	world_pass(&w, USEC_S);
	ck_assert_int_eq(echo(&ann, at, other, &packets), STATUS_GONE);
	ck_assert_uint_eq(packets, 0);
	ck_assert_int_eq(echo(&bob, at, ticket, &packets), STATUS_GONE);
	ck_assert_uint_eq(packets, 0);
	world_pass(&w, USEC_S);
	ck_assert_int_eq(echo(&ann, at, 0, &packets), STATUS_GONE);
	ck_assert_uint_eq(packets, 0);
	/* And the right one is still good. */
	world_pass(&w, USEC_S);
	ck_assert_int_eq(echo(&ann, at, ticket, &packets), STATUS_OK);
	ck_assert_uint_eq(packets, 1);
}
END_TEST

START_TEST(a_ticket_ends_with_its_time_and_with_its_session)
{
	struct addr at = port_of(ann.addr, 40000);
	uint64_t ticket;
	size_t packets;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ticket = ticket_at(&ann, at);
	for (int s = 0; s < TICKET_S; s += 32) {
		ck_assert_int_eq(echo(&ann, at, ticket, &packets), STATUS_OK);
		world_pass(&w, 32 * USEC_S);
	}
	for (int s = 0; s < TICKET_S; s += 32) {
		ck_assert(guest_beat(&ann));
		world_pass(&w, 32 * USEC_S);
	}
	ck_assert_int_eq(echo(&ann, at, ticket, &packets), STATUS_GONE);
	ck_assert_uint_eq(packets, 0);
	ticket = ticket_at(&ann, at);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ck_assert_int_eq(echo(&ann, at, ticket, &packets), STATUS_GONE);
	ck_assert_uint_eq(packets, 0);
}
END_TEST

START_TEST(echoes_are_few)
{
	struct addr at = port_of(ann.addr, 40000);
	uint64_t ticket;
	size_t packets, all = 0;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	ticket = ticket_at(&ann, at);
	world_pass(&w, USEC_S);
	for (int i = 0; i < 50; i++) {
		int status = echo(&ann, at, ticket, &packets);

		ck_assert_int_eq(status, i < CALLS_PER_S / ECHO_CALLS ?
		    STATUS_OK : STATUS_LIMIT);
		all += packets;
	}
	ck_assert_uint_eq(all, CALLS_PER_S / ECHO_CALLS);
	world_pass(&w, USEC_S);
	ck_assert_int_eq(echo(&ann, at, ticket, &packets), STATUS_OK);
}
END_TEST

START_TEST(an_echo_that_makes_no_sense_sends_nothing)
{
	uint8_t buf[64];
	struct wr wr = wr_of(buf, sizeof buf);
	uint64_t packets = 0;

	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	for (size_t len = 0; len < 8 + 7 + 8; len++) {
		world_pass(&w, USEC_S);
		wr.len = len;
		memset(buf, 4, sizeof buf);
		packets = w.packets;
		ck_assert_int_eq(guest_call(&ann, OP_ECHO, &wr), STATUS_BAD);
		ck_assert_uint_eq(w.packets - packets, 1);
	}
}
END_TEST

START_TEST(over_tcp_there_is_no_ticket)
{
	struct frame_got *got;

	ann.sock = world_accept(&w, &ann.addr);
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	observe_so(&ann, OBSERVE_TICKET);
	got = guest_got(&ann, SF_OBSERVED);
	ck_assert_ptr_nonnull(got);
	ck_assert_uint_eq(got->len, 8 + 7);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("echo");
	TCase *tc = tcase_create("echo");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_echo_goes_to_where_the_ticket_was_got);
	tcase_add_test(tc, an_echo_comes_from_the_port_that_gave_the_ticket);
	tcase_add_test(tc, a_ticket_is_good_for_one_client_and_one_address);
	tcase_add_test(tc, a_ticket_ends_with_its_time_and_with_its_session);
	tcase_add_test(tc, echoes_are_few);
	tcase_add_test(tc, an_echo_that_makes_no_sense_sends_nothing);
	tcase_add_test(tc, over_tcp_there_is_no_ticket);
	suite_add_tcase(s, tc);
	return s;
}
