"""Compiling numerical kernels, with a cache that cannot go stale.

Numba keys its cache on the file of each function alone, so a kernel that calls another module's
kernel would survive a change there. The cache folder is therefore named after the text of all
files with kernels; ``NUMBA_CACHE_DIR`` overrides it.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from organtwin.resources import user_cache

F = TypeVar("F", bound=Callable[..., Any])

_SOURCE = Path(__file__).resolve().parent
_KEPT_CACHES = 4
_MARK = b"organtwin.compilation import"
"""Marks a file with kernels. Constants of a kernel must therefore stand in such a file."""


def kernel(function: F) -> F:
    """Compile a flat numerical function: releases the lock, cached on disk, never parallel.

    Parallelism belongs across beats and ensemble members; two threads inside parallel kernels
    abort the process under some threading layers (numba issues 8563 and 10565).
    """
    return cast("F", numba.njit(nogil=True, cache=True, error_model="numpy")(function))


def fast_kernel(function: F) -> F:
    """Compile like ``kernel``, free to reorder sums: for geometry, where last bits do not count."""
    return cast(
        "F", numba.njit(nogil=True, cache=True, error_model="numpy", fastmath=True)(function)
    )


def _source_digest() -> str:
    """Digest of numba's version and of every file that holds kernels."""
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(_SOURCE.rglob("*.py")):
        text = path.read_bytes()
        if _MARK in text:
            digest.update(str(path).encode() + text)
    return digest.hexdigest()[:16]


def _choose_cache() -> None:
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    root = user_cache("kernels")
    chosen = root / _source_digest()
    try:
        chosen.mkdir(parents=True, exist_ok=True)
        old = sorted(root.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return  # a read-only home: numba falls back to its own choice
    for stale in old[_KEPT_CACHES:]:
        if stale != chosen:
            shutil.rmtree(stale, ignore_errors=True)
    numba.config.CACHE_DIR = str(chosen)


_choose_cache()
