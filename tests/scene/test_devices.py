"""Devices and effusion in the picture: placed, carried, told where they cannot be."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from vtkmodules.vtkRenderingCore import vtkRenderer

from organtwin.anatomy.heart_places import HeartPlaces
from organtwin.anatomy.mesh import Surface, enclosed_volume
from organtwin.anatomy.regions import Cavity, Region, Valve
from organtwin.anatomy.template_file import load_template
from organtwin.physiology.electrophysiology.activation.sites import Site, site_node
from organtwin.physiology.electrophysiology.activation.tissue import electric_tissue
from organtwin.scene.carrying import Carrier
from organtwin.scene.devices import Devices, model_of
from organtwin.scene.effusion import layer_thickness
from organtwin.scene.kernels import vertex_normals
from organtwin.scene.picture import Picture
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.implants import Implant, implants
from tests.synthetic_heart import SyntheticMotion, synthetic_anatomy

PLANS = {
    "aortic prosthesis": "aortic_valve 1.6 cm2", "mitral prosthesis": "mitral_valve 2 cm2",
    "tricuspid prosthesis": "tricuspid_valve 2.5 cm2",
    "pulmonary prosthesis": "pulmonary_valve 2 cm2",
    "balloon-expandable": "tavi_balloon 26 mm", "self-expanding": "tavi_self 29 mm",
    "clip": "mitral_clip 75 %", "LVAD": "lvad 5400 rpm", "Impella": "impella_cp 40000 rpm",
    "balloon": "iabp 40 mL", "ECMO": "ecmo 3 L/min", "RVAD": "rvad 3500 rpm",
    "RVAD from the ventricle": "rvad_ventricular 3500 rpm", "drain": "pericardiocentesis 200 mL",
    "atrial lead": "heart_rate 80 1/min", "septal scar": "septal_ablation 100 %",
    "septal trough": "septal_myectomy 10 mm",
}  # fmt: skip


def made(text):
    (found,) = implants((parse_therapy(text),), ElectricPlan())
    return found


@cache
def places():
    return HeartPlaces(load_template())


@cache
def conducting():
    return electric_tissue(places().anatomy)


def points_of(model):
    return np.vstack([
        *(part.points for part in model.tubes), *(part.closed for part in model.sheets)
    ])  # fmt: skip


@pytest.mark.parametrize("name", PLANS)
def test_every_device_is_placed_in_the_template_without_a_complaint(name):
    model = model_of(made(PLANS[name]), places())
    assert not [note for note in model.notes if "ring of" not in note]  # advice on size is none
    points = points_of(model)
    assert np.isfinite(points).all()
    heart = places().anatomy.surface.points
    assert (np.ptp(points, axis=0) < 1.3 * np.ptp(heart, axis=0).max()).all()
    nearest = np.linalg.norm(heart - points.mean(axis=0), axis=1).min()
    assert nearest < 0.05


@pytest.mark.parametrize(
    "conduction", ["biventricular", "rv_paced", "lv_paced", "left_bundle_paced"]
)
def test_leads_end_in_the_muscle_that_they_pace(conduction):
    leads = implants((), ElectricPlan(conduction=conduction))
    assert leads
    heart = places().anatomy.surface.points
    for item in leads:
        model = model_of(item, places())
        assert not model.notes
        tip = model.tubes[0].points[-1]
        assert np.linalg.norm(heart - tip, axis=1).min() < 6e-3


@pytest.mark.parametrize(
    "site",
    [site for site in Site if site not in (Site.HIS_BUNDLE, Site.LEFT_SEPTUM, Site.RIGHT_ATRIUM)],
)
def test_a_lead_ends_where_the_simulation_paces(site):
    """The anterior vein was drawn 26 mm from it, on the side of the heart."""
    heart = places().anatomy
    tissue = conducting()
    paced = tissue.nodes[site_node(tissue, None, site)]
    model = model_of(Implant("lead", "Lead", where=site.value), places())
    assert heart.architecture is not None
    assert np.linalg.norm(model.tubes[0].points[-1] - paced) < 1e-6


@pytest.mark.parametrize("site", [Site.LV_LATERAL, Site.LV_POSTEROLATERAL, Site.LV_ANTERIOR])
def test_a_left_lead_lies_in_the_coronary_sinus_then_on_the_outside(site):
    surface = places().anatomy.surface
    veins = surface.points[surface.regions == Region.CORONARY_VEIN]
    way = model_of(Implant("lead", "Lead", where=site.value), places()).tubes[0].points
    inside = np.array([np.linalg.norm(veins - at, axis=1).min() < 3e-3 for at in way])
    assert np.count_nonzero(inside) > 8
    left = way[np.flatnonzero(inside)[-1] :]
    depth = [np.linalg.norm(surface.points - at, axis=1).min() for at in left]
    assert max(depth) < 4e-3


def test_without_coronary_veins_the_left_lead_goes_round_the_back_of_the_mitral_ring():
    heart = places().anatomy
    regions = heart.surface.regions.copy()
    regions[regions == Region.CORONARY_VEIN] = Region.FAT
    bare = HeartPlaces(replace(heart, surface=replace(heart.surface, regions=regions)))
    (item,) = implants((), ElectricPlan(conduction="lv_paced"))
    way = model_of(item, bare).tubes[0].points
    ring, front = places().valves[Valve.MITRAL], places().valves[Valve.AORTIC].centre
    off = (way - ring.centre) @ ring.outward
    near = way[(np.abs(off) < 8e-3) & (np.linalg.norm(way - ring.centre, axis=1) < 0.03)]
    assert len(near) > 5
    assert ((near - ring.centre) @ (front - ring.centre)).min() < 0.0


def test_a_transcatheter_frame_has_its_nominal_size_and_crosses_the_ring():
    site = places().valves[Valve.AORTIC]
    frame = np.vstack([p.points for p in model_of(made("tavi_balloon 26 mm"), places()).tubes])
    height = (frame - site.centre) @ site.outward
    assert height.min() < -3e-3 < 10e-3 < height.max()
    flat = frame - site.centre - height[:, None] * site.outward
    away = np.linalg.norm(flat, axis=1)[height < 1e-3]  # above, it leans with the aorta
    assert away.max() == pytest.approx(13e-3, rel=0.03)


def test_a_tall_frame_follows_the_aorta_and_stays_in_it():
    """A straight one came through the wall of the ascending aorta."""
    lumen, site = places().aortic_lumen, places().valves[Valve.AORTIC]
    wires = np.vstack([p.points for p in model_of(made("tavi_self 29 mm"), places()).tubes])
    above = wires[(wires - site.centre) @ site.outward > 15e-3]
    assert len(above) > 100
    gaps = np.linalg.norm(above[:, None] - lumen[None, :, :3], axis=2)
    assert (gaps.min(axis=1) < lumen[gaps.argmin(axis=1), 3] + 1.5e-3).all()


@pytest.mark.parametrize("text", ["septal_ablation 100 %", "septal_myectomy 10 mm"])
def test_septal_reduction_is_marked_under_the_aortic_valve_inside_the_left_ventricle(text):
    marked = np.vstack([part.points for part in model_of(made(text), places()).tubes])
    site, blood = places().valves[Valve.AORTIC], places().anatomy.cavities[Cavity.LV].points
    below = (site.centre - marked) @ site.outward
    assert (below > 0.0).all()
    assert below.max() < 40e-3
    assert max(np.linalg.norm(blood - at, axis=1).min() for at in marked) < 4e-3
    surface = places().anatomy.surface
    septum = surface.points[surface.regions == Region.SEPTUM]
    assert max(np.linalg.norm(septum - at, axis=1).min() for at in marked) < 6e-3


def test_a_size_that_does_not_fit_the_ring_is_told():
    notes = model_of(made("tavi_balloon 20 mm"), places()).notes
    assert any("too small" in note for note in notes)


def test_leaflets_leave_the_effective_orifice_when_open_and_meet_when_closed():
    site = places().valves[Valve.AORTIC]
    sheets = model_of(made("aortic_valve 1.6 cm2"), places()).sheets

    def narrowest(points):
        flat = points - site.centre
        flat = flat - (flat @ site.outward)[:, None] * site.outward
        return np.linalg.norm(flat, axis=1).min()

    assert max(narrowest(sheet.closed) for sheet in sheets) < 1.5e-3
    opened = min(narrowest(sheet.opened) for sheet in sheets)
    assert np.pi * opened**2 == pytest.approx(1.6e-4, rel=0.05)


def test_a_heart_of_two_chambers_only_tells_what_it_has_no_place_for():
    heart = synthetic_anatomy(10)
    regions = np.where(heart.surface.regions > Region.RV, Region.FAT, heart.surface.regions)
    cavities = {c: s for c, s in heart.cavities.items() if c in (Cavity.LV, Cavity.RV)}
    bare = HeartPlaces(
        replace(heart, surface=replace(heart.surface, regions=regions), cavities=cavities)
    )
    for text in PLANS.values():
        model = model_of(made(text), bare)
        if text.split()[0] not in ("pericardiocentesis", "rvad_ventricular"):
            assert model.notes, text


def test_devices_go_where_the_walls_around_them_go():
    carrier, site = Carrier(places().anatomy.surface), places().valves[Valve.AORTIC]
    rest = places().anatomy.surface.points
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    shift = np.array([0.01, 0.0, -0.02])
    stiff = carrier.stiff(site.ring, site)
    assert np.allclose(stiff.now(rest @ turn.T + shift), site.ring @ turn.T + shift, atol=1e-9)
    near = rest[::4001]
    moved = carrier.free(near).now((rest + shift).astype(np.float32))
    assert np.allclose(moved, near + shift, atol=2e-4)
    far = carrier.free(near + np.array([0.0, -0.5, 0.0]))
    assert np.abs(far.now((rest + shift).astype(np.float32)) - near)[:, [0, 2]].max() < 1e-3


def test_the_layer_around_the_heart_holds_the_volume_of_the_effusion():
    sac = load_template().pericardium
    points = sac.points.astype(np.float32)
    normals = np.zeros_like(points)
    vertex_normals(points, sac.triangles, normals)
    thick = layer_thickness(points, normals, sac, 300e-6)
    assert 2e-3 < thick < 20e-3
    outer = Surface(
        (points + np.float32(thick) * normals).astype(float), sac.triangles, sac.regions
    )
    grown = enclosed_volume(outer) - enclosed_volume(Surface(points.astype(float), sac.triangles,
                                                             sac.regions))  # fmt: skip
    assert grown == pytest.approx(300e-6, rel=0.25)  # the sac is open at its top


@pytest.fixture
def picture():
    drawn = Picture(240, 200)
    drawn.scene.show(SyntheticMotion(synthetic_anatomy(14)))
    drawn.scene.look(drawn.scene.preset("AP", drawn.aspect).camera)
    yield drawn
    drawn.close()


def test_a_device_is_a_layer_that_comes_and_goes_with_its_plan(picture):
    scene = picture.scene
    before = picture.render().copy()
    scene.set_implants((made("ecmo 3 L/min"),))
    assert "devices" in [layer.name for layer in scene.layers]
    assert (picture.render() != before).any()
    scene.set_hidden(frozenset({"devices", "pericardium", "blood", "fibers"}))
    assert (picture.render() == before).all()
    scene.set_implants(())
    assert "devices" not in [layer.name for layer in scene.layers]


def test_an_effusion_without_a_pericardium_is_told_in_the_layer(picture):
    picture.scene.set_implants((Implant("effusion", "Pericardial effusion", size=200e-6),))
    labels = [layer.label for layer in picture.scene.layers]
    assert any("no pericardium" in label for label in labels)
    picture.render()


def corners_in_picture(view, points, aspect):
    """How far points lie from the middle of the picture, its edge at 1, across and up."""
    camera = view.camera
    up = np.array(camera.view_up)
    right = np.cross(up, camera.direction)
    seen = points - np.array(camera.position)
    depth = -(seen @ camera.direction) * np.tan(np.radians(camera.view_angle / 2))
    return np.abs(np.stack([seen @ right / (depth * aspect), seen @ up / depth])).max(axis=1)


@pytest.mark.parametrize("text", ["lvad 5400 rpm", "rvad 3500 rpm", "rvad_ventricular 3500 rpm"])
def test_named_views_step_back_for_a_pump_and_come_back_without_it(text):
    """The housing of an LVAD lay partly outside the view from the front."""
    drawn = Picture(320, 200)
    try:
        scene = drawn.scene
        scene.show(SyntheticMotion(places().anatomy))
        alone = scene.preset("AP", drawn.aspect)
        scene.set_implants((made(text),))
        housing = scene._planned.bodies
        assert len(housing) > 20
        for name in ("AP", "LAO 45"):
            inside = corners_in_picture(scene.preset(name, drawn.aspect), housing, drawn.aspect)
            assert (inside <= 1.0).all()
        scene.set_implants(())
        assert scene.preset("AP", drawn.aspect).camera == alone.camera
    finally:
        drawn.close()


def test_housings_of_pumps_are_not_drawn_a_second_time_through_the_walls():
    devices = Devices(vtkRenderer())
    for text, part in (("lvad 5400 rpm", "some"), ("impella_cp 40000 rpm", "all")):
        devices.build((made(text),), places())
        whole, within = (mesh.GetNumberOfCells() for mesh in devices._meshes)
        assert (0 < within < whole) if part == "some" else within == whole


def test_a_balloon_is_round_at_its_ends():
    (body, *_) = model_of(made("iabp 40 mL"), places()).tubes
    lengths = np.linalg.norm(np.diff(body.points, axis=0), axis=1)
    slopes = np.diff(body.radii) / lengths
    assert body.radii[0] < 0.2 * body.radii.max()
    rising = slopes[slopes > 1e-6]
    assert (np.diff(rising) < 1e-6).all()  # steepest at the tip, then ever flatter
