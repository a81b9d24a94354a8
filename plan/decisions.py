"""Decisions: the short list from which, with the network, everything else is derived."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from geo.errors import InputError

DECISION_VERSION = 1
KIND_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "override_class": "way",
        "place_seam": "seam",
        "choose_convention": "station",
        "set_stretch": "route",
        "set_agency": "agency",
        "set_handover": "seam",
        "open_dispute": "dispute",
        "position": "dispute",
        "close_dispute": "dispute",
        "draft": "agreement",
        "sign": "agreement",
        "set_units": "units",
        "set_targets": "targets",
        "close_road": "closure",
        "set_stakes": "route",
        "correct_station": "station",
        "set_town": "town",
        "comment": "comment",
    }
)
"""Decision kind to the thing it decides; two decisions of one kind on one key are a conflict."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry of a plan: who decided what, when and why.

    Attributes
    ----------
    kind
        A key of ``KIND_KEYS``.
    key
        What is decided (a way id, a station id or ``*``, a dispute id, …).
    value
        JSON values.
    who, when, why
        Office, ISO date, reason; ``when`` comes from the caller, so that a plan does not depend on a clock.
    """

    kind: str
    key: str
    value: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    who: str = ""
    when: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KIND_KEYS:
            msg = f"决定类型“{self.kind}”未知，请升级软件。 / unknown kind of decision: update the software."
            raise InputError(msg)
        if not self.key:
            msg = f"决定“{self.kind}”没有指明对象，请补充。 / a decision must name what it decides."
            raise InputError(msg)

    @property
    def subject(self) -> tuple[str, str]:
        """Kind and key: what two conflicting decisions have in common."""
        return self.kind, self.key

    def to_json(self) -> str:
        """Return the canonical JSON text (sorted keys, no spaces)."""
        body = {
            "version": DECISION_VERSION,
            "kind": self.kind,
            "key": self.key,
            "value": self.value,
            "who": self.who,
            "when": self.when,
            "why": self.why,
        }
        return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=dict)

    @classmethod
    def from_json(cls, text: str) -> Decision:
        """Read a decision back.

        Raises
        ------
        InputError
            The text is no decision, or of a newer version.
        """
        try:
            body = json.loads(text)
            version = int(body["version"])
            decision = (str(body["kind"]), str(body["key"]), dict(body["value"]))
            rest = (str(body["who"]), str(body["when"]), str(body["why"]))
        except (ValueError, KeyError, TypeError) as error:
            msg = "方案中有一条决定无法读取，请从备份恢复。 / a decision in the plan cannot be read: restore a backup."
            raise InputError(msg) from error
        if version > DECISION_VERSION:
            msg = "方案来自更新的版本，请升级软件。 / the plan comes from a newer version: update the software."
            raise InputError(msg)
        return cls(*decision, *rest)
