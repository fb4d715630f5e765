"""Reaction and diffusion of the membrane voltage: the engine that checks the faster ones."""
