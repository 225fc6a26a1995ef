#define _GNU_SOURCE /* memfd_create */
#include "CTerminalGuard.h"
#include "last_resort.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_int terminal = -1; /* where standard output leads while the line is open */
static int line = -1;            /* the same terminal, opened again: only this one never blocks */
static int store = -1;           /* what curses writes in the meantime */

/* Async-signal-safe: the code that gives the terminal back writes here. */
int terminal_guard_output(void) {
  int output = atomic_load(&terminal);
  return output >= 0 ? output : STDOUT_FILENO;
}

int terminal_line_open(void) {
  int copy = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  /* O_NONBLOCK on standard output itself would apply to the shell as well. */
  line = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  store = memfd_create("picture", MFD_CLOEXEC);
  atomic_store(&terminal, copy);
  if (copy >= 0 && line >= 0 && store >= 0) return line;
  terminal_line_close();
  return -1;
}

void terminal_line_close(void) {
  int copy = atomic_exchange(&terminal, -1);
  if (copy >= 0) close(copy);
  if (line >= 0) close(line);
  if (store >= 0) close(store);
  line = store = -1;
}

void terminal_line_begin(void) { dup2(store, STDOUT_FILENO); }

long terminal_line_end(void) {
  dup2(atomic_load(&terminal), STDOUT_FILENO);
  return lseek(store, 0, SEEK_CUR);
}

long terminal_line_take(void *buffer, long size) {
  long count = pread(store, buffer, (size_t)size, 0);
  lseek(store, 0, SEEK_SET);
  (void)!ftruncate(store, 0);
  return count;
}
