#include "support/words.h"

#include <assert.h>

#include "support/guard.h"

static struct word list[WORDS_MAX];

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '(' || c == ')' || c == '\n';
}

/* The end of the word that begins at `at`. */
static size_t word_end(const uint8_t *text, size_t size, size_t at, bool quoted)
{
	while (at < size && (quoted || (!is_blank(text[at]) && text[at] != ';'))) {
		if (text[at] == '"')
			break;
		at += text[at] == '\\' && at + 1 < size ? 2 : 1;
	}
	return at;
}

bool words_split(const uint8_t *text, size_t size, struct words *out)
{
	size_t count = 0, at = 0;

	for (;;) {
		while (at < size && is_blank(text[at]))
			at++;
		if (at == size || text[at] == ';')
			break;
		bool quoted = text[at] == '"';
		size_t start = at + quoted;

		at = word_end(text, size, start, quoted);
		assert(count < WORDS_MAX);
		list[count++] = (struct word){ text + start, (uint32_t)(at - start), quoted };
		if (quoted && at == size)
			return false;
		at += quoted;
	}
	*out = (struct words){ .next = list, .end = list + count, .tail = text + at };
	return true;
}

bool words_of(const char *text, struct words *out)
{
	size_t size = strlen(text);

	return words_split(guard_copy(text, size), size, out);
}
