"""What tests of several rooms share; what one room alone needs stands in its own folder."""
