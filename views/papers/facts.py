"""What every paper says about where it came from: plan, version, hashes, source, date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from plan.agreements import SHORT, fingerprint, head
from plan.model import Plan
from views.papers.text import ATTRIBUTION_TEXT, CRS_TEXT, clean, date_zh

_ISO = re.compile(r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
_FIRST_DAY = "1980-01-01"


@dataclass(frozen=True, slots=True)
class Facts:
    """Where a paper came from.

    Attributes
    ----------
    title, version
        Name of the plan, and how many decisions it has.
    network, head
        SHA-256 of segment ids and lengths (`plan.agreements.fingerprint`), and of the last agreement.
    source, source_hash, newest_edit
        The map: its name, the first characters of its hash, the day of its newest edit.
    day
        ISO date of the last decision, else of the newest edit: papers are dated by the plan, never by a clock.
    """

    title: str
    version: int
    network: str
    head: str
    source: str
    source_hash: str
    newest_edit: str
    day: str

    @property
    def stamp(self) -> str:
        """One line for the foot of every page."""
        name = clean(self.title, limit=24)
        chain = self.head[:SHORT] if self.is_signed else "未签"
        return f"{name} v{self.version} · 协议校验码 {chain} · 路网指纹 {self.network[:SHORT]} · {self.day}"

    @property
    def is_signed(self) -> bool:
        """Whether the plan holds an agreement."""
        return bool(self.head.strip("0"))

    def rows(self) -> list[tuple[str, str]]:
        """Return pairs of name and value for a table."""
        return [
            ("方案与版本", f"{clean(self.title, limit=60)} v{self.version}"),
            ("协议校验码", self.head[:SHORT] if self.is_signed else "尚无已签协议"),
            ("完整校验码", self.head if self.is_signed else "—"),
            ("路网指纹", self.network),
            ("地图来源", f"{clean(self.source, limit=80)}（{self.source_hash}） {ATTRIBUTION_TEXT}，ODbL 1.0"),
            ("地图最新编辑", date_zh(self.newest_edit) if self.newest_edit else "不详"),
            ("坐标系", CRS_TEXT),
            ("方案日期", date_zh(self.day)),
        ]


def facts_of(plan: Plan) -> Facts:
    """Return where a plan came from."""
    source = plan.network.source
    days = [d.when[:10] for d in plan.decisions if _ISO.match(d.when[:10])]
    edited = source.newest_edit[:10] if _ISO.match(source.newest_edit[:10]) else ""
    return Facts(
        plan.title or "未命名方案",
        len(plan.decisions),
        fingerprint(plan.network),
        head(plan),
        source.name,
        source.sha256[:SHORT],
        edited,
        max(days, default=edited or _FIRST_DAY),
    )


def agency_names(plan: Plan) -> Mapping[str, str]:
    """Return agency id (and ``none``, ``contested``) to the name papers print."""
    found = {a.id: clean(a.name, limit=40) for a in plan.agencies}
    return {"none": "无主", "contested": "争议", "": "未定", **found}
