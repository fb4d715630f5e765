"""What the commands that write files refuse before they begin."""

from pathlib import Path

from organtwin.errors import InputError, UsageError


def check_target(command: str, option: str, path: Path, suffixes: tuple[str, ...]) -> None:
    """Refuse, before any work, a name or a place to which nothing can be written."""
    kinds = " or ".join(suffixes)
    if path.suffix.lower() not in suffixes:
        raise UsageError(
            command, option, expected=f"a file name that ends in {kinds}",
            got="nothing" if path == Path() else repr(str(path)),
            remedy=f"Write for example {option} heart{suffixes[0]}.",
        )  # fmt: skip
    if path.is_dir():
        raise InputError(
            command, option, expected=f"a {kinds} file", got=f"{path}, which is a folder",
            remedy="Name a file, in that folder for example.",
        )  # fmt: skip
    probe = path.with_name(f".{path.name}.part")
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(
            command, option, expected=f"a {kinds} file in a folder that can be written",
            got=f"{path} ({error.strerror})", remedy="Make the folder, or name another one.",
        ) from error  # fmt: skip


def check_one_of(command: str, option: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a word that is none of those known."""
    if value not in known:
        raise UsageError(
            command, option, expected=f"one of {', '.join(known)}", got=repr(value),
            remedy="Choose one of these.",
        )  # fmt: skip
