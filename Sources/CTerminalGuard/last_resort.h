#ifndef LAST_RESORT_H
#define LAST_RESORT_H

#include <signal.h>

/* The signal is handled by signals.c. */
int terminal_signals_has(const struct sigaction *now);

/* Async-signal-safe. Does nothing where the guard is not armed. */
void terminal_guard_give_back(void);

/* From now on the guard does not wait for the terminal. Async-signal-safe. */
void terminal_guard_hurry(void);

/* The terminal's output, even while curses writes elsewhere. Async-signal-safe. */
int terminal_guard_output(void);

#endif
