"""What the pages are made of: the frame, the state of a window, components, panels, charts."""
