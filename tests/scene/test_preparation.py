import subprocess
import sys

_PROBE = """
import sys
from organtwin.scene import kernels, occlusion, rays, section_filling, section_map, tissue_values
from organtwin.scene.preparation import prepare, prepare_tools

def compiled():
    found = {}
    for module in (kernels, occlusion, rays, section_filling, section_map, tissue_values):
        for name, item in vars(module).items():
            if hasattr(item, "signatures"):
                found[name] = list(item.signatures)
    return found

prepare()
prepare_tools()
assert not any(name.startswith(("vtkmodules", "PySide6")) for name in sys.modules)
before = compiled()

from tests.synthetic_heart import SolidMotion, SyntheticMotion, filled_anatomy, synthetic_anatomy
from organtwin.scene.picture import Picture
picture = Picture(64, 48)
scene = picture.scene
scene.show(SolidMotion(filled_anatomy(8)))
scene.set_hidden(frozenset())
scene.set_ghost(SyntheticMotion(synthetic_anatomy(8), 0.1))
for name in ("strain", "activation", "region"):
    scene.set_field(name)
    for preset in ("AP", "Four-chamber"):
        view = scene.preset(preset, 1.0)
        scene.look(view.camera)
        scene.set_clip(view.plane)
        scene.set_phase(0.3)
        picture.render()
        scene.probe(0.5, 0.5)
assert compiled() == before, "compiled while drawing"
picture.close()
"""


def test_nothing_is_left_to_compile_while_drawing():
    done = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
