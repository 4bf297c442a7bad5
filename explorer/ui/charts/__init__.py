"""Plotly figures from data."""
