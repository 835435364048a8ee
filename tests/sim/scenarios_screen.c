/* What the status line of gop2p-tui says while real clients in the world live
 * through what it has words for: every state of it is reached by what the
 * engine tells, none by hand. */
#include "sim.h"

#include "tui/model.h"
#include "tui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 24, COLS = 100 };

#define STEP (10 * USEC_MS)
#define WALL ((int64_t)1000000000)

/* A screen before somebody who sits at a client. */
struct screen {
	struct user *user;
	struct model m;
	struct grid grid;
	size_t fed;          /* records of the user */
	char status[1024];
};

static struct screen *
screen_of(struct user *u)
{
	struct screen *x = calloc(1, sizeof *x);

	must(x != NULL && model_init(&x->m, sim_now(u->sim)), "no memory");
	x->user = u;
	x->m.last_serial = 1000; /* other commands come from the scenario */
	snprintf(x->m.host, sizeof x->m.host, "server.example:9000");
	model_resize(&x->m, ROWS, COLS);
	return x;
}

static void
screen_free(struct screen *x)
{
	model_fini(&x->m);
	grid_fini(&x->grid);
	free(x);
}

static void
carry_out(struct user *u, const struct deed *d)
{
	if (d->kind == DEED_COMMAND)
		client_do(u->client, node_now(u->node), &d->cmd, d->serial);
	else if (d->kind == DEED_RETRY)
		client_retry(u->client, node_now(u->node));
	else
		return;
	node_settle(u->node);
}

/* What tui.c does in a turn of the loop. */
static void
turn(struct screen *x)
{
	usec_t now = sim_now(x->user->sim);
	struct chat *c = model_shown(&x->m);
	struct client_path path;
	struct deed deed;

	for (; x->fed < x->user->count; x->fed++) {
		const struct record *r = &x->user->records[x->fed];

		if (r->ev.report == NULL)
			model_event(&x->m, r->at, WALL + (int64_t)(r->at /
			    USEC_S), &r->ev);
	}
	if (x->user->client != NULL && c != x->m.chats[0] &&
	    client_path(x->user->client, node_now(x->user->node), c->name,
	    &path))
		model_path(&x->m, now, c, &path);
	while (model_next(&x->m, &deed)) {
		carry_out(x->user, &deed);
		free(deed.text);
	}
	model_expire(&x->m, now);
}

static const char *
status(struct screen *x)
{
	usec_t now = sim_now(x->user->sim);

	model_arrange(&x->m);
	must(grid_resize(&x->grid, ROWS, COLS), "no memory");
	view_draw(&x->m, now, WALL + (int64_t)(now / USEC_S), &x->grid);
	grid_text(&x->grid, x->m.layout.status.row, x->status,
	    sizeof x->status);
	return x->status;
}

/* "^" stands for the beginning of the line. */
static bool
says(struct screen *x, const char *text)
{
	const char *line = status(x);

	return text[0] == '^' ? strncmp(line, text + 1, strlen(text + 1)) == 0 :
	    strstr(line, text) != NULL;
}

/* Lets time pass until the status line says that; the chat with whoever is
 * meant is shown. */
static void
must_say(struct screen *x, const char *text, usec_t within)
{
	usec_t end = sim_now(x->user->sim) + within;
	int n;

	for (;;) {
		turn(x);
		for (n = MODEL_CHATS_MAX - 1; n > 0; n--)
			if (x->m.chats[n] != NULL)
				break;
		model_show(&x->m, sim_now(x->user->sim), n);
		if (says(x, text))
			return;
		must(sim_now(x->user->sim) < end,
		    "it does not say \"%s\" but: %s", text, x->status);
		sim_run(x->user->sim, STEP);
	}
}

