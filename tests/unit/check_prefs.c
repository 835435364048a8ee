/* Settings, their file, and what the mouse does. */
#include "runner.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct scene s;

static void
set_up(void)
{
	static const char *const names[] = { "Bob", "Carol", "Frank" };

	scene_init(&s, 24, 80);
	scene_registered(&s);
	scene_online(&s, names, 3);
	scene_connected(&s, "Bob", TRANSPORT_UDP);
}

static void
tear_down(void)
{
	scene_fini(&s);
}

static void
enter(const char *line)
{
	scene_key(&s, "Ctrl+U");
	scene_type(&s, line);
	scene_key(&s, "Enter");
}

/* The settings that are to be kept, if any. */
static const char *
kept(void)
{
	static char text[1024];
	const char *found = NULL;
	struct deed d;

	while (model_next(&s.m, &d)) {
		if (d.kind == DEED_KEEP) {
			snprintf(text, sizeof(text), "%s", d.text);
			found = text;
		}
		free(d.text);
	}
	return found;
}

static void
read_all(const char *text)
{
	model_read_prefs(&s.m, text, strlen(text));
}

/* ---- words ---- */

START_TEST(a_setting_takes_effect_and_is_kept)
{
	enter("/set theme light");
	ck_assert_int_eq(s.m.theme, THEME_LIGHT);
	ck_assert_str_eq(kept(), "theme = light\n");
	enter("/set times seconds");
	ck_assert_str_eq(kept(), "theme = light\ntimes = seconds\n");
	ck_assert(scene_shows(&s, "14:20:00  *"));
	enter("/set theme auto");
	ck_assert_str_eq(kept(), "times = seconds\n");
	ck_assert_int_eq(s.m.theme, THEME_DARK);
}
END_TEST

START_TEST(what_makes_no_sense_says_what_does)
{
	enter("/set theme pink");
	ck_assert(scene_shows(&s, "theme is auto; it can be auto, dark, light, "
	    "mono or contrast"));
	enter("/set themes dark");
	ck_assert(scene_shows(&s, "There is no setting \"themes\""));
	enter("/set notify");
	ck_assert(scene_shows(&s, "notify is bell; it can be off, bell, osc9 "
	    "or osc777"));
	ck_assert_ptr_null(kept());
}
END_TEST

START_TEST(all_settings_are_on_one_page)
{
	enter("/set");
	for (int i = 0; i < PREF_COUNT; i++)
		ck_assert(scene_shows(&s, prefs_help((enum pref)i)));
}
END_TEST

START_TEST(old_commands_are_settings_too)
{
	enter("/clock");
	ck_assert_str_eq(kept(), "clock = off\n");
	enter("/clock on");
	ck_assert_str_eq(kept(), "");
	enter("/notify off");
	ck_assert_int_eq(s.m.alert.way, ALERT_OFF);
	enter("/mouse");
	ck_assert_str_eq(kept(), "mouse = on\nnotify = off\n");
}
END_TEST

START_TEST(what_was_kept_is_there_again)
{
	read_all("theme = contrast\nlist = off\ncolour = red\nclock = maybe\n"
	    "\n= = =\nnotify = osc9\nbind Alt+W end\nbind Alt+U none\n"
	    "bind F12 go 12\nbind x\n");
	ck_assert_int_eq(s.m.theme, THEME_CONTRAST);
	ck_assert(!s.m.list_on);
	ck_assert_int_eq(s.m.alert.way, ALERT_OSC9);
	ck_assert_uint_eq(s.m.prefs.word[PREF_CLOCK], PREF_ON);
	enter("/bind Alt+W top");
	ck_assert_str_eq(kept(), "list = off\nnotify = osc9\n"
	    "theme = contrast\nbind Alt+W top\nbind F12 go 12\n"
	    "bind Alt+U none\n");
}
END_TEST

START_TEST(every_key_can_be_bound_to_everything)
{
	scene_type(&s, "one two three");
	scene_key(&s, "Alt+W");
	ck_assert_str_eq(s.m.edit.text.s, "one two three");
	enter("/bind Alt+W cut-word-back");
	enter("/bind Ctrl+W none");
	enter("/bind Ctrl+P older");
	ck_assert_str_eq(kept(), "bind Ctrl+P older\nbind Alt+W "
	    "cut-word-back\nbind Ctrl+W none\n");
	scene_type(&s, "one two three");
	scene_key(&s, "Ctrl+W");
	ck_assert_str_eq(s.m.edit.text.s, "one two three");
	scene_key(&s, "Alt+W");
	ck_assert_str_eq(s.m.edit.text.s, "one two ");
	scene_key(&s, "Ctrl+P");
	ck_assert_str_eq(s.m.edit.text.s, "/bind Ctrl+P older");
	enter("/bind Alt+W usual");
	enter("/bind Ctrl+W usual");
	enter("/bind Ctrl+P usual");
	ck_assert_str_eq(kept(), "");
	read_all("bind Alt+W cut-word-back\nbind a help\nbind Enter help\n");
	scene_type(&s, "a b");
	scene_key(&s, "Alt+W");
	ck_assert_str_eq(s.m.edit.text.s, "a ");
}
END_TEST

