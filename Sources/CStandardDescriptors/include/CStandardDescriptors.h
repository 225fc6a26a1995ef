#ifndef C_STANDARD_DESCRIPTORS_H
#define C_STANDARD_DESCRIPTORS_H

/* A program that is started with descriptor 0, 1 or 2 closed would give that number to the next
 * file it opens, a database for instance, and would later write its messages into it. Before
 * main, and before any library opens a file, each closed one is therefore opened on /dev/null. */

/* Whether this descriptor, 0 to 2, was closed when the program started: 1 or 0. */
int standard_descriptor_was_closed(int descriptor);

/* Whether a signal is ignored, as nohup has it for the program that it starts: 1 or 0. */
int signal_is_ignored(int signal);

#endif
