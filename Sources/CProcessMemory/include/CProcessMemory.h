#ifndef C_PROCESS_MEMORY_H
#define C_PROCESS_MEMORY_H

/* Gives the program one heap for all threads, and returns freed memory to the system. This is for a
 * program that runs for days and sometimes reads something large: by default the C library has a
 * heap for each thread, and after it has freed a large block, it keeps the next blocks of that
 * size. Call this before there are threads. */
void process_memory_keep_small(void);

#endif
