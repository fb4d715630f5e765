"""Conduction on hearts of other people's making: each of them is excited as a heart should be."""

from pathlib import Path

import numpy as np
import pytest

from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.template_file import load_template
from organtwin.patient.geometry.source import HeartSource
from organtwin.physiology.electrophysiology.activation.conduction import conduction_named
from organtwin.physiology.electrophysiology.activation.electric_heart import (
    default_speeds,
    electric_heart,
)
from organtwin.physiology.electrophysiology.activation.patches import patches, pump_activation
from organtwin.physiology.electrophysiology.activation.tissue import electric_tissue
from organtwin.twin.own_heart import building_heart
from tests.anatomy.hearts import crtdemo, pyansys_lv
from tests.physiology.electrophysiology.electric_hearts import heart_part
from tests.warped_hearts import hidden_warp


@pytest.fixture
def meshes(shared_data: Path) -> Path:
    folder = shared_data / "meshes"
    if not folder.is_dir():
        pytest.skip("no meshes in shared/data")
    return folder


def excited(heart, name):
    return heart.activation(conduction_named(name), default_speeds())


def check(heart, most=110e-3):
    """Completely and in time: 60 to 110 ms, for hearts of 110 to 270 mL of muscle."""
    normal, blocked = excited(heart, "normal"), excited(heart, "lbbb")
    assert np.isfinite(normal.ventricular).all()
    assert 60e-3 < normal.ventricular_duration < most
    assert blocked.ventricular_duration > normal.ventricular_duration + 25e-3
    pump = pump_activation(heart.tissue, patches(heart.tissue), normal)
    assert np.isfinite(pump.delays).all()
    inner = np.unique(heart.tissue.endocardium(Cavity.LV))
    assert normal.times[inner].min() == pytest.approx(normal.ventricular_onset, abs=1e-3)


def test_the_ventricles_of_crtdemo_are_excited(meshes):
    tissue, boundary, _ = crtdemo(meshes / "crtdemo")
    check(electric_heart(heart_part(tissue, boundary)))


def test_the_lv_of_pyansys_is_excited(meshes):
    tissue, boundary, _ = pyansys_lv(meshes / "pyansys-heart")
    check(electric_heart(heart_part(tissue, boundary)))


def test_a_warped_template_is_excited():
    """Turned, stretched, 15 % larger and bent: a heart as contours give it."""
    heart = hidden_warp(3).anatomy(load_template())
    check(electric_heart(electric_tissue(heart)), most=130e-3)


@pytest.mark.slow
def test_the_completed_heart_of_cobiveco_is_excited_from_its_sinus_node(meshes):
    files = tuple(sorted((meshes / "cobiveco-geo2").glob("*.ply")))
    source = HeartSource(files, unit="mm", axes="LPS", complete=True)
    *_, last = building_heart(source, tissue_spacing=3e-3)
    heart = electric_heart(electric_tissue(last.heart.anatomy))
    check(heart)
    assert excited(heart, "normal").starts[0].name == "sinus node"
    assert excited(heart, "wpw_left").ventricular_onset < excited(heart, "normal").ventricular_onset
