/*
 * check.h -- ten35 check: reads what the server would read, and says what is wrong.
 */
#ifndef APP_CHECK_H
#define APP_CHECK_H

/*
 * The arguments behind "check": [ORIGIN=]ZONEFILE, -c FILE, or FILE.conf.
 * Returns the exit status: 0 when all is good, 1 otherwise.
 */
int check_run(int argc, char **argv);

#endif
