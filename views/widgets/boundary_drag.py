"""A seam that is moved along its road by hand or by key: where it is, what follows, and how it is agreed on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from folium.map import Layer

from geo.errors import InputError
from plan.decisions import Decision
from plan.incremental import Move, SeamMover, placed_seams
from plan.options import Option
from plan.seamtracks import SeamPlace, Tracks
from views.i18n import say
from views.map.drag import DragLayer, DragOptions, Rail
from views.map.palette import THEME
from views.pictures.owners import owner_styles
from views.state import Desk, Target, current_desk, keep
from views.widgets.boundary_prices import option_desk_of
from views.widgets.boundary_work import act, seam_named
from views.widgets.map_view import DRAGGED, Mark

DRAG = "drag"
REASON = "drag_why"
_RESULT, _ERROR = "drag_result", "drag_error"
_REPORT = re.compile(r"([0-9a-f]{16}):(?:(cancel|home)|([0-9]{1,3}):([0-9]{1,4}))")

At = tuple[int, int]
"""Numbers of a track and of a place on it."""


@dataclass(frozen=True, slots=True)
class Drag:
    """The seam in hand: its id, the key of the plan it was taken up in, where it is held (``None``: where it lay)."""

    seam: str
    key: str
    at: At | None = None

    @property
    def token(self) -> str:
        """What comes back with every report of the map."""
        return hashlib.sha256(f"{self.key}|{self.seam}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Result:
    """What follows when the seam lies where it is held: the move, its price, and the price of leaving it."""

    move: Move
    option: Option
    now: Option


def present_drag(desk: Desk) -> Drag | None:
    """Return the seam in hand; another selection or another plan puts it down."""
    drag: Drag | None = desk.extra.get(DRAG) or None
    if drag is None:
        return None
    if drag.key != desk.key or desk.selection.kind != "seam" or desk.selection.id != drag.seam:
        desk.extra[DRAG] = None
        return None
    return drag


def start_drag(seam: str) -> None:
    """Take a seam up."""
    desk = current_desk()
    found = seam_named(desk.plan, seam)
    if found is None:
        desk.message = "没有这个界点，请在图上重新选取。 / there is no such seam: choose one on the map."
        return
    desk.extra["preview"] = None
    if (desk.selection.kind, desk.selection.id) != ("seam", seam):
        desk.select("seam", seam, (found.lon, found.lat))
        desk.jump(Target(place=(found.lon, found.lat), zoom=16.0))
    desk.extra[DRAG] = Drag(seam, desk.key)


def stop_drag() -> None:
    """Put the seam down where it lay."""
    current_desk().extra[DRAG] = None


def mover_of(desk: Desk, seam: str) -> SeamMover:
    """Return the mover of a seam; made once a plan."""
    plan = desk.plan
    return keep(("mover", desk.key, seam), lambda: SeamMover(plan, seam))


def tracks_of(desk: Desk, seam: str) -> Tracks:
    """Return where a seam may lie; found once a plan."""
    return keep(("tracks", desk.key, seam), lambda: mover_of(desk, seam).tracks())


def place_at(tracks: Tracks, at: At | None) -> SeamPlace | None:
    """Return the place of its numbers, ``None`` where the seam lay."""
    return None if at is None else tracks.tracks[at[0]].places[at[1]]


def read_report(text: str, token: str, tracks: Tracks) -> At | Literal["cancel"] | None:
    """Return what the map reported: a place's numbers, ``None`` for where the seam lay, or ``cancel``.

    A report comes from a browser: it names a place of the tracks or is refused.

    Raises
    ------
    InputError
        It is of another form, of another seam or plan, or names no place where the seam may lie.
    """
    found = _REPORT.fullmatch(text) if text.isascii() else None
    if found is not None and found[1] != token:
        msg = (
            "界点已改变，图上的拖动作废；请重新拖动。 / The seam has changed: that drag does not count, drag it again."
        )
        raise InputError(msg)
    if found is None:
        raise InputError(_NOWHERE)
    if found[2]:
        return "cancel" if found[2] == "cancel" else None
    at = (int(found[3]), int(found[4]))
    if at[0] >= len(tracks.tracks) or at[1] >= len(tracks.tracks[at[0]].places):
        raise InputError(_NOWHERE)
    return at


_NOWHERE = (
    "图上传来的位置不是界点可放之处，未采用；请重新拖动。"
    " / The map named a place where the seam cannot lie: nothing was changed, drag it again."
)


def take_report(desk: Desk) -> None:
    """Move what the map reported to the desk; what cannot be believed leaves a sentence and nothing else."""
    text = str(desk.extra.pop(DRAGGED, "") or "")
    if not text:
        return
    drag = present_drag(desk)
    if drag is None:
        desk.extra[_ERROR] = _NOT_IN_HAND
        return
    try:
        at = read_report(text, drag.token, tracks_of(desk, drag.seam))
    except InputError as error:
        desk.extra[_ERROR] = str(error)
        return
    desk.extra[DRAG] = None if at == "cancel" else replace(drag, at=at)


_NOT_IN_HAND = "没有正在移动的界点，图上的拖动作废。 / No seam is being moved: that drag does not count."


def take_error(desk: Desk) -> str:
    """Return the sentence a report left, once."""
    return str(desk.extra.pop(_ERROR, "") or "")


def nearest_along(tracks: Tracks, along_m: float, path: int | None = None) -> At | None:
    """Return the place nearest to metres along the road, ``None`` where the seam lay is nearer.

    Parameters
    ----------
    tracks
        Where the seam may lie.
    along_m
        Metres from where it lies: above 0 on the ordinary side.
    path
        Number of the track to keep to where several go that way.
    """
    side = "ordinary" if along_m > 0 else "expressway"
    chosen = [t for t, track in enumerate(tracks.tracks) if track.side == side]
    if path in chosen:
        chosen = [path]
    best: tuple[float, At | None] = (abs(along_m), None)
    for t in chosen:
        for k, place in enumerate(tracks.tracks[t].places):
            off = abs(place.along_m - along_m)
            if off < best[0] - 1e-9:
                best = (off, (t, k))
    return best[1]


def shift_along(tracks: Tracks, at: At | None, by_m: float) -> At | None:
    """Return the place so many metres on; on its own track, or on the first of the other side past the seam."""
    place = place_at(tracks, at)
    return nearest_along(tracks, (place.along_m if place else 0.0) + by_m, at[0] if at else None)


def result_of(desk: Desk, drag: Drag) -> Result | None:
    """Return what follows from where the seam is held, ``None`` where it lay; the last answer is kept."""
    place = place_at(tracks_of(desk, drag.seam), drag.at)
    if place is None:
        return None
    kept: tuple[Drag, Result] | None = desk.extra.get(_RESULT)
    if kept is not None and kept[0] == drag:
        return kept[1]
    move = mover_of(desk, drag.seam).move(place.segment, place.offset_m)
    # Times and cases of the plan as it stands are at hand since the cards were priced.
    priced = option_desk_of(desk)
    result = Result(move, priced.price_move(move), priced.price_move(replace(move, changes=())))
    desk.extra[_RESULT] = (drag, result)
    return result


def drag_marks(desk: Desk) -> Sequence[Mark | Layer]:
    """Return the handle with its road, and over the map the metres that change hands in their new owner's colour."""
    drag = present_drag(desk)
    seam = seam_named(desk.plan, drag.seam) if drag else None
    if drag is None or seam is None:
        return ()
    tracks = tracks_of(desk, drag.seam)
    rails = [
        Rail(
            track.side,
            [(float(lon), float(lat)) for lon, lat in track.line.tolist()],
            [(p.lon, p.lat, p.along_m, p.kind == "junction") for p in track.places],
        )
        for track in tracks.tracks
    ]
    name, value = say("界点：沿路移动"), say("距现界点")
    handle = DragLayer(DragOptions(drag.token, (seam.lon, seam.lat), rails, at=drag.at, name=name, value=value))
    return (*moved_marks(desk, drag), handle)


