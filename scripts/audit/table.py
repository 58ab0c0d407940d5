"""The figures of an audit for a terminal."""

from collections.abc import Iterator, Sequence

from scripts.audit.figures import Rate, TestFigures
from scripts.audit.judging import ASPECTS


def lines_of(figures: Sequence[TestFigures], *, groups: bool = True) -> Iterator[str]:
    """Yields the lines of the report.

    Args:
        figures: What it tells.
        groups: Whether each group of a test has a line of its own.
    """
    width = max([len(one.name) for one in figures], default=0)
    if groups:
        width = max([width, *(2 + len(rate.name) for one in figures for rate in one.groups)])
    heads = "".join(f"{aspect:>11}" for aspect in ASPECTS)
    yield f"{'':{width}}   failed   of    rate  95 % interval {heads}"
    for one in figures:
        yield ""
        mark = f"   above {100 * one.limit:g} %" if one.is_above_limit else ""
        yield _line(one.name, one.total, width) + mark
        if groups and len(one.groups) > 1:
            for rate in one.groups:
                yield _line(f"  {rate.name}", rate, width)
        if one.comparison is not None:
            yield f"{'':{width}}   {told_difference(one)}"


def told_difference(figures: TestFigures) -> str:
    """Tells of the largest difference between groups in words."""
    found = figures.comparison
    if found is None:
        return "one group"
    if found.difference == 0:
        return "no difference between the groups"
    points = f"{100 * found.difference:.1f} points between {found.most} and {found.fewest}"
    chance = "hardly chance" if figures.differs_by_group else "may be chance"
    return f"{points}: p = {found.p:.4f}, adjusted {figures.adjusted_p:.3f}, {chance}"


def _line(name: str, rate: Rate, width: int) -> str:
    low, high = rate.interval
    aspects = "".join(f"{rate.aspects[aspect] or '·':>11}" for aspect in ASPECTS)
    return (
        f"{name:{width}}   {rate.failures:6} {rate.cases:4}  {100 * rate.rate:4.1f} %  "
        f"{100 * low:4.1f} to {100 * high:4.1f} % {aspects}"
    )