START_TEST(a_wrong_binding_says_what_is_wrong)
{
	static const char *const lines[][2] = {
		{ "/bind Strg+W end", "There is no key \"Strg+W\"" },
		{ "/bind Alt+W ende", "There is no action \"ende\": Tab" },
		{ "/bind Alt+W go", "/bind KEY go NUMBER" },
		{ "/bind x help", "x stays as it is" },
		{ "/bind Enter help", "Enter stays as it is" },
		{ "/bind Alt+A", "Alt+A: next request or unread, then back." },
		{ "/bind Home", "Home: start of the line." },
		{ "/bind Ctrl+Q", "Ctrl+Q: nothing." },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		enter(lines[i][0]);
		ck_assert_msg(scene_shows(&s, lines[i][1]), "%s", lines[i][0]);
		ck_assert_str_eq(s.m.edit.text.s, lines[i][0]);
	}
	ck_assert_ptr_null(kept());
}
END_TEST

START_TEST(keys_are_shown_as_they_are_bound)
{
	scene_resize(&s, 100, 80);
	enter("/keys");
	ck_assert(scene_shows(&s, "Alt+1..9, Alt+0      chat of that number"));
	ck_assert(scene_shows(&s, "Ctrl+A, Home         start of the line "
	    "(line-start)"));
	ck_assert(!scene_shows(&s, "(older)"));
	enter("/bind Alt+1 help");
	enter("/bind F12 go 12");
	enter("/bind Home none");
	enter("/bind F9 line-start");
	enter("/bind F11 older");
	enter("/bind");
	ck_assert(!scene_shows(&s, "Alt+1..9"));
	ck_assert(scene_shows(&s, "Alt+2                chat 2 (go 2)"));
	ck_assert(scene_shows(&s, "F12                  chat 12 (go 12)"));
	ck_assert(scene_shows(&s, "F1, Alt+1 ") || scene_shows(&s,
	    "Alt+1, F1 "));
	ck_assert(scene_shows(&s, "Ctrl+A, F9           start of the line"));
	ck_assert(scene_shows(&s, "F11                  older line"));
}
END_TEST

/* A bar with keys that do something else now would be a trap. */
START_TEST(the_bar_shows_the_keys_that_answer)
{
	scene_request(&s, "Eve");
	ck_assert(scene_shows(&s, "Alt+Y allow  Alt+N deny  Alt+I info"));
	enter("/bind Alt+Y none");
	enter("/bind Alt+I none");
	enter("/bind F4 none");
	enter("/bind Alt+N end");
	ck_assert(scene_shows(&s, "F2 allow  F3 deny"));
	ck_assert(!scene_shows(&s, "info"));
	scene_resize(&s, 12, 40);
	ck_assert(scene_shows(&s, "F2 yes F3 no"));
	scene_resize(&s, 5, 20);
	ck_assert(scene_shows(&s, "F2 / F3"));
	enter("/bind Ctrl+O allow");
	enter("/bind F2 none");
	enter("/bind Ctrl+G deny");
	enter("/bind F3 none");
	ck_assert(scene_shows(&s, "Ctrl+O / G"));
	enter("/requests");
	scene_key(&s, "Esc");
	scene_resize(&s, 24, 80);
	model_page_wishes(&s.m);
	ck_assert(scene_shows(&s, "Ctrl+O   /allow Eve"));
}
END_TEST

START_TEST(help_names_the_keys_that_are_bound)
{
	scene_resize(&s, 100, 140);
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	scene_key(&s, "Alt+1");
	enter("/bind F12 verify");
	enter("/bind Alt+V none");
	enter("/bind F8 none");
	ck_assert(scene_shows(&s, "F12 compares keys"));
	enter("/bind F12 none");
	ck_assert(scene_shows(&s, "/bind KEY verify"));
	enter("/bind F9 list");
	enter("/bind Alt+S none");
	enter("/bind F6 none");
	ck_assert(scene_shows(&s, "F1 help  F9 lists  Alt+L bare"));
	ck_assert(scene_shows(&s, "Ctrl+R search"));
	enter("/bind F10 history");
	enter("/bind Ctrl+R none");
	ck_assert(scene_shows(&s, "F10 search"));
	enter("/bind Alt+1 none");
	enter("/help");
	ck_assert(scene_shows(&s, "/go NUMBER chats"));
	ck_assert(scene_shows(&s, "list of chats on or off (F9)"));
}
END_TEST

