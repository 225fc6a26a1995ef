#ifndef C_PROCESS_MEMORY_H
#define C_PROCESS_MEMORY_H

/* For a program that runs for days beside other people's work, and now and then reads something
 * large: it has one heap for all threads, and what is freed of it goes back to the system. By
 * itself the C library has a heap for each thread, and once a large block was freed it keeps the
 * next ones of that size. To be called before there are threads. */
void process_memory_keep_small(void);

#endif
