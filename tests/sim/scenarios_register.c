#include "sim.h"

#include "name.h"

#include <string.h>

/* Issue line "Register". */

START_TEST(client_registers_under_the_name_that_it_wants)
{
	struct sim *s = sim_new(test_seed());
	const struct addr seen = addr_v4(85, 2, 1, 1, 9001);
	const struct record *r;
	struct user *a;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	ck_assert(sim_until(s, registered(a), USEC_S));
	r = user_last(a, EV_REGISTERED);
	ck_assert_str_eq(r->ev.peer, "ann");
	ck_assert_str_eq(r->ev.old_name, "");
	ck_assert(addr_eq(&r->ev.addr, &seen));
	ck_assert_mem_eq(r->ev.key, a->identity.public, KEY_LEN);
	/* A name to look up, and three round trips of 40 ms. */
	ck_assert_uint_le(r->at, 135 * USEC_MS);
	sim_free(s);
}
END_TEST

START_TEST(first_name_is_readable_and_random)
{
	struct sim *s = sim_new(test_seed());
	struct user *a = sim_user(s, "ann", behind(&nat_easy));
	struct user *b = sim_user(s, "bob", behind(&nat_easy));
	char nfc[NAME_SIZE];

	sim_server(s);
	a->conf.name[0] = b->conf.name[0] = '\0';
	user_start(a);
	user_start(b);
	ck_assert(sim_until(s, registered(a), USEC_S));
	ck_assert(sim_until(s, registered(b), USEC_S));
	ck_assert_str_ne(client_name(a->client), client_name(b->client));
	ck_assert_int_eq(name_check(client_name(a->client),
	    strlen(client_name(a->client)), nfc), NAME_OK);
	ck_assert_ptr_nonnull(strchr(client_name(a->client), '-'));
	sim_free(s);
}
END_TEST

START_TEST(name_in_use_is_refused_with_the_reason)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b = sim_user(s, "bob", behind(&nat_easy));
	const struct record *r;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	ck_assert(sim_until(s, registered(a), USEC_S));
	strcpy(b->conf.name, "Ann");
	user_start(b);
	ck_assert(sim_until(s, told(b, EV_ERROR), USEC_S));
	r = user_last(b, EV_ERROR);
	ck_assert_str_eq(r->ev.code, "name-taken");
	sim_do(b, "rename bob");
	ck_assert(sim_until(s, registered(b), 2 * USEC_S));
	ck_assert_str_eq(client_name(b->client), "bob");
	sim_free(s);
}
END_TEST

START_TEST(name_belongs_to_its_key_while_its_owner_is_away)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b = sim_user(s, "bob", behind(&nat_easy));

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	ck_assert(sim_until(s, registered(a), USEC_S));
	sim_do(a, "exit");
	ck_assert(sim_until(s, gone(a), 5 * USEC_S));
	sim_stop_server(s, 0);
	sim_server(s);
	strcpy(b->conf.name, "ann");
	user_start(b);
	ck_assert(sim_until(s, told(b, EV_ERROR), 2 * USEC_S));
	ck_assert_str_eq(user_last(b, EV_ERROR)->ev.code, "name-taken");
	user_start(a);
	ck_assert(sim_until(s, registered(a), 2 * USEC_S));
	ck_assert_str_eq(client_name(a->client), "ann");
	sim_free(s);
}
END_TEST

START_TEST(rename_is_known_to_others_at_once)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);
	uint32_t serial;

	ck_assert(sim_until(p.s, registered(p.a), USEC_S));
	ck_assert(sim_until(p.s, registered(p.b), USEC_S));
	sim_run(p.s, USEC_S);
	serial = sim_do(p.b, "rename zoe");
	ck_assert(sim_until(p.s, ended(p.b, serial), USEC_S));
	ck_assert(user_result(p.b, serial)->ev.ok);
	ck_assert_str_eq(user_last(p.b, EV_RENAMED)->ev.peer, "zoe");
	ck_assert_str_eq(client_name(p.b->client), "zoe");
	sim_do(p.a, "connect zoe");
	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(rename_to_a_name_in_use_changes_nothing)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);
	uint32_t serial;

	ck_assert(sim_until(p.s, registered(p.a), USEC_S));
	ck_assert(sim_until(p.s, registered(p.b), USEC_S));
	serial = sim_do(p.b, "rename ann");
	ck_assert(sim_until(p.s, ended(p.b, serial), USEC_S));
	ck_assert(!user_result(p.b, serial)->ev.ok);
	ck_assert_str_eq(user_last(p.b, EV_ERROR)->ev.code, "name-taken");
	ck_assert_str_eq(client_name(p.b->client), "bob");
	sim_free(p.s);
}
END_TEST

