"""Drug files as tests write them."""

from pathlib import Path
from typing import Any

from organtwin.therapy.drug import Drug
from organtwin.therapy.drug_file import read_drug

HEAD: dict[str, Any] = {
    "label": "Mix", "family": "other", "mechanism": "-", "unit": "mg", "route": "infusion",
    "lower": 0.0, "upper": 9.0, "default": 1.0, "step": 1.0, "decimals": 0, "population": "-",
    "limits": "-",
}  # fmt: skip
EFFECT: dict[str, Any] = {
    "target": "contractility", "maximum": 0.5, "half": 2.0, "hill": 1.0, "reflex": "included",
    "evidence": "abstract", "source": "a",
}  # fmt: skip


def text(head: dict[str, Any], **tables: list[dict[str, Any]] | dict[str, Any]) -> str:
    """A drug file of these keys and tables."""
    lines = [f"{key} = {_value(value)}" for key, value in head.items()]
    for name, rows in tables.items():
        for row in rows if isinstance(rows, list) else [rows]:
            lines.append(f"[[{name}]]" if isinstance(rows, list) else f"[{name}]")
            lines += [f"{key} = {_value(value)}" for key, value in row.items()]
    return "\n".join(lines)


def drug(folder: Path, *effects: dict[str, Any], name: str = "mix", **head: Any) -> Drug:
    path = folder / f"{name}.toml"
    path.write_text(text({**HEAD, **head}, effect=[{**EFFECT, **e} for e in effects]), "utf-8")
    return read_drug(path).drug


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else repr(value)
