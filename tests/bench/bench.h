/* What benchmarks share: time that was spent, and lines that say what it is
 * worth. Every figure is printed with its ratio to a limit that was measured in
 * the same run; the absolute figure depends on the machine and the minute. */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

/* Processor time of this process, in nanoseconds. */
uint64_t bench_cpu_ns(void);

/* Resident memory of a process (0: this one), in bytes. */
uint64_t bench_rss(int pid);

/* "name    312.4 us   1.18 x bare IK responder   (goal 1.25)  ok|MISSED". A
 * goal of 0 prints none. unit is that of value and limit. */
void bench_ratio(const char *name, double value, double limit,
    const char *unit, const char *limit_name, double goal);

/* "name    198 bytes   (goal 512)  ok|MISSED": less is better. */
void bench_value(const char *name, double value, const char *unit,
    double goal);

/* A heading, with what is measured. */
void bench_title(const char *title);

/* 1 if a goal was missed so far: for exit. Benchmarks inform; nothing in make
 * check depends on them. */
int bench_missed(void);

#endif
