"""Widgets of our own: for each a folder with its Python, its JavaScript and its style sheet."""
