"""Columns of points as little-endian bytes, made from arrays, buffers or any sequences.

NumPy is never imported: an array of NumPy, pandas or PyTorch is handled by NumPy when the
caller has loaded it, everything else by the standard library.

A masked value of NumPy is no value: its point is left out. What lies below the mask is never
logged. A masked step or timestamp of a value that is there is refused.
"""

import itertools
import struct
import sys
from array import array
from typing import Any, Optional

from .errors import StepwellError

_POINT_BYTES = 8


def step_column(steps: Any) -> bytes:
    """Eight bytes for each step. Raises STEPWELL_STEP_INVALID."""
    return _int_column(steps, "STEPWELL_STEP_INVALID", "steps")


def timestamp_column(timestamps: Any) -> bytes:
    """Eight bytes for each timestamp in milliseconds. Raises STEPWELL_TIMESTAMP_INVALID."""
    column = _int_column(timestamps, "STEPWELL_TIMESTAMP_INVALID", "timestamps")
    # The sign is in the last byte of each little-endian number.
    if column and max(column[_POINT_BYTES - 1 :: _POINT_BYTES]) > 127:
        raise StepwellError("STEPWELL_TIMESTAMP_INVALID", "A timestamp is negative.")
    return column


def without_masked(steps: Any, values: Any, timestamps: Optional[Any]) -> "tuple[Any, Any, Optional[Any]]":
    """The columns without the points whose value is masked. Raises STEPWELL_COLUMN_UNEVEN."""
    if not _is_masked(values) or values.ndim != 1:
        return steps, values, timestamps
    keep = ~sys.modules["numpy"].ma.getmaskarray(values)
    for what, column in (("steps", steps), ("timestamps", timestamps)):
        if column is not None and len(column) != len(values):
            sentence = f"The series has {len(values)} values and {len(column)} {what}."
            raise StepwellError("STEPWELL_COLUMN_UNEVEN", sentence)
    return _selected(steps, keep), values.compressed(), _selected(timestamps, keep)


def constant_column(number: int, count: int) -> bytes:
    """The same int64, count times."""
    return struct.pack("<q", number) * count


def value_column(values: Any) -> bytes:
    """Eight bytes for each double. Raises STEPWELL_VALUE_INVALID."""
    code = "STEPWELL_VALUE_INVALID"
    _refuse_text(values, code, "values")
    try:
        numpy_array = _numpy_array(values)
        if numpy_array is not None:
            if numpy_array.ndim != 1 or numpy_array.dtype.kind not in "fiub":
                raise TypeError(f"{numpy_array.ndim} dimensions of {numpy_array.dtype}")
            return numpy_array.astype("<f8", copy=False).tobytes()
        return _buffer_bytes(values, "d") or _little_endian(array("d", values))
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise StepwellError(code, f"The values are no column of numbers: {error}.") from None


def _int_column(numbers: Any, code: str, what: str) -> bytes:
    _refuse_text(numbers, code, what)
    try:
        numpy_array = _numpy_array(numbers)
        if numpy_array is not None:
            return _int_bytes_of_numpy(numpy_array)
        return _buffer_bytes(numbers, "q") or _little_endian(array("q", numbers))
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise StepwellError(code, f"The {what} are no column of 64-bit whole numbers: {error}.") from None


def _int_bytes_of_numpy(numbers: Any) -> bytes:
    kind = numbers.dtype.kind
    if numbers.ndim != 1 or (kind not in "iu" and len(numbers) > 0):
        raise TypeError(f"{numbers.ndim} dimensions of {numbers.dtype}")
    if kind == "u" and len(numbers) > 0 and int(numbers.max()) >= 2**63:
        raise OverflowError("a number is beyond int64")
    converted: bytes = numbers.astype("<i8", copy=False).tobytes()
    return converted


def _numpy_array(column: Any) -> Optional[Any]:
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(column, "__array__"):
        return None
    if _is_masked(column) and numpy.ma.getmaskarray(column).any():
        raise ValueError("some are masked")
    return column if type(column) is numpy.ndarray else numpy.asarray(column)


def _is_masked(column: Any) -> bool:
    masked_arrays = getattr(sys.modules.get("numpy"), "ma", None)
    return masked_arrays is not None and isinstance(column, masked_arrays.MaskedArray)


def _selected(column: Any, keep: Any) -> Any:
    if column is None:
        return None
    if hasattr(column, "__array__"):
        return sys.modules["numpy"].asanyarray(column)[keep]
    return list(itertools.compress(column, keep))


def _buffer_bytes(column: Any, format_character: str) -> Optional[bytes]:
    """The memory of a buffer that holds the wanted numbers already; None for everything else."""
    try:
        view = memoryview(column)
    except TypeError:
        return None
    is_same = view.format == format_character or (format_character == "q" and view.format == "l")
    if view.ndim != 1:
        raise TypeError(f"{view.ndim} dimensions")
    if not is_same or view.itemsize != _POINT_BYTES:
        return None
    return _little_endian(array(format_character, view.tobytes()))


def _little_endian(numbers: "array[Any]") -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _refuse_text(column: Any, code: str, what: str) -> None:
    # array() would read the bytes of a bytes object as numbers.
    if isinstance(column, (str, bytes, bytearray)):
        raise StepwellError(code, f"The {what} are text or bytes.")
