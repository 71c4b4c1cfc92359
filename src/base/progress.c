/*
 * progress.c -- a line on a terminal that says how far reading has come.
 */
#include "base/progress.h"
#include "base/text.h"

void progress_start(struct progress *p, const char *file)
{
	p->file = file;
	p->start_ms = clock_now_ms(&p->clock);
	p->due_ms = p->start_ms + PROGRESS_FIRST_MS;
	p->drawn = false;
}

/* The numbers come first: a narrow terminal cuts what is known anyway. */
static void print_line(const struct progress *p, uint64_t elapsed_ms, uint32_t records, size_t done,
		       size_t all, struct text *out)
{
	if (done < all)
		text_format(out, "ten35: %u %%, %u records, %u a second: ",
			    (unsigned)((uint64_t)done * 100 / all), records,
			    (unsigned)(records * (uint64_t)1000 / elapsed_ms));
	else
		text_format(out, "ten35: %u records, now put in order: ", records);
	text_put_escaped(out, p->file, strlen(p->file), PROGRESS_LINE_SIZE);
}

void progress_tell(struct progress *p, uint32_t records, size_t done, size_t all)
{
	uint64_t now_ms = clock_now_ms(&p->clock);
	/* The last word stands for a while: it is not kept back. */
	uint64_t due_ms = done < all ? p->due_ms : p->start_ms + PROGRESS_FIRST_MS;
	char room[PROGRESS_LINE_SIZE];
	struct text line = text_init(room, sizeof room);

	if (now_ms < due_ms)
		return;
	print_line(p, now_ms - p->start_ms, records, done, all, &line);
	p->draw(room);
	p->drawn = true;
	p->due_ms = now_ms + PROGRESS_AGAIN_MS;
}

void progress_erase(struct progress *p)
{
	if (p->drawn)
		p->draw("");
	p->drawn = false;
}
