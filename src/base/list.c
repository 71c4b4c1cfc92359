/*
 * list.c -- lists that grow by doubling.
 */
#include "base/list.h"

#include <stdlib.h>

void *list_grow(void *list, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0)
		return list;
	return realloc(list, (count ? count * 2 : 1) * size);
}
