"""Measurements, as ratios within one run: `make bench` runs the short forms."""