START_TEST(tab_knows_actions)
{
	scene_type(&s, "/bind Alt+W unr");
	scene_key(&s, "Tab");
	ck_assert_str_eq(s.m.edit.text.s, "/bind Alt+W unread ");
	scene_key(&s, "Ctrl+U");
	scene_type(&s, "/bind unr");
	scene_key(&s, "Tab");
	ck_assert_str_eq(s.m.edit.text.s, "/bind unr");
}
END_TEST

START_TEST(what_the_command_line_says_is_not_kept)
{
	s.m.prefs.word[PREF_LIST] = PREF_OFF;
	enter("/set clock off");
	ck_assert_str_eq(kept(), "clock = off\n");
}
END_TEST

START_TEST(tab_knows_settings_and_their_words)
{
	scene_type(&s, "/set th");
	scene_key(&s, "Tab");
	ck_assert_str_eq(s.m.edit.text.s, "/set theme ");
	scene_type(&s, "con");
	scene_key(&s, "Tab");
	ck_assert_str_eq(s.m.edit.text.s, "/set theme contrast ");
	scene_key(&s, "Ctrl+U");
	scene_type(&s, "/notify osc7");
	scene_key(&s, "Tab");
	ck_assert_str_eq(s.m.edit.text.s, "/notify osc777 ");
}
END_TEST

/* ---- colours ---- */

START_TEST(auto_is_as_the_terminal_is)
{
	model_colors(&s.m, true, true);
	ck_assert_int_eq(s.m.theme, THEME_LIGHT);
	model_colors(&s.m, true, false);
	ck_assert_int_eq(s.m.theme, THEME_DARK);
	enter("/theme contrast");
	model_colors(&s.m, true, true);
	ck_assert_int_eq(s.m.theme, THEME_CONTRAST);
}
END_TEST

START_TEST(without_colours_every_theme_is_mono)
{
	s.m.is_color_refused = true;
	model_colors(&s.m, false, false);
	ck_assert_int_eq(s.m.theme, THEME_MONO);
	enter("/theme light");
	ck_assert_int_eq(s.m.theme, THEME_MONO);
	ck_assert(scene_shows(&s, "NO_COLOR is set"));
}
END_TEST

START_TEST(variable_of_old_terminals_is_understood)
{
	static const struct { const char *value; bool is_known, is_light; }
	rows[] = {
		{ "15;0", true, false }, { "0;15", true, true },
		{ "0;default;7", true, true }, { "7;8", true, false },
		{ "0;9", true, true }, { "15;6", true, false },
		{ "15;default", false, false }, { "0;16", false, false },
		{ "15", false, false }, { "", false, false },
		{ NULL, false, false }, { "0;1x", false, false },
	};
	bool is_light;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		is_light = false;
		ck_assert_int_eq(model_colorfgbg(rows[i].value, &is_light),
		    rows[i].is_known);
		ck_assert_int_eq(is_light, rows[i].is_light);
	}
}
END_TEST

START_TEST(term_says_what_the_terminal_can)
{
	struct terminal *t = &s.m.terminal;

	snprintf(t->name, sizeof(t->name), "xterm");
	snprintf(t->around, sizeof(t->around), "tmux");
	snprintf(t->background, sizeof(t->background), "nothing says so");
	t->colors = 8;
	enter("/term");
	ck_assert(scene_shows(&s, "TERM        xterm, inside tmux"));
	ck_assert(scene_shows(&s, "tmux wants TERM to be tmux-256color"));
	ck_assert(scene_shows(&s, "Size        80 columns, 24 rows"));
	ck_assert(scene_shows(&s, "Colours     8"));
	ck_assert(scene_shows(&s, "Theme       dark: nothing says so"));
	s.m.has_answered = true;
	snprintf(t->name, sizeof(t->name), "tmux-256color");
	enter("/term");
	ck_assert(!scene_shows(&s, "wants TERM"));
	ck_assert(scene_shows(&s, "Theme       dark: the terminal says so"));
}
END_TEST

