"""``python -m organtwin`` and the ``organtwin`` command.

Nothing heavy is imported here: the window must be on screen before the science is loaded.
"""

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run a command line and return its exit status; see ``organtwin --help``."""
    from organtwin.commands.line import run

    return run(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
