"""From a recorded electrocardiogram to a clean averaged beat with its intervals.

``examination.examined`` is the entry: quality of each lead, beats and their classes, the averaged
beat, its waves, measurements and findings. Nothing that was not recorded is filled in.
"""
