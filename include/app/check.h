/*
 * check.h -- ten35 check: reads what the server would read, and says what is wrong.
 */
#ifndef APP_CHECK_H
#define APP_CHECK_H

/*
 * The arguments behind "check": --fix, --json and -W, then any number of
 * [ORIGIN=]ZONEFILE, -c FILE, and FILE.conf.  Returns the exit status: 0 when all
 * is good (with -W: and there are no warnings; with --fix: and every file that
 * was to be mended could be written), 1 otherwise.
 */
int check_run(int argc, char **argv);

#endif
