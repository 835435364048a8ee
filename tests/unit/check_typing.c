/* What is typed: it stays, and goes where it should. */
#include "runner.h"
#include "scene.h"

#include "tui/drafts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct scene s;

static void
setup(void)
{
	scene_init(&s, 24, 80);
	scene_registered(&s);
}

static void
teardown(void)
{
	scene_fini(&s);
}

START_TEST(nothing_that_arrives_touches_what_is_typed)
{
	struct event ev;

	scene_connected(&s, "Bob", TRANSPORT_RELAY);
	scene_type(&s, "half a senten");
	scene_key(&s, "Left");
	scene_message(&s, "Bob", "hello");
	scene_request(&s, "Eve");
	scene_connected(&s, "Carol", TRANSPORT_TCP);
	ev = scene_event(EV_CLIENT, "Bobby");
	ev.presence = PRESENCE_RENAMED;
	snprintf(ev.old_name, sizeof(ev.old_name), "Bob");
	scene_tell(&s, &ev);
	ev = scene_event(EV_TRANSPORT, "Bobby");
	ev.transport = TRANSPORT_UDP;
	scene_tell(&s, &ev);
	ev = scene_event(EV_SERVER, "");
	ev.server = SERVER_LOST;
	scene_tell(&s, &ev);
	ev = scene_event(EV_DISCONNECTED, "Bobby");
	ev.reason = REASON_CLOSED;
	scene_tell(&s, &ev);
	scene_key(&s, "F1");
	scene_key(&s, "Esc");
	scene_resize(&s, 5, 20);
	scene_line_is(&s, "half a senten");
	ck_assert_uint_eq(s.m.edit.text.at, 12);
	ck_assert_int_eq(s.m.shown, 1);
}
END_TEST

START_TEST(each_chat_has_its_own_draft)
{
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_connected(&s, "Carol", TRANSPORT_UDP);
	scene_type(&s, "to Bob");
	scene_key(&s, "Left");
	scene_key(&s, "Alt+2");
	scene_line_is(&s, "");
	scene_type(&s, "to Carol");
	scene_key(&s, "Alt+1");
	scene_line_is(&s, "to Bob");
	ck_assert_uint_eq(s.m.edit.text.at, 5);
	scene_key(&s, "Alt+2");
	scene_line_is(&s, "to Carol");
}
END_TEST

START_TEST(drafts_come_back_from_a_file)
{
	struct str out = { 0 };
	struct scene other;

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_type(&s, "two\\");
	scene_key(&s, "Alt+Enter");
	scene_type(&s, "  lines");
	scene_key(&s, "Alt+0");
	scene_type(&s, "/con");
	scene_key(&s, "Left");
	drafts_write(&s.m, &out);
	ck_assert_str_eq(out.s, "- /co\\|n\nBob two\\\\\\n  lines\n");
	scene_init(&other, 24, 80);
	drafts_read(&other.m, out.s, out.len);
	ck_assert_str_eq(other.m.edit.text.s, "/con");
	ck_assert_uint_eq(other.m.edit.text.at, 3);
	ck_assert_str_eq(model_find(&other.m, "Bob")->draft,
	    "two\\\n  lines");
	scene_fini(&other);
	str_fini(&out);
}
END_TEST

START_TEST(a_damaged_file_of_drafts_does_no_harm)
{
	static const char bad[] = "\n \n@@@ x\nBob\nBob \\\nBob \033[2Jx\n"
	    "Bob \\|\303\\|\251\\|\n- \\|\\|\n-";

	drafts_read(&s.m, bad, sizeof(bad) - 1);
	drafts_read(&s.m, "", 0);
	drafts_read(&s.m, "Bob", 3);
	for (int i = 0; i < MODEL_CHATS_MAX; i++)
		if (s.m.chats[i] != NULL && s.m.chats[i]->draft != NULL)
			ck_assert_ptr_null(strchr(s.m.chats[i]->draft, 27));
}
END_TEST

START_TEST(a_paste_is_never_sent_by_itself)
{
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	model_key(&s.m, s.now, s.wall_s, (struct key){ KEYS_PASTE_BEGIN, 0 });
	scene_type(&s, "one\r/exit\rthree\r");
	model_key(&s.m, s.now, s.wall_s, (struct key){ KEYS_PASTE_END, 0 });
	scene_wait(&s, USEC_S);
	scene_line_is(&s, "one\n/exit\nthree");
	scene_next_is(&s, COMMAND_NONE, "");
	ck_assert(scene_shows(&s, "pasted 3 lines"));
	scene_key(&s, "Ctrl+U");
	scene_line_is(&s, "");
}
END_TEST

START_TEST(a_command_without_its_slash_is_asked_about)
{
	static const char *const slips[] = { " /allow", ".allow", "7/allow" };

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	for (size_t i = 0; i < 3; i++) {
		scene_type(&s, slips[i]);
		scene_key(&s, "Enter");
		scene_next_is(&s, COMMAND_NONE, "");
		scene_line_is(&s, slips[i]);
		scene_key(&s, "Enter");
		scene_next_is(&s, COMMAND_MSG, "Bob");
	}
	scene_type(&s, "7/8 is .875");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_MSG, "Bob");
}
END_TEST

