"""Reading parameter tables: TOML with units, ranges and sources."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from organtwin.parameters.spec import ParameterSpec
from organtwin.resources import asset
from organtwin.units import to_si


@lru_cache(maxsize=8)
def parameter_specs(name: str) -> Mapping[str, ParameterSpec]:
    """Specifications of the bundled table ``assets/parameters/<name>.toml``, in file order."""
    with asset(f"parameters/{name}.toml").open("rb") as file:
        groups: dict[str, dict[str, Any]] = tomllib.load(file)
    specs = {}
    for group in groups.values():
        source = group.pop("source")
        for parameter, row in group.items():
            specs[parameter] = _spec(parameter, row, source)
    return MappingProxyType(specs)


def _spec(name: str, row: dict[str, Any], source: str) -> ParameterSpec:
    unit = row["unit"]
    lower, upper, default = (to_si(row[key], unit) for key in ("lower", "upper", "default"))
    return ParameterSpec(name, unit, lower, upper, default, row["meaning"], source)
