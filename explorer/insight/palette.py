"""The colours of the map, the same in the light and in the dark theme."""

# Chosen one after the other in OKLab, each as far as possible from all before it, for normal
# vision and as protanopes and deuteranopes see them (Machado et al. 2009, severity 1); lightness
# between 0.48 and 0.77, so that every colour stands out on white and on near-black.
# fmt: off
CATEGORIES = [
    "#397dd4", "#e28130", "#1f9d85", "#d63d41", "#dcad21", "#b1a9f7", "#8e347d", "#23d2a2",
    "#5e3fc0", "#9f3501", "#c983b8", "#ab58a9", "#b87afc", "#ba1d53", "#72b071", "#3a7f7d",
    "#52559a", "#abbf6c", "#4ac9d0", "#4f62df", "#31af3a", "#a48fda", "#7573f6", "#45851b",
    "#638862", "#e6729a", "#93a9d6", "#0c7ca7", "#e04872", "#804e44", "#11a6ad", "#6586ca",
    "#b293fc", "#d09a88", "#a51069", "#6655b8", "#e15210", "#aa618d", "#9c7de3", "#8e4d80",
    "#72b7b4", "#7075bd", "#917daa", "#895766", "#999562", "#9536aa", "#926849", "#a163e3",
    "#b4ac55", "#5851d0", "#5a6591", "#31a1c4", "#88c787", "#ba8184", "#446dc9", "#8e5c02",
    "#bd724a", "#5ea197", "#a12f31", "#4c7f64", "#82b79a", "#80c3b9", "#ec7660", "#72498a",
]
# fmt: on

# OKLCH with lightness rising evenly from 0.46 to 0.86 while the hue turns from violet to amber:
# visible at both ends on either theme, and still in order without colour vision.
# fmt: off
RAMP = [
    "#5a43a4", "#445bb3", "#2072b7", "#0c86ae", "#1497a6", "#1aa89e", "#3fb68e", "#73c07a",
    "#a2c664", "#d1c951", "#fec84b",
]
# fmt: on

OTHER = "#8a8f98"  # categories past the palette, and what is missing
