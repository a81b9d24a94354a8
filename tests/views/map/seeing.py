"""Colours as eyes and copiers see them: difference by CIEDE2000, two kinds of colour blindness, and grey.

Sources: sRGB (IEC 61966-2-1); CIEDE2000 after Sharma, Wu and Dalal, Color Research & Application 30 (2005) 21-30;
protanopia and deuteranopia after Machado, Oliveira and Fernandes, IEEE TVCG 15 (2009) 1291-1298, severity 1.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
GREY = np.tile([0.2126, 0.7152, 0.0722], (3, 1))
EYES = {"usual": np.eye(3), "deuteranopia": DEUTERANOPIA, "protanopia": PROTANOPIA, "grey": GREY}
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(color: str) -> Array:
    """Return linear RGB of ``#RRGGBB``."""
    parts = np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(color: str, eye: Array) -> Array:
    """Return CIELAB (D65) of a colour as an eye sees it."""
    ratio = _TO_XYZ @ np.clip(eye @ linear(color), 0, 1) / _WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def delta_e(first: Array, second: Array) -> float:
    """Return CIEDE2000 between two CIELAB colours."""
    (l1, a1, b1), (l2, a2, b2) = first, second
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean**7 / (mean**7 + 25.0**7)))
    c1, c2 = np.hypot((1 + g) * a1, b1), np.hypot((1 + g) * a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, (1 + g) * a1)) % 360, np.degrees(np.arctan2(b2, (1 + g) * a2)) % 360
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    lm, cm = (l1 + l2) / 2, (c1 + c2) / 2
    if c1 * c2 == 0:
        hm = h1 + h2
    else:
        hm = (h1 + h2) / 2 if abs(h1 - h2) <= 180 else ((h1 + h2 + 360) / 2 if h1 + h2 < 360 else (h1 + h2 - 360) / 2)
    t = 1 - 0.17 * _cos(hm - 30) + 0.24 * _cos(2 * hm) + 0.32 * _cos(3 * hm + 6) - 0.20 * _cos(4 * hm - 63)
    sl = 1 + 0.015 * (lm - 50) ** 2 / np.sqrt(20 + (lm - 50) ** 2)
    sc, sh = 1 + 0.045 * cm, 1 + 0.015 * cm * t
    turned = -np.sin(np.radians(60 * np.exp(-(((hm - 275) / 25) ** 2)))) * 2 * np.sqrt(cm**7 / (cm**7 + 25.0**7))
    light, c, h = (l2 - l1) / sl, (c2 - c1) / sc, dh / sh
    return float(np.sqrt(light * light + c * c + h * h + turned * c * h))


def _cos(degrees: float) -> float:
    return float(np.cos(np.radians(degrees)))


def difference(first: str, second: str, eye: str) -> float:
    """Return how different two colours look to an eye, a key of `EYES`; 15 is told apart at a glance."""
    return delta_e(lab(first, EYES[eye]), lab(second, EYES[eye]))
