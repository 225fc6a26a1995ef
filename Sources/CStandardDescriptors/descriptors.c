#include "CStandardDescriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>

static int was_closed[3];

/* 101 is the first priority that programs may use: before all their other constructors. */
__attribute__((constructor(101))) static void open_standard_descriptors(void) {
  for (int descriptor = 0; descriptor < 3; descriptor++) {
    if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    /* In the direction that nobody uses, as the C library does it for setuid programs: reading or
     * writing still fails, so that the loss of output is noticed. */
    int mode = descriptor == 0 ? O_WRONLY : O_RDONLY;
    /* The kernel gives the lowest free number, which is this one. */
    if (open("/dev/null", mode) < 0) (void)open("/", O_RDONLY | O_DIRECTORY);
    was_closed[descriptor] = 1;
  }
}

int standard_descriptor_was_closed(int descriptor) {
  return descriptor >= 0 && descriptor < 3 ? was_closed[descriptor] : 0;
}

int signal_is_ignored(int signal) {
  struct sigaction now;
  return sigaction(signal, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}
