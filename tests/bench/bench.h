/* What benchmarks share: time that was spent, and lines that say what it is
 * worth. Every figure is printed with its ratio to a limit that was measured in
 * the same run; the absolute figure depends on the machine and the minute. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/* Ends the program with a sentence. */
_Noreturn void bench_die(const char *what);

/* A number from the environment, or what is used without. */
uint32_t bench_option(const char *name, uint32_t otherwise);

/* Processor time of this process, in nanoseconds; of another one. */
uint64_t bench_cpu_ns(void);
uint64_t bench_cpu_of(int pid);

/* The time of day is of no interest, only how much of it passed. */
uint64_t bench_now_ns(void);

/* Resident memory of a process (0: this one), in bytes. */
uint64_t bench_rss(int pid);

/* How many descriptors a process has open. */
uint32_t bench_descriptors(int pid);

/* From now on this process runs on that core only; where there are fewer, on
 * the last one. */
void bench_pin(int core);

/* "name    312.4 us   1.18 x bare IK responder   (goal 1.25)  ok|MISSED". A
 * goal of 0 prints none. unit is that of value and limit. */
void bench_ratio(const char *name, double value, double limit,
    const char *unit, const char *limit_name, double goal);

/* "name    198 bytes   (goal 512)  ok|MISSED": less is better. */
void bench_value(const char *name, double value, const char *unit,
    double goal);

/* The same, more is better. */
void bench_rate(const char *name, double value, const char *unit,
    double goal);

/* Something measured and its limit, in turn, several times. */
enum { BENCH_ROUNDS_MAX = 63 };

struct bench_rounds {
	size_t count;
	double value[BENCH_ROUNDS_MAX], limit[BENCH_ROUNDS_MAX];
};

void bench_add(struct bench_rounds *r, double value, double limit);

/* The line of bench_ratio, of medians: of the values, of the limits, and of
 * the ratios of each round. */
void bench_medians(const struct bench_rounds *r, const char *name,
    const char *unit, const char *limit_name, double goal);

double bench_median(const double *values, size_t count);

/* A heading, with what is measured. */
void bench_title(const char *title);

/* 1 if a goal was missed so far: for exit. Benchmarks inform; nothing in make
 * check depends on them. */
int bench_missed(void);

#endif
