#ifndef LAST_RESORT_H
#define LAST_RESORT_H

/* Async-signal-safe. Does nothing where the guard is not armed. */
void terminal_guard_give_back(void);

#endif
