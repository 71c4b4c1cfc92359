"""Mutants of a C file: each is one small change of its text.

C is not parsed.  It is cut into words, which is enough to know an operator from a pointer's star
in code that clang-format has laid out, and functions from what stands around them.
"""

import re
from dataclasses import dataclass

WORD = re.compile(r"""
    (?P<skip>\s+|/\*.*?\*/|//[^\n]*|^[ \t]*\#(?:\\\n|[^\n])*) |
    (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*') |
    (?P<number>0[xX][0-9a-fA-F]+[uUlL]*|\d+[uUlL]*) |
    (?P<name>[A-Za-z_]\w*) |
    (?P<sign>\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)
""", re.VERBOSE | re.MULTILINE | re.DOTALL)

OTHERS = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
    "==": ("!=",), "!=": ("==",), "&&": ("||",), "||": ("&&",),
    "+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "%": ("/",),
    "<<": (">>",), ">>": ("<<",), "&": ("|",), "|": ("&",), "^": ("|",),
    "+=": ("-=", "="), "-=": ("+=", "="), "*=": ("/=",), "|=": ("&=", "="), "&=": ("|=", "="),
    "^=": ("=",), "++": ("--",), "--": ("++",),
}
TYPES = {"const", "static", "struct", "enum", "bool", "int", "unsigned", "char", "void", "typedef",
         "extern", "size_t", "ssize_t", "short", "union", "uint8_t", "uint16_t", "uint32_t",
         "uint64_t", "int32_t", "int16_t"}
NO_VALUES = {"return", "case", "sizeof", "else", "do"}
SKIPPED_CALLS = {"assert", "_Static_assert", "log_write", "log_text"}
NO_STATEMENTS = TYPES | SKIPPED_CALLS | {
    "return", "goto", "if", "for", "while", "do", "switch", "else", "case", "default"}


@dataclass(frozen=True)
class Word:
    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Mutant:
    start: int
    end: int
    text: str
    function: str
    was: str            # the lines that change, on one line, before and after
    now: str
    line: int
    nth: int            # among those of a function that read the same, from 1

    def apply(self, source):
        return source[:self.start] + self.text + source[self.end:]


def words_of(source):
    return [Word(m.lastgroup, m.group(), m.start(), m.end())
            for m in WORD.finditer(source) if m.lastgroup != "skip"]


