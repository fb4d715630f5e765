"""Where to look from when the body around the heart appears in a view, and when it goes again."""

from organtwin.scene.camera import CameraState
from organtwin.scene.picture import Picture


class StandingBack:
    """Remembers a camera that was turned by hand; named views are found anew."""

    def __init__(self) -> None:
        self._far = False
        self._before: CameraState | None = None

    def forget(self) -> None:
        """A named view was chosen meanwhile: that is what to return to."""
        self._before = None

    def camera(
        self, picture: Picture, now: CameraState, preset: str, *, framed: bool
    ) -> CameraState:  # fmt: skip
        """The camera for what the picture shows; ``now`` if no torso has come or gone."""
        scene = picture.scene
        if scene.shows_torso is self._far:
            return now
        self._far = scene.shows_torso
        if self._far:
            self._before = None if framed else now
            return scene.framed(now, picture.aspect)
        return self._before or scene.preset(preset, picture.aspect).camera
