#include "core/act.h"
#include "core/command.h"
#include "core/event.h"
#include "face/json.h"
#include "rng.h"
#include "runner.h"
#include "core/wire.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAST_KIND = EV_EXIT };

#define WALL 1730000000123456

#define KEY_1 "0101010101010101010101010101010101010101010101010101010101010101"
#define KEY_2 "0202020202020202020202020202020202020202020202020202020202020202"

static struct event
event_of(enum event_kind kind)
{
	struct event ev = { .kind = kind, .peer = "Bob" };

	memset(ev.key, 1, KEY_LEN);
	memset(ev.new_key, 2, KEY_LEN);
	ev.addr = addr_v4(198, 51, 100, 7, 41234);
	return ev;
}

/* The line without its time, which is the same in all. */
static void
expect(const struct event *ev, const char *want)
{
	static const char time[] = ",\"time\":1730000000.123456";
	char *line = json_event(ev, WALL), *at;

	ck_assert_ptr_nonnull(line);
	at = strstr(line, time);
	ck_assert_msg(at != NULL, "%s", line);
	memmove(at, at + strlen(time), strlen(at + strlen(time)) + 1);
	ck_assert_str_eq(line, want);
	free(line);
}

START_TEST(every_line_has_event_and_time_first)
{
	struct event ev = event_of(EV_DENIED);
	char *line = json_event(&ev, WALL);

	ck_assert_str_eq(line, "{\"event\":\"denied\","
	    "\"time\":1730000000.123456,\"peer\":\"Bob\"}\n");
	free(line);
}
END_TEST

START_TEST(registration_is_told)
{
	struct event ev = event_of(EV_REGISTERED);

	expect(&ev, "{\"event\":\"registered\",\"name\":\"Bob\",\"key\":\""
	    KEY_1 "\",\"address\":\"198.51.100.7:41234\"}\n");
	ev = event_of(EV_SERVER);
	ev.server = SERVER_LOST;
	ev.reason = REASON_SERVER_SILENT;
	expect(&ev, "{\"event\":\"server\",\"state\":\"lost\","
	    "\"address\":\"198.51.100.7:41234\","
	    "\"reason\":\"server-silent\"}\n");
	ev = event_of(EV_RENAMED);
	expect(&ev, "{\"event\":\"renamed\",\"name\":\"Bob\"}\n");
}
END_TEST

START_TEST(people_are_listed)
{
	struct person list[] = { { .name = "Ann", .since_s = 61,
	    .known = true } };
	struct event ev = event_of(EV_CLIENTS);

	ev.list = list;
	ev.count = 1;
	ev.text = "a";
	ev.len = 1;
	expect(&ev, "{\"event\":\"clients\",\"prefix\":\"a\",\"list\":["
	    "{\"name\":\"Ann\",\"fingerprint\":\"0000-0000\",\"since\":61,"
	    "\"known\":true,\"verified\":false,\"blocked\":false,"
	    "\"lookalike\":null}]}\n");
	ev = event_of(EV_CLIENT);
	ev.presence = PRESENCE_RENAMED;
	strcpy(ev.old_name, "Rob");
	expect(&ev, "{\"event\":\"client\",\"name\":\"Bob\","
	    "\"state\":\"renamed\",\"known\":false,\"old\":\"Rob\","
	    "\"lookalike\":null}\n");
}
END_TEST

START_TEST(requests_are_told)
{
	struct event ev = event_of(EV_REQUEST);

	ev.known = true;
	ev.ms = 60000;
	expect(&ev, "{\"event\":\"request\",\"from\":\"Bob\",\"key\":\"" KEY_1
	    "\",\"known\":true,\"verified\":false,\"lookalike\":null,"
	    "\"expires_ms\":60000}\n");
	strcpy(ev.lookalike, "B\u00f6b");
	expect(&ev, "{\"event\":\"request\",\"from\":\"Bob\",\"key\":\"" KEY_1
	    "\",\"known\":true,\"verified\":false,"
	    "\"lookalike\":\"B\\u00F6b\",\"expires_ms\":60000}\n");
	ev = event_of(EV_REQUEST_ENDED);
	ev.reason = REASON_CANCELLED;
	expect(&ev, "{\"event\":\"request_ended\",\"from\":\"Bob\","
	    "\"reason\":\"cancelled\"}\n");
}
END_TEST

