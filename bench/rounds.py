"""Rounds: two things measured in turn, so that whatever else the machine does hits both."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

Step: TypeAlias = Callable[[int], Awaitable[int]]  # worker's number -> how many were done


@dataclass(frozen=True, slots=True)
class Compared:
    """What alternating rounds came to. Units: per second."""

    rates: list[tuple[float, float]]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return median(ours / floor for ours, floor in self.rates)

    def said(self) -> str:
        """Say the medians behind the ratio."""
        ours, floor = (median(side) for side in zip(*self.rates, strict=True))
        return f"{ours:,.0f}/s against {floor:,.0f}/s, {len(self.rates)} alternating rounds"


async def rate(step: Step, *, workers: int, seconds: float) -> float:
    """Let so many workers repeat a step for a while; return how many were done a second."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    stop = start + seconds

    async def work(number: int) -> int:
        done = 0
        while loop.time() < stop:
            done += await step(number)
        return done

    counts = await asyncio.gather(*(work(number) for number in range(workers)))
    return sum(counts) / (loop.time() - start)


async def repeated(step: Step, *, workers: int, times: int) -> float:
    """Let so many workers repeat a step so often; return how many were done a second."""
    loop = asyncio.get_running_loop()
    start = loop.time()

    async def work(number: int) -> int:
        return sum([await step(number) for _ in range(times)])

    counts = await asyncio.gather(*(work(number) for number in range(workers)))
    return sum(counts) / (loop.time() - start)


async def compare(
    ours: Callable[[], Awaitable[float]], floor: Callable[[], Awaitable[float]], *, rounds: int
) -> Compared:
    """Measure two rates in turn, after one round of each that does not count."""
    await ours()
    await floor()
    return Compared([(await ours(), await floor()) for _ in range(rounds)])