/* Of the fonts of Debian's console-setup all have a bar, and none a tick. */
START_TEST(consoles_show_no_ticks)
{
	scene_sent(&s, "Bob", "hello", 1, true);
	ck_assert(scene_shows(&s, "✓✓"));
	snprintf(s.m.terminal.name, sizeof(s.m.terminal.name), "linux-16color");
	model_apply(&s.m, PREF_SYMBOLS);
	ck_assert(scene_shows(&s, "++"));
	ck_assert(!scene_shows(&s, "✓"));
	ck_assert(scene_shows(&s, "│"));
	enter("/term");
	ck_assert(scene_shows(&s, "UTF-8, but a font without ticks"));
	enter("/set symbols all");
	scene_key(&s, "Esc");
	ck_assert(scene_shows(&s, "✓✓"));
	ck_assert_str_eq(kept(), "symbols = all\n");
	enter("/set symbols few");
	ck_assert(scene_shows(&s, "++"));
}
END_TEST

/* Six columns each, whatever they are made of. */
START_TEST(term_shows_widths_that_end_under_each_other)
{
	enter("/term");
	scene_resize(&s, 40, 80);
	for (int i = 0; i < 4; i++) {
		static const char *const texts[] = { "abcdef|", "漢字漢|",
			"äöüe\u0301a\u0308o|", "👍😀🚀|" };

		ck_assert(scene_shows(&s, texts[i]));
		ck_assert_int_eq(grid_width(texts[i]), 7);
	}
}
END_TEST

START_TEST(log_is_off_until_it_is_wanted_and_says_where_it_is)
{
	snprintf(s.m.log_path, sizeof(s.m.log_path), "/home/ann/messages");
	ck_assert_uint_eq(s.m.prefs.word[PREF_LOG], PREF_OFF);
	enter("/log");
	ck_assert(scene_shows(&s, "/home/ann/messages"));
	ck_assert_str_eq(kept(), "log = on\n");
	enter("/log off");
	ck_assert(scene_shows(&s, "Nothing is written any more."));
	ck_assert_str_eq(kept(), "");
}
END_TEST

/* ---- the title of the window ---- */

static const char *
title(bool is_ascii)
{
	static char text[VIEW_WINDOW];

	view_window(&s.m, is_ascii, text);
	return text;
}

START_TEST(title_says_who_and_how_many)
{
	model_show(&s.m, s.now, 0);
	ck_assert_str_eq(title(false), "gop2p");
	scene_message(&s, "Bob", "one");
	scene_message(&s, "Bob", "two");
	ck_assert_str_eq(title(false), "gop2p (2)");
	model_show(&s.m, s.now, 1);
	ck_assert_str_eq(title(false), "gop2p Bob");
	scene_request(&s, "Eve");
	ck_assert_str_eq(title(false), "gop2p Eve asks");
}
END_TEST

/* Even if a name were not clean. */
START_TEST(title_takes_nothing_that_a_terminal_obeys)
{
	struct chat *c = s.m.chats[1];

	model_show(&s.m, s.now, 1);
	for (unsigned byte = 1; byte < 256; byte++) {
		snprintf(c->name, NAME_SIZE, "a%c]2;x%c\\", (int)byte, 27);
		for (const char *p = title(false); *p != '\0'; p++)
			ck_assert((unsigned char)*p >= ' ' && *p != 0x7f &&
			    !((unsigned char)*p == 0xc2 &&
			    (unsigned char)p[1] < 0xa0));
		for (const char *p = title(true); *p != '\0'; p++)
			ck_assert(*p >= ' ' && *p < 0x7f);
	}
	snprintf(c->name, NAME_SIZE, "\u202eevil\xc2\x85");
	ck_assert_str_eq(title(false), "gop2p <U+202E>evil\ufffd");
}
END_TEST

/* ---- the mouse ---- */

/* A click on the text, wherever on the screen it stands first. */
static void
click(const char *text)
{
	const char *screen = scene_draw(&s), *at = strstr(screen, text);
	int row = 0, col = 0;

	must(at != NULL, "no %s on the screen", text);
	for (const char *p = screen; p < at; p++) {
		/* Bytes that go on with a character take no column. */
		col += ((unsigned char)*p & 0xc0) != 0x80;
		if (*p == '\n')
			row++, col = 0;
	}
	model_click(&s.m, s.now, s.wall_s, row, col);
}

START_TEST(a_click_goes_to_a_chat)
{
	scene_connected(&s, "Carol", TRANSPORT_TCP);
	click("2 Carol");
	ck_assert_int_eq(s.m.shown, 2);
	click("0 home");
	ck_assert_int_eq(s.m.shown, 0);
	click("1 Bob");
	ck_assert_int_eq(s.m.shown, 1);
	model_click(&s.m, s.now, s.wall_s, 12, 40);
	model_click(&s.m, s.now, s.wall_s, 500, 500);
	ck_assert_int_eq(s.m.shown, 1);
}
END_TEST

