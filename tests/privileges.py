"""Root without its power over files, so that what may not be read cannot be."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

# capabilities(7), capget(2): 64 bits in two structs of three words each, effective, permitted and inheritable.
_VERSION = 0x20080522
_OVER_FILES = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
_PR_GET_SECUREBITS, _PR_SET_SECUREBITS, _SECBIT_NOROOT = 27, 28, 1
_Words = ctypes.c_uint32 * 6
_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def no_power_over_files() -> Iterator[None]:
    """For this thread, for those it starts meanwhile, and for the programs that they run. Others have never any."""
    words, bits = _capabilities(), _libc.prctl(_PR_GET_SECUREBITS)
    if not words[0] & _OVER_FILES:
        yield
        return
    assert _libc.prctl(_PR_SET_SECUREBITS, bits | _SECBIT_NOROOT) == 0
    _set_effective(words[0] & ~_OVER_FILES)
    try:
        yield
    finally:
        _set_effective(words[0])
        assert _libc.prctl(_PR_SET_SECUREBITS, bits) == 0


def _set_effective(value: int) -> None:
    words = _capabilities()
    words[0] = value
    assert _libc.capset(_header(), words) == 0


def _capabilities() -> "ctypes.Array[ctypes.c_uint32]":
    words = _Words()
    assert _libc.capget(_header(), words) == 0
    return words


def _header() -> "ctypes.Array[ctypes.c_uint32]":
    return (ctypes.c_uint32 * 2)(_VERSION, 0)
