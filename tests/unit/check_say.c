#include "core/act.h"
#include "core/command.h"
#include "core/event.h"
#include "core/text.h"
#include "face/say.h"
#include "rng.h"
#include "runner.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>

static const struct say file = { 0, false };
static const struct say narrow = { 30, false };
static const struct say color = { 80, true };

static struct event
event_of(enum event_kind kind)
{
	struct event ev = { .kind = kind, .peer = "Bob" };

	ev.addr = addr_v4(198, 51, 100, 7, 41234);
	return ev;
}

static void
expect(const struct say *how, const struct event *ev, const char *want)
{
	struct str out = { 0 };

	say_event(&out, how, ev);
	ck_assert_str_eq(out.s == NULL ? "" : out.s, want);
	str_fini(&out);
}

static struct event
message(const char *text)
{
	struct event ev = event_of(EV_MESSAGE);

	ev.text = text;
	ev.len = strlen(text);
	return ev;
}

START_TEST(message_begins_with_its_sender)
{
	struct event ev = message("hello");

	expect(&file, &ev, "Bob: hello\n");
	ev = message("");
	expect(&file, &ev, "Bob: \n");
}
END_TEST

START_TEST(another_peer_is_said_where_there_was_one)
{
	struct event ev = event_of(EV_CURRENT);

	expect(&file, &ev, "");
	strcpy(ev.old_name, "Carol");
	expect(&file, &ev, "* \"msg\" goes to Bob now, not to Carol.\n");
	ev.peer[0] = '\0';
	expect(&file, &ev, "");
}
END_TEST

START_TEST(further_lines_of_a_message_are_indented)
{
	struct event ev = message("one\nCarol: two\r\n\n* three");

	expect(&file, &ev, "Bob: one\n  Carol: two\n  \n  * three\n");
}
END_TEST

START_TEST(wrapped_rows_of_a_message_are_indented)
{
	struct event ev = message("0123456789 0123456789 Carol: fake");

	expect(&narrow, &ev, "Bob: 0123456789 0123456789 \n"
	    "  Carol: fake\n");
	ev = message("0123456789012345678901234567890123456789");
	expect(&narrow, &ev, "Bob: \n  0123456789012345678901234567\n"
	    "  890123456789\n");
	ev = message("\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57"
	    "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57");
	expect(&narrow, &ev, "Bob: \n  \u6f22\u5b57\u6f22\u5b57\u6f22\u5b57"
	    "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\n");
}
END_TEST

START_TEST(text_is_made_harmless)
{
	struct event ev = message("\033[2Ja\007\u202eb\x9b" "c");

	expect(&file, &ev, "Bob: \ufffd[2Ja\ufffd<U+202E>b\ufffdc\n");
	strcpy(ev.peer, "B\033b");
	expect(&file, &ev, "B\ufffdb: \ufffd[2Ja\ufffd<U+202E>b\ufffdc\n");
}
END_TEST

START_TEST(colors_are_only_used_when_asked_for)
{
	struct event ev = message("hello");

	expect(&color, &ev, "\033[1mBob: \033[0mhello\n");
	ev = event_of(EV_ERROR);
	ev.text = "It failed.";
	ev.len = 10;
	expect(&color, &ev, "\033[1;31m! \033[0mIt failed.\n");
	expect(&file, &ev, "! It failed.\n");
}
END_TEST

START_TEST(errors_say_what_why_and_what_next)
{
	struct event ev = event_of(EV_ERROR);

	ev.command = COMMAND_CONNECT;
	ev.reason = REASON_UNKNOWN_NAME;
	expect(&file, &ev, "! connect Bob: nobody online has that name. "
	    "'all' shows who is online.\n");
	ev.command = COMMAND_NONE;
	ev.reason = REASON_SERVER_STORE;
	strcpy(ev.old_name, "Bob"); /* what is free is what was asked for */
	expect(&file, &ev, "! Bob: the server cannot save names at the "
	    "moment. Tell its operator; try again later.\n");
	strcpy(ev.old_name, "Bob2");
	expect(&file, &ev, "! Bob: the server cannot save names at the "
	    "moment. Tell its operator; try again later. Free is Bob2.\n");
	ev = event_of(EV_FAILED);
	ev.reason = REASON_TIMEOUT;
	expect(&file, &ev, "* No conversation with Bob: nobody answered in "
	    "60 s. They may be away: 'connect NAME' asks again.\n");
}
END_TEST

START_TEST(requests_name_the_key_and_the_answers)
{
	struct event ev = event_of(EV_REQUEST);

	ev.ms = 60000;
	expect(&file, &ev, "* Bob asks for a conversation: key "
	    "CSM7-NBFR-CAYQ-EV4F-R65R-X7WE, NEW.\n"
	    "  \"allow Bob\" or \"deny Bob\", within 60 s.\n");
}
END_TEST

