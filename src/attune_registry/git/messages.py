"""A commit's message as git reads it: subject, body, and the trailers at its end."""

import re
from typing import NamedTuple

_TRAILER = re.compile(r"([A-Za-z0-9-]+)[ \t]*:(.*)\Z", re.DOTALL)
# git takes a paragraph with other lines for trailers, too, when one of these is in it (trailer.c).
_OF_GIT = ("Signed-off-by: ", "(cherry picked from commit ")


class Message(NamedTuple):
    """`trailers` are those of the last paragraph; of one that comes again, the values are joined by ", "."""

    subject: str
    body: str
    trailers: dict[str, str]


def parse_message(text: str) -> Message:
    """A commit's message in its parts."""
    # Web forms end lines so, and git takes a line with nothing but a carriage return for an empty one.
    text = text.replace("\r\n", "\n")
    paragraphs = [part for part in re.split(r"\n(?:[ \t]*\n)+", text.strip("\n")) if part.strip()]
    if not paragraphs:
        return Message("", "", {})
    subject = " ".join(line.strip() for line in paragraphs[0].splitlines())
    rest = text.strip("\n")[len(paragraphs[0]) :].strip("\n")
    trailers = _trailers(paragraphs[-1]) if len(paragraphs) > 1 else {}
    if trailers:
        rest = rest[: len(rest) - len(paragraphs[-1])].rstrip()
    return Message(subject, rest.strip("\n"), trailers)


def _trailers(paragraph: str) -> dict[str, str]:
    """The trailers of a paragraph; none where it is not one of trailers, by git's own rule."""
    lines = _unfolded(paragraph)
    found = [match for match in map(_TRAILER.match, lines) if match]
    of_trailers = len(found) + sum(line.startswith(_OF_GIT[1]) for line in lines)
    others = len(lines) - of_trailers
    has_gits = any(line.startswith(_OF_GIT) for line in lines)
    if not found or (others and not (has_gits and of_trailers * 3 >= others)):
        return {}
    trailers: dict[str, str] = {}
    for match in found:
        value = " ".join(match[2].split())
        trailers[match[1]] = f"{trailers[match[1]]}, {value}" if match[1] in trailers else value
    return trailers


def _unfolded(paragraph: str) -> list[str]:
    """The lines, with those that are indented put behind the one they go on from."""
    lines: list[str] = []
    for line in paragraph.split("\n"):
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += "\n" + line
        else:
            lines.append(line)
    return lines
