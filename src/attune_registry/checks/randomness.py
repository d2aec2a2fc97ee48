"""Does a text look like chance made it: a key or a token, and no words, name, path or encoded text."""

import base64
import binascii
import math
import re
from collections import Counter
from itertools import pairwise

_LEAST_BITS = 4.2
_LEAST_TURNS = 0.4
_TOKEN = re.compile(r"(?!sha\d+-)[A-Za-z0-9+/_-]{32,}={0,2}\Z")
# A path or a name in parts has more joints than chance puts between so many characters.
_PER_JOINT = 8
# Of 400 texts that chance made hardly one is to half of such words; names in humps are for the most part.
_WORD = re.compile(r"(?=[A-Za-z][a-z]*[aeiouy])[A-Za-z][a-z]{3,}")
_LEAST_WORDS = 0.5
# What CloudFormation puts behind the names of a stack and a thing in it, with eight digits of the CDK's before it.
_OF_A_STACK = re.compile(r"(?:[A-F0-9]{8})?-[A-Za-z0-9]{12,13}\Z")


def bits(text: str) -> float:
    """Shannon's entropy, in bits per character."""
    size = len(text)
    return -sum(count / size * math.log2(count / size) for count in Counter(text).values())


def is_by_chance(text: str) -> bool:
    """True for 32 characters and more, capitals, small letters and digits mixed as nobody would; digests are not."""
    if not _TOKEN.match(text) or len(text) > 512:
        return False
    kinds = [_kind(char) for char in text if char.isalnum()]
    if set(kinds) != {"a", "A", "0"} or len(text) - len(kinds) > len(text) // _PER_JOINT:
        return False
    turns = sum(one != other for one, other in pairwise(kinds)) / (len(kinds) - 1)
    return turns >= _LEAST_TURNS and bits(text) >= _LEAST_BITS and not (_is_named(text) or _is_encoded(text))


def _kind(char: str) -> str:
    if char.isdigit():
        return "0"
    return "a" if char.islower() else "A"


def _is_named(text: str) -> bool:
    """True for a name: words for the most part, or one that CloudFormation gives."""
    name = _OF_A_STACK.sub("", text) if text.count("-") > 1 else text
    return sum(map(len, _WORD.findall(name))) >= len(name) * _LEAST_WORDS


def _is_encoded(text: str) -> bool:
    """True for text in Base64, which may have lost its padding: what it says is there to be read."""
    padded = text + "=" * (-len(text) % 4)
    try:
        decoded = base64.b64decode(padded, altchars=b"-_" if "-" in text or "_" in text else None, validate=True)
        return decoded.decode().isprintable() or "\n" in decoded.decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
