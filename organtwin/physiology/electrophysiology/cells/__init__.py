"""Ionic models of single heart cells, how they are paced, and what is read off their beats."""
