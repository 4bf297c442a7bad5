"""The environment variables that Explorer reads, all of them; docs/python.md has the same table."""

import os

CACHE = "EXPLORER_CACHE"
DATASET = "EXPLORER_DATASET"
EXTRACTOR_FILES = "EXPLORER_EXTRACTOR_FILES"
MODELS = "EXPLORER_MODELS"
TOKEN = "EXPLORER_TOKEN"

VARIABLES = {
    CACHE: "the folder of the datasets; else `./cache`",
    DATASET: "the dataset that the app shows first; else the one that was embedded last",
    EXTRACTOR_FILES: "Python files of extractors, separated as in `PATH`",
    MODELS: "the folder of models that were made or fetched; else one in the user's cache folder",
    TOKEN: "the token that lets browsers into the app; else a new one at each start",
}


def value_of(variable: str) -> str:
    """What a variable says; empty when it is not set."""
    return os.environ.get(variable, "")