START_TEST(conversations_are_told)
{
	struct event ev = event_of(EV_CONNECTED);

	ev.transport = TRANSPORT_RELAY;
	ev.ms = 87;
	expect(&ev, "{\"event\":\"connected\",\"peer\":\"Bob\",\"key\":\""
	    KEY_1 "\",\"known\":false,\"verified\":false,"
	    "\"lookalike\":null,\"transport\":\"relay\","
	    "\"address\":\"198.51.100.7:41234\","
	    "\"ms\":87}\n");
	ev = event_of(EV_TRANSPORT);
	ev.transport = TRANSPORT_UDP;
	expect(&ev, "{\"event\":\"transport\",\"peer\":\"Bob\","
	    "\"transport\":\"udp\",\"address\":\"198.51.100.7:41234\","
	    "\"reason\":null}\n");
	ev = event_of(EV_TRANSPORT);
	ev.transport = TRANSPORT_TCP;
	ev.reason = REASON_LOSSY;
	ev.loss_permille = 124;
	expect(&ev, "{\"event\":\"transport\",\"peer\":\"Bob\","
	    "\"transport\":\"tcp\",\"address\":\"198.51.100.7:41234\","
	    "\"reason\":\"lossy\",\"udp_loss_permille\":124}\n");
	ev = event_of(EV_TRANSPORT);
	ev.addr = (struct addr){ 0 };
	expect(&ev, "{\"event\":\"transport\",\"peer\":\"Bob\","
	    "\"transport\":null,\"address\":null,\"reason\":null}\n");
	ev = event_of(EV_CONNECTING);
	ev.code = "asking";
	expect(&ev, "{\"event\":\"connecting\",\"peer\":\"Bob\","
	    "\"key\":\"" KEY_1 "\",\"lookalike\":null,"
	    "\"step\":\"asking\",\"detail\":null}\n");
	memset(ev.key, 0, KEY_LEN);
	ev.code = "looking";
	expect(&ev, "{\"event\":\"connecting\",\"peer\":\"Bob\","
	    "\"key\":null,\"lookalike\":null,\"step\":\"looking\","
	    "\"detail\":null}\n");
	ev = event_of(EV_FAILED);
	ev.reason = REASON_NO_PATH;
	expect(&ev, "{\"event\":\"failed\",\"peer\":\"Bob\","
	    "\"reason\":\"no-path\",\"detail\":null}\n");
	strcpy(ev.detail, "why");
	expect(&ev, "{\"event\":\"failed\",\"peer\":\"Bob\","
	    "\"reason\":\"no-path\",\"detail\":\"why\"}\n");
	ev = event_of(EV_DISCONNECTED);
	ev.reason = REASON_CLOSED;
	expect(&ev, "{\"event\":\"disconnected\",\"peer\":\"Bob\","
	    "\"reason\":\"closed\"}\n");
}
END_TEST

START_TEST(messages_are_exact)
{
	struct event ev = event_of(EV_MESSAGE);

	ev.id = 7;
	ev.text = "a\"\\\n\033[2J\0\u00e9\U0001f44d";
	ev.len = 15;
	expect(&ev, "{\"event\":\"message\",\"from\":\"Bob\",\"id\":7,"
	    "\"text\":\"a\\\"\\\\\\n\\u001B[2J\\u0000\\u00E9"
	    "\\uD83D\\uDC4D\"}\n");
	ev.text = "caf\xe9!";
	ev.len = 5;
	expect(&ev, "{\"event\":\"message\",\"from\":\"Bob\",\"id\":7,"
	    "\"text\":\"caf\\uFFFD!\"}\n");
	ev = event_of(EV_DELIVERED);
	ev.id = 7;
	expect(&ev, "{\"event\":\"delivered\",\"peer\":\"Bob\",\"id\":7}\n");
	ev = event_of(EV_UNDELIVERED);
	ev.id = 8;
	ev.reason = REASON_LEFT;
	ev.text = "x";
	ev.len = 1;
	expect(&ev, "{\"event\":\"undelivered\",\"peer\":\"Bob\",\"id\":8,"
	    "\"reason\":\"left\",\"text\":\"x\"}\n");
}
END_TEST

