"""Pieces that the screens share: frame, map, side card, progress, and the only ways to put text on a page."""
