"""The wfdb package, imported when first needed and without its noise.

Importing it costs over a second (pandas), and with pandas 3.1 it warns about its own code.
"""

import warnings
from functools import lru_cache
from importlib import import_module
from types import ModuleType


@lru_cache(maxsize=2)
def wfdb_module(name: str = "wfdb") -> ModuleType:
    """``wfdb`` or, for detection, ``wfdb.processing``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module(name)
