"""Waves that come back: activation of tissue that is excited again and again."""
