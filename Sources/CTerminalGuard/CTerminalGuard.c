#include "CTerminalGuard.h"
int terminal_guard_arm(void) { return 0; }
