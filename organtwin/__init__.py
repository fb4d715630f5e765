"""One patient's heart as a mechanistic digital twin."""

__version__ = "0.1.0"

PURPOSE = "Research, planning rehearsal and teaching; not for clinical decisions"
"""Said wherever a user looks: title bar, tables, pictures, command line."""
