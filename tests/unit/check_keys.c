#include "keys.h"
#include "rng.h"
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decodes bytes and writes the names of the keys, with a space between. */
static const char *
names_of(struct keys *k, usec_t now, const char *bytes, size_t len,
    char out[static 512])
{
	const uint8_t *p = (const uint8_t *)bytes;
	char name[KEYS_NAME_SIZE];
	struct key key;
	size_t used, n = 0;

	out[0] = '\0';
	while (len > 0) {
		used = keys_read(k, now, p, len, &key);
		ck_assert_uint_le(used, len);
		p += used;
		len -= used;
		if (key.code != KEYS_NONE)
			n += (size_t)snprintf(out + n, 512 - n, "%s%s",
			    n > 0 ? " " : "", keys_name(key, name));
	}
	return out;
}

static void
expect(const char *bytes, const char *names)
{
	struct keys k;
	char out[512];

	keys_init(&k);
	names_of(&k, 0, bytes, strlen(bytes), out);
	ck_assert_msg(strcmp(out, names) == 0, "%s: \"%s\", not \"%s\"",
	    bytes + (bytes[0] == '\033'), out, names);
}

START_TEST(characters_are_keys)
{
	expect("aB 1", "a B Space 1");
	expect("\u00e9\u6f22\U0001f44d", "\u00e9 \u6f22 \U0001f44d");
}
END_TEST

START_TEST(control_bytes_are_keys)
{
	expect("\r\t\b\177", "Enter Tab Backspace Backspace");
	expect("\001\005\012\027\031\037", "Ctrl+A Ctrl+E Ctrl+J Ctrl+W "
	    "Ctrl+Y Ctrl+_");
	expect("\034\035\036", "Ctrl+\\ Ctrl+] Ctrl+^");
}
END_TEST

START_TEST(nul_is_control_space)
{
	struct keys k;
	char out[512];

	keys_init(&k);
	ck_assert_str_eq(names_of(&k, 0, "\0", 1, out), "Ctrl+Space");
}
END_TEST

