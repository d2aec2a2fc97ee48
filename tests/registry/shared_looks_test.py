"""Workers that look at the same things at once: what one takes from another was seen since it asked."""

import os
from collections.abc import Callable, Sequence

import pytest

from attune_registry.git.stamps import Stamp
from attune_registry.shared_looks import SharedLooks

THINGS = [f"packs/p{number:04}" for number in range(1000)]


class World:
    """Things that have stamps; `change` gives one of them another."""

    def __init__(self) -> None:
        self.stamps: dict[str, Stamp] = {thing: (at, at, at, at) for at, thing in enumerate(THINGS, 1)}

    def change(self, thing: str) -> None:
        self.stamps[thing] = (0, 1, 2, 3)


class Worker:
    """One that knows how things are now, and counts what it looks at; `meanwhile` happens once, as it looks."""

    def __init__(self, world: World, shared: SharedLooks, meanwhile: Callable[[], None] | None = None) -> None:
        self._world = world
        self._shared = shared
        self._known = list(world.stamps.values())
        self.meanwhile = meanwhile
        self.looked_at: list[str] = []

    def is_right(self) -> bool:
        """True when it finds out how things are."""
        return self._shared.stamps(self._look, THINGS, self._known) == list(self._world.stamps.values())

    def _look(self, things: Sequence[str]) -> list[Stamp]:
        self.looked_at += things
        found = [self._world.stamps[thing] for thing in things]
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        return found


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shared() -> SharedLooks:
    return SharedLooks()


def in_a_process(act: Callable[[], bool]) -> None:
    child = os.fork()
    if not child:
        os._exit(0 if act() else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_what_another_process_has_seen_since_is_not_looked_at_again(world: World, shared: SharedLooks) -> None:
    other = Worker(world, shared)
    one = Worker(world, shared, lambda: in_a_process(other.is_right))
    assert one.is_right()
    assert len(one.looked_at) < 0.1 * len(THINGS)


def test_two_at_once_share_what_there_is_to_look_at(world: World, shared: SharedLooks) -> None:
    """The second begins behind the first."""
    other = Worker(world, shared)
    one = Worker(world, shared, lambda: other.is_right() and None)
    assert one.is_right()
    assert other.looked_at[0] == THINGS[THINGS.index(one.looked_at[-1]) + 1]


def test_what_was_seen_before_proves_nothing(world: World, shared: SharedLooks) -> None:
    one, other = Worker(world, shared), Worker(world, shared)
    assert other.is_right()
    world.change(THINGS[500])
    assert one.is_right()
    assert len(one.looked_at) == len(THINGS)


def test_what_another_began_to_look_at_before_proves_nothing(world: World, shared: SharedLooks) -> None:
    """It may have looked before the change that this one is to see."""
    late = Worker(world, shared)

    def change_and_ask() -> None:
        world.change(early.looked_at[-1])
        assert late.is_right()

    early = Worker(world, shared, change_and_ask)
    early.is_right()
    assert early.looked_at[0] in late.looked_at


def test_what_another_found_changed_is_looked_at(world: World, shared: SharedLooks) -> None:
    other = Worker(world, shared)

    def change_and_look() -> None:
        world.change(THINGS[-1])
        assert other.is_right()

    one = Worker(world, shared, change_and_look)
    assert one.is_right()
    assert THINGS[-1] in one.looked_at


def test_what_another_has_known_otherwise_is_looked_at(world: World, shared: SharedLooks) -> None:
    one = Worker(world, shared)
    world.change(THINGS[-1])
    other = Worker(world, shared)
    one.meanwhile = lambda: other.is_right() and None
    assert one.is_right()


def test_nobody_waits_for_one_that_was_killed(world: World, shared: SharedLooks) -> None:
    def be_killed() -> bool:
        Worker(world, shared, lambda: os._exit(0)).is_right()
        return False

    one = Worker(world, shared, lambda: in_a_process(be_killed))
    assert one.is_right()
    assert len(one.looked_at) == len(THINGS)


def test_what_was_seen_before_by_others_than_the_one_that_was_killed_proves_nothing(
    world: World, shared: SharedLooks
) -> None:
    one = Worker(world, shared)
    assert Worker(world, shared).is_right()
    for thing in THINGS:
        world.change(thing)

    def be_killed() -> bool:
        Worker(world, shared, lambda: os._exit(0)).is_right()
        return False

    one.meanwhile = lambda: in_a_process(be_killed)
    assert one.is_right()


def test_what_two_wrote_at_once_is_not_put_together(world: World, shared: SharedLooks) -> None:
    """One that began before the change may write last what it saw, beside the time of another."""
    one, other = Worker(world, shared), Worker(world, shared)
    assert Worker(world, shared).is_right()
    before = list(shared._seen)
    world.change(THINGS[-1])

    def look_and_overwrite() -> None:
        assert other.is_right()
        for at, digest in enumerate(before):
            shared._seen[at] = digest

    one.meanwhile = look_and_overwrite
    assert one.is_right()


def test_nothing_and_very_much_can_be_looked_at(shared: SharedLooks) -> None:
    assert shared.stamps(lambda things: [], [], []) == []
    things = list(map(str, range(100_000)))
    stamps: list[Stamp] = [(at, 0, 0, 0) for at in range(len(things))]
    assert shared.stamps(lambda some: [(int(thing), 0, 0, 0) for thing in some], things, stamps) == stamps
