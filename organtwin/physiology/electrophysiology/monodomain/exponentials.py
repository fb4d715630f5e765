"""Exponential and logarithm that a compiler can run on many cells at once.

The library functions are calls that keep a loop scalar. These are branch-free: the argument is
reduced to a power of two and a remainder, the remainder goes through a polynomial, the power is
written into the exponent bits. Relative error in double precision 1e-14, in single 3e-7
(``tests/physiology/electrophysiology/monodomain/test_exponentials.py``). Arguments beyond the
range of the format give its ends, not infinity.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic, overload

from organtwin.compilation import kernel as _marked_for_the_cache  # noqa: F401

Real = float | np.floating[Any]

_LOG2E = 1.0 / math.log(2.0)


def _bits(source: Any, target: Any) -> Any:
    """Read the bits of one number type as another."""

    @intrinsic  # type: ignore[untyped-decorator]
    def cast(context: Any, x: Any) -> Any:
        def generate(target_context: Any, builder: Any, _: Any, values: Any) -> Any:
            return builder.bitcast(values[0], target_context.get_value_type(target))

        return target(source), generate

    return cast


_as_float32, _as_float64 = (
    _bits(types.int32, types.float32), _bits(types.int64, types.float64)
)  # fmt: skip
_as_int32, _as_int64 = _bits(types.float32, types.int32), _bits(types.float64, types.int64)


def exp(x: Real) -> float:
    """The exponential of ``x``, in its precision."""
    return float(np.exp(x))


def log(x: Real) -> float:
    """The natural logarithm of a positive, normal ``x``, in its precision."""
    return float(np.log(x))


@overload(exp)  # type: ignore[untyped-decorator]
def _exp(x: Any) -> Callable[[float], float] | None:
    if x == types.float32:
        return _exp32
    return _exp64 if x == types.float64 else None


@overload(log)  # type: ignore[untyped-decorator]
def _log(x: Any) -> Callable[[float], float] | None:
    if x == types.float32:
        return _log32
    return _log64 if x == types.float64 else None


f32 = np.float32
_C32 = tuple(f32(1.0 / math.factorial(n)) for n in range(7))
_C64 = tuple(1.0 / math.factorial(n) for n in range(13))


def _exp32(x: Any) -> Any:
    x = min(max(x, f32(-87.0)), f32(88.0))
    power = np.floor(x * f32(_LOG2E) + f32(0.5))
    # ln 2 in two parts, so that the remainder loses no digits
    r = (x - power * f32(0.693359375)) - power * f32(-2.12194440e-4)
    y = _C32[5] + r * _C32[6]
    y = _C32[2] + r * (_C32[3] + r * (_C32[4] + r * y))
    y = _C32[0] + r * (_C32[1] + r * y)
    return y * _as_float32((np.int32(power) + np.int32(127)) << np.int32(23))


def _exp64(x: Any) -> Any:
    x = min(max(x, -700.0), 700.0)
    power = np.floor(x * _LOG2E + 0.5)
    r = (x - power * 0.693147180369123816490) - power * 1.90821492927058770002e-10
    y = _C64[9] + r * (_C64[10] + r * (_C64[11] + r * _C64[12]))
    y = _C64[5] + r * (_C64[6] + r * (_C64[7] + r * (_C64[8] + r * y)))
    y = _C64[1] + r * (_C64[2] + r * (_C64[3] + r * (_C64[4] + r * y)))
    return (_C64[0] + r * y) * _as_float64((np.int64(power) + 1023) << 52)


def _log32(x: Any) -> Any:
    bits = _as_int32(x)
    power = f32((bits >> np.int32(23)) - np.int32(127))
    m = _as_float32((bits & np.int32(0x7FFFFF)) | np.int32(0x3F800000))
    high = f32(m > f32(math.sqrt(2.0)))
    m, power = m * (f32(1.0) - f32(0.5) * high), power + high
    t = (m - f32(1.0)) / (m + f32(1.0))
    s = t * t
    y = f32(1.0) + s * (f32(1 / 3) + s * (f32(1 / 5) + s * (f32(1 / 7) + s * f32(1 / 9))))
    return f32(2.0) * t * y + power * f32(math.log(2.0))


def _log64(x: Any) -> Any:
    bits = _as_int64(x)
    power = np.float64((bits >> 52) - 1023)
    m = _as_float64((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000)
    high = np.float64(m > math.sqrt(2.0))
    m, power = m * (1.0 - 0.5 * high), power + high
    t = (m - 1.0) / (m + 1.0)
    s = t * t
    y = 1 / 11 + s * (1 / 13 + s * (1 / 15 + s * (1 / 17 + s * (1 / 19))))
    y = 1.0 + s * (1 / 3 + s * (1 / 5 + s * (1 / 7 + s * (1 / 9 + s * y))))
    return 2.0 * t * y + power * math.log(2.0)