class Mutator:
    """One file's words, and what changes may be made to them."""

    def __init__(self, source):
        self.source = source
        self.words = words_of(source)
        self.pairs = self.match_brackets()
        self.mutants = []
        self.seen = set()

    def match_brackets(self):
        pairs, open_at = {}, []
        for i, word in enumerate(self.words):
            if word.text in "([{" and word.kind == "sign":
                open_at.append(i)
            elif word.text in ")]}" and word.kind == "sign":
                pairs[open_at[-1]] = i
                pairs[i] = open_at.pop()
        return pairs

    def at(self, i):
        return self.words[i].text if 0 <= i < len(self.words) else ""

    def add(self, first, last, text, function):
        """Words first to last become the text."""
        start, end = self.words[first].start, self.words[last].end
        if (start, end, text) in self.seen:
            return
        self.seen.add((start, end, text))
        before = self.source.rfind("\n", 0, start) + 1
        after = self.source.find("\n", end)
        was = " ".join(self.source[before:after].split())
        now = " ".join((self.source[before:start] + text + self.source[end:after]).split())
        line = self.source.count("\n", 0, start) + 1
        nth = 1 + sum((m.function, m.was, m.now) == (function, was, now) for m in self.mutants)
        self.mutants.append(Mutant(start, end, text, function, was, now, line, nth))

    # What is what.

    def ends_value(self, i):
        word = self.words[i]
        if word.text == ")":
            inside = self.words[self.pairs[i] + 1:i]
            return not (inside and inside[0].text in TYPES)      # else a cast
        return word.kind in ("number", "text") or word.text == "]" or (
            word.kind == "name" and word.text not in NO_VALUES | TYPES)

    def is_binary(self, i):
        """clang-format puts blanks on both sides of operators with two sides, and only of those."""
        word = self.words[i]
        return (i > 0 and self.ends_value(i - 1) and self.source[word.start - 1].isspace()
                and self.source[word.end].isspace())

    def is_simple(self, first, last):
        """One comparison or negation: to negate it is a change of its operator."""
        signs = [w.text for w in self.words[first:last + 1] if w.kind == "sign"]
        if any(s in ("&&", "||", "?") for s in signs):
            return False
        return any(s in ("==", "!=", "<", ">", "<=", ">=") for s in signs) or signs[:1] == ["!"]

    # The file.

    def run(self):
        i = 0
        while i < len(self.words):
            if self.at(i) == "_Static_assert":
                i = self.pairs[i + 1] + 1
            elif self.at(i) == "enum" and self.at(i + 1) == "{":
                self.limits(i + 2, self.pairs[i + 1])
                i = self.pairs[i + 1] + 1
            elif self.at(i) == "{" and self.at(i - 1) == ")":
                self.function(i)
                i = self.pairs[i] + 1
            elif self.at(i) == "{":
                i = self.pairs[i] + 1
            else:
                i += 1
        return self.mutants

    def limits(self, first, last):
        for i in range(first, last):
            self.number(i, "enum")

    def function(self, begin):
        parameters = self.pairs[begin - 1]
        name = self.at(parameters - 1)
        head = parameters - 2
        while head >= 0 and self.at(head) not in (";", "}", "/"):
            head -= 1
        kind = self.returned(head + 1, parameters - 1)
        i, end = begin + 1, self.pairs[begin]
        while i < end:
            if self.at(i) in SKIPPED_CALLS:
                i = self.pairs[i + 1] + 1
                continue
            self.operator(i, name)
            self.number(i, name)
            self.truth(i, name)
            self.condition(i, name)
            self.value(i, name, kind)
            self.statement(i, name)
            i += 1

    def returned(self, first, last):
        words = [w.text for w in self.words[first:last] if w.text not in ("static", "inline",
                                                                          "const")]
        if "*" in words:
            return "pointer"
        if words[:1] == ["struct"]:
            return "struct"
        return words[0] if words else "void"

    # The changes.

    def operator(self, i, name):
        word = self.words[i]
        if word.text == "!" and self.at(i + 1) != "=":
            self.add(i, i, "", name)
        if word.text not in OTHERS or word.kind != "sign":
            return
        if word.text in ("+", "-", "*", "/", "%", "&", "|", "^", "<", ">") and not self.is_binary(i):
            return
        for other in OTHERS[word.text]:
            self.add(i, i, other, name)

    def number(self, i, name):
        word = self.words[i]
        if word.kind != "number" or self.is_size(i):
            return
        digits = word.text.rstrip("uUlL")
        suffix = word.text[len(digits):]
        value = int(digits, 0)
        show = hex if digits.lower().startswith("0x") else str
        self.add(i, i, show(value + 1) + suffix, name)
        if value > 0:
            self.add(i, i, show(value - 1) + suffix, name)

    def is_size(self, i):
        """Of an array that is declared: another size is another stack, and no other program."""
        if self.at(i - 1) != "[" or self.at(i + 1) != "]":
            return False
        while i > 0 and self.at(i - 1) not in (";", "{", "}", "("):
            i -= 1
        return self.at(i) in TYPES

    def truth(self, i, name):
        if self.at(i) in ("true", "false"):
            self.add(i, i, "false" if self.at(i) == "true" else "true", name)

    def condition(self, i, name):
        if self.at(i) not in ("if", "while") or self.at(i + 1) != "(":
            return
        first, last = i + 2, self.pairs[i + 1] - 1
        if not self.is_simple(first, last):
            inside = self.source[self.words[first].start:self.words[last].end]
            self.add(first, last, f"!({inside})", name)

    def value(self, i, name, kind):
        if self.at(i) != "return" or self.at(i + 1) == ";":
            return
        last = i + 1
        while self.at(last + 1) != ";":
            last = max(last + 1, self.pairs.get(last + 1, 0))
        inside = self.source[self.words[i + 1].start:self.words[last].end]
        if last == i + 1 and self.words[last].kind == "number" or inside in ("true", "false"):
            return
        if kind == "bool":
            if not self.is_simple(i + 1, last):
                self.add(i + 1, last, f"!({inside})", name)
        elif kind == "pointer":
            if inside != "NULL":
                self.add(i + 1, last, "NULL", name)
        elif kind != "struct":
            self.add(i + 1, last, f"({inside}) + 1", name)

    def statement(self, i, name):
        """Statements that only do something: calls, assignments, break and continue."""
        before = self.at(i - 1)
        starts = before in (";", "{", "}", "else", "do") or (
            before == ")" and self.at(self.pairs[i - 1] - 1) in ("if", "for", "while", "switch"))
        if before == ":":
            j = i - 2
            while self.at(j) not in ("case", "default", ";", "?", "{", "}"):
                j -= 1
            starts = self.at(j) in ("case", "default")
        if not starts or self.at(i) in NO_STATEMENTS or self.at(i) in ("{", "}", ";", "("):
            return
        if self.words[i + 1].kind == "name" and self.words[i].kind == "name":
            return                                               # a declaration
        if self.at(i + 1) == "*" and self.words[i + 2].kind == "name" and not self.is_binary(i + 1):
            return
        last = i
        while self.at(last) not in (";", "}", ","):
            last = max(last, self.pairs.get(last, last)) + 1
        if self.at(last) != ";":
            return                                               # part of an initialiser
        if self.inside_for_head(i):
            return
        self.add(i, last, ";", name)

    def inside_for_head(self, i):
        depth = 0
        while i > 0 and depth >= 0:
            i -= 1
            if self.at(i) == ")":
                depth += 1
            elif self.at(i) == "(":
                depth -= 1
            elif self.at(i) in ("{", "}"):
                return False
        return self.at(i) == "(" and self.at(i - 1) == "for"


def mutants_of(source):
    return Mutator(source).run()
