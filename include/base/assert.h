/*
 * assert.h -- what must hold, whatever the input is: else the program ends.
 *
 * Like the libc's, which brings printf along.  Never left out: a server that has
 * gone wrong is started anew, and that is better than going on.
 */
#ifndef BASE_ASSERT_H
#define BASE_ASSERT_H

#define ASSERT_TEXT(x) #x
#define ASSERT_LINE(x) ASSERT_TEXT(x)
#define assert(condition)      \
	((condition) ? (void)0 \
		     : assert_failed(__FILE__ ":" ASSERT_LINE(__LINE__) ": " #condition "\n"))

/* Writes to standard error that this is broken, and aborts. */
_Noreturn void assert_failed(const char *text);

#endif
