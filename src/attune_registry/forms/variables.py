"""Variables as a map or as a list of one-key maps <-> the map that the contract has."""

from typing import Any


def gathered(said: Any) -> Any:
    """One map; what is neither a map nor a list of maps stays as it is."""
    if not isinstance(said, list) or not all(isinstance(part, dict) for part in said):
        return said
    return {name: value for part in said for name, value in part.items()}


def written(variables: Any, old: Any) -> Any:
    """The map in the way that a file has written its variables so far; of one that is there twice the last counts."""
    if not isinstance(old, list) or not isinstance(variables, dict):
        return variables
    last = {name: number for number, part in enumerate(old) if isinstance(part, dict) for name in part}
    kept = [
        {name: variables[name] if last[name] == number else said for name, said in part.items() if name in variables}
        for number, part in enumerate(old)
        if isinstance(part, dict)
    ]
    return [part for part in kept if part] + [{name: variables[name]} for name in variables if name not in last]


def spot(said: Any, steps: list[str]) -> list[str]:
    """Where a file has what stands at these steps in the map."""
    if not isinstance(said, list) or not steps:
        return steps
    holders = [number for number, part in enumerate(said) if isinstance(part, dict) and steps[0] in part]
    return [str(holders[-1]), *steps] if holders else []
