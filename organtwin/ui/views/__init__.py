"""The parts of the window that draw: the heart and the curves."""