/* ---- the server's key ---- */

START_TEST(key_of_the_server_is_pinned)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);
	const struct known_server *k;

	ck_assert(sim_until(p.s, registered(p.a), USEC_S));
	sim_run(p.s, USEC_S);
	user_kill(p.a, NODE_POWER);
	user_start(p.a);
	k = known_server_find(&p.a->known, "server.example", 9000);
	ck_assert_ptr_nonnull(k);
	ck_assert_mem_eq(k->key, p.s->servers[0].conf.identity.public,
	    KEY_LEN);
	sim_free(p.s);
}
END_TEST

static void
change_server_key(struct sim *s)
{
	struct rng rng;

	rng_init_test(&rng, 1, "another key");
	keypair_make(&s->servers[0].conf.identity, &rng);
}

START_TEST(changed_key_of_the_server_stops_the_client_with_6)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);
	usec_t at;

	ck_assert(sim_until(p.s, registered(p.a), USEC_S));
	sim_run(p.s, USEC_S);
	user_kill(p.a, NODE_POWER);
	sim_kill_server(p.s, 0);
	change_server_key(p.s);
	sim_server(p.s);
	user_start(p.a);
	user_mark(p.a);
	at = sim_now(p.s);
	ck_assert(sim_until(p.s, gone(p.a), 10 * USEC_S));
	ck_assert_int_eq(user_last(p.a, EV_EXIT)->ev.exit_code,
	    EXIT_CODE_KEY);
	ck_assert_ptr_nonnull(user_last(p.a, EV_SERVER_KEY_CHANGED));
	ck_assert_uint_ge(user_last(p.a, EV_EXIT)->at - at, 3 * USEC_S);
	ck_assert_uint_le(user_last(p.a, EV_EXIT)->at - at, 5 * USEC_S);
	sim_free(p.s);
}
END_TEST

START_TEST(running_client_stops_too_when_the_key_changes)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);

	ck_assert(sim_until(p.s, registered(p.a), USEC_S));
	sim_kill_server(p.s, 0);
	change_server_key(p.s);
	sim_server(p.s);
	ck_assert(sim_until(p.s, gone(p.a), 90 * USEC_S));
	ck_assert_int_eq(user_last(p.a, EV_EXIT)->ev.exit_code,
	    EXIT_CODE_KEY);
	sim_free(p.s);
}
END_TEST

/* ---- ways to the server ---- */

START_TEST(addresses_are_tried_in_turn)
{
	struct sim *s = sim_new(test_seed());
	struct addr addrs[2] = { addr_v4(85, 1, 4, 1, 0),
		addr_v4(85, 1, 1, 1, 0) };
	struct user *a;

	world_name(s->w, "server.example", addrs, 2, 10 * USEC_MS);
	host_silent(s->servers[1].host, true);
	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	ck_assert(sim_until(s, registered(a), USEC_S));
	sim_free(s);
}
END_TEST

START_TEST(ipv6_alone_is_enough)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;

	sim_server(s);
	a = sim_client(s, "ann", ipv6_only(behind(&nat_easy)));
	b = sim_client(s, "bob", with_ipv6(behind(&nat_easy)));
	ck_assert(sim_until(s, registered(a), 5 * USEC_S));
	ck_assert_int_eq(user_last(a, EV_REGISTERED)->ev.addr.family, ADDR_V6);
	sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), 5 * USEC_S));
	sim_free(s);
}
END_TEST

START_TEST(literal_address_needs_no_resolver)
{
	struct sim *s = sim_new(test_seed());
	struct user *a = sim_user(s, "ann", behind(&nat_easy));

	sim_server(s);
	world_resolver(s->w, true);
	a->conf.server_host = "85.1.1.1";
	user_start(a);
	ck_assert(sim_until(s, registered(a), USEC_S));
	sim_free(s);
}
END_TEST

