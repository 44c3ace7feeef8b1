"""The edges of the standard's State figure (FUMO §5), and what they lead to."""

from fumo.codes import State

EDGES = {
    10: {30, 50},
    20: {10},
    30: {20, 40},
    40: {50},
    50: {10, 60},
    60: {70, 90},
    70: {80},
    80: {10},
    90: {100},
    100: {10},
}


def reachable(start: State) -> set[State]:
    """States that may be seen next: several edges may be passed between two looks."""
    seen, todo = {int(start)}, [int(start)]
    while todo:
        new = EDGES[todo.pop()] - seen
        seen |= new
        todo += new
    return {State(value) for value in seen}
