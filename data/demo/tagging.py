"""Names, speed limits and other tags of ordinary streets, missing on about half of them as on real maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.demo.net import STREET
from data.demo.towns import inside_town

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from data.demo.world import World

FIRST = "云松竹兰梅荷桂枫柳槐桐榆杉菊芦荻溪泉湖岚霁晴朗清澄宁和景怡文知书墨丹青霞虹鹤雁鹭鸣"
SECOND = "涛风月影溪泉桥亭台阁园庭岭坡湾洲渡津田禾丰安泰康宁乐华英秀荣光明辉熙"
LIMITS = {
    "trunk": "80",
    "primary": "60",
    "secondary": "60",
    "tertiary": "40",
    "residential": "30",
    "unclassified": "40",
}
LANES = {"trunk": "4", "primary": "4", "secondary": "2", "tertiary": "2"}
NAMED_SHARE = {"secondary": 1.0, "tertiary": 0.9, "residential": 0.55, "unclassified": 0.35, "living_street": 0.3}


def tag_streets(world: World) -> None:
    """Give streets names, limits, lanes and surfaces."""
    rng = world.rng("tags")
    names = _names(rng)
    by_start: dict[tuple[int, ...], str] = {}
    for line in world.net.lines:
        if line.group != STREET or "highway" not in line.tags:
            continue
        highway = line.tags["highway"]
        if "name" not in line.tags and rng.random() < NAMED_SHARE.get(highway, 0.0):
            joint = by_start.get((line.nodes[0],))
            urban = inside_town(world.net.places[line.nodes[0]])
            line.tags["name"] = joint or next(names) + ("路" if urban else rng.choice(("路", "街", "巷")))
        if "name" in line.tags:
            by_start[line.nodes[-1],] = line.tags["name"]
        if highway in LIMITS and rng.random() < 0.5:
            line.tags["maxspeed"] = LIMITS[highway]
        if highway in LANES and rng.random() < 0.5:
            line.tags["lanes"] = LANES[highway]
        if rng.random() < 0.3:
            line.tags["surface"] = rng.choice(("asphalt", "concrete"))


def _names(rng: Random) -> Iterator[str]:
    pairs = [a + b for a in FIRST for b in SECOND if a != b]
    rng.shuffle(pairs)
    while True:
        yield from pairs
