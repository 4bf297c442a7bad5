"""Which packages a wheel holds: those that are found, and the pages, as `explorer.app_pages`."""

from pathlib import Path

from setuptools import find_packages, setup

FOUND = find_packages(str(Path(__file__).parent), include=["explorer", "explorer.*"])
setup(packages=[*FOUND, "explorer.app_pages"], package_dir={"explorer.app_pages": "pages"})
