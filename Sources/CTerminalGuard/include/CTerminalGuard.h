#ifndef C_TERMINAL_GUARD_H
#define C_TERMINAL_GUARD_H

/* Gives the terminal back however the process ends: by a crash, by exit() in a library, or in the
 * ordinary way. Standard error is held back while the guard is armed, since a message on the
 * alternate screen would be lost with it. */

/* Saves the modes of the terminal and holds standard error back.
 * 0: armed. -1: standard input is no terminal. -2: standard error could not be held back. */
int terminal_guard_arm(void);

/* From now on the mouse is switched off as well when the process ends. */
void terminal_guard_mouse(void);

/* Whether the terminal belongs to another job now, as after Ctrl-Z and bg. SIGTTOU would stop a
 * process that changes its modes, so the functions below do not touch it meanwhile. */
int terminal_guard_is_away(void);

/* Restores the modes and writes out what was held back. */
void terminal_guard_disarm(void);

/* Makes the signals that concern a screen readable: each puts its number, one byte, into a pipe,
 * whose reading end is returned; -1: there is none. Call it before newterm, which keeps
 * existing handlers: a signal between the two calls would be lost.
 *
 * A signal that asks the program to end has two seconds until terminal_signals_ignore: after
 * that the process ends at once, since it hangs in a write to the terminal. */
int terminal_signals_watch(void);

/* The same for a new size of the terminal, after newterm, whose handler is still called. */
void terminal_signals_watch_size(void);

/* Makes ncurses look for a new size of the terminal, as SIGWINCH does, but without a signal. */
void terminal_signals_check_size(void);

/* The same only for the signals that ask a program to end; for a program without a screen. */
int terminal_signals_watch_end(void);

/* Every watched signal has its default effect again. */
void terminal_signals_ignore(void);

/* From now on the program has two seconds until terminal_signals_ignore, as after a signal. */
void terminal_signals_leaving(void);

/* Stops the process group as Ctrl-Z does in a shell, and returns when it continues. */
void terminal_signals_stop(void);

/* Stops it again as long as the terminal belongs to another job.
 * 0: the terminal is its own. -1: a signal asks the program to end, and it may still be away. */
int terminal_signals_await_terminal(void);

/* Opens the terminal of standard output a second time, for writes that never wait.
 * Returns: its descriptor; -1: there is none, and nothing was opened. */
int terminal_line_open(void);
void terminal_line_close(void);

/* Between the two, what is written to standard output is kept.
 * Returns: the number of bytes. */
void terminal_line_begin(void);
long terminal_line_end(void);

/* Fills the buffer with what was kept, and forgets it.
 * Returns: the number of bytes; negative: they could not be read. */
long terminal_line_take(void *buffer, long size);

#endif