START_TEST(without_udp_tcp_is_taken_soon)
{
	struct sim *s = sim_new(test_seed());
	struct user *a;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_no_udp));
	ck_assert(sim_until(s, registered(a), 5 * USEC_S));
	/* 600 ms, a connection and the handshake. */
	ck_assert_uint_le(sim_now(s), 900 * USEC_MS);
	sim_free(s);
}
END_TEST

START_TEST(server_is_called_unreachable_after_ten_seconds)
{
	struct sim *s = sim_new(test_seed());
	struct user *a = sim_client(s, "ann", behind(&nat_easy));
	const struct record *r = NULL;

	host_silent(s->servers[0].host, true);
	sim_run(s, 12 * USEC_S);
	for (size_t i = 0; (r = user_nth(a, EV_SERVER, i)) != NULL; i++)
		if (r->ev.server == SERVER_UNREACHABLE)
			break;
	ck_assert_ptr_nonnull(r);
	ck_assert_uint_ge(r->at, 9900 * USEC_MS);
	ck_assert_uint_le(r->at, 10100 * USEC_MS);
	sim_server(s);
	ck_assert(sim_until(s, registered(a), 60 * USEC_S));
	sim_free(s);
}
END_TEST

START_TEST(without_a_network_says_so_and_waits_for_one)
{
	struct sim *s = sim_new(test_seed());
	struct user *a;
	struct addr at;

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	at = *host_addr(a->host, 0, ADDR_V4);
	host_replug(a->host, 0, NULL, NULL, NULL);
	sim_run(s, USEC_S);
	ck_assert_int_eq(user_last(a, EV_SERVER)->ev.server,
	    SERVER_UNREACHABLE);
	ck_assert_int_eq(user_last(a, EV_SERVER)->ev.reason, REASON_NETWORK);
	sim_run(s, 60 * USEC_S);
	host_replug(a->host, 0, a->lan, &at, NULL);
	ck_assert(sim_until(s, registered(a), USEC_S));
	sim_free(s);
}
END_TEST

START_TEST(resolver_that_fails_is_asked_again)
{
	struct sim *s = sim_new(test_seed());
	struct user *a;

	sim_server(s);
	world_resolver(s->w, true);
	a = sim_client(s, "ann", behind(&nat_easy));
	sim_run(s, 15 * USEC_S);
	ck_assert_ptr_null(user_last(a, EV_REGISTERED));
	world_resolver(s->w, false);
	ck_assert(sim_until(s, registered(a), 60 * USEC_S));
	sim_free(s);
}
END_TEST

START_TEST(lossy_way_registers_all_the_same)
{
	struct sim *s = sim_new(test_seed());
	struct user *a;

	sim_server(s);
	a = sim_user(s, "ann", behind(&nat_easy));
	router_cable(a->router)->loss = 50 * PER_CENT;
	user_start(a);
	ck_assert(sim_until(s, registered(a), 30 * USEC_S));
	sim_free(s);
}
END_TEST

/* ---- ports ---- */

START_TEST(taken_port_is_replaced_unless_it_was_asked_for)
{
	struct sim *s = sim_new(test_seed());
	struct user *a, *b = sim_user(s, "bob", behind(&nat_easy));
	struct user *c = sim_user(s, "cid", behind(&nat_easy));

	sim_server(s);
	a = sim_client(s, "ann", behind(&nat_easy));
	b->host = c->host = a->host;
	c->conf.local_port_asked = true;
	ck_assert(sim_until(s, registered(a), USEC_S));
	user_start(b);
	ck_assert(sim_until(s, registered(b), USEC_S));
	ck_assert_str_eq(user_last(b, EV_NOTICE)->ev.code, "port");
	ck_assert_uint_ne(user_last(b, EV_NOTICE)->ev.addr.port, 9001);
	user_start(c);
	ck_assert(sim_until(s, gone(c), USEC_S));
	ck_assert_int_eq(user_last(c, EV_EXIT)->ev.exit_code,
	    EXIT_CODE_RUNTIME);
	ck_assert_str_eq(user_last(c, EV_ERROR)->ev.code, "port-taken");
	sim_free(s);
}
END_TEST

/* ---- staying registered ---- */