#define ALIKE "! That name looks like Rob, whom you know with another " \
	"key.\n  This one has EB6P-X112-RG3Z-PV89-GT8F-24RB.\n"

START_TEST(names_that_look_alike_are_told_with_the_key)
{
	struct person one = { .name = "R0b", .lookalike = "Rob" };
	struct event ev = event_of(EV_REQUEST);

	memset(ev.key, 1, KEY_LEN);
	ev.ms = 60000;
	strcpy(ev.lookalike, "Rob");
	expect(&file, &ev, "* Bob asks for a conversation: key "
	    "EB6P-X112-RG3Z-PV89-GT8F-24RB, NEW.\n" ALIKE
	    "  \"allow Bob\" or \"deny Bob\", within 60 s.\n");
	ev.kind = EV_CONNECTING;
	ev.code = "asking";
	expect(&file, &ev, "* Asking Bob, who has 60 s to answer ...\n"
	    ALIKE);
	ev.kind = EV_CLIENT;
	ev.presence = PRESENCE_RENAMED;
	ev.known = true;
	strcpy(ev.old_name, "Tim");
	expect(&file, &ev, "* Tim is called Bob now.\n" ALIKE);
	memset(ev.key, 0, KEY_LEN);
	expect(&file, &ev, "* Tim is called Bob now.\n"
	    "! That name looks like Rob, whom you know with another key.\n"
	    "  This one has 0000-0000.\n");
	ev = event_of(EV_CLIENTS);
	ev.list = &one;
	ev.count = 1;
	expect(&file, &ev, "* 1 other is online:\n"
	    "  R0b                   0000-0000  0 s, NEW\n"
	    "! R0b looks like Rob, whom you know with another key.\n");
}
END_TEST

START_TEST(a_number_that_was_compared_need_not_be_again)
{
	struct event ev = event_of(EV_VERIFY);

	ev.text = "123 456";
	ev.len = 7;
	expect(&file, &ev, "* The safety number with Bob, not verified yet:\n"
	    "    123\n    456\n"
	    "  Compare it by telephone or in person. The same on both "
	    "sides: \"verify Bob yes\". Different: \"verify Bob no\".\n");
	ev.verified = true;
	expect(&file, &ev, "* The safety number with Bob, which you "
	    "verified:\n    123\n    456\n"
	    "  If Bob sees another one after all: \"verify Bob no\".\n");
}
END_TEST

START_TEST(conversation_is_told_from_beginning_to_end)
{
	struct event ev = event_of(EV_CONNECTED);

	ev.transport = TRANSPORT_RELAY;
	ev.ms = 1234;
	ev.known = ev.verified = true;
	expect(&file, &ev, "* Connected to Bob over the relay at "
	    "198.51.100.7:41234 after 1.2 s. Key "
	    "CSM7-NBFR-CAYQ-EV4F-R65R-X7WE, verified.\n");
	ev = event_of(EV_TRANSPORT);
	ev.transport = TRANSPORT_UDP;
	ev.reason = REASON_PATH_BETTER;
	expect(&file, &ev, "* Bob: now over UDP 198.51.100.7:41234, a better "
	    "path was found.\n");
	ev.transport = TRANSPORT_TCP;
	ev.reason = REASON_LOSSY;
	ev.loss_permille = 124;
	expect(&file, &ev, "* Bob: now over TCP 198.51.100.7:41234, UDP loses "
	    "12 %.\n");
	ev = event_of(EV_DISCONNECTED);
	ev.reason = REASON_CLOSED;
	expect(&file, &ev, "* The conversation with Bob has ended: the other "
	    "side ended the conversation. 'connect NAME' asks for a new "
	    "one.\n");
	ev = event_of(EV_UNDELIVERED);
	ev.reason = REASON_LEFT;
	ev.text = "lost\nwords";
	ev.len = 10;
	expect(&file, &ev, "* Not delivered to Bob (the conversation was ended "
	    "here): lost\n  words\n");
}
END_TEST

START_TEST(people_stand_in_columns)
{
	static const struct person list[] = {
		{ .name = "Bob", .since_s = 59 },
		{ .name = "\u6f22\u5b57", .since_s = 7300, .known = true,
		    .blocked = true },
	};
	struct event ev = event_of(EV_CLIENTS);

	ev.list = list;
	ev.count = 2;
	expect(&file, &ev, "* 2 others are online:\n"
	    "  Bob                   0000-0000  59 s, NEW\n"
	    "  \u6f22\u5b57                  0000-0000  2 h, known, "
	    "blocked\n");
	ev.count = 0;
	ev.text = "x";
	ev.len = 1;
	expect(&file, &ev, "* Nobody else is online whose name begins with "
	    "\"x\".\n");
}
END_TEST

