"""What is known of the levers before a fit: mean and covariance, from an earlier visit, say.

A fit without one starts from the normal adult: mean 0 and each lever's own width.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.assimilation.levers import LEVERS, Lever


@dataclass(frozen=True, eq=False)
class Prior:
    """A normal distribution of the levers: ``mean`` ``(n,)`` and ``covariance`` ``(n, n)``.

    Raises
    ------
    ValueError
        The shapes do not fit, or the covariance is not symmetric and positive definite.
    """

    mean: FloatArray
    covariance: FloatArray

    def __post_init__(self) -> None:
        n = len(self.mean)
        if self.mean.shape != (n,) or self.covariance.shape != (n, n):
            raise ValueError(f"mean {self.mean.shape}, covariance {self.covariance.shape}")
        if not np.allclose(self.covariance, self.covariance.T, rtol=1e-9, atol=1e-12):
            raise ValueError("the covariance of a prior is not symmetric")
        try:
            _ = self.whitening
        except np.linalg.LinAlgError as error:
            raise ValueError("the covariance of a prior is not positive definite") from error

    @cached_property
    def whitening(self) -> FloatArray:
        """``(n, n)`` W with W'W the inverse of the covariance: W (x - mean) are residuals."""
        lower = np.linalg.cholesky(self.covariance)
        return np.asarray(np.linalg.solve(lower, np.eye(len(self.mean))))

    @property
    def widths(self) -> FloatArray:
        """Standard deviation of each lever."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def residuals(self, values: FloatArray) -> FloatArray:
        """``(n,)`` independent, of standard deviation 1 under the prior."""
        return np.asarray(self.whitening @ (values - self.mean))


def normal_adult(levers: tuple[Lever, ...] = LEVERS) -> Prior:
    """What is known of a patient whom nobody has seen before."""
    widths = np.array([lever.prior_sd for lever in levers])
    return Prior(np.zeros(len(levers)), np.diag(widths**2))
