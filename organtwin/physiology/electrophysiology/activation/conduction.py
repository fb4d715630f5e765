"""How excitation is conducted in one heart: rhythm, blocks, pathways, pacing, scar.

Values only; what they do is computed by ``electric_heart``. Below a blocked branch the tree is
still there: pacing beyond the block excites it, but muscle does not. So in bundle branch block that
side is entered through muscle alone (assumed: otherwise its fascicles would be a short cut, which
the slow spread measured in left bundle branch block does not show).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from organtwin.anatomy.regions import Segment
from organtwin.errors import UnknownNameError
from organtwin.physiology.electrophysiology.activation.lesions import AnyLesion
from organtwin.physiology.electrophysiology.activation.network import Branch
from organtwin.physiology.electrophysiology.activation.pathways import Annulus, Pathway
from organtwin.physiology.electrophysiology.activation.sites import Place, Site

BLOCKED = math.inf
"""As a factor on delays: nothing passes."""

_NONE: Mapping[Branch, float] = MappingProxyType({})


class Rhythm(Enum):
    """Where the beat begins, besides the stimuli of a ``Conduction``."""

    SINUS = "sinus"
    ATRIAL_PACING = "atrial pacing"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Stimulus:
    """Excitation that begins by itself: a pacing electrode or an ectopic focus.

    ``site`` is a named one, a node of the tissue or a place ``(x, y, z)`` [m]; ``time`` [s] counts
    from the sinus impulse or atrial pace, or from any instant where there is neither.
    """

    site: Place
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class Conduction:
    """Everything about conduction that differs from the healthy heart at rest.

    ``delays`` multiplies the delays of branches: ``BLOCKED`` for a complete block, 1.5 or 2 for an
    incomplete one; ``Branch.AV_NODE`` at 2 is a first-degree block, ``BLOCKED`` a beat that is not
    conducted (second degree) or, with a stimulus that takes over, the third degree. ``scar`` and
    ``border_zone`` are segments that do not conduct or conduct slowly, besides the tissue's own
    ``health``; ``lesions`` are places where muscle was ablated.
    """

    name: str = "normal"
    rhythm: Rhythm = Rhythm.SINUS
    delays: Mapping[Branch, float] = field(default_factory=lambda: _NONE)
    pathway: Pathway | None = None
    stimuli: tuple[Stimulus, ...] = ()
    scar: tuple[Segment, ...] = ()
    border_zone: tuple[Segment, ...] = ()
    lesions: tuple[AnyLesion, ...] = ()

    def slowed(self, branch: Branch, factor: float) -> "Conduction":
        """The same with the delays of one branch multiplied; ``BLOCKED`` blocks it."""
        return replace(self, delays=MappingProxyType({**self.delays, branch: factor}))

    def paced(self, *stimuli: Stimulus) -> "Conduction":
        """The same with further stimuli."""
        return replace(self, stimuli=(*self.stimuli, *stimuli))


def _blocked(name: str, *branches: Branch) -> Conduction:
    return Conduction(name, delays=MappingProxyType(dict.fromkeys(branches, BLOCKED)))


_PACED_AFTER = 100e-3
"""Delay [s] from the sinus impulse to ventricular pacing: before conduction gets through."""

PATTERNS: Mapping[str, Conduction] = MappingProxyType({
    "normal": Conduction(),
    "av_block_1": Conduction("av_block_1", delays=MappingProxyType({Branch.AV_NODE: 2.2})),
    "av_block_2": _blocked("av_block_2", Branch.AV_NODE),
    "av_block_3": replace(
        _blocked("av_block_3", Branch.AV_NODE), stimuli=(Stimulus(Site.HIS_BUNDLE, 0.3),)
    ),
    "lbbb": _blocked("lbbb", Branch.LEFT_BUNDLE),
    "rbbb": _blocked("rbbb", Branch.RIGHT_BUNDLE),
    "lafb": _blocked("lafb", Branch.LEFT_ANTERIOR_FASCICLE),
    "lpfb": _blocked("lpfb", Branch.LEFT_POSTERIOR_FASCICLE),
    "incomplete_lbbb": Conduction(
        "incomplete_lbbb", delays=MappingProxyType({Branch.LEFT_BUNDLE: 8.0})
    ),
    "incomplete_rbbb": Conduction(
        "incomplete_rbbb", delays=MappingProxyType({Branch.RIGHT_BUNDLE: 2.5})
    ),
    "wpw_left": Conduction("wpw_left", pathway=Pathway(Annulus.MITRAL, 0.0)),
    "wpw_right": Conduction("wpw_right", pathway=Pathway(Annulus.TRICUSPID, 0.0)),
    "rv_paced": replace(
        _blocked("rv_paced", Branch.AV_NODE), stimuli=(Stimulus(Site.RV_APEX, _PACED_AFTER),)
    ),
    "lv_paced": replace(
        _blocked("lv_paced", Branch.AV_NODE), stimuli=(Stimulus(Site.LV_LATERAL, _PACED_AFTER),)
    ),
    "biventricular": replace(
        _blocked("biventricular", Branch.LEFT_BUNDLE),
        stimuli=tuple(Stimulus(s, _PACED_AFTER) for s in (Site.RV_APEX, Site.LV_LATERAL)),
    ),
    "his_paced": Conduction(
        "his_paced", stimuli=(Stimulus(Site.HIS_BUNDLE, _PACED_AFTER),)
    ),
    "left_bundle_paced": replace(
        _blocked("left_bundle_paced", Branch.LEFT_BUNDLE),
        stimuli=(Stimulus(Site.LEFT_SEPTUM, _PACED_AFTER),),
    ),
})  # fmt: skip


def conduction_named(name: str) -> Conduction:
    """A conduction of ``PATTERNS``.

    Raises
    ------
    UnknownNameError
        The name is not among them.
    """
    if name not in PATTERNS:
        raise UnknownNameError("conduction", name, tuple(PATTERNS))
    return PATTERNS[name]
