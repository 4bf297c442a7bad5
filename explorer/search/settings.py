"""How much unwanted examples count, while the wanted ones count 1."""

LESS = 0.5
MOST_LESS = 2.0
