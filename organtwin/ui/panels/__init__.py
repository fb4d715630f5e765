"""The parts of the window that show and edit numbers and choices."""
