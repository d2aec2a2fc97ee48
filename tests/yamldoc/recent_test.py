"""What was read a moment ago is not read again, and little is kept for that."""

from attune_registry.yamldoc.document import parse
from attune_registry.yamldoc.recent import parse_again


def test_the_same_bytes_are_read_once() -> None:
    raw = b"label: A\ntags: [x, 'y']\n"
    first = parse_again(raw)
    assert parse_again(bytes(bytearray(raw))) is first
    assert first.data == parse(raw).data


def test_what_cannot_be_read_is_said_each_time() -> None:
    assert [fault.rule for _ in range(2) for fault in parse_again(b"a: [\n").faults] == ["yaml-syntax"] * 2


def test_only_the_last_few_are_kept() -> None:
    first = parse_again(b"first: 1\n")
    for at in range(100):
        parse_again(f"other: {at}\n".encode())
    again = parse_again(b"first: 1\n")
    assert again is not first
    assert again.data == first.data


def test_a_large_file_is_not_kept() -> None:
    raw = b"".join(b"key_%d: %d\n" % (at, at) for at in range(2_000))
    assert parse_again(raw) is not parse_again(raw)
    assert parse_again(raw).data["key_1999"] == 1999
