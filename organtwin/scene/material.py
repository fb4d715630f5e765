"""How tissue answers to light: one small shader instead of four general-purpose lamps.

Three lights are fixed to the camera, as a photographer's are to the subject: a warm key from the
upper left, a cool fill from below right, a rim from behind. The key wraps round the edge and
reddens there, which reads as living tissue; two specular lobes make it moist. On software GL this
costs less than VTK's own loop over three lights, because nothing is looked up.

The surfaces are closed walls. Where a cut opens them, the eye meets the inside of a wall exactly
where the wall is cut, so painting back faces in one flat colour draws the cut face without
computing it. It cannot carry a value: what is met there may lie far behind the cut.
"""

from vtkmodules.vtkRenderingCore import vtkActor

from organtwin.scene.fields import CUT_COLOR, Color

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
  if (!gl_FrontFacing) { shown = cutColor; }
  fragOutput0 = vec4(shown, opacity);
"""


def set_cut_color(actor: vtkActor, color: Color) -> None:
    """Colour of the faces that a cut opens."""
    # VTK declares custom uniforms in the shader itself.
    uniforms = actor.GetShaderProperty().GetFragmentCustomUniforms()
    uniforms.SetUniform3f("cutColor", [channel / 255.0 for channel in color])


def give_tissue_shading(actor: vtkActor) -> None:
    """Light ``actor`` as tissue; its vertex colours and normals are used as they are."""
    set_cut_color(actor, CUT_COLOR)
    shader = actor.GetShaderProperty()
    shader.AddFragmentShaderReplacement("//VTK::Light::Impl", True, _LIGHT, False)
