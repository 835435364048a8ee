#include "command.h"
#include "rng.h"
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
parse(const char *line, struct command *cmd, struct command_error *err)
{
	return command_parse(line, strlen(line), cmd, err);
}

static struct command
good(const char *line)
{
	struct command cmd;
	struct command_error err;

	ck_assert_msg(parse(line, &cmd, &err), "%s: %s", line, err.text);
	return cmd;
}

static struct command_error
bad(const char *line)
{
	struct command cmd = { .id = COMMAND_COUNT };
	struct command_error err;

	ck_assert_msg(!parse(line, &cmd, &err), "accepted: %s", line);
	ck_assert_int_eq(cmd.id, COMMAND_COUNT);
	return err;
}

START_TEST(parse_reads_every_command)
{
	static const struct {
		const char *line;
		enum command_id id;
	} rows[] = {
		{ "all", COMMAND_ALL }, { "connect Bob", COMMAND_CONNECT },
		{ "allow Bob", COMMAND_ALLOW }, { "deny Bob", COMMAND_DENY },
		{ "msg hello", COMMAND_MSG }, { "tcp", COMMAND_TCP },
		{ "udp", COMMAND_UDP }, { "rename Ann", COMMAND_RENAME },
		{ "disconnect", COMMAND_DISCONNECT },
		{ "requests", COMMAND_REQUESTS },
		{ "status", COMMAND_STATUS }, { "why", COMMAND_WHY },
		{ "netcheck", COMMAND_NETCHECK }, { "verify", COMMAND_VERIFY },
		{ "trust Bob", COMMAND_TRUST }, { "block Bob", COMMAND_BLOCK },
		{ "unblock Bob", COMMAND_UNBLOCK }, { "help", COMMAND_HELP },
		{ "exit", COMMAND_EXIT }, { "quit", COMMAND_EXIT },
		{ "?", COMMAND_HELP }, { "nick Ann", COMMAND_RENAME },
		{ "query Bob", COMMAND_CONNECT }, { "names", COMMAND_ALL },
		{ "ignore Bob", COMMAND_BLOCK },
		{ "unignore Bob", COMMAND_UNBLOCK },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_int_eq(good(rows[i].line).id, rows[i].id);
}
END_TEST

START_TEST(parse_takes_a_slash_and_blanks_and_any_case)
{
	ck_assert_int_eq(good("/all").id, COMMAND_ALL);
	ck_assert_int_eq(good("  all  ").id, COMMAND_ALL);
	ck_assert_int_eq(good("ALL").id, COMMAND_ALL);
	ck_assert_str_eq(good("\tconnect\t@Bob \r\n").name, "Bob");
}
END_TEST

START_TEST(parse_of_nothing_is_no_command)
{
	ck_assert_int_eq(good("").id, COMMAND_NONE);
	ck_assert_int_eq(good(" \t\n").id, COMMAND_NONE);
}
END_TEST

START_TEST(parse_takes_unique_beginnings)
{
	ck_assert_int_eq(good("con Bob").id, COMMAND_CONNECT);
	ck_assert_int_eq(good("e").id, COMMAND_EXIT);
	ck_assert_int_eq(good("w Bob").id, COMMAND_WHY);
}
END_TEST

START_TEST(parse_asks_which_of_several_is_meant)
{
	struct command_error err = bad("al Bob");

	ck_assert_str_eq(err.code, "ambiguous-command");
	ck_assert_str_eq(err.text, "\"al\" can mean \"all\" or \"allow\". "
	    "Type more of it.");
	ck_assert_str_eq(bad("d").text, "\"d\" can mean \"deny\" or "
	    "\"disconnect\". Type more of it.");
}
END_TEST

START_TEST(parse_says_what_was_perhaps_meant)
{
	struct command_error err = bad("conect Bob");

	ck_assert_str_eq(err.code, "unknown-command");
	ck_assert_str_eq(err.text, "There is no command \"conect\"; did you "
	    "mean \"connect\"? \"help\" lists all.");
	ck_assert_str_eq(bad("hello world").text, "There is no command "
	    "\"hello\". \"help\" lists all; \"msg TEXT\" sends a text.");
	ck_assert_str_eq(bad("/").code, "unknown-command");
	ck_assert_str_eq(bad("//all").code, "unknown-command");
}
END_TEST

START_TEST(parse_says_what_to_type_for_a_missing_argument)
{
	struct command_error err = bad("connect");

	ck_assert_str_eq(err.code, "usage");
	ck_assert_int_eq(err.id, COMMAND_CONNECT);
	ck_assert_str_eq(err.text, "A name is missing. Type: connect NAME");
	ck_assert_str_eq(bad("msg").text,
	    "There is no text to send. Type: msg [@NAME] TEXT");
	ck_assert_str_eq(bad("msg ").code, "usage");
	ck_assert_str_eq(bad("msg @Bob").code, "usage");
	ck_assert_str_eq(bad("msg @Bob ").code, "usage");
}
END_TEST

START_TEST(parse_refuses_words_that_mean_nothing)
{
	ck_assert_str_eq(bad("tcp now").text,
	    "Nothing goes behind this command. Type: tcp");
	ck_assert_str_eq(bad("verify Bob maybe").text,
	    "The answer is yes or no. Type: verify [NAME] [yes|no]");
	ck_assert_str_eq(bad("help nothing").code, "unknown-command");
	ck_assert_int_eq(bad("help nothing").id, COMMAND_HELP);
}
END_TEST

START_TEST(parse_checks_names)
{
	struct command_error err = bad("connect Bob Smith");

	ck_assert_str_eq(err.code, "bad-name");
	ck_assert_int_eq(err.id, COMMAND_CONNECT);
	ck_assert_ptr_nonnull(strstr(err.text,
	    "\"Bob Smith\" cannot be a name: "));
	ck_assert_str_eq(bad("rename "
	    "123456789012345678901234567890123").code, "bad-name");
	ck_assert_str_eq(bad("connect \u202eboB").code, "bad-name");
	/* NFC of "e" and a combining acute accent. */
	ck_assert_str_eq(good("connect Ze\u0301").name, "Z\u00e9");
}
END_TEST

START_TEST(parse_keeps_every_byte_of_a_text)
{
	struct command cmd = good("msg  two  spaces \n");

	ck_assert_uint_eq(cmd.len, 14);
	ck_assert_mem_eq(cmd.text, " two  spaces \n", 14);
	ck_assert_str_eq(cmd.name, "");
	cmd = good("msg\nnext line");
	ck_assert_mem_eq(cmd.text, "next line", 9);
}
END_TEST

START_TEST(parse_finds_the_name_before_a_text)
{
	struct command cmd = good("msg @Bob are you there?");

	ck_assert_str_eq(cmd.name, "Bob");
	ck_assert_uint_eq(cmd.len, 14);
	ck_assert_mem_eq(cmd.text, "are you there?", 14);
	cmd = good("msg @@home again");
	ck_assert_str_eq(cmd.name, "");
	ck_assert_mem_eq(cmd.text, "@home again", 11);
	ck_assert_str_eq(bad("msg @/ hi").code, "bad-name");
}
END_TEST

START_TEST(parse_limits_a_text_to_a_message)
{
	static char line[4 + MSG_MAX + 1];
	struct command cmd;
	struct command_error err;

	memset(line, 'x', sizeof(line));
	memcpy(line, "msg ", 4);
	ck_assert(command_parse(line, 4 + MSG_MAX, &cmd, &err));
	ck_assert_uint_eq(cmd.len, MSG_MAX);
	ck_assert(!command_parse(line, 4 + MSG_MAX + 1, &cmd, &err));
	ck_assert_str_eq(err.code, "too-long");
	ck_assert_str_eq(err.text, "The text has 65537 bytes, a message at "
	    "most 65536. Send it in parts.");
}
END_TEST

START_TEST(parse_reads_answers_of_verify)
{
	ck_assert_int_eq(good("verify yes").answer, ANSWER_YES);
	ck_assert_str_eq(good("verify yes").name, "");
	ck_assert_int_eq(good("verify Bob").answer, ANSWER_NONE);
	ck_assert_str_eq(good("verify Bob").name, "Bob");
	ck_assert_int_eq(good("verify Bob no").answer, ANSWER_NO);
	ck_assert_str_eq(good("verify yes no").name, "yes");
}
END_TEST

START_TEST(parse_reads_prefixes_and_topics)
{
	struct command cmd = good("all bo");

	ck_assert_uint_eq(cmd.len, 2);
	ck_assert_mem_eq(cmd.text, "bo", 2);
	ck_assert_int_eq(good("help").topic, COMMAND_NONE);
	ck_assert_int_eq(good("help con").topic, COMMAND_CONNECT);
	ck_assert_int_eq(good("help /msg").topic, COMMAND_MSG);
}
END_TEST

START_TEST(parse_refuses_what_is_not_utf8)
{
	ck_assert_str_eq(bad("msg caf\xe9").code, "bad-text");
	ck_assert_str_eq(bad("\xff").code, "bad-text");
}
END_TEST

START_TEST(errors_quote_nothing_that_a_terminal_obeys)
{
	struct command_error err = bad("\033[2J\007connect");
	static const char *line =
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

	for (const char *p = err.text; *p != '\0'; p++)
		ck_assert((unsigned char)*p >= ' ');
	err = bad(line);
	ck_assert_ptr_nonnull(strstr(err.text, "xxx...\""));
	ck_assert_uint_lt(strlen(err.text), 160);
}
END_TEST

START_TEST(parse_survives_any_bytes)
{
	static const char *const words[] = { "msg", "connect", "verify", "@",
	    "/", " ", "\n", "help", "yes", "\xff", "\xc3\xa9", "all" };
	struct command cmd;
	struct command_error err;
	struct rng rng;
	char line[64], *copy;
	size_t len;

	rng_init_test(&rng, test_seed(), "command");
	for (int run = 0; run < 20000; run++) {
		len = 0;
		while (len < 40 && rng_below(&rng, 6) != 0) {
			const char *w = words[rng_below(&rng, 12)];
			size_t n = strlen(w);

			if (rng_below(&rng, 3) == 0)
				line[len++] = (char)rng_u32(&rng);
			memcpy(line + len, w, n);
			len += n;
		}
		copy = malloc(len + 1); /* of the exact size for ASan */
		memcpy(copy, line, len);
		if (!command_parse(copy, len, &cmd, &err))
			ck_assert_uint_lt(strlen(err.text), sizeof(err.text));
		command_gap(copy, len);
		free(copy);
	}
}
END_TEST

START_TEST(help_has_a_line_for_every_command)
{
	char help[COMMAND_HELP_SIZE], name[32];
	size_t lines = 0;

	ck_assert_uint_eq(command_help(COMMAND_NONE, help), strlen(help));
	for (const char *p = help; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	ck_assert_uint_eq(lines, COMMAND_COUNT - 1);
	for (enum command_id id = 1; id < COMMAND_COUNT; id++) {
		snprintf(name, sizeof(name), "%s ", command_name(id));
		ck_assert_ptr_nonnull(strstr(help, name));
	}
}
END_TEST

START_TEST(help_fits_into_79_columns)
{
	char help[COMMAND_HELP_SIZE];

	for (enum command_id id = 0; id < COMMAND_COUNT; id++) {
		size_t column = 0;

		command_help(id, help);
		for (const char *p = help; *p != '\0'; p++) {
			column = *p == '\n' ? 0 : column + 1;
			ck_assert_msg(column <= 79, "%s", command_name(id));
		}
	}
}
END_TEST

START_TEST(examples_in_help_are_commands)
{
	static const char mark[] = "Example: ";

	for (enum command_id id = 1; id < COMMAND_COUNT; id++) {
		const char *at = strstr(command_info(id)->help, mark);

		if (at != NULL)
			ck_assert_int_eq(good(at + strlen(mark)).id, id);
	}
}
END_TEST

START_TEST(gap_tells_what_is_being_typed)
{
	static const struct {
		const char *line;
		enum command_gap_kind kind;
		size_t from;
	} rows[] = {
		{ "", COMMAND_GAP_COMMAND, 0 },
		{ "co", COMMAND_GAP_COMMAND, 0 },
		{ " /co", COMMAND_GAP_COMMAND, 2 },
		{ "connect ", COMMAND_GAP_NAME, 8 },
		{ "connect B", COMMAND_GAP_NAME, 8 },
		{ "connect @B", COMMAND_GAP_NAME, 9 },
		{ "connect Bob x", COMMAND_GAP_NONE, 12 },
		{ "msg B", COMMAND_GAP_NONE, 4 },
		{ "msg @B", COMMAND_GAP_NAME, 5 },
		{ "msg @Bob he", COMMAND_GAP_NONE, 9 },
		{ "verify Bob y", COMMAND_GAP_ANSWER, 11 },
		{ "help ", COMMAND_GAP_COMMAND, 5 },
		{ "tcp ", COMMAND_GAP_NONE, 4 },
		{ "nonsense B", COMMAND_GAP_NONE, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct command_gap gap = command_gap(rows[i].line,
		    strlen(rows[i].line));

		ck_assert_msg(gap.kind == rows[i].kind
		    && gap.from == rows[i].from, "\"%s\": %d at %zu",
		    rows[i].line, gap.kind, gap.from);
	}
}
END_TEST

START_TEST(matches_lists_commands_by_their_beginning)
{
	const char *out[COMMAND_MATCHES_MAX];

	ck_assert_uint_eq(command_matches("", 0, out), COMMAND_COUNT - 1);
	ck_assert_uint_eq(command_matches("Di", 2, out), 1);
	ck_assert_str_eq(out[0], "disconnect");
	ck_assert_uint_eq(command_matches("al", 2, out), 2);
	ck_assert_str_eq(out[0], "all");
	ck_assert_str_eq(out[1], "allow");
	ck_assert_uint_eq(command_matches("allowed", 7, out), 0);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("command");
	TCase *tc = tcase_create("parse");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, parse_reads_every_command);
	tcase_add_test(tc, parse_takes_a_slash_and_blanks_and_any_case);
	tcase_add_test(tc, parse_of_nothing_is_no_command);
	tcase_add_test(tc, parse_takes_unique_beginnings);
	tcase_add_test(tc, parse_asks_which_of_several_is_meant);
	tcase_add_test(tc, parse_says_what_was_perhaps_meant);
	tcase_add_test(tc, parse_says_what_to_type_for_a_missing_argument);
	tcase_add_test(tc, parse_refuses_words_that_mean_nothing);
	tcase_add_test(tc, parse_checks_names);
	tcase_add_test(tc, parse_keeps_every_byte_of_a_text);
	tcase_add_test(tc, parse_finds_the_name_before_a_text);
	tcase_add_test(tc, parse_limits_a_text_to_a_message);
	tcase_add_test(tc, parse_reads_answers_of_verify);
	tcase_add_test(tc, parse_reads_prefixes_and_topics);
	tcase_add_test(tc, parse_refuses_what_is_not_utf8);
	tcase_add_test(tc, errors_quote_nothing_that_a_terminal_obeys);
	tcase_add_test(tc, parse_survives_any_bytes);
	suite_add_tcase(s, tc);
	tc = tcase_create("help");
	tcase_add_test(tc, help_has_a_line_for_every_command);
	tcase_add_test(tc, help_fits_into_79_columns);
	tcase_add_test(tc, examples_in_help_are_commands);
	suite_add_tcase(s, tc);
	tc = tcase_create("completion");
	tcase_add_test(tc, gap_tells_what_is_being_typed);
	tcase_add_test(tc, matches_lists_commands_by_their_beginning);
	suite_add_tcase(s, tc);
	return s;
}
