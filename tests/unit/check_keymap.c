#include "runner.h"

#include "tui/keymap.h"

#include "core/edit.h"

static struct keymap map;

static void
setup(void)
{
	keymap_init(&map);
}

static enum action
action_of(const char *name)
{
	const struct keymap_row *row;
	struct key key;

	ck_assert_msg(keys_parse(name, &key), "%s", name);
	row = keymap_find(&map, key);
	return row == NULL ? ACTION_NONE : row->action;
}

START_TEST(keys_do_what_people_of_other_clients_expect)
{
	static const struct { const char *key; enum action action; } rows[] = {
		{ "Alt+1", ACTION_GO }, { "Alt+0", ACTION_GO },
		{ "Alt+A", ACTION_NEXT_NEWS }, { "F5", ACTION_NEXT_NEWS },
		{ "Ctrl+P", ACTION_PREV }, { "Ctrl+N", ACTION_NEXT },
		{ "Alt+Left", ACTION_PREV }, { "Alt+Right", ACTION_NEXT },
		{ "PgUp", ACTION_PAGE_UP }, { "PgDn", ACTION_PAGE_DOWN },
		{ "Alt+PgUp", ACTION_UP }, { "Alt+PgDn", ACTION_DOWN },
		{ "Ctrl+Home", ACTION_TOP }, { "Alt+Home", ACTION_TOP },
		{ "Ctrl+End", ACTION_END }, { "Alt+End", ACTION_END },
		{ "Alt+U", ACTION_UNREAD }, { "Alt+/", ACTION_SEARCH },
		{ "Alt+Y", ACTION_ALLOW }, { "F2", ACTION_ALLOW },
		{ "Alt+N", ACTION_DENY }, { "F3", ACTION_DENY },
		{ "Alt+I", ACTION_INFO }, { "F4", ACTION_INFO },
		{ "Alt+S", ACTION_LIST }, { "F6", ACTION_LIST },
		{ "Alt+L", ACTION_BARE }, { "F7", ACTION_BARE },
		{ "Alt+V", ACTION_VERIFY }, { "F8", ACTION_VERIFY },
		{ "Alt+O", ACTION_URL }, { "Ctrl+L", ACTION_REPAINT },
		{ "Ctrl+Z", ACTION_SUSPEND }, { "F1", ACTION_HELP },
		{ "Esc", ACTION_BACK },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(action_of(rows[i].key) == rows[i].action, "%s",
		    rows[i].key);
}
END_TEST

START_TEST(keys_that_terminals_keep_for_themselves_are_free)
{
	static const char *const names[] = { "Ctrl+H", "Ctrl+M", "Ctrl+I",
		"Ctrl+[", "Ctrl+Q", "Ctrl+S", "Ctrl+\\", "F10", "F11" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct key key;

		if (keys_parse(names[i], &key))
			ck_assert_msg(keymap_find(&map, key) == NULL, "%s",
			    names[i]);
	}
}
END_TEST

START_TEST(no_key_is_in_the_map_twice)
{
	for (size_t i = 0; i < map.count; i++)
		for (size_t j = i + 1; j < map.count; j++)
			must(!keys_eq(map.rows[i].key, map.rows[j].key),
			    "%zu and %zu", i, j);
}
END_TEST

/* What is shadowed has another key in the editor: arrows, and Ctrl+Y. */
START_TEST(editing_keys_stay_with_the_editor)
{
	static const char *const ours[] = { "Ctrl+P", "Ctrl+N", "Alt+Y" };
	size_t count, shadowed = 0;
	const struct edit_binding *b = edit_bindings(&count);

	for (size_t i = 0; i < count; i++)
		shadowed += keymap_find(&map, b[i].key) != NULL;
	ck_assert_uint_eq(shadowed, sizeof(ours) / sizeof(ours[0]));
}
END_TEST

START_TEST(every_action_has_a_name_and_is_found_by_it)
{
	int number;

	for (int i = 0; i < ACTION_COUNT; i++) {
		enum action found;

		ck_assert(keymap_action(keymap_name((enum action)i, 0), &found,
		    &number));
		ck_assert_int_eq(found, i);
		ck_assert(keymap_help((enum action)i, 0)[0] != '\0');
	}
	ck_assert(!keymap_action("nonsense", &(enum action){ 0 }, &number));
}
END_TEST

START_TEST(keys_can_be_bound_anew_and_freed)
{
	struct key key = { 'w', KEYS_ALT };

	ck_assert(keymap_bind(&map, key, ACTION_GO, 12));
	ck_assert_int_eq(keymap_find(&map, key)->number, 12);
	ck_assert(keymap_bind(&map, key, ACTION_END, 0));
	ck_assert_int_eq(keymap_find(&map, key)->action, ACTION_END);
	ck_assert(keymap_bind(&map, key, ACTION_NONE, 0));
	ck_assert_ptr_null(keymap_find(&map, key));
}
END_TEST

/* Names of both kinds are in one list, and none is there twice. */
START_TEST(what_the_editor_does_has_names_too)
{
	const char *names[128];
	size_t count, n = keymap_names("", names, 128), found = 0;
	const struct edit_binding *b = edit_bindings(&count);
	enum action action;
	int number = -1;

	for (size_t i = 0; i < count; i++) {
		ck_assert((b[i].name == NULL) == (b[i].help == NULL));
		if (b[i].name == NULL)
			continue;
		ck_assert(keymap_action(b[i].name, &action, &number));
		ck_assert_int_eq(action, ACTION_EDIT);
		ck_assert_int_eq(number, (int)i);
		ck_assert_str_eq(keymap_name(action, number), b[i].name);
		found++;
	}
	ck_assert_uint_eq(n, ACTION_COUNT + found);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(names[i], names[j]);
	ck_assert_uint_eq(keymap_names("cut-w", names, 128), 2);
}
END_TEST

/* The editor's keys do nothing only if the map says so. */
START_TEST(keys_of_the_editor_can_be_freed_and_restored)
{
	ck_assert(keymap_bind(&map, (struct key){ 'w', KEYS_CTRL },
	    ACTION_NONE, 0));
	ck_assert_ptr_nonnull(keymap_find(&map, (struct key){ 'w',
	    KEYS_CTRL }));
	keymap_restore(&map, (struct key){ 'w', KEYS_CTRL });
	ck_assert_ptr_null(keymap_find(&map, (struct key){ 'w', KEYS_CTRL }));
	keymap_bind(&map, (struct key){ 'u', KEYS_ALT }, ACTION_NONE, 0);
	ck_assert_int_eq(action_of("Alt+U"), ACTION_NONE);
	keymap_restore(&map, (struct key){ 'u', KEYS_ALT });
	ck_assert_int_eq(action_of("Alt+U"), ACTION_UNREAD);
}
END_TEST

START_TEST(keys_that_type_stay)
{
	static const char *const stay[] = { "a", "/", "Enter", "é" };
	static const char *const go[] = { "Ctrl+A", "Alt+Enter", "F1", "Up" };
	struct key key;

	for (size_t i = 0; i < 4; i++) {
		ck_assert(keys_parse(stay[i], &key));
		ck_assert_msg(keymap_stays(key), "%s", stay[i]);
		ck_assert(keys_parse(go[i], &key));
		ck_assert_msg(!keymap_stays(key), "%s", go[i]);
	}
}
END_TEST

START_TEST(a_full_map_says_so)
{
	for (uint32_t i = 0; i < KEYMAP_MAX; i++)
		keymap_bind(&map, (struct key){ 0x4e00 + i, KEYS_ALT },
		    ACTION_END, 0);
	ck_assert_uint_eq(map.count, KEYMAP_MAX);
	ck_assert(!keymap_bind(&map, (struct key){ 'w', KEYS_ALT },
	    ACTION_END, 0));
}
END_TEST

START_TEST(texts_name_the_key_and_keep_other_braces)
{
	char out[64];

	keymap_text(&map, "{verify} compares", out, sizeof out);
	ck_assert_str_eq(out, "Alt+V compares");
	keymap_text(&map, "a } b {verify}}", out, sizeof out);
	ck_assert_str_eq(out, "a } b Alt+V}");
	keymap_text(&map, "a long {verify}", out, 5);
	ck_assert_str_eq(out, "a lo");
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("keymap");
	TCase *tc = tcase_create("keymap");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, keys_do_what_people_of_other_clients_expect);
	tcase_add_test(tc, keys_that_terminals_keep_for_themselves_are_free);
	tcase_add_test(tc, no_key_is_in_the_map_twice);
	tcase_add_test(tc, editing_keys_stay_with_the_editor);
	tcase_add_test(tc, every_action_has_a_name_and_is_found_by_it);
	tcase_add_test(tc, keys_can_be_bound_anew_and_freed);
	tcase_add_test(tc, what_the_editor_does_has_names_too);
	tcase_add_test(tc, keys_of_the_editor_can_be_freed_and_restored);
	tcase_add_test(tc, keys_that_type_stay);
	tcase_add_test(tc, a_full_map_says_so);
	tcase_add_test(tc, texts_name_the_key_and_keep_other_braces);
	suite_add_tcase(suite, tc);
	return suite;
}