START_TEST(programs_events_say_nothing)
{
	struct event ev = event_of(EV_DONE);

	ev.ok = true;
	ev.command = COMMAND_MSG;
	expect(&file, &ev, "");
	ev.command = COMMAND_BLOCK; /* has no other answer */
	expect(&file, &ev, "* Done.\n");
	ev = event_of(EV_QUEUED);
	expect(&file, &ev, "");
	ev = event_of(EV_EXIT);
	expect(&file, &ev, "");
}
END_TEST

START_TEST(anything_said_is_clean_and_fits)
{
	struct event ev;
	struct rng rng;
	struct str out = { 0 };
	char text[300];

	rng_init_test(&rng, test_seed(), "say");
	for (int i = 0; i < 3000; i++) {
		char *row, *next, *clean;

		ev = message("");
		rng_fill(&rng, text, sizeof(text));
		for (size_t j = 0; j < sizeof(text); j++)
			if (rng_below(&rng, 2) == 0)
				text[j] &= 0x7f;
		ev.text = text;
		ev.len = rng_below(&rng, sizeof(text));
		ev.kind = (enum event_kind)rng_below(&rng, EV_EXIT + 1);
		str_reset(&out);
		say_event(&out, &narrow, &ev);
		ck_assert(!out.bad);
		if (out.len == 0)
			continue;
		clean = malloc(text_clean_max(out.len));
		ck_assert_uint_eq(text_clean(out.s, out.len, clean,
		    text_clean_max(out.len)), out.len);
		free(clean);
		for (row = out.s; *row != '\0'; row = next) {
			next = strchr(row, '\n') + 1;
			ck_assert_uint_le(text_width(row,
			    (size_t)(next - 1 - row)), 30);
		}
	}
	str_fini(&out);
}
END_TEST

START_TEST(netcheck_tells_what_can_be_foreseen)
{
	struct why why = { .own_nat = NAT_APDM, .own_step = 2,
		.own_public = addr_v4(203, 0, 113, 7, 50000) };
	struct event ev = event_of(EV_NETCHECK);

	ev.report = &why;
	expect(&file, &ev, "* The server sees you at 203.0.113.7:50000.\n"
	    "  Your NAT: another port for every destination (hard).\n"
	    "  It counts: the next port is 2 further, and can be foreseen.\n"
	    "  What to expect of a conversation with\n"
	    "  - most homes: directly, within about a second\n"
	    "  - NATs that count ports: directly, within about a second\n"
	    "  - NATs with random ports: through the server\n"
	    "  - networks without UDP: directly, within about a second\n");
}
END_TEST

START_TEST(netcheck_tells_a_silent_server_from_one_without_udp)
{
	struct why why = { .reason = REASON_NONE };
	struct event ev = event_of(EV_NETCHECK);

	ev.addr = (struct addr) { 0 };
	ev.report = &why;
	expect(&file, &ev, "* You are not registered: the server has not told "
	    "how it sees you.\n");
	ev.addr = addr_v4(203, 0, 113, 10, 9000);
	expect(&file, &ev,
	    "* The server at 203.0.113.10:9000 has not answered.\n");
	why.reason = REASON_UDP_BLOCKED;
	expect(&file, &ev,
	    "* The server at 203.0.113.10:9000 answers by TCP only.\n"
	    "  Trouble: no UDP comes through. 'tcp' may work; else ask whoever "
	    "runs the firewall.\n"
	    "  What to expect of a conversation with\n"
	    "  - most homes: directly, within about a second\n"
	    "  - NATs that count ports: directly, within about a second\n"
	    "  - NATs with random ports: directly in some seconds, by guessing "
	    "ports\n"
	    "  - networks without UDP: directly, within about a second\n");
}
END_TEST

START_TEST(netcheck_tells_how_far_the_nats_reach)
{
	struct why why = { .own_depth = 1,
		.own_public = addr_v4(203, 0, 113, 7, 50000),
		.hops = { addr_v4(192, 168, 1, 1, 0) } };
	struct event ev = event_of(EV_NETCHECK);

	ev.report = &why;
	expect(&file, &ev, "* The server sees you at 203.0.113.7:50000.\n"
	    "  On the way to the internet: 1 router (192.168.1.1).\n");
	why.own_depth = 3;
	why.hops[2] = addr_v4(100, 64, 0, 1, 0);
	expect(&file, &ev, "* The server sees you at 203.0.113.7:50000.\n"
	    "  On the way to the internet: 3 routers (192.168.1.1, a silent "
	    "one, 100.64.0.1), a carrier's NAT among them.\n");
}
END_TEST

