"""The names of tasks: those in a parallel one are a space of their own, so that two such groups may share them."""

from collections.abc import Iterator, Sequence

# A task's name, and the number of the task of type parallel that holds it (-1 for none).
Named = tuple[str, int]


def twins(tasks: Sequence[Named]) -> dict[str, tuple[int, ...]]:
    """The numbers of the tasks that share a name, by that."""
    numbers: dict[str, list[int]] = {}
    for number, (name, _) in enumerate(tasks):
        numbers.setdefault(name, []).append(number)
    return {name: tuple(several) for name, several in numbers.items() if len(several) > 1}


def of_group(tasks: Sequence[Named], names: dict[str, tuple[int, ...]]) -> dict[Named, int]:
    """Which of several tasks a name means to those of a group that has it; `names` are those of twins."""
    return {tasks[number]: number for name in names for number in reversed(names[name])}


def taken(tasks: Sequence[Named], names: dict[str, tuple[int, ...]]) -> Iterator[int]:
    """The tasks whose name another one has, in their order: one of their group, or one that no group holds."""
    groups: dict[str, set[int]] = {name: set() for name in names}
    for number, (name, group) in enumerate(tasks):
        if name in groups:
            before = groups[name]
            if before and (group in before or group < 0 or -1 in before):
                yield number
            before.add(group)