START_TEST(from_registering_to_a_direct_link)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;
	struct screen *x, *y;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	b = sim_client(s, "bob", behind(&nat_easy));
	x = screen_of(a);
	y = screen_of(b);
	must_say(x, "registering with server.example:9000", USEC_S);
	must_say(x, "registered as ann  no peer", 5 * USEC_S);
	must_say(y, "registered as bob  no peer", 5 * USEC_S);
	sim_do(a, "connect bob");
	must_say(x, "bob  ASKING  waiting for bob to allow", USEC_S);
	ck_assert(sim_until(s, asked(b, a), 5 * USEC_S));
	turn(y);
	ck_assert_uint_eq(y->m.wish_count, 1);
	sim_do(b, "allow ann");
	must_say(x, "bob  RELAY  via server.example", USEC_S);
	must_say(x, "bob  UDP  ", 5 * USEC_S);
	must_say(x, "E2E UNVERIFIED", USEC_S);
	must_say(y, "ann  UDP  ", 5 * USEC_S);
	ck_assert_uint_eq(y->m.wish_count, 0);
	sim_do(a, "verify bob");
	sim_do(a, "verify bob yes");
	must_say(x, "E2E VERIFIED", USEC_S);
	sim_do(a, "tcp");
	must_say(x, "bob  TCP  ", 15 * USEC_S);
	screen_free(x);
	screen_free(y);
	sim_free(s);
}
END_TEST

START_TEST(request_that_is_denied)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);
	struct screen *x = screen_of(p.a);

	ck_assert(sim_until(p.s, registered(p.a), 5 * USEC_S));
	ck_assert(sim_until(p.s, registered(p.b), 5 * USEC_S));
	sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, asked(p.b, p.a), 5 * USEC_S));
	must_say(x, "ASKING", USEC_S);
	sim_do(p.b, "deny ann");
	must_say(x, "bob  DENIED  by bob", USEC_S);
	screen_free(x);
	sim_free(p.s);
}
END_TEST

START_TEST(nobody_answers)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);
	struct screen *x = screen_of(p.a);

	ck_assert(sim_until(p.s, registered(p.a), 5 * USEC_S));
	ck_assert(sim_until(p.s, registered(p.b), 5 * USEC_S));
	sim_do(p.a, "connect bob");
	must_say(x, "ASKING", USEC_S);
	must_say(x, "FAILED: nobody answered in 60 s  Enter asks again",
	    70 * USEC_S);
	screen_free(x);
	sim_free(p.s);
}
END_TEST

/* Without the relay the steps are seen one after the other, and the end names
 * the reason and where to read on. */
START_TEST(steps_of_a_way_that_is_not_found)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;
	struct screen *x;

	sim_server(s);
	a = sim_user(s, "ann", behind(&nat_random));
	b = sim_user(s, "bob", behind(&nat_random));
	a->conf.no_relay = b->conf.no_relay = true;
	user_start(a);
	user_start(b);
	ck_assert(sim_until(s, registered(a), 5 * USEC_S));
	ck_assert(sim_until(s, registered(b), 5 * USEC_S));
	x = screen_of(a);
	sim_block_udp(s);
	sim_block_tcp(s);
	sim_do(a, "connect bob");
	must_say(x, "ASKING", USEC_S);
	ck_assert(sim_until(s, asked(b, a), 5 * USEC_S));
	sim_do(b, "allow ann");
	must_say(x, "bob  PUNCHING 3/5  hole punch", USEC_S);
	must_say(x, "FAILED: ", 120 * USEC_S);
	must_say(x, "/help nat", USEC_S);
	screen_free(x);
	sim_free(s);
}
END_TEST

START_TEST(link_that_is_cut_and_comes_back)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	struct screen *x = screen_of(p.a);

	must_say(x, "bob  UDP", 5 * USEC_S);
	sim_do(p.a, "msg hello");
	sim_run(p.s, USEC_S);
	router_cable(p.b->router)->is_cut = true;
	sim_do(p.a, "msg are you there");
	must_say(x, "LAST HEARD ", 60 * USEC_S);
	must_say(x, "1 queued", USEC_S);
	must_say(x, "bob  LINK LOST ", 120 * USEC_S);
	router_cable(p.b->router)->is_cut = false;
	must_say(x, "E2E UNVERIFIED", 120 * USEC_S);
	ck_assert(sim_until(p.s, all_delivered(p.a), 60 * USEC_S));
	screen_free(x);
	sim_free(p.s);
}
END_TEST

