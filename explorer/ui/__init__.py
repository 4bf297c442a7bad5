"""What the pages are made of: the map, the gallery and the routes that feed them."""
