/* A process that talks with the network about things it parses, and needs
 * nothing else: the child that speaks UPnP. */
#ifndef JAIL_H
#define JAIL_H

/* Of memory, with what it had before: an answer without end gets no more. */
enum { JAIL_MEMORY = 64 * 1024 * 1024 };

/* From now on, as far as the system can do it: no files, no terminal, no other
 * processes, no new rights, JAIL_MEMORY, and an end after so many seconds
 * whatever it is doing. */
void jail_enter(unsigned int seconds);

#endif