START_TEST(lost_server_stands_beside_a_peer_that_is_well)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	struct screen *x = screen_of(p.a);

	must_say(x, "bob  UDP", 5 * USEC_S);
	sim_kill_server(p.s, 0);
	must_say(x, "SERVER LOST ", 120 * USEC_S);
	ck_assert_msg(says(x, "^ bob  UDP"), "%s", x->status);
	must_say(x, "retry in ", 60 * USEC_S);
	sim_start_server(p.s, 0);
	must_say(x, "ms                 ", 120 * USEC_S);
	screen_free(x);
	sim_free(p.s);
}
END_TEST

START_TEST(server_that_is_not_there_is_tried_at_once_when_asked)
{
	struct sim *s = sim_new(test_seed());
	struct user *a;
	struct screen *x;

	sim_server(s);
	sim_kill_server(s, 0);
	a = sim_client(s, "ann", behind(&nat_easy));
	x = screen_of(a);
	must_say(x, "SERVER UNREACHABLE ", 60 * USEC_S);
	must_say(x, "retry in 30s (", 300 * USEC_S);
	sim_start_server(s, 0);
	model_key(&x->m, sim_now(s), WALL, (struct key){ KEYS_ENTER, 0 });
	must_say(x, "registered as ann", 3 * USEC_S);
	screen_free(x);
	sim_free(s);
}
END_TEST

START_TEST(name_that_is_taken)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;
	struct screen *x;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	ck_assert(sim_until(s, registered(a), 5 * USEC_S));
	b = sim_user(s, "bob", behind(&nat_easy));
	strcpy(b->conf.name, "ann");
	user_start(b);
	x = screen_of(b);
	must_say(x, "NAME TAKEN \"ann\"  type /rename ann", 10 * USEC_S);
	sim_do(b, "rename ben");
	must_say(x, "registered as ben", 5 * USEC_S);
	screen_free(x);
	sim_free(s);
}
END_TEST

START_TEST(changed_key_blocks_until_it_is_trusted)
{
	struct pair p = sim_friends(&nat_easy, &nat_easy);
	struct user *m;
	struct screen *x;

	sim_do(p.a, "exit");
	sim_do(p.b, "exit");
	ck_assert(sim_until(p.s, gone(p.a), 5 * USEC_S));
	ck_assert(sim_until(p.s, gone(p.b), 5 * USEC_S));
	sim_start_server(p.s, 1);
	m = sim_user(p.s, "mallory", behind(&nat_easy));
	m->conf.server_host = p.a->conf.server_host = "other.example";
	strcpy(m->conf.name, "bob");
	user_start(m);
	user_start(p.a);
	user_mark(p.a);
	ck_assert(sim_until(p.s, registered(p.a), 5 * USEC_S));
	ck_assert(sim_until(p.s, registered(m), 5 * USEC_S));
	x = screen_of(p.a);
	x->fed = p.a->mark;
	must_say(x, "registered as ann", USEC_S);
	sim_do(p.a, "connect bob");
	must_say(x, "bob  !! KEY CHANGED !!  sending blocked", 5 * USEC_S);
	model_slash(&x->m, sim_now(p.s), WALL, "/trust bob", 10);
	must_say(x, "bob  not connected  Enter asks", USEC_S);
	screen_free(x);
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("screen");
	TCase *t = tcase_create("screen");

	tcase_add_test(t, from_registering_to_a_direct_link);
	tcase_add_test(t, request_that_is_denied);
	tcase_add_test(t, nobody_answers);
	tcase_add_test(t, steps_of_a_way_that_is_not_found);
	tcase_add_test(t, link_that_is_cut_and_comes_back);
	tcase_add_test(t, lost_server_stands_beside_a_peer_that_is_well);
	tcase_add_test(t,
	    server_that_is_not_there_is_tried_at_once_when_asked);
	tcase_add_test(t, name_that_is_taken);
	tcase_add_test(t, changed_key_blocks_until_it_is_trusted);
	suite_add_tcase(s, t);
	return s;
}
