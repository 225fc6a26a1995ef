#define _GNU_SOURCE /* pipe2 */
#include "CTerminalGuard.h"
#include "last_resort.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

enum { patience = 2 /* seconds */ };

/* The first ones ask a program to end. The others concern only a screen, and the last one must
 * wait until ncurses has installed its handler. */
static const int watched[] = {SIGHUP, SIGINT, SIGTERM, SIGALRM, SIGTSTP, SIGCONT, SIGWINCH};
enum { all_count = sizeof watched / sizeof *watched, early_count = all_count - 1, ends_count = 4 };
static int pipe_ends[2] = {-1, -1};
static struct sigaction resize; /* what ncurses does at SIGWINCH */
static volatile sig_atomic_t continued, ending;
static volatile sig_atomic_t limited; /* SIGALRM means that the time limit is over */

static void limit(void) {
  limited = 1;
  alarm(patience);
}

/* The terminal takes nothing more, so nothing may wait for it. */
static void end_at_once(void) {
  tcflush(terminal_guard_output(), TCOFLUSH);
  terminal_guard_hurry();
  terminal_guard_give_back();
  if (limited) _exit(128 + SIGTERM);
  /* Somebody sent it: it ends this process as it ends any other. */
  sigset_t own;
  sigemptyset(&own);
  sigaddset(&own, SIGALRM);
  signal(SIGALRM, SIG_DFL);
  raise(SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &own, NULL);
}

/* Only async-signal-safe calls. */
static void on_signal(int sig) {
  int error = errno;
  unsigned char byte = (unsigned char)sig;
  if (sig == SIGALRM) end_at_once();
  if (sig == SIGHUP || sig == SIGINT || sig == SIGTERM) {
    ending = 1;
    limit();
  }
  if (sig == SIGCONT) continued = 1;
  if (sig == SIGWINCH) terminal_signals_check_size();
  (void)!write(pipe_ends[1], &byte, 1); /* full: the reader is awake anyway */
  errno = error;
}

static int watch(int first, int end) {
  struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigset_t wanted;
  if (pipe_ends[0] < 0 && pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
  sigemptyset(&wanted);
  for (int i = first; i < end; i++) {
    sigaction(watched[i], &act, NULL);
    sigaddset(&wanted, watched[i]);
  }
  /* A parent may have blocked them, and that is inherited. */
  pthread_sigmask(SIG_UNBLOCK, &wanted, NULL);
  return pipe_ends[0];
}

int terminal_signals_watch(void) { return watch(0, early_count); }

int terminal_signals_has(const struct sigaction *now) {
  return now->sa_handler == on_signal;
}

void terminal_signals_watch_size(void) {
  struct sigaction now;
  sigaction(SIGWINCH, NULL, &now);
  if (now.sa_handler != on_signal) resize = now;
  watch(early_count, all_count);
}

void terminal_signals_check_size(void) {
  if (resize.sa_handler != SIG_DFL && resize.sa_handler != SIG_IGN) resize.sa_handler(SIGWINCH);
}

int terminal_signals_watch_end(void) { return watch(0, ends_count); }

void terminal_signals_ignore(void) {
  struct sigaction act = {.sa_handler = SIG_DFL};
  alarm(0);
  limited = 0;
  for (int i = 0; i < all_count; i++) sigaction(watched[i], &act, NULL);
}

void terminal_signals_leaving(void) { limit(); }

void terminal_signals_stop(void) {
  struct sigaction act = {.sa_handler = SIG_DFL}, before;
  sigaction(SIGTSTP, &act, &before);
  continued = 0;
  kill(0, SIGTSTP); /* the group, as the terminal does: make or a pipe may be part of the job */
  /* Another thread may take the signal, so the stop can come a moment later. In an orphaned
   * group it never comes; then this is over in a fifth of a second. */
  for (int waits = 0; waits < 20 && !continued; waits++) poll(NULL, 0, 10);
  sigaction(SIGTSTP, &before, NULL);
}

int terminal_signals_await_terminal(void) {
  while (!ending && terminal_guard_is_away()) {
    /* `kill %1` sends SIGTERM before SIGCONT, but another thread may take it a moment later. */
    for (int waits = 0; waits < 10 && !ending; waits++) poll(NULL, 0, 10);
    if (ending) break;
    terminal_signals_stop();
    if (!continued) break; /* an orphaned group: nobody gives it the terminal back */
  }
  return ending ? -1 : 0;
}
