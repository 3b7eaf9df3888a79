"""Turn NumPy arrays into Arrow columns without a Python object per row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vaglio.demo.randomness import Bits

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]

# "No value" in arrays of codes and of seconds.
NONE = -1
NEVER = np.iinfo(np.int64).min

MICROSECONDS = 1_000_000
_PAIRS = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), dtype=np.uint16)


def texts(words: Any) -> Texts:
    """Hold a vocabulary as an array, so that codes index it."""
    return np.asarray(words, dtype=object)


def words_column(codes: NDArray[Any], vocabulary: pa.Array | Texts) -> pa.DictionaryArray:
    """Spell codes as words.

    Parameters
    ----------
    codes : array of integers, shape (n,)
        Positions in the vocabulary; negative for no value.
    vocabulary : pyarrow string array or array of str, shape (m,)
    """
    if not isinstance(vocabulary, pa.Array):
        vocabulary = pa.array(vocabulary, type=pa.string())
    missing = codes < 0
    indices = pa.array(codes.astype(np.int32, copy=False), mask=missing if missing.any() else None)
    return pa.DictionaryArray.from_arrays(indices, vocabulary)


def integers_column(numbers: NDArray[Any], missing: Flags | None = None) -> pa.Array:
    """Hold whole numbers, without a value where ``missing``."""
    return pa.array(numbers.astype(np.int64, copy=False), mask=missing)


def instants_column(instants_us: NDArray[np.int64], missing: Flags | None = None) -> pa.Array:
    """Hold instants given in microseconds since 1970 UTC, without a value where ``missing``."""
    return pa.array(instants_us, mask=missing).cast(pa.timestamp("us", "UTC"))


def dates_column(instants_us: NDArray[np.int64], missing: Flags | None = None) -> pa.Array:
    """Hold the UTC dates of instants given in microseconds since 1970."""
    days = np.asarray(instants_us // (86_400 * MICROSECONDS), dtype=np.int32)
    return pa.array(days, mask=missing).cast(pa.date32())


def identifier_bytes(prefix: str, numbers: NDArray[Any], digits: int) -> Bytes:
    """Spell ``L000001``-like identifiers as a matrix of ASCII bytes, shape (n, 1 + digits)."""
    spelled = np.empty((len(numbers), 1 + digits), dtype=np.uint8)
    spelled[:, 0] = ord(prefix)
    rest = numbers.astype(np.int32)
    for place in range(digits, 0, -1):
        higher = rest // 10
        spelled[:, place] = rest - higher * 10 + ord("0")
        rest = higher
    return spelled


def take_texts(spelled: Bytes, numbers: NDArray[Any]) -> Bytes:
    """Take rows of a matrix of bytes; each row moves as one piece, ten times faster than by bytes."""
    length = spelled.shape[1]
    cells = spelled.view(f"V{length}")[:, 0]
    return np.asarray(cells[numbers]).view(np.uint8).reshape(len(numbers), length)


def fixed_text_column(spelled: Bytes, missing: Flags | None = None) -> pa.Array:
    """Hold texts of equal length, given as a matrix of ASCII bytes, shape (n, length)."""
    count, length = spelled.shape
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(length)
    column = pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(spelled)))
    if missing is None:
        return column
    return pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), column)


def uuid_bytes(mixed: Bits, salt: int) -> Bytes:
    """Spell 64-bit numbers as UUID-like texts, shape (n, 36); distinct numbers give distinct texts.

    Parameters
    ----------
    mixed : array of uint64, shape (n,)
    salt : int
        56 further bits, the same in every text, which tell the companies of different seeds apart.
    """
    spelled = np.empty((len(mixed), 36), dtype=np.uint8)
    constant = f"{salt & 0xFFFFFFFFFFFFFF:014x}"
    shape = f"00000000-0000-4{constant[:3]}-8{constant[3:6]}-{constant[6:]}0000"
    spelled[:] = np.frombuffer(shape.encode(), dtype=np.uint8)
    digits = _PAIRS[mixed.view(np.uint8)].view(np.uint8).reshape(len(mixed), 16)
    spelled[:, 0:8] = digits[:, 0:8]
    spelled[:, 9:13] = digits[:, 8:12]
    spelled[:, 32:36] = digits[:, 12:16]
    return spelled
