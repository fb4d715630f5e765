"""How tissue answers to light: one small shader instead of four general-purpose lamps.

Three lights are fixed to the camera, as a photographer's are to the subject: a warm key from the
upper left, a cool fill from below right, a rim from behind. The key wraps round the edge and
reddens there, which reads as living tissue; two specular lobes make it moist. On software GL this
costs less than VTK's own loop over three lights, because nothing is looked up.

The surfaces are closed walls. Where a cut opens them, the eye meets the inside of a wall exactly
where the wall is cut, so painting back faces draws the cut face without computing its outline. What
is met there may lie far behind the cut; the colour is therefore looked up where the line of sight
passes the plane, in a map of the plane (``cut_face``), or is one flat tone.
"""

import numpy as np
from vtkmodules.vtkRenderingCore import vtkActor, vtkCamera

from organtwin.arrays import FloatArray
from organtwin.scene.fields import CUT_COLOR, Color
from organtwin.scene.section_map import MapFrame

CUT_MAP = "cutMap"
"""Name of the texture in the shader."""

_IN_FRONT = "//VTK::Depth::Impl\n  gl_FragDepth = 0.02 * gl_FragCoord.z;\n"

_LIGHT = """//VTK::Light::Impl
  vec3 eye = normalize(-vertexVC.xyz);
  vec3 n = normalVCVSOutput;
  float lit = (dot(n, vec3(-0.408, 0.612, 0.677)) + 0.30) / 1.30;
  float key = clamp(lit, 0.0, 1.0);
  float fill = clamp(0.5 + 0.5 * dot(n, vec3(0.745, -0.373, 0.553)), 0.0, 1.0);
  float rim = 1.0 - clamp(dot(n, eye), 0.0, 1.0);
  rim = rim * rim * rim;
  vec3 h1 = normalize(vec3(-0.408, 0.612, 0.677) + eye);
  float glint = max(dot(n, h1), 0.0);
  float broad = glint * glint; broad = broad * broad; broad = broad * broad;
  float sharp = broad * broad; sharp = sharp * sharp; sharp = sharp * sharp;
  vec3 edge = vec3(1.0, 0.93, 0.90) * key * (1.18 - 0.18 * key);
  vec3 light = edge * 0.80 + vec3(0.80, 0.88, 1.0) * fill * 0.30 + vec3(0.10);
  vec3 shown = diffuseColor * light
             + vec3(1.0, 0.95, 0.92) * (0.05 * broad + 0.20 * sharp) * key
             + diffuseColor * vec3(0.42, 0.44, 0.50) * rim;
  if (!gl_FrontFacing) {
    shown = cutColor;
    //OrganTwin::CutMap::Impl
  }
  fragOutput0 = vec4(shown, opacity);
"""

_CUT_MAP = """//OrganTwin::CutMap::Impl
    if (cutMapped > 0.5) {
      vec3 met = vertexVC.xyz * (dot(cutMiddle, cutNormal) / dot(vertexVC.xyz, cutNormal));
      vec2 place = vec2(dot(met - cutMiddle, cutRight), dot(met - cutMiddle, cutUp)) + 0.5;
      vec4 found = textureLod(cutMap, place, 0.0);
      shown = mix(cutColor, found.rgb, step(0.5, found.a));
    }
"""

_DROP = """//VTK::Light::Impl
  if (opacity < 0.5) { discard; }
  opacity = 1.0;
"""


def set_cut_color(actor: vtkActor, color: Color) -> None:
    """Colour of the faces that a cut opens."""
    # VTK declares custom uniforms in the shader itself.
    uniforms = actor.GetShaderProperty().GetFragmentCustomUniforms()
    uniforms.SetUniform3f("cutColor", [channel / 255.0 for channel in color])


def give_tissue_shading(actor: vtkActor, *, with_map: bool = False, drop: bool = False) -> None:
    """Light ``actor`` as tissue; its vertex colours and normals are used as they are.

    ``with_map`` needs a texture ``CUT_MAP`` among those of the actor's property. ``drop`` leaves
    out what has less than half of its opacity and draws the rest opaque, so that the edge of a
    layer runs smoothly across triangles.
    """
    light = _LIGHT
    if with_map:
        light = light.replace("//OrganTwin::CutMap::Impl", _CUT_MAP)
    if drop:
        light = light.replace("//VTK::Light::Impl\n", _DROP, 1)
    shader = actor.GetShaderProperty()
    shader.ClearAllFragmentShaderReplacements()
    shader.AddFragmentShaderReplacement("//VTK::Light::Impl", True, light, False)


def ready_cut_map(actor: vtkActor) -> None:
    """Declare what the map needs, before the first picture."""
    set_cut_color(actor, CUT_COLOR)
    switch_cut_map(actor, on=False)
    for name in ("cutMiddle", "cutNormal", "cutRight", "cutUp"):
        _set_vector(actor, name, np.array([0.0, 0.0, 1.0]))


def switch_cut_map(actor: vtkActor, *, on: bool) -> None:
    """Colour cut faces by the map, or in the flat tone."""
    actor.GetShaderProperty().GetFragmentCustomUniforms().SetUniformf("cutMapped", float(on))


def aim_cut_map(actor: vtkActor, camera: vtkCamera, frame: MapFrame) -> None:
    """Bring the map's frame into the camera's coordinates."""
    matrix = camera.GetViewTransformMatrix()
    view = np.array([[matrix.GetElement(row, col) for col in range(4)] for row in range(3)])
    _set_vector(actor, "cutMiddle", view[:, :3] @ frame.middle + view[:, 3])
    _set_vector(actor, "cutNormal", view[:, :3] @ frame.normal)
    _set_vector(actor, "cutRight", view[:, :3] @ frame.right / frame.extent)
    _set_vector(actor, "cutUp", view[:, :3] @ frame.up / frame.extent)


def _set_vector(actor: vtkActor, name: str, vector: FloatArray) -> None:
    uniforms = actor.GetShaderProperty().GetFragmentCustomUniforms()
    uniforms.SetUniform3f(name, [float(value) for value in vector])


def show_through_walls(actor: vtkActor, opacity: float) -> None:
    """Draw before all tissue, faintly, as what lies in it is seen through it."""
    actor.GetProperty().SetOpacity(opacity)
    actor.GetProperty().BackfaceCullingOn()
    actor.GetShaderProperty().AddFragmentShaderReplacement(
        "//VTK::Depth::Impl", True, _IN_FRONT, False
    )
