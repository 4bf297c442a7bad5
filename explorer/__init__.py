"""Explorer: see what is in a folder of images, and whether it is separable, before you train."""