def moved_marks(desk: Desk, drag: Drag) -> list[Mark]:
    """Return the metres that change hands, each line in the colour of its new agency."""
    result = result_of(desk, drag)
    if result is None:
        return []
    styles, index = owner_styles(desk.plan.agencies)
    found = []
    for change, line in zip(result.move.changes, result.move.lines(), strict=True):
        color = styles[index.get(change.agency[1], index["none"])].color if change.agency[1] in index else THEME["ink"]
        found.append(Mark(tuple((float(lon), float(lat)) for lon, lat in line.tolist()), color))
    return found


def agree(desk: Desk, drag: Drag, *, why: str) -> bool:
    """Agree on the place where the seam is held: one decision, with metres, stake and reason.

    Returns
    -------
    bool
        Whether it stands; without a reason, or on a locked seam, it does not.
    """
    result, place = result_of(desk, drag), place_at(tracks_of(desk, drag.seam), drag.at)
    if result is None or place is None:
        desk.message = "界点仍在原处，请先移动再采用。 / The seam lies where it lay: move it before you agree on it."
        return False
    if not why.strip():
        desk.message = (
            "商定需要理由，请填写文号、会议或现场情况。 / Give a reason: a document, a meeting, what was seen."
        )
        return False
    made = result.move.decision
    value = {**made.value, "along_m": round(place.along_m, 1)}
    if not act(desk, Decision(made.kind, made.key, value, why=why.strip())):
        return False
    desk.extra[DRAG] = None
    placed = {key: ident for ident, key in placed_seams(desk.plan).items()}
    if made.key in placed:
        desk.select("seam", placed[made.key], (result.move.lon, result.move.lat))
    return True


def withdraw(plan_key_of_seam: str) -> Decision:
    """Return the decision that takes an agreed place back: the seam lies by its convention again."""
    return Decision("place_seam", plan_key_of_seam, {"segment": "", "offset_m": 0.0, "withdrawn": True})


def stake_of(move: Move) -> str:
    """Return the stake of the place a seam was moved to, ``""`` where no table tells."""
    anchors = move.decision.value.get("anchors") or [[]]
    return str(anchors[0][3]) if len(anchors[0]) > 3 else ""  # noqa: PLR2004 - lon, lat, name, then the stake
