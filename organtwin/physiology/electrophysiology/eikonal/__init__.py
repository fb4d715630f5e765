"""Arrival of excitation by the anisotropic eikonal equation."""

from organtwin.physiology.electrophysiology.eikonal.medium import Medium, Speeds
from organtwin.physiology.electrophysiology.eikonal.solver import Eikonal, prepared

__all__ = ["Eikonal", "Medium", "Speeds", "prepared"]
