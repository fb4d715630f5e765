"""The body around the heart: what an electrode on the skin sees of the heart's currents."""