START_TEST(sequences_of_all_kinds_of_terminals_are_keys)
{
	static const char *const rows[][2] = {
		{ "\033[A", "Up" }, { "\033OA", "Up" }, { "\033[B", "Down" },
		{ "\033[C", "Right" }, { "\033[D", "Left" },
		{ "\033[H", "Home" }, { "\033OH", "Home" },
		{ "\033[1~", "Home" }, { "\033[7~", "Home" },
		{ "\033[F", "End" }, { "\033[4~", "End" },
		{ "\033[8~", "End" }, { "\033[2~", "Insert" },
		{ "\033[3~", "Delete" }, { "\033[5~", "PgUp" },
		{ "\033[6~", "PgDn" }, { "\033[Z", "Shift+Tab" },
		{ "\033OP", "F1" }, { "\033[[A", "F1" }, { "\033[11~", "F1" },
		{ "\033[[E", "F5" }, { "\033[15~", "F5" },
		{ "\033[24~", "F12" }, { "\033OM", "Enter" },
		{ "\033[1;5C", "Ctrl+Right" }, { "\033Oc", "Ctrl+Right" },
		{ "\033[1;3D", "Alt+Left" }, { "\033\033[D", "Alt+Left" },
		{ "\033[1;2A", "Shift+Up" }, { "\033[3;5~", "Ctrl+Delete" },
		{ "\033[3^", "Ctrl+Delete" },
		{ "\033[1;6H", "Ctrl+Shift+Home" },
		{ "\033[13;3u", "Alt+Enter" },
		{ "\033[27;2;13~", "Shift+Enter" },
		{ "\033[97;5u", "Ctrl+A" }, { "\033[27;5;97~", "Ctrl+A" },
		{ "\033[I", "FocusIn" }, { "\033[O", "FocusOut" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(rows[i][0], rows[i][1]);
}
END_TEST

START_TEST(alt_is_an_escape_before_the_key)
{
	expect("\033b\033F\033\r\033\177\033.", "Alt+B Alt+Shift+F Alt+Enter "
	    "Alt+Backspace Alt+.");
	expect("\033\u00e9x", "Alt+\u00e9 x");
}
END_TEST

START_TEST(sequences_that_are_no_keys_vanish)
{
	expect("a\033[24;80Rb", "a b"); /* a cursor position */
	expect("a\033[?62;4cb", "a b"); /* device attributes */
	expect("a\033[Mb", "a b");
	expect("a\033[99~b", "a b");
	expect("a\033]10;rgb:0000/0000/0000\033\\b", "a b");
	expect("a\033]0;title\007b", "a b");
	expect("a\033P1$r0m\033\\b", "a b");
	expect("a\033_x\033[Ab", "a Up b");
}
END_TEST

START_TEST(mouse_is_a_click_or_the_wheel_at_a_place)
{
	struct keys k;
	char out[512];

	expect("\033[<0;10;5M\033[<0;10;5m", "Click");
	expect("\033[<64;1;1M\033[<65;1;1M", "WheelUp WheelDown");
	expect("\033[<1;1;1M\033[<2;1;1M\033[<35;1;1M\033[<;M\033[<M",
	    "Click Click");
	keys_init(&k);
	names_of(&k, 0, "\033[<0;10;5M", 11, out);
	ck_assert_uint_eq(k.col, 9);
	ck_assert_uint_eq(k.row, 4);
	names_of(&k, 0, "\033[<0;99999999;0M", 17, out);
	ck_assert_uint_eq(k.col, 65535);
	ck_assert_uint_eq(k.row, 0);
}
END_TEST

START_TEST(terminal_says_what_its_background_is)
{
	expect("\033]11;rgb:0000/0000/0000\033\\", "IsDark");
	expect("\033]11;rgb:ffff/ffff/ffff\a", "IsLight");
	expect("\033]11;rgb:fd/f6/e3\033\\x", "IsLight x");
	expect("\033]11;rgb:00/2b/36\033\\", "IsDark");
	expect("\033]11;rgba:eeee/eeee/eeee/ffff\a", "IsLight");
	expect("\033]11;rgb:0/f/0\a", "IsLight");
	expect("\033]10;rgb:ffff/ffff/ffff\a\033]11;rgb:\a\033]11;?\a"
	    "\033]11;rgb:ff/ff\a\033]11;rgb:x/y/z\a\033]11;\a", "");
}
END_TEST

START_TEST(answer_in_two_pieces_is_not_typed)
{
	struct keys k;
	struct key key;
	char out[512];

	keys_init(&k);
	names_of(&k, 0, "\033]11;rgb:ffff/f", 15, out);
	ck_assert(!keys_expire(&k, 100 * USEC_MS, &key));
	names_of(&k, 100 * USEC_MS, "fff/ffff\033\\", 10, out);
	ck_assert_str_eq(out, "IsLight");
	names_of(&k, USEC_S, "\033]0;tit", 7, out);
	ck_assert_uint_eq(keys_deadline(&k), USEC_S + KEYS_ANSWER_US);
	ck_assert(!keys_expire(&k, USEC_S + KEYS_ANSWER_US, &key));
	ck_assert_uint_eq(keys_deadline(&k), USEC_NEVER);
}
END_TEST

START_TEST(broken_sequences_give_way_to_what_follows)
{
	expect("\033[1;\rx", "Enter x");
	expect("\033[\033[A", "Up");
	expect("\033O\r", "Enter");
}
END_TEST

START_TEST(broken_characters_are_replaced)
{
	expect("\xff" "a", "\ufffd a");
	expect("\xe9" "a", "\ufffd a");
	expect("\xc3\xc3\xa9", "\ufffd \u00e9");
	expect("\xe6\xbc\r", "\ufffd Enter");
	expect("\xed\xa0\x80", "\ufffd"); /* a surrogate */
	expect("\xc0\xaf", "\ufffd \ufffd");
}
END_TEST

START_TEST(splits_between_reads_do_not_matter)
{
	static const char bytes[] = "a\u6f22\033[1;5C\033[200~x\ry\033[201~"
	    "\033OP\033b\033]0;t\007z";
	struct keys k;
	char whole[512], out[512], parts[1024];

	keys_init(&k);
	names_of(&k, 0, bytes, strlen(bytes), whole);
	ck_assert_str_eq(whole, "a \u6f22 Ctrl+Right PasteBegin x ? y "
	    "PasteEnd F1 Alt+B z");
	for (size_t cut = 1; cut < strlen(bytes); cut++) {
		keys_init(&k);
		names_of(&k, 0, bytes, cut, out);
		strcpy(parts, out);
		names_of(&k, KEYS_ESC_US - 1, bytes + cut, strlen(bytes) - cut,
		    out);
		if (parts[0] != '\0' && out[0] != '\0')
			strcat(parts, " ");
		strcat(parts, out);
		ck_assert_str_eq(parts, whole);
	}
}
END_TEST

static const char *
expire_after(const char *bytes, char name[static KEYS_NAME_SIZE])
{
	struct keys k;
	struct key key;
	char out[512];

	keys_init(&k);
	ck_assert_str_eq(names_of(&k, 100, bytes, strlen(bytes), out), "");
	ck_assert(!keys_expire(&k, 100 + KEYS_ESC_US - 1, &key));
	ck_assert_uint_eq(keys_deadline(&k), 100 + KEYS_ESC_US);
	if (!keys_expire(&k, 100 + KEYS_ESC_US, &key))
		return "";
	ck_assert_uint_eq(keys_deadline(&k), USEC_NEVER);
	return keys_name(key, name);
}

START_TEST(escape_alone_is_a_key_after_25_ms)
{
	char name[KEYS_NAME_SIZE];

	ck_assert_str_eq(expire_after("\033", name), "Esc");
	ck_assert_str_eq(expire_after("\033\033", name), "Esc");
	ck_assert_str_eq(expire_after("\033[", name), "Alt+[");
	ck_assert_str_eq(expire_after("\033O", name), "Alt+Shift+O");
	ck_assert_str_eq(expire_after("\033P", name), "Alt+Shift+P");
	ck_assert_str_eq(expire_after("\033[1;", name), "");
}
END_TEST

START_TEST(nothing_expires_in_the_middle_of_a_character)
{
	struct keys k;
	char out[512];

	keys_init(&k);
	ck_assert_str_eq(names_of(&k, 0, "\xe6\xbc", 2, out), "");
	ck_assert_uint_eq(keys_deadline(&k), USEC_NEVER);
	ck_assert_str_eq(names_of(&k, USEC_S, "\xa2", 1, out), "\u6f22");
}
END_TEST

START_TEST(a_paste_is_characters_and_nothing_else)
{
	struct keys k;
	struct key key;
	static const uint8_t bytes[] = "\033[200~a\r\n\003\033[31mb\033c"
	    "\033[200~\033[201~d";
	static const uint32_t codes[] = { KEYS_PASTE_BEGIN, 'a', '\r', '\n',
		3, 'b', 'c', KEYS_PASTE_END, 'd' };
	size_t at = 0;

	keys_init(&k);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		at += keys_read(&k, 0, bytes + at, sizeof(bytes) - 1 - at,
		    &key);
		ck_assert_uint_eq(key.code, codes[i]);
		ck_assert_uint_eq(key.mods, 0);
	}
	ck_assert_uint_eq(at, sizeof(bytes) - 1);
}
END_TEST

START_TEST(sequences_without_an_end_are_bounded)
{
	struct keys k;
	char out[512], big[3 * KEYS_SKIP_MAX];

	memset(big, '1', sizeof(big));
	memcpy(big, "\033[", 2);
	strcpy(big + KEYS_SKIP_MAX + 10, "x\r");
	keys_init(&k);
	names_of(&k, 0, big, strlen(big), out);
	ck_assert_ptr_nonnull(strstr(out, "x Enter"));
	memcpy(big, "\033]", 2);
	keys_init(&k);
	names_of(&k, 0, big, strlen(big), out);
	ck_assert_ptr_nonnull(strstr(out, "x Enter"));
}
END_TEST

START_TEST(any_bytes_end_in_a_defined_state)
{
	static const char *const bits[] = { "\033", "[", "\033[200~",
	    "\033[201~", "O", "]", "P", "\\", ";", "5", "~", "\xe6", "\xbc" };
	struct keys k;
	struct key key;
	struct rng rng;
	char out[512];
	usec_t now = 0;

	rng_init_test(&rng, test_seed(), "keys");
	keys_init(&k);
	for (int i = 0; i < 100000; i++) {
		const char *bit = bits[rng_below(&rng, 13)];
		char byte = (char)rng_u32(&rng);

		now += rng_below(&rng, 3) == 0 ? KEYS_ESC_US : 1;
		keys_expire(&k, now, &key);
		if (rng_below(&rng, 2) == 0)
			names_of(&k, now, bit, strlen(bit), out);
		else
			names_of(&k, now, &byte, 1, out);
		ck_assert(keys_deadline(&k) > now);
	}
	keys_expire(&k, now + KEYS_ESC_US, &key);
	names_of(&k, now, "\033[201~", 6, out);
	names_of(&k, now, "\r", 1, out);
	ck_assert_str_eq(out, "Enter");
}
END_TEST

static bool
look_pasted(const char *s)
{
	return keys_look_pasted((const uint8_t *)s, strlen(s));
}

START_TEST(two_lines_at_once_cannot_be_typed)
{
	ck_assert(look_pasted("one\rtwo\r"));
	ck_assert(look_pasted("one\ntwo\n"));
	ck_assert(!look_pasted("one\r"));
	ck_assert(!look_pasted("one\r\n"));
	ck_assert(!look_pasted("\r\r\r"));
	ck_assert(!look_pasted("\033[200~one\rtwo\r\033[201~"));
	ck_assert(!look_pasted(""));
}
END_TEST

START_TEST(names_can_be_parsed)
{
	static const char *const rows[] = { "Ctrl+A", "Alt+Enter", "F5", "a",
	    "A", "Ctrl+Alt+Shift+Backspace", "Space", "Ctrl+_", "Alt+Shift+F",
	    "Ctrl+Space", "\u00e9", "Esc", "PgUp", "+", "Ctrl++" };
	char name[KEYS_NAME_SIZE];
	struct key key, other;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(keys_parse(rows[i], &key), "%s", rows[i]);
		ck_assert_str_eq(keys_name(key, name), rows[i]);
	}
	ck_assert(keys_parse("ctrl+a", &key) && keys_parse("Ctrl+A", &other));
	ck_assert(keys_eq(key, other));
	ck_assert(key.code == 'a' && key.mods == KEYS_CTRL);
}
END_TEST

