/* Runs a fuzz target without libFuzzer. fuzz_NAME runs the files of
 * tests/fuzz/corpus/NAME, each as it is and with some thousand random changes,
 * which come from GOP2P_SEED; an input that kills the program is left in
 * fuzz_NAME.last. fuzz_NAME FILE... runs those as they are. */
#include "fuzz.h"

#include "rng.h"

#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_MAX = 65536, FILES_MAX = 512 };

int fuzz_changes __attribute__((weak)) = 2000;

struct input {
	uint8_t data[INPUT_MAX];
	size_t len;
};

static struct input seed, changed;

static void
fail(const char *what, const char *path)
{
	printf("Bail out! %s %s\n", what, path);
	exit(EXIT_FAILURE);
}

static void
load(const char *path, struct input *in)
{
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		fail("cannot read", path);
	in->len = fread(in->data, 1, sizeof in->data, f);
	fclose(f);
}

/* The input in memory of its own exact size, so that a sanitizer sees reads
 * beyond its end. */
static void
run(const struct input *in)
{
	uint8_t *copy = malloc(in->len + (in->len == 0));

	if (copy == NULL)
		fail("no memory for", "an input");
	memcpy(copy, in->data, in->len);
	LLVMFuzzerTestOneInput(copy, in->len);
	free(copy);
}

/* Replaces cut bytes at a place by others of the same input or random. */
static void
splice(struct rng *rng, struct input *in)
{
	size_t at = rng_below(rng, (uint32_t)in->len + 1);
	size_t rest = in->len - at;
	size_t cut = rng_below(rng, (uint32_t)(rest < 8 ? rest : 8) + 1);
	size_t add = rng_below(rng, 9);
	uint8_t piece[8];

	rng_fill(rng, piece, sizeof piece);
	if (in->len >= sizeof piece && rng_below(rng, 2) == 0)
		memcpy(piece, in->data + rng_below(rng, (uint32_t)(in->len -
		    sizeof piece) + 1), sizeof piece);
	if (in->len - cut + add > INPUT_MAX)
		return;
	memmove(in->data + at + add, in->data + at + cut, rest - cut);
	memcpy(in->data + at, piece, add);
	in->len += add - cut;
}

static void
change(struct rng *rng, struct input *in)
{
	for (uint32_t n = 1 + rng_below(rng, 4); n > 0; n--) {
		uint32_t len = (uint32_t)in->len;

		switch (rng_below(rng, 4)) {
		case 0:
			splice(rng, in);
			break;
		case 1:
			in->len = rng_below(rng, len + 1);
			break;
		default:
			if (len > 0)
				in->data[rng_below(rng, len)] ^=
				    (uint8_t)(1u << rng_below(rng, 8));
		}
	}
}

/* Leaves the input where it is found if the target dies of it. */
static void
keep(int fd, const struct input *in)
{
	if (pwrite(fd, in->data, in->len, 0) != (ssize_t)in->len ||
	    ftruncate(fd, (off_t)in->len) != 0)
		fail("cannot write", "the input");
}

static void
replay(const char *name, const char *path)
{
	const char *number = getenv("GOP2P_SEED");
	const char *base = strrchr(path, '/');
	char last[512];
	struct rng rng;
	int fd;

	rng_init_test(&rng, number != NULL ? strtoull(number, NULL, 0) : 1,
	    base != NULL ? base + 1 : path);
	snprintf(last, sizeof last, "fuzz_%s.last", name);
	load(path, &seed);
	fd = open(last, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd < 0)
		fail("cannot write", last);
	keep(fd, &seed);
	run(&seed);
	for (int i = 0; i < fuzz_changes; i++) {
		changed.len = seed.len;
		memcpy(changed.data, seed.data, seed.len);
		change(&rng, &changed);
		keep(fd, &changed);
		run(&changed);
	}
	close(fd);
	unlink(last);
}

/* The files of the corpus in their order, allocated; their number. */
static int
list(const char *folder, struct dirent ***found)
{
	int n = scandir(folder, found, NULL, alphasort);

	if (n < 0)
		fail("cannot read", folder);
	return n;
}

static int
replay_corpus(const char *name)
{
	const char *top = getenv("srcdir");
	struct dirent **found;
	char path[1024];
	int n, count = 0;

	snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s",
	    top != NULL ? top : ".", name);
	n = list(path, &found);
	for (int i = 0; i < n; i++) {
		char file[2048];

		snprintf(file, sizeof file, "%s/%s", path, found[i]->d_name);
		if (found[i]->d_name[0] != '.') {
			replay(name, file);
			printf("ok %d - %s\n", ++count, found[i]->d_name);
		}
		free(found[i]);
	}
	free(found);
	return count;
}

int
main(int argc, char **argv)
{
	const char *name = strstr(argv[0], "fuzz_");
	int count = argc - 1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (sodium_init() < 0 || name == NULL)
		return EXIT_FAILURE;
	while (strstr(name + 1, "fuzz_") != NULL)
		name = strstr(name + 1, "fuzz_");
	for (int i = 1; i < argc; i++) {
		load(argv[i], &seed);
		run(&seed);
		printf("ok %d - %s\n", i, argv[i]);
	}
	if (argc == 1)
		count = replay_corpus(name + strlen("fuzz_"));
	printf("1..%d\n", count);
	return EXIT_SUCCESS;
}