START_TEST(netcheck_tells_how_long_a_mapping_is_kept)
{
	struct why why = { .alive_s = 13, .dead_s = 18, .beat_s = 13,
		.own_public = addr_v4(203, 0, 113, 7, 50000) };
	struct event ev = event_of(EV_NETCHECK);

	ev.report = &why;
	expect(&file, &ev, "* The server sees you at 203.0.113.7:50000.\n"
	    "  A mapping that is not used is kept for 13 to 18 s: something "
	    "is sent every 13 s.\n");
	why.alive_s = 0;
	why.beat_s = 6;
	expect(&file, &ev, "* The server sees you at 203.0.113.7:50000.\n"
	    "  A mapping that is not used is kept for less than 18 s: "
	    "something is sent every 6 s.\n");
	why.alive_s = 118;
	why.dead_s = 0;
	why.beat_s = 25;
	expect(&file, &ev, "* The server sees you at 203.0.113.7:50000.\n"
	    "  A mapping that is not used is kept for 118 s or longer: "
	    "something is sent every 25 s.\n");
}
END_TEST

START_TEST(netcheck_tells_what_the_router_gave)
{
	struct why why = { .own_public = addr_v4(203, 0, 113, 7, 50000) };
	struct mapping_report *m = &why.mappings[MAPPING_V4];
	struct event ev = event_of(EV_NETCHECK);

	ev.report = &why;
	expect(&file, &ev, "* The server sees you at 203.0.113.7:50000.\n");
	*m = (struct mapping_report) { .state = MAPPING_OPEN,
		.protocol = MAPPING_BY_NATPMP, .lifetime_s = 7200,
		.udp = addr_v4(203, 0, 113, 7, 9001) };
	expect(&file, &ev, "* The server sees you at 203.0.113.7:50000.\n"
	    "  Port mapping: NAT-PMP, 203.0.113.7:9001 for 2 h.\n"
	    "  What to expect of a conversation with\n"
	    "  - most homes: directly, at once\n"
	    "  - NATs that count ports: directly, at once\n"
	    "  - NATs with random ports: directly, at once\n"
	    "  - networks without UDP: directly, within about a second\n");
	*m = (struct mapping_report) { .state = MAPPING_REFUSED };
	expect(&file, &ev, "* The server sees you at 203.0.113.7:50000.\n"
	    "  Port mapping: the router refuses it (its settings may allow "
	    "it).\n");
	*m = (struct mapping_report) { .state = MAPPING_NONE };
	expect(&file, &ev, "* The server sees you at 203.0.113.7:50000.\n"
	    "  Port mapping: the router offers none (UPnP or NAT-PMP in its "
	    "settings).\n");
	/* A firewall of IPv6 that opens nothing is nothing to talk about. */
	*m = (struct mapping_report) { .state = MAPPING_OFF };
	why.mappings[MAPPING_V6].state = MAPPING_NONE;
	expect(&file, &ev, "* The server sees you at 203.0.113.7:50000.\n");
	why.own_nat = NAT_APDM | FILTER_APDF << 4;
	expect(&file, &ev, "* The server sees you at 203.0.113.7:50000.\n"
	    "  Your NAT: another port for every destination (hard); only "
	    "answers come in.\n"
	    "  What to expect of a conversation with\n"
	    "  - most homes: directly in some seconds, by guessing ports\n"
	    "  - NATs that count ports: through the server\n"
	    "  - NATs with random ports: through the server\n"
	    "  - networks without UDP: directly in some seconds, by guessing "
	    "ports\n");
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("say");
	TCase *tc = tcase_create("say");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, message_begins_with_its_sender);
	tcase_add_test(tc, another_peer_is_said_where_there_was_one);
	tcase_add_test(tc, further_lines_of_a_message_are_indented);
	tcase_add_test(tc, wrapped_rows_of_a_message_are_indented);
	tcase_add_test(tc, text_is_made_harmless);
	tcase_add_test(tc, colors_are_only_used_when_asked_for);
	tcase_add_test(tc, errors_say_what_why_and_what_next);
	tcase_add_test(tc, requests_name_the_key_and_the_answers);
	tcase_add_test(tc, names_that_look_alike_are_told_with_the_key);
	tcase_add_test(tc, a_number_that_was_compared_need_not_be_again);
	tcase_add_test(tc, conversation_is_told_from_beginning_to_end);
	tcase_add_test(tc, netcheck_tells_what_can_be_foreseen);
	tcase_add_test(tc, netcheck_tells_a_silent_server_from_one_without_udp);
	tcase_add_test(tc, netcheck_tells_how_far_the_nats_reach);
	tcase_add_test(tc, netcheck_tells_how_long_a_mapping_is_kept);
	tcase_add_test(tc, netcheck_tells_what_the_router_gave);
	tcase_add_test(tc, people_stand_in_columns);
	tcase_add_test(tc, programs_events_say_nothing);
	tcase_add_test(tc, anything_said_is_clean_and_fits);
	suite_add_tcase(s, tc);
	return s;
}
