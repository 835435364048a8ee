#include "config.h"

#include "args.h"

#include "text.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	NAME_ROOM = 32,
	QUOTE_ROOM = 64,
	/* Values of getopt_long: two for every row, yes and no. */
	FIRST_ROW = 256,
};

/* The table in the form that getopt_long reads. */
struct forms {
	struct option longs[2 * CONF_OPTIONS_MAX + 1];
	char negated[CONF_OPTIONS_MAX][NAME_ROOM];
	char letters[2 * CONF_OPTIONS_MAX + 2];
};

static void
add_letter(struct forms *f, const struct conf_option *o)
{
	size_t n = strlen(f->letters);

	if (o->letter == 0)
		return;
	f->letters[n++] = o->letter;
	if (o->type != CONF_BOOL)
		f->letters[n++] = ':';
	f->letters[n] = '\0';
}

static void
make_forms(const struct conf_option *table, struct forms *f)
{
	size_t n = 0;

	*f = (struct forms){ .letters = ":" };
	for (int i = 0; table[i].name != NULL; i++) {
		const struct conf_option *o = &table[i];

		assert(i < CONF_OPTIONS_MAX);
		if ((o->place & CONF_IN_OPTIONS) == 0)
			continue;
		add_letter(f, o);
		f->longs[n++] = (struct option){ o->name,
			o->type == CONF_BOOL ? no_argument : required_argument,
			NULL, FIRST_ROW + 2 * i };
		if (o->type != CONF_BOOL || o->place != CONF_BOTH)
			continue;
		snprintf(f->negated[i], NAME_ROOM, "no-%s", o->name);
		f->longs[n++] = (struct option){ f->negated[i], no_argument,
			NULL, FIRST_ROW + 2 * i + 1 };
	}
}

/* The row that getopt_long means, or NULL. */
static const struct conf_option *
row_of(const struct conf_option *table, int value)
{
	if (value >= FIRST_ROW)
		return &table[(value - FIRST_ROW) / 2];
	for (; table->name != NULL; table++)
		if (table->letter != 0 && table->letter == value)
			return table;
	return NULL;
}

static bool
fail(struct conf_error *err, const char *before, const char *word,
    const char *after)
{
	char quote[QUOTE_ROOM];

	err->line = 0;
	text_clean_line(word, strlen(word), quote, sizeof quote);
	snprintf(err->text, sizeof err->text, "%s%s%s", before, quote, after);
	return false;
}

/* What getopt_long did not take: value is '?' or ':'. */
static bool
refuse(const struct conf_option *table, int value, const char *word,
    struct conf_error *err)
{
	const struct conf_option *o = row_of(table, optopt);
	char letter[2] = { (char)optopt };

	err->line = 0;
	if (o != NULL && value == ':') {
		snprintf(err->text, sizeof err->text,
		    "--%s needs a value: --%s %s", o->name, o->name, o->arg);
		return false;
	}
	if (o != NULL)
		return fail(err, optopt >= FIRST_ROW &&
		    (optopt - FIRST_ROW) % 2 != 0 ? "--no-" : "--", o->name,
		    " takes no value");
	if (optopt != 0)
		return fail(err, "there is no option \"-", letter,
		    "\"; --help lists all");
	word += strspn(word, "-");
	err->line = 0;
	conf_unknown(table, CONF_IN_OPTIONS,
	    (struct slice){ word, strcspn(word, "=") }, err);
	return false;
}

bool
args_read(const struct conf_option *table, int argc, char **argv, void *conf,
    int *words, struct conf_error *err)
{
	struct forms f;
	int value;

	make_forms(table, &f);
	opterr = 0;
	optind = 0;
	while ((value = getopt_long(argc, argv, f.letters, f.longs, NULL)) !=
	    -1) {
		const struct conf_option *o = row_of(table, value);
		const char *text = optarg;

		if (value == '?' || value == ':' || o == NULL)
			return refuse(table, value, argv[optind - 1], err);
		if (o->type == CONF_BOOL)
			text = value >= FIRST_ROW && value % 2 != 0 ?
			    "no" : "yes";
		if (!conf_set(o, (struct slice){ text, strlen(text) }, conf,
		    err))
			return false;
	}
	if (words != NULL)
		*words = optind;
	else if (optind < argc)
		return fail(err, "\"", argv[optind],
		    "\" is no option; --help lists all");
	return true;
}

bool
args_answer(const char *program, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	fprintf(stderr, "%s: cannot write to standard output: %s\n", program,
	    strerror(errno));
	return false;
}
