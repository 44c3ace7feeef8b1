"""How far a download is, as one line for a terminal. Pure."""

MIB = 1024 * 1024
BAR_WIDTH = 30


def bar(received: int, total: int | None) -> str:
    """`[#####·····]  45 %  7.2 of 16.0 MiB`; without a total the length alone."""
    if not total or total < 0:
        return f"{received / MIB:.1f} MiB"
    part = min(1.0, received / total)
    full = int(part * BAR_WIDTH)
    drawn = "#" * full + "·" * (BAR_WIDTH - full)
    return f"[{drawn}] {int(part * 100):3} %  {received / MIB:.1f} of {total / MIB:.1f} MiB"
