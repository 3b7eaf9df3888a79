"""Packing: several sums of whole numbers in one double, as digits of one number.

What a sum costs is finding its place in memory, not adding, so three small sums in one place cost a third. Every digit has room for
the largest sum it can reach, and all of them together stay below 2^52, where doubles are exact.
"""

from dataclasses import dataclass

import ibis

from vaglio.plan.arithmetic import rounded_down

CAPACITY = 52  # bits


@dataclass(frozen=True)
class Digit:
    """A column inside a packed sum: its ``size`` is a power of two that is more than twice the largest absolute value of its sum."""

    column: str
    size: int


def packs(largest: dict[str, int]) -> list[list[Digit]]:
    """Return columns packed together, given the largest absolute value that each sum can reach; the widest come first."""
    digits = sorted((Digit(column, 2 ** (value.bit_length() + 1)) for column, value in largest.items()), key=lambda each: -each.size)
    found: list[list[Digit]] = []
    rooms: list[int] = []
    for digit in digits:
        bits = digit.size.bit_length() - 1
        place = next((place for place, room in enumerate(rooms) if room >= bits), None)
        if place is None:
            found.append([])
            rooms.append(CAPACITY)
            place = len(rooms) - 1
        found[place].append(digit)
        rooms[place] -= bits
    return found


def packed(values: dict[str, ibis.Value], digits: list[Digit]) -> ibis.Value:
    """Return the number whose digits are the values."""
    total, weight = values[digits[0].column], digits[0].size
    for digit in digits[1:]:
        total = total + values[digit.column] * ibis.literal(float(weight), "float64")
        weight *= digit.size
    return total


def unpacked(total: ibis.Value, digits: list[Digit]) -> dict[str, ibis.Value]:
    """Return each column of a packed sum, as whole numbers."""
    found: dict[str, ibis.Value] = {}
    for digit in digits[:-1]:
        rest = rounded_down((total + digit.size / 2) / float(digit.size))
        found[digit.column] = (total - rest * float(digit.size)).cast("int64")
        total = rest
    return found | {digits[-1].column: total.cast("int64")}
