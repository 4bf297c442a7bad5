"""Which kinds of things ImageNet has classes of, from WordNet."""
