"""Colours of a brand: what can be read on what."""


def ink_on(colour: str) -> str:
    """Black or white: what is read better on `colour`, which is `#rrggbb`. Always at least 4.5:1 (WCAG 2.1 AA)."""
    return "#ffffff" if contrast(colour, "#ffffff") >= contrast(colour, "#000000") else "#000000"


def contrast(one: str, other: str) -> float:
    """WCAG 2.1's contrast of two colours `#rrggbb`, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(value * weight for value, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def mixed(one: str, other: str, share: float) -> str:
    """`one` with that share (0 to 1) of `other`."""
    pairs = ((int(one[start : start + 2], 16), int(other[start : start + 2], 16)) for start in (1, 3, 5))
    return "#" + "".join(f"{round(mine + (theirs - mine) * share):02x}" for mine, theirs in pairs)


def quieter(ink: str, paper: str, least: float = 5.0) -> str:
    """`ink` mixed with as much of `paper`, up to two fifths, as leaves a contrast of `least`; else `ink` itself."""
    steps = (mixed(ink, paper, percent / 100) for percent in (40, 30, 20, 10))
    return next((colour for colour in steps if contrast(colour, paper) >= least), ink)
