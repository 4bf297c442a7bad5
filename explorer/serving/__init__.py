"""What the server answers by itself: who is let in, the opened datasets, bytes by URL, events."""
