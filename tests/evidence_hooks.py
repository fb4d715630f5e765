"""Writes down how tests ended on this machine, for the evidence shown beside predictions."""

import os
import warnings
from collections import Counter

_counts: dict[str, Counter[str]] = {}
_partly: set[str] = set()


def _file(nodeid: str) -> str:
    return nodeid.split("::")[0].replace(os.sep, "/")


def pytest_deselected(items):
    _partly.update(_file(item.nodeid) for item in items)


def pytest_runtest_logreport(report):
    ended = report.when == "call" or report.outcome != "passed"
    if ended:
        _counts.setdefault(_file(report.nodeid), Counter())[report.outcome] += 1


def pytest_sessionfinish(session):
    # here, so that collecting tests loads no science
    from organtwin.errors import RecordError
    from organtwin.store.evidence_card import referenced_files
    from organtwin.store.evidence_results import note_results, result_now

    asked = {_file(argument) for argument in session.config.args if "::" in argument}
    results = {
        name: result_now(
            count["passed"], count["failed"], skipped=count["skipped"],
            partly=name in _partly or name in asked,
        )
        for name, count in _counts.items()
        if name in referenced_files()
    }  # fmt: skip
    if not results:
        return
    try:
        note_results(results)
    except RecordError as error:  # a home that cannot be written fails no test
        warnings.warn(f"results were not written down: {error}", stacklevel=1)
