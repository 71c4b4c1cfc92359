/*
 * list.h -- lists that grow by doubling.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/octets.h"

/*
 * Room for one more in a list of `count` items of `size` octets: the list, which
 * may have moved, or NULL when memory ended; the old one is good then.  How much
 * room there is follows from the count, at each power of two there is more; so
 * all lists that grow by this grow by nothing else.
 */
MUST_USE void *list_grow(void *list, size_t count, size_t size);

#endif