START_TEST(what_is_no_name_is_refused)
{
	struct key key = { 'q', 0 };

	ck_assert(!keys_parse("", &key));
	ck_assert(!keys_parse("Ctrl+", &key));
	ck_assert(!keys_parse("Control-A", &key));
	ck_assert(!keys_parse("F13", &key));
	ck_assert(!keys_parse("\001", &key));
	ck_assert(!keys_parse("\xff", &key));
	ck_assert(key.code == 'q');
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("keys");
	TCase *tc = tcase_create("read");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, characters_are_keys);
	tcase_add_test(tc, control_bytes_are_keys);
	tcase_add_test(tc, nul_is_control_space);
	tcase_add_test(tc, sequences_of_all_kinds_of_terminals_are_keys);
	tcase_add_test(tc, alt_is_an_escape_before_the_key);
	tcase_add_test(tc, sequences_that_are_no_keys_vanish);
	tcase_add_test(tc, mouse_is_a_click_or_the_wheel_at_a_place);
	tcase_add_test(tc, terminal_says_what_its_background_is);
	tcase_add_test(tc, answer_in_two_pieces_is_not_typed);
	tcase_add_test(tc, broken_sequences_give_way_to_what_follows);
	tcase_add_test(tc, broken_characters_are_replaced);
	tcase_add_test(tc, splits_between_reads_do_not_matter);
	tcase_add_test(tc, escape_alone_is_a_key_after_25_ms);
	tcase_add_test(tc, nothing_expires_in_the_middle_of_a_character);
	tcase_add_test(tc, a_paste_is_characters_and_nothing_else);
	tcase_add_test(tc, sequences_without_an_end_are_bounded);
	tcase_add_test(tc, any_bytes_end_in_a_defined_state);
	tcase_add_test(tc, two_lines_at_once_cannot_be_typed);
	suite_add_tcase(s, tc);
	tc = tcase_create("names");
	tcase_add_test(tc, names_can_be_parsed);
	tcase_add_test(tc, what_is_no_name_is_refused);
	suite_add_tcase(s, tc);
	return s;
}
