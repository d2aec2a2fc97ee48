"""Strongly connected components, and who can come before whom."""


class _Search:
    """Tarjan's search, without recursion: a definition may hold thousands of tasks in a row."""

    def __init__(self, after: list[list[int]]) -> None:
        self._after = after
        self._order: dict[int, int] = {}
        self._low: dict[int, int] = {}
        self._stack: list[int] = []
        self._on_stack: set[int] = set()
        self.found: list[list[int]] = []

    def from_root(self, root: int) -> None:
        """Visit everything that can be reached from `root` and was not visited yet."""
        if root in self._order:
            return
        work = [(root, 0)]
        while work:
            node, done = work.pop()
            if done == 0:
                self._enter(node)
            else:
                self._low[node] = min(self._low[node], self._low[self._after[node][done - 1]])
            done = self._past_visited(node, done)
            if done < len(self._after[node]):
                work += [(node, done + 1), (self._after[node][done], 0)]
            elif self._low[node] == self._order[node]:
                self._leave(node)

    def _enter(self, node: int) -> None:
        self._order[node] = self._low[node] = len(self._order)
        self._stack.append(node)
        self._on_stack.add(node)

    def _past_visited(self, node: int, done: int) -> int:
        """The number of the next target not visited yet; those still open lower the link on the way."""
        targets = self._after[node]
        while done < len(targets) and targets[done] in self._order:
            if targets[done] in self._on_stack:
                self._low[node] = min(self._low[node], self._order[targets[done]])
            done += 1
        return done

    def _leave(self, root: int) -> None:
        members = [self._stack.pop()]
        while members[-1] != root:
            members.append(self._stack.pop())
        self._on_stack.difference_update(members)
        self.found.append(members)


def components(after: list[list[int]]) -> list[list[int]]:
    """The strongly connected components of a graph, successors before predecessors."""
    if all(node < target for node, targets in enumerate(after) for target in targets):
        # Nothing leads back, as in most files, whose tasks stand in the order they run in.
        return [[node] for node in reversed(range(len(after)))]
    search = _Search(after)
    for root in range(len(after)):
        search.from_root(root)
    return search.found


def ancestors(after: list[list[int]]) -> list[int]:
    """For each node a bit set of the nodes from which a way leads to it; a node in a loop is its own."""
    bits = [0] * len(after)
    for members in reversed(components(after)):
        inside = sum(1 << node for node in members)
        reaching = 0
        for node in members:
            reaching |= bits[node]
        if len(members) > 1 or members[0] in after[members[0]]:
            reaching |= inside
        for node in members:
            bits[node] = reaching
            for target in after[node]:
                if not inside >> target & 1:
                    bits[target] |= reaching | 1 << node
    return bits
