"""What pages are made of: parts that two of them share, or that one has no room for."""