START_TEST(keys_are_told)
{
	struct event ev = event_of(EV_KEY_CHANGED);

	expect(&ev, "{\"event\":\"key_changed\",\"peer\":\"Bob\",\"old\":\""
	    KEY_1 "\",\"new\":\"" KEY_2 "\"}\n");
	ev = event_of(EV_VERIFY);
	ev.text = "12345 67890";
	ev.len = 11;
	expect(&ev, "{\"event\":\"verify\",\"peer\":\"Bob\",\"key\":\"" KEY_1
	    "\",\"known\":false,\"verified\":false,"
	    "\"number\":\"12345 67890\"}\n");
}
END_TEST

START_TEST(ends_of_commands_are_told)
{
	struct event ev = event_of(EV_ERROR);

	ev.command = COMMAND_CONNECT;
	ev.code = "usage";
	ev.text = "A name is missing.";
	ev.len = 18;
	expect(&ev, "{\"event\":\"error\",\"command\":\"connect\","
	    "\"code\":\"usage\",\"text\":\"A name is missing.\"}\n");
	ev.command = COMMAND_NONE;
	ev.text = NULL;
	expect(&ev, "{\"event\":\"error\",\"command\":null,"
	    "\"code\":\"usage\",\"text\":\"\"}\n");
	ev = event_of(EV_DONE);
	ev.command = COMMAND_MSG;
	ev.ok = true;
	expect(&ev, "{\"event\":\"done\",\"command\":\"msg\",\"ok\":true}\n");
	ev = event_of(EV_EXIT);
	ev.exit_code = EXIT_CODE_DENIED;
	expect(&ev, "{\"event\":\"exit\",\"code\":4}\n");
}
END_TEST

START_TEST(reports_have_everything)
{
	static const struct why_try tries[] = { { .transport = TRANSPORT_UDP,
	    .kind = CAND_LAN,
	    .sent = 3, .received = 1, .first_ms = 2, .last_ms = 40 } };
	struct why why = { .transport = TRANSPORT_RELAY, .rtt_us = 81500,
	    .attempts = 2, .reason = REASON_NAT_HARD, .tries = tries,
	    .udp_loss_permille = 120, .guessed_udp = 1800, .refused_tcp = 3,
	    .tcp_reason = REASON_TCP_PORTS,
	    .advice = 1 << ADVICE_MAP_OWN | 1 << ADVICE_TCP,
	    .tries_count = 1, .own_nat = NAT_EIM | FILTER_APDF << 4,
	    .alive_s = 13, .dead_s = 18, .beat_s = 13,
	    .own_depth = 2, .hops = { addr_v4(192, 168, 1, 1, 0) } };
	struct event ev = event_of(EV_WHY);

	why.mappings[MAPPING_V4] = (struct mapping_report) {
		.state = MAPPING_OPEN, .protocol = MAPPING_BY_NATPMP,
		.udp = addr_v4(203, 0, 113, 7, 9001), .lifetime_s = 7200 };
	ev.report = &why;
	expect(&ev, "{\"event\":\"why\",\"peer\":\"Bob\","
	    "\"transport\":\"relay\",\"address\":null,\"rtt_us\":81500,"
	    "\"loss_permille\":0,\"udp_loss_permille\":120,"
	    "\"attempts\":2,\"attempt_ms\":0,"
	    "\"reason\":\"nat-hard\",\"own_public\":null,"
	    "\"peer_public\":null,"
	    "\"own_nat\":{\"mapping\":\"eim\",\"filtering\":\"apdf\","
	    "\"depth\":2,\"hops\":[\"192.168.1.1\",null],"
	    "\"lifetime_s\":13,\"lifetime_max_s\":18,\"heartbeat_s\":13},"
	    "\"peer_nat\":{\"mapping\":\"unknown\","
	    "\"filtering\":\"unknown\"},"
	    "\"port_mappings\":[{\"state\":\"open\","
	    "\"protocol\":\"nat-pmp\",\"udp\":\"203.0.113.7:9001\","
	    "\"tcp\":null,\"lifetime_s\":7200}],\"tries\":["
	    "{\"transport\":\"udp\",\"address\":null,"
	    "\"kind\":\"lan\",\"sent\":3,"
	    "\"received\":1,\"first_ms\":2,\"last_ms\":40}],"
	    "\"guessed_udp\":1800,\"guessed_tcp\":0,"
	    "\"refused_tcp\":3,\"tcp_reason\":\"tcp-ports\","
	    "\"advice\":[\"map-own\",\"tcp\"]}\n");
}
END_TEST

