"""Arrival of excitation everywhere: the anisotropic eikonal equation on tissue, layers and cables.

``sqrt(grad t . D grad t) = 1`` with arrival time t [s] and ``D = vf^2 ff' + vs^2 ss' + vn^2 nn'``
[m2/s2] from the conduction speeds along fibre f, sheet s and their normal n; on layers the same
with one speed in the triangle's plane; along a cable a delay for each way. t is linear on every
tetrahedron and triangle and solves the discrete Hopf-Lax problem: at each node the minimum over all
elements around it of what enters through the opposite face (Bornemann and Rasch, Comput Vis Sci
2006;9:57). The minimum is unique; nodes are taken up from a queue until none can be lowered.
A second pass (``curved``) then takes out most of what linear times cost where a front curves.

Assumptions: the front moves at the local speed whatever its curvature and the tissue's recovery;
a cable excites as soon as the front arrives. All kinds of element share one queue, so excitation
also enters cables and layers backwards, and a layer's effect does not depend on the mesh.

Verified in ``tests/physiology/test_eikonal.py``.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import DTypeLike

from organtwin.arrays import FloatArray, IntArray, RealArray
from organtwin.physiology.electrophysiology.eikonal.curved import curved
from organtwin.physiology.electrophysiology.eikonal.geometry import Geometry, geometry_of
from organtwin.physiology.electrophysiology.eikonal.medium import (
    Medium,
    Speeds,
    check_medium,
    check_speeds,
    check_starts,
)
from organtwin.physiology.electrophysiology.eikonal.spreading import (
    Elements,
    Forms,
    combined,
    spread,
)
from organtwin.physiology.electrophysiology.eikonal.waiting import join, nobody_waiting
from organtwin.units import MS

_BUCKET = 0.3
"""Width of a bucket in mean shortest edges; 0.1 to 0.5 take the same time, 2 takes 1.5 times."""


@dataclass(frozen=True, eq=False, slots=True)
class Eikonal:
    """The geometry of a medium, ready for any number of speeds and starts, from any thread."""

    medium: Medium
    geometry: Geometry
    precision: DTypeLike = field(default=np.float32)
    curved: bool = True

    def arrival(self, speeds: Speeds, nodes: IntArray, times: FloatArray) -> FloatArray:
        """When excitation arrives.

        Parameters
        ----------
        speeds
            For every kind and cable of the medium.
        nodes, times
            ``(k,)`` where and when [s] excitation starts.

        Returns
        -------
        ``(n_nodes,)`` [s], inf where excitation never comes. The error of rounding is 1e-7 of the
        time since the earliest start.

        Raises
        ------
        InputError
            Speeds or starts do not belong to the medium, or make no sense.
        """
        nodes, times = np.asarray(nodes), np.asarray(times, np.float64)
        check_speeds(self.medium, speeds)
        check_starts(self.medium, nodes, times)
        origin = float(times.min())
        forms, width = self._forms(speeds)
        arrival = np.full(len(self.geometry.order), np.inf, self.precision)
        waiting = nobody_waiting(len(arrival))
        own = self.geometry.rank[nodes]
        np.minimum.at(arrival, own, ((times - origin) / MS).astype(self.precision))
        begun = arrival.copy()
        per_time = 1.0 / (_BUCKET * width)
        for node in np.unique(own):
            join(waiting, node, arrival[node], per_time)
        elements = _elements(self.geometry)
        spread(elements, forms, arrival, waiting, per_time)
        final: RealArray = arrival
        if self.curved:
            kinds = _alike(speeds.tissue)[self.geometry.tissue_kinds]
            final = curved(self.geometry, kinds, elements, forms, arrival, begun)
        found = np.empty(len(arrival))
        found[self.geometry.order] = final * np.float64(MS) + origin
        return found

    def _forms(self, speeds: Speeds) -> tuple[Forms, float]:
        geometry = self.geometry
        numbers: RealArray = np.empty((len(geometry.tets), 12), self.precision)
        tissue = np.ascontiguousarray(speeds.tissue, np.float64)
        width = combined(geometry.parts, geometry.tissue_kinds, tissue, numbers)
        layer = np.asarray(speeds.layers, np.float64)[geometry.face_kinds][:, None]
        with np.errstate(divide="ignore"):
            sides = (geometry.sides / layer**2).astype(self.precision)
        delays = (np.asarray(speeds.delays) / MS).astype(self.precision)
        return Forms(numbers, sides, delays), width


def prepared(medium: Medium, *, precision: DTypeLike = np.float32, curved: bool = True) -> Eikonal:
    """Check a medium and lay out its geometry, once for all speeds and starts.

    ``precision`` float64 takes about twice the time. Without ``curved`` fronts the times are those
    of the discrete Hopf-Lax problem, which other programs solve too.

    Raises
    ------
    InputError
        The medium has a fault; the message names the row and what to do.
    """
    check_medium(medium)
    return Eikonal(medium, geometry_of(medium, precision), precision, curved)


def _alike(tissue: FloatArray) -> IntArray:
    """For each kind of tissue the first with the same speeds."""
    _, first, row = np.unique(tissue, axis=0, return_index=True, return_inverse=True)
    return first[row.ravel()].astype(np.int32)


def _elements(geometry: Geometry) -> Elements:
    return Elements(
        geometry.tets, geometry.first_tet, geometry.own_tets,
        geometry.faces, geometry.first_face, geometry.own_faces,
        geometry.cables, geometry.first_cable, geometry.own_cables,
    )  # fmt: skip
