"""One patient's heart as a mechanistic digital twin.

For research, planning rehearsal and teaching; not for clinical decisions.
"""

__version__ = "0.1.0"
