#ifndef C_STANDARD_DESCRIPTORS_H
#define C_STANDARD_DESCRIPTORS_H

/* If a program is started with descriptor 0, 1 or 2 closed, the next file that it opens, such as a
 * database, gets that number, and the program later writes its messages into it. So before main,
 * and before any library opens a file, each closed one is opened on /dev/null. */

/* Whether this descriptor, 0 to 2, was closed when the program started: 1 or 0. */
int standard_descriptor_was_closed(int descriptor);

/* Whether a signal is ignored, as nohup has it for the program that it starts: 1 or 0. */
int signal_is_ignored(int signal);

#endif
