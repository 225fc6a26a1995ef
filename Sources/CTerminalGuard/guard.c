#define _GNU_SOURCE /* memfd_create and its seals */
#include "CTerminalGuard.h"
#include "last_resort.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

enum { held_most = 1 << 20, stack_size = 1 << 16, patience = 2000 /* milliseconds */ };

static struct termios saved;
static atomic_int armed;
static int real_error = -1; /* where standard error leads while the guard is armed */
static int held = -1;       /* what is written to it meanwhile */
static struct sigaction previous[NSIG];
/* By default the system stops the process on these, ignores them, or lets nobody handle them. */
static const int harmless[] = {SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU,
                               SIGCHLD, SIGCONT, SIGURG,  SIGWINCH};
/* The faulty instruction runs again after the handler, and the signal comes again. */
static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
/* Every mode that is switched on, off again: a picture half sent, bracketed paste, keypad,
 * colours, line drawing, hidden cursor, and last the alternate screen. Terminals without one of
 * them ignore it; if there is no alternate screen, the next output is in the last line, so
 * that line is emptied. */
static const char leave[] =
    "\033[?2026l\033[?2004l\033[?1l\033>\033[0m\033(B\033[?25h\033[999;1H\033[K\033[?1049l";

/* Only if the mouse was requested; otherwise its mode is not touched. */
static const char leave_mouse[] = "\033[?1000l\033[?1002l\033[?1003l\033[?1006l";
static atomic_int has_mouse;
static volatile sig_atomic_t is_hurried; /* it has already waited for the terminal */

/* Only async-signal-safe calls from here to on_death. */

int terminal_guard_is_away(void) {
  pid_t foreground = tcgetpgrp(STDIN_FILENO);
  return foreground > 0 && foreground != getpgrp();
}

/* If the terminal takes nothing, the held messages are lost: the write would not return. */
static void release_error(int is_stuck) {
  char part[4096];
  if (real_error < 0) return;
  off_t left = lseek(held, 0, SEEK_CUR); /* all descriptors of the file share its place */
  lseek(held, 0, SEEK_SET);
  if (is_stuck && isatty(real_error)) left = 0;
  dup2(real_error, STDERR_FILENO);
  while (left > 0) {
    ssize_t size = read(held, part, left < (off_t)sizeof part ? (size_t)left : sizeof part);
    if (size <= 0 || write(STDERR_FILENO, part, (size_t)size) < 0) break;
    left -= size;
  }
  close(held);
  close(real_error);
  real_error = held = -1;
}

/* Waits for a slow terminal, but not forever for one that takes nothing: the process must end.
 * Returns: whether all was written. */
static int put(int output, const char *bytes, size_t count) {
  struct pollfd room = {.fd = output, .events = POLLOUT};
  while (count > 0) {
    ssize_t done = write(output, bytes, count);
    if (done >= 0) {
      bytes += done;
      count -= (size_t)done;
    } else if (errno != EINTR && errno != EAGAIN) {
      return 0;
    }
    if (count == 0) break;
    int ready = poll(&room, 1, is_hurried ? 0 : patience);
    if (ready == 0 || (ready < 0 && errno != EINTR)) return 0;
  }
  return 1;
}

/* Once, whichever thread comes first. */
void terminal_guard_give_back(void) {
  int is_stuck = 0;
  if (!atomic_exchange(&armed, 0)) return;
  if (!terminal_guard_is_away()) {
    int output = terminal_guard_output();
    int flags = fcntl(output, F_GETFL);
    fcntl(output, F_SETFL, flags | O_NONBLOCK);
    is_stuck = (has_mouse && !put(output, leave_mouse, sizeof leave_mouse - 1))
               || !put(output, leave, sizeof leave - 1);
    fcntl(output, F_SETFL, flags); /* the shell shares them */
    tcsetattr(STDIN_FILENO, TCSANOW, &saved);
  }
  release_error(is_stuck);
}

void terminal_guard_hurry(void) { is_hurried = 1; }

static int is_in(const int *signals, unsigned count, int sig) {
  for (unsigned i = 0; i < count; i++)
    if (signals[i] == sig) return 1;
  return 0;
}

static void on_death(int sig, siginfo_t *info, void *context) {
  (void)context;
  int error = errno; /* of what was interrupted, which may go on */
  terminal_guard_give_back();
  sigaction(sig, &previous[sig], NULL); /* the handler before ours, e.g. Swift's backtrace */
  /* A fault happens again on return, with its address; all else is sent again. */
  if (info->si_code <= 0 || !is_in(faults, sizeof faults / sizeof *faults, sig)) raise(sig);
  errno = error;
}

/* Every signal that ends the process by default and that nothing else handles. A signal that is
 * ignored stays ignored. The C library keeps two signals for itself and refuses them here. */
static void watch_deaths(void) {
  struct sigaction act = {.sa_sigaction = on_death, .sa_flags = SA_SIGINFO | SA_ONSTACK}, now;
  for (int sig = 1; sig < NSIG; sig++) {
    if (is_in(harmless, sizeof harmless / sizeof *harmless, sig)) continue;
    if (sigaction(sig, NULL, &now) != 0) continue;
    int is_fault = is_in(faults, sizeof faults / sizeof *faults, sig);
    if (terminal_signals_has(&now) || (now.sa_handler == SIG_IGN && !is_fault)) continue;
    sigaction(sig, &act, &previous[sig]);
  }
}

/* A separate signal stack for this thread, so that a stack overflow is covered, too. */
static void cover_stack(void) {
  stack_t now;
  if (sigaltstack(NULL, &now) != 0 || !(now.ss_flags & SS_DISABLE)) return;
  stack_t cover = {.ss_sp = malloc(stack_size), .ss_size = stack_size};
  if (cover.ss_sp != NULL) sigaltstack(&cover, NULL);
}

/* Sealed at a size that fits every message: a library that writes forever costs no memory. */
static int hold_error(void) {
  held = memfd_create("held-back", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (held < 0) return -1;
  real_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (real_error < 0 || ftruncate(held, held_most) != 0 ||
      fcntl(held, F_ADD_SEALS, F_SEAL_GROW) != 0 || dup2(held, STDERR_FILENO) < 0) {
    if (real_error >= 0) close(real_error);
    close(held);
    real_error = held = -1;
    return -1;
  }
  return 0;
}

int terminal_guard_arm(void) {
  static int once;
  if (tcgetattr(STDIN_FILENO, &saved) != 0) return -1;
  if (hold_error() != 0) return -2;
  if (!once) {
    once = 1;
    cover_stack();
    watch_deaths();
    atexit(terminal_guard_give_back);
  }
  atomic_store(&armed, 1);
  return 0;
}

void terminal_guard_mouse(void) { atomic_store(&has_mouse, 1); }

void terminal_guard_disarm(void) {
  if (!atomic_exchange(&armed, 0)) return;
  if (!terminal_guard_is_away()) tcsetattr(STDIN_FILENO, TCSANOW, &saved);
  release_error(0);
}
