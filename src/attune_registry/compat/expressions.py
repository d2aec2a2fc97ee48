"""Regular expressions -> languages, for the plain part of the syntax; anything else is Unreadable."""

import re

from attune_registry.compat.languages import (
    ANY,
    EMPTY,
    END,
    OTHER_DIGIT,
    OTHER_SPACE,
    OTHER_WORD,
    Chars,
    Language,
    Ranges,
    chain,
    choice,
    repeat,
)

MOST_REPEATS = 200
DIGITS: Ranges = ((48, 57),)
WORDS: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
SPACES: Ranges = ((9, 13), (32, 32), (0xA0, 0xA0), (0xFEFF, 0xFEFF))
LINE_ENDS: Ranges = ((10, 10), (13, 13), (0x2028, 0x2029))
CONTROLS = {"n": 10, "r": 13, "t": 9, "f": 12, "v": 11, "0": 0}
COUNT = re.compile(r"\{(\d{1,4})(,(\d{0,4}))?\}")
CODE = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})")


class Unreadable(Exception):
    """The expression uses what is not read here: look-around, back references, anchors within, ..."""


def inverted(ranges: Ranges) -> Ranges:
    """All characters but these."""
    found: list[tuple[int, int]] = []
    start = 0
    for low, high in sorted(ranges):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return (*found, (start, END - 1)) if start < END else tuple(found)


def read(pattern: str, *, unicode: bool) -> Language:
    """The strings in which the expression is found somewhere, as JSON Schema means it.

    With `unicode` as engines read it for which `\\d`, `\\w` and `\\s` go beyond ASCII and `.` stops at
    newlines alone; without, as ECMAScript says.
    """
    return Reader(pattern, unicode).whole()


class Reader:
    """Reads one expression from left to right."""

    def __init__(self, pattern: str, unicode: bool) -> None:
        self.text = pattern
        self.unicode = unicode
        self.at = 0

    def peek(self) -> str:
        """The next character, "" at the end."""
        return self.text[self.at : self.at + 1]

    def take(self, expected: str = "") -> str:
        """The next character, which there must be."""
        found = self.peek()
        if not found or (expected and found != expected):
            raise Unreadable(self.text)
        self.at += 1
        return found

    def whole(self) -> Language:
        """Alternatives, each with anchors at its ends or free to be found anywhere."""
        anything = repeat(ANY, 0, None)
        options = []
        while True:
            is_start = self.peek() == "^" and self.take() == "^"
            inner = self.chain()
            is_end = self.peek() == "$" and self.take() == "$"
            options.append(chain(EMPTY if is_start else anything, inner, EMPTY if is_end else anything))
            if not self.peek():
                return choice(*options)
            self.take("|")

    def chain(self) -> Language:
        """Parts in a row, up to `|`, `)`, `$` or the end."""
        found: list[Language] = []
        while self.peek() not in ("", "|", ")", "$"):
            found.append(self.repeated(self.part()))
        return chain(*found)

    def repeated(self, inner: Language) -> Language:
        """A part with the quantifier that may follow it; whether that is lazy is no matter here."""
        counted = COUNT.match(self.text, self.at)
        if self.peek() in ("*", "+", "?"):
            low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}[self.take()]
        elif counted:
            self.at = counted.end()
            low = int(counted[1])
            high = low if counted[2] is None else int(counted[3]) if counted[3] else None
        else:
            return inner
        if self.peek() == "?":
            self.take()
        if self.peek() in ("*", "+", "?", "{") or max(low, high or 0) > MOST_REPEATS:
            raise Unreadable(self.text)
        return repeat(inner, low, high)

    def part(self) -> Language:
        """A group, a class, an escape, a dot or a plain character."""
        char = self.take()
        if char == "(":
            return self.group()
        if char == "[":
            return Chars(self.character_class())
        if char == "\\":
            return Chars(self.escape())
        if char == ".":
            return Chars(inverted(((10, 10),) if self.unicode else LINE_ENDS))
        if char in "^*+?{}]":
            raise Unreadable(self.text)
        return Chars(((ord(char), ord(char)),))

    def group(self) -> Language:
        """What stands in parentheses, captured or not."""
        if self.peek() == "?":
            self.take()
            self.take(":")
        options = [self.chain()]
        while self.peek() == "|":
            self.take()
            options.append(self.chain())
        self.take(")")
        return choice(*options)

    def escape(self) -> Ranges:
        """What follows a backslash."""
        coded = CODE.match(self.text, self.at)
        if coded:
            self.at = coded.end()
            code = int(coded[1] or coded[2], 16)
            return ((code, code),)
        char = self.take()
        if char in "dDwWsS":
            ranges = self.shorthand(char.lower())
            return ranges if char.islower() else inverted(ranges)
        if char in CONTROLS and not (char == "0" and self.peek().isdigit()):
            return ((CONTROLS[char], CONTROLS[char]),)
        if char.isalnum():
            raise Unreadable(self.text)
        return ((ord(char), ord(char)),)

    def shorthand(self, char: str) -> Ranges:
        """The characters of `\\d`, `\\w` or `\\s`."""
        more = {"d": (OTHER_DIGIT,), "w": (OTHER_DIGIT, OTHER_WORD), "s": (OTHER_SPACE,)}[char]
        plain = {"d": DIGITS, "w": WORDS, "s": SPACES}[char]
        return plain + (tuple((each, each) for each in more) if self.unicode else ())

    def character_class(self) -> Ranges:
        """What stands in brackets."""
        is_inverted = self.peek() == "^" and self.take() == "^"
        found: list[tuple[int, int]] = []
        while self.peek() != "]":
            low = self.member()
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.take()
                found.append(self.span(low, self.member()))
            else:
                found += low
        self.take("]")
        return inverted(tuple(found)) if is_inverted else tuple(found)

    def member(self) -> Ranges:
        """One character or shorthand within brackets."""
        char = self.take()
        if char == "\\":
            return self.escape()
        # Engines differ on these within brackets: set operations and nested classes.
        if char == "[" or (char in "&~-" and self.peek() == char):
            raise Unreadable(self.text)
        return ((ord(char), ord(char)),)

    def span(self, low: Ranges, high: Ranges) -> tuple[int, int]:
        """From one character to another."""
        if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or high[0][0] != high[0][1]:
            raise Unreadable(self.text)
        if low[0][0] > high[0][0]:
            raise Unreadable(self.text)
        return (low[0][0], high[0][0])
