/*
 * folder.h -- a folder of the real file system for tests of what opens files.
 */
#ifndef SUPPORT_FOLDER_H
#define SUPPORT_FOLDER_H

/* Its path; empty before folder_make(). */
extern char test_folder[64];

/* Makes it, with nothing in it; rmdir() by whoever made it.  Fails the test when it cannot. */
void folder_make(void);

/* The path of a file in it; lives until the fourth call after this one. */
const char *folder_path(const char *name);

/* Writes a file in it, over what is there. */
void folder_write(const char *name, const char *text);

#endif