START_TEST(a_click_asks_nobody_by_itself)
{
	click("+ Frank");
	ck_assert_int_eq(scene_command(&s).id, COMMAND_NONE);
	ck_assert_str_eq(s.m.edit.text.s, "/connect Frank");
	scene_key(&s, "Ctrl+U");
	scene_type(&s, "draft");
	click("+ Frank");
	ck_assert_str_eq(s.m.edit.text.s, "draft");
}
END_TEST

START_TEST(a_click_answers_once_the_request_is_armed)
{
	scene_request(&s, "Eve");
	click("allow");
	ck_assert_int_eq(scene_command(&s).id, COMMAND_NONE);
	scene_wait(&s, USEC_S);
	click("Alt+I");
	ck_assert(scene_shows(&s, "Eve asks for a conversation."));
	scene_key(&s, "Esc");
	click("deny");
	ck_assert_int_eq(scene_command(&s).id, COMMAND_DENY);
	scene_request(&s, "Eve");
	scene_wait(&s, USEC_S);
	click("allow");
	ck_assert_int_eq(scene_command(&s).id, COMMAND_ALLOW);
}
END_TEST

START_TEST(the_wheel_scrolls_three_rows)
{
	struct key up = { KEYS_WHEEL_UP, 0 }, down = { KEYS_WHEEL_DOWN, 0 };

	for (int i = 0; i < 50; i++)
		scene_message(&s, "Bob", i < 47 ? "old" : i == 47 ? "edge" :
		    "new");
	scene_draw(&s);
	model_key(&s.m, s.now, s.wall_s, up);
	ck_assert(!scene_shows(&s, "edge"));
	ck_assert(scene_shows(&s, "MORE 3"));
	model_key(&s.m, s.now, s.wall_s, down);
	ck_assert(scene_shows(&s, "edge"));
	ck_assert(!scene_shows(&s, "MORE"));
}
END_TEST

START_TEST(narrow_bar_is_clicked_as_well)
{
	scene_resize(&s, 12, 40);
	scene_request(&s, "Eve");
	scene_wait(&s, USEC_S);
	click("no");
	ck_assert_int_eq(scene_command(&s).id, COMMAND_DENY);
	scene_resize(&s, 5, 20);
	scene_request(&s, "Eve");
	scene_wait(&s, USEC_S);
	click("Y / N");
	ck_assert_int_eq(scene_command(&s).id, COMMAND_ALLOW);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("prefs");
	TCase *tc = tcase_create("settings");
	TCase *mouse = tcase_create("mouse");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_setting_takes_effect_and_is_kept);
	tcase_add_test(tc, what_makes_no_sense_says_what_does);
	tcase_add_test(tc, all_settings_are_on_one_page);
	tcase_add_test(tc, old_commands_are_settings_too);
	tcase_add_test(tc, what_was_kept_is_there_again);
	tcase_add_test(tc, every_key_can_be_bound_to_everything);
	tcase_add_test(tc, a_wrong_binding_says_what_is_wrong);
	tcase_add_test(tc, keys_are_shown_as_they_are_bound);
	tcase_add_test(tc, the_bar_shows_the_keys_that_answer);
	tcase_add_test(tc, help_names_the_keys_that_are_bound);
	tcase_add_test(tc, tab_knows_actions);
	tcase_add_test(tc, what_the_command_line_says_is_not_kept);
	tcase_add_test(tc, tab_knows_settings_and_their_words);
	tcase_add_test(tc, auto_is_as_the_terminal_is);
	tcase_add_test(tc, without_colours_every_theme_is_mono);
	tcase_add_test(tc, variable_of_old_terminals_is_understood);
	tcase_add_test(tc, term_says_what_the_terminal_can);
	tcase_add_test(tc, consoles_show_no_ticks);
	tcase_add_test(tc, term_shows_widths_that_end_under_each_other);
	tcase_add_test(tc,
	    log_is_off_until_it_is_wanted_and_says_where_it_is);
	tcase_add_test(tc, title_says_who_and_how_many);
	tcase_add_test(tc, title_takes_nothing_that_a_terminal_obeys);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(mouse, set_up, tear_down);
	tcase_add_test(mouse, a_click_goes_to_a_chat);
	tcase_add_test(mouse, a_click_asks_nobody_by_itself);
	tcase_add_test(mouse, a_click_answers_once_the_request_is_armed);
	tcase_add_test(mouse, the_wheel_scrolls_three_rows);
	tcase_add_test(mouse, narrow_bar_is_clicked_as_well);
	suite_add_tcase(suite, mouse);
	return suite;
}
