/*
 * dialogue.h -- scripted conversations of clients, a server and its upstream servers.
 *
 * tests/dialogues/README.md has the language.  A script that is not kept fails
 * the test, with file, line and what was there instead.
 */
#ifndef SUPPORT_DIALOGUE_H
#define SUPPORT_DIALOGUE_H

void dialogue_run(const char *path);

#endif
