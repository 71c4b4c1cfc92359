"""Small damage to zone files: what hands, editors and disks do to them.

mutate(random, text) gives the damaged octets and says what was done.  All of it comes from the
random.Random that is passed, so a seed says which texts these are.
"""

import re

NUMBERS = (b"0", b"1", b"-1", b"+1", b"255", b"256", b"65535", b"65536", b"2147483647", b"2147483648",
           b"4294967295", b"4294967296", b"99999999999999999999", b"007", b"1h", b"1h30", b"1h30m",
           b"1.5", b"0x10", b"1w1w", b"")
TYPES = (b"A", b"AAAA", b"NS", b"CNAME", b"MX", b"TXT", b"SOA", b"PTR", b"SRV", b"DNAME", b"CAA",
         b"DS", b"HINFO", b"SPF", b"NAPTR", b"TLSA", b"TYPE1", b"TYPE65280", b"TYPE65536", b"ANY",
         b"OPT", b"NXT", b"NSEC", b"LOC", b"HTTPS", b"SSHFP", b"APL", b"DNSKEY", b"RRSIG")
OWNERS = (b"@", b"*", b".", b"", b"a.b.c", b"*.a", b"_x._tcp", b"example.", b"a.example.", b"60", b"IN",
          b"a..b", b".a", b"\\065", b"\\$x", b"a\\.b", b"\\@", b"x" * 63, b"x" * 64,
          b".".join([b"y" * 50] * 5), b'"q"', b"\xe4")
DIRECTIVES = (b"$TTL", b"$TTL 60", b"$TTL 60 60", b"$TTL x", b"$TTL -1", b"$TTL 4294967296", b"$ttl 1h",
              b"$TTL 1h30", b"$ORIGIN", b"$ORIGIN .", b"$ORIGIN example.", b"$ORIGIN a..", b"$origin .",
              b"$ORIGIN a b", b"$INCLUDE", b"$INCLUDE nothing", b"$INCLUDE .", b"$UNKNOWN x",
              b"$ TTL 60", b" $TTL 60", b"$TTL\t60", b'$TTL "60"', b'$ORIGIN "example."', b"$")
PIECES = (b";", b"(", b")", b'"', b"\\", b"\\256", b"\\000", b"\\25", b"\\\n", b"\r", b"\x00", b"\x7f",
          b"\xff", b"\t", b" ", b"\n", b".", b"@", b"$", b"()", b'""', b"( ", b"\xef\xbb\xbf")
BLANKS = re.compile(rb"([ \t]+)")


def lines_of(text):
    return text.splitlines(keepends=True)


def words_at(text, pattern):
    return [m for m in re.finditer(pattern, text)]


def replaced(text, at, with_what):
    return text[:at.start()] + with_what + text[at.end():]


def flip_bit(random, text):
    at = random.randrange(len(text))
    return text[:at] + bytes([text[at] ^ 1 << random.randrange(8)]) + text[at + 1:]


def cut_end(random, text):
    return text[:random.randrange(len(text))]


def insert_piece(random, text):
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(PIECES) + text[at:]


def delete_octets(random, text):
    at = random.randrange(len(text))
    return text[:at] + text[at + random.choice((1, 1, 1, 2, 8)):]


def double_line(random, text):
    lines = lines_of(text)
    at = random.randrange(len(lines))
    return b"".join(lines[:at] + [lines[at]] + lines[at:])


def delete_line(random, text):
    lines = lines_of(text)
    del lines[random.randrange(len(lines))]
    return b"".join(lines)


def swap_lines(random, text):
    lines = lines_of(text)
    a, b = random.randrange(len(lines)), random.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"".join(lines)


def join_lines(random, text):
    lines = lines_of(text)
    at = random.randrange(len(lines))
    lines[at] = lines[at].rstrip(b"\r\n") + random.choice((b"", b" "))
    return b"".join(lines)


def change_one(pattern, *substitutes):
    """Replaces one place that the pattern finds."""
    def change(random, text):
        places = words_at(text, pattern)
        return replaced(text, random.choice(places), random.choice(substitutes)) if places else text
    return change


def change_word(random, text):
    """Drops, doubles, or quotes a word, or changes its case."""
    places = words_at(text, rb"[^\s()\";]+")
    if not places:
        return text
    at = random.choice(places)
    word = at.group()
    return replaced(text, at, random.choice(
        (b"", word + b" " + word, b'"' + word + b'"', word.swapcase(), word[::-1], word + word,
         b"(" + word + b")", b"( " + word + b"\n )")))


def swap_words(random, text):
    lines = lines_of(text)
    at = random.randrange(len(lines))
    parts = BLANKS.split(lines[at].rstrip(b"\r\n"))
    if len(parts) < 5:
        return text
    a, b = random.randrange(0, len(parts), 2), random.randrange(0, len(parts), 2)
    parts[a], parts[b] = parts[b], parts[a]
    lines[at] = b"".join(parts) + b"\n"
    return b"".join(lines)


def change_type(random, text):
    places = words_at(text, rb"(?<=[ \t])(%s)(?=[ \t])" % b"|".join(TYPES))
    return replaced(text, random.choice(places), random.choice(TYPES)) if places else text


def insert_directive(random, text):
    lines = lines_of(text)
    lines.insert(random.randrange(len(lines) + 1), random.choice(DIRECTIVES) + b"\n")
    return b"".join(lines)


MUTATIONS = {
    "a bit flipped": flip_bit,
    "the end cut off": cut_end,
    "something inserted": insert_piece,
    "octets deleted": delete_octets,
    "a line doubled": double_line,
    "a line deleted": delete_line,
    "lines swapped": swap_lines,
    "lines joined": join_lines,
    "a dot removed": change_one(rb"\.", b""),
    "a dot added": change_one(rb"(?<=\w)(?=\s)", b"."),
    "a number changed": change_one(rb"(?<![\w.])\d+(?![\w.])", *NUMBERS),
    "a part of an address changed": change_one(rb"(?<=\d\.)\d+", *NUMBERS),
    "a parenthesis dropped": change_one(rb"[()]", b"", b" ", b"\n"),
    "a quote dropped": change_one(rb'"', b"", b" "),
    "a comment opened": change_one(rb"[ \t]", b" ;"),
    "a type exchanged": change_type,
    "an owner exchanged": change_one(rb"(?m)^[^\s;$()]+", *OWNERS),
    "a name exchanged": change_one(rb"[\w.-]+\.(?=\s)", *OWNERS),
    "a word changed": change_word,
    "words swapped": swap_words,
    "a directive inserted": insert_directive,
    "a directive broken": change_one(rb"(?m)^\$.*", *DIRECTIVES),
}


def mutate(random, text):
    """One to three changes, mostly one."""
    done = []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        name = random.choice(sorted(MUTATIONS))
        text = MUTATIONS[name](random, text) or b"\n"
        done.append(name)
    return text, ", ".join(done)
