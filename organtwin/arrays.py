"""Names for array types; shapes and units are told where an array is used."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]
RealArray = FloatArray | Float32Array
"""Either precision: kernels are compiled for the one they are given."""
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]