START_TEST(every_kind_is_one_line_of_valid_ascii_json)
{
	struct event ev;
	struct rng rng;
	char text[64], *line;
	json_t *o;

	rng_init_test(&rng, test_seed(), "json");
	for (int i = 0; i < 40 * (LAST_KIND + 1); i++) {
		ev = event_of((enum event_kind)(i % (LAST_KIND + 1)));
		rng_fill(&rng, text, sizeof(text));
		ev.text = text;
		ev.len = rng_below(&rng, sizeof(text));
		line = json_event(&ev, WALL);
		ck_assert_ptr_nonnull(line);
		for (const char *p = line; *p != '\0'; p++)
			ck_assert(*p == '\n' ? p[1] == '\0'
			    : *p >= ' '); /* DEL is nothing */
		o = json_loads(line, JSON_ALLOW_NUL, NULL);
		ck_assert_msg(o != NULL, "%s", line);
		ck_assert(json_is_string(json_object_get(o, "event")));
		ck_assert(json_is_number(json_object_get(o, "time")));
		json_decref(o);
		free(line);
	}
}
END_TEST

/* True if the page has the member on a line of the item of that event, as in
 * ".Va peer , key ,". */
static bool
page_has(const char *page, const char *event, const char *member)
{
	char item[64];
	const char *at, *end;
	size_t len = strlen(member);

	snprintf(item, sizeof(item), "\n.It Va %s\n", event);
	at = strstr(page, item);
	ck_assert_msg(at != NULL, "no item %s", event);
	at += strlen(item);
	end = strstr(at, "\n.It Va ");
	for (; at != NULL && (end == NULL || at < end);
	    at = strchr(at, '\n'), at += at != NULL) {
		const char *word = strncmp(at, ".Va ", 4) == 0 ? at + 4 : "";

		for (; *word != '\0' && *word != '\n'; word +=
		    strcspn(word, " \n"), word += *word == ' ')
			if (strncmp(word, member, len) == 0 &&
			    (word[len] == ' ' || word[len] == '\n'))
				return true;
	}
	return false;
}

START_TEST(every_member_is_in_the_page)
{
	const char *top = getenv("srcdir"), *event, *member;
	static char page[1 << 17];
	struct why why = { .tries = NULL };
	struct event ev;
	char path[512], *line;
	json_t *o, *value;
	FILE *f;

	snprintf(path, sizeof(path), "%s/man/gop2p.1", top ? top : ".");
	f = fopen(path, "r");
	must(f != NULL, "there is no %s", path);
	page[fread(page, 1, sizeof(page) - 1, f)] = '\0';
	fclose(f);
	for (int i = 0; i <= LAST_KIND; i++) {
		ev = event_of((enum event_kind)i);
		ev.report = &why;
		ev.presence = PRESENCE_RENAMED;
		line = json_event(&ev, WALL);
		o = json_loads(line, 0, NULL);
		event = json_string_value(json_object_get(o, "event"));
		json_object_foreach(o, member, value)
			ck_assert_msg(strcmp(member, "event") == 0 ||
			    strcmp(member, "time") == 0 ||
			    page_has(page, event, member) ||
			    ((i == EV_STATUS || i == EV_NETCHECK) &&
			    page_has(page, "why", member)),
			    "%s of %s is not in the page", member, event);
		json_decref(o);
		free(line);
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("json");
	TCase *tc = tcase_create("json");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, every_line_has_event_and_time_first);
	tcase_add_test(tc, registration_is_told);
	tcase_add_test(tc, people_are_listed);
	tcase_add_test(tc, requests_are_told);
	tcase_add_test(tc, conversations_are_told);
	tcase_add_test(tc, messages_are_exact);
	tcase_add_test(tc, keys_are_told);
	tcase_add_test(tc, ends_of_commands_are_told);
	tcase_add_test(tc, reports_have_everything);
	tcase_add_test(tc, every_kind_is_one_line_of_valid_ascii_json);
	tcase_add_test(tc, every_member_is_in_the_page);
	suite_add_tcase(s, tc);
	return s;
}