START_TEST(a_text_that_begins_with_another_name_is_asked_about)
{
	static const char *const names[] = { "Bob", "Carol" };

	scene_online(&s, names, 2);
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_type(&s, "/msg carol it is a secret");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_NONE, "");
	scene_line_is(&s, "/msg carol it is a secret");
	ck_assert(scene_shows(&s, "Send this to Bob? Enter does; \"/msg @carol "
	    "...\" goes to carol"));
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_MSG, "Bob");
	scene_type(&s, "/msg @Carol it is a secret");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_MSG, "Carol");
	scene_type(&s, "/msg Bob hello");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_MSG, "Bob");
	scene_type(&s, "/msg Frank is his name");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_MSG, "Bob");
}
END_TEST

START_TEST(words_of_other_clients_are_understood)
{
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_type(&s, "/window 0");
	scene_key(&s, "Enter");
	ck_assert_int_eq(s.m.shown, 0);
	scene_type(&s, "/buffer Bob");
	scene_key(&s, "Enter");
	ck_assert_int_eq(s.m.shown, 1);
	scene_type(&s, "/nick Anna");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_RENAME, "Anna");
	scene_type(&s, "/query Carol");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_CONNECT, "Carol");
}
END_TEST

START_TEST(a_slip_in_a_command_is_guessed)
{
	static const char *const slips[][2] = {
		{ "/hlep", "did you mean \"/help\"?" },
		{ "/retyr", "did you mean \"/retry\"?" },
		{ "/serach", "did you mean \"/search\"?" },
		{ "/conect Bob", "did you mean \"/connect\"?" },
		{ "/nonsense", "\"/help\" lists all" },
	};

	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		scene_type(&s, slips[i][0]);
		scene_key(&s, "Enter");
		ck_assert_msg(scene_shows(&s, slips[i][1]), "%s", slips[i][0]);
		scene_line_is(&s, slips[i][0]);
		scene_key(&s, "Ctrl+U");
	}
}
END_TEST

START_TEST(two_slashes_send_one)
{
	struct command cmd;

	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_type(&s, "//etc");
	scene_key(&s, "Enter");
	cmd = scene_command(&s);
	ck_assert_int_eq(cmd.id, COMMAND_MSG);
	ck_assert_int_eq(strncmp(cmd.text, "/etc", 4), 0);
	ck_assert_uint_eq(cmd.len, 4);
}
END_TEST

START_TEST(without_a_conversation_the_text_stays)
{
	struct event ev = scene_event(EV_DISCONNECTED, "Bob");

	scene_type(&s, "to nobody");
	scene_key(&s, "Enter");
	scene_line_is(&s, "to nobody");
	scene_next_is(&s, COMMAND_NONE, "");
	scene_key(&s, "Ctrl+U");
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_tell(&s, &ev);
	scene_type(&s, "too late");
	scene_key(&s, "Enter");
	scene_line_is(&s, "too late");
	scene_next_is(&s, COMMAND_NONE, "");
}
END_TEST

START_TEST(enter_on_an_empty_line_asks_again)
{
	struct event ev = scene_event(EV_FAILED, "Bob");

	model_connect(&s.m, s.now, "Bob");
	scene_next_is(&s, COMMAND_CONNECT, "Bob");
	scene_asking(&s, "Bob");
	scene_tell(&s, &ev);
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_CONNECT, "Bob");
}
END_TEST

START_TEST(ctrl_c_clears_then_cancels_then_leaves)
{
	model_connect(&s.m, s.now, "Bob");
	scene_command(&s);
	scene_asking(&s, "Bob");
	scene_type(&s, "x");
	scene_key(&s, "Ctrl+C");
	scene_line_is(&s, "");
	scene_next_is(&s, COMMAND_NONE, "");
	scene_key(&s, "Ctrl+C");
	scene_next_is(&s, COMMAND_DISCONNECT, "Bob");
	scene_key(&s, "Alt+0");
	scene_key(&s, "Ctrl+C");
	scene_next_is(&s, COMMAND_NONE, "");
	scene_key(&s, "Ctrl+C");
	scene_next_is(&s, COMMAND_EXIT, "");
}
END_TEST

START_TEST(exit_asks_once_when_something_waits)
{
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_sent(&s, "Bob", "not there yet", 1, false);
	scene_type(&s, "/exit");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_NONE, "");
	ck_assert(scene_shows(&s, "not delivered"));
	scene_type(&s, "/exit");
	scene_key(&s, "Enter");
	scene_next_is(&s, COMMAND_EXIT, "");
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("typing");
	TCase *typing = tcase_create("typing");

	tcase_add_checked_fixture(typing, setup, teardown);
	tcase_add_test(typing, nothing_that_arrives_touches_what_is_typed);
	tcase_add_test(typing, each_chat_has_its_own_draft);
	tcase_add_test(typing, drafts_come_back_from_a_file);
	tcase_add_test(typing, a_damaged_file_of_drafts_does_no_harm);
	tcase_add_test(typing, a_paste_is_never_sent_by_itself);
	tcase_add_test(typing, a_command_without_its_slash_is_asked_about);
	tcase_add_test(typing,
	    a_text_that_begins_with_another_name_is_asked_about);
	tcase_add_test(typing, words_of_other_clients_are_understood);
	tcase_add_test(typing, a_slip_in_a_command_is_guessed);
	tcase_add_test(typing, two_slashes_send_one);
	tcase_add_test(typing, without_a_conversation_the_text_stays);
	tcase_add_test(typing, enter_on_an_empty_line_asks_again);
	tcase_add_test(typing, ctrl_c_clears_then_cancels_then_leaves);
	tcase_add_test(typing, exit_asks_once_when_something_waits);
	suite_add_tcase(suite, typing);
	return suite;
}