START_TEST(heartbeats_hold_a_mapping_that_lives_30_seconds)
{
	struct nat_conf conf = nat_easy;
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;

	conf.udp_fresh = conf.udp_timer = 30 * USEC_S;
	conf.alloc = NAT_RANDOM;
	sim_server(s);
	a = sim_client(s, "ann", behind(&conf));
	b = sim_client(s, "bob", behind(&conf));
	ck_assert(sim_until(s, registered(a), USEC_S));
	user_mark(a);
	sim_run(s, 3600 * USEC_S);
	ck_assert_uint_eq(user_count(a, EV_SERVER), 0);
	sim_do(b, "connect ann");
	ck_assert(sim_until(s, asked(a, b), USEC_S));
	sim_free(s);
}
END_TEST

START_TEST(restarted_server_finds_everybody_again_under_his_name)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);

	ck_assert(sim_until(p.s, registered(p.a), USEC_S));
	ck_assert(sim_until(p.s, registered(p.b), USEC_S));
	sim_kill_server(p.s, 0);
	sim_run(p.s, 5 * USEC_S);
	sim_server(p.s);
	user_mark(p.a);
	user_mark(p.b);
	ck_assert(sim_until(p.s, told(p.a, EV_REGISTERED), 60 * USEC_S));
	ck_assert(sim_until(p.s, told(p.b, EV_REGISTERED), 60 * USEC_S));
	ck_assert_str_eq(client_name(p.a->client), "ann");
	sim_do(p.a, "connect bob");
	ck_assert(sim_until(p.s, asked(p.b, p.a), USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(server_that_stops_says_when_to_come_back)
{
	struct pair p = sim_pair(&nat_easy, &nat_easy);

	ck_assert(sim_until(p.s, registered(p.a), USEC_S));
	user_mark(p.a);
	sim_stop_server(p.s, 0);
	ck_assert_ptr_nonnull(user_last(p.a, EV_SERVER));
	ck_assert_int_eq(user_nth(p.a, EV_SERVER, 0)->ev.reason,
	    REASON_SERVER_STOPPED);
	sim_server(p.s);
	ck_assert(sim_until(p.s, told(p.a, EV_REGISTERED), 60 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(server_that_cannot_save_names_says_so)
{
	struct sim *s = sim_new(test_seed());
	struct user *a;

	sim_server(s);
	host_disk(s->servers[0].host, true, USEC_MS);
	a = sim_client(s, "ann", behind(&nat_easy));
	ck_assert(sim_until(s, told(a, EV_ERROR), 5 * USEC_S));
	ck_assert_int_eq(user_last(a, EV_ERROR)->ev.reason,
	    REASON_SERVER_STORE);
	sim_free(s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("register");
	TCase *t = tcase_create("names");

	tcase_add_test(t, client_registers_under_the_name_that_it_wants);
	tcase_add_test(t, first_name_is_readable_and_random);
	tcase_add_test(t, name_in_use_is_refused_with_the_reason);
	tcase_add_test(t, name_belongs_to_its_key_while_its_owner_is_away);
	tcase_add_test(t, rename_is_known_to_others_at_once);
	tcase_add_test(t, rename_to_a_name_in_use_changes_nothing);
	suite_add_tcase(s, t);
	t = tcase_create("key");
	tcase_add_test(t, key_of_the_server_is_pinned);
	tcase_add_test(t, changed_key_of_the_server_stops_the_client_with_6);
	tcase_add_test(t, running_client_stops_too_when_the_key_changes);
	suite_add_tcase(s, t);
	t = tcase_create("ways");
	tcase_add_test(t, addresses_are_tried_in_turn);
	tcase_add_test(t, ipv6_alone_is_enough);
	tcase_add_test(t, literal_address_needs_no_resolver);
	tcase_add_test(t, without_udp_tcp_is_taken_soon);
	tcase_add_test(t, server_is_called_unreachable_after_ten_seconds);
	tcase_add_test(t, without_a_network_says_so_and_waits_for_one);
	tcase_add_test(t, resolver_that_fails_is_asked_again);
	tcase_add_test(t, lossy_way_registers_all_the_same);
	tcase_add_test(t, taken_port_is_replaced_unless_it_was_asked_for);
	suite_add_tcase(s, t);
	t = tcase_create("staying");
	tcase_add_test(t, heartbeats_hold_a_mapping_that_lives_30_seconds);
	tcase_add_test(t,
	    restarted_server_finds_everybody_again_under_his_name);
	tcase_add_test(t, server_that_stops_says_when_to_come_back);
	tcase_add_test(t, server_that_cannot_save_names_says_so);
	suite_add_tcase(s, t);
	return s;
}
