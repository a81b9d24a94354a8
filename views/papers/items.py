"""The single papers that packs are made of."""

from __future__ import annotations

from collections.abc import Callable

from views.catalogue import Words, both
from views.papers.model import Paper
from views.papers.order import Files, Item, Order, Tell
from views.papers.text import clean

Missing = Callable[[Order], tuple[Words, ...]]


def _nothing(_order: Order) -> tuple[Words, ...]:
    return ()


def _is_free(_order: Order) -> bool:
    return False


def _paper(key: str, label: Words, file: str, *, write: Callable[[Order], Paper], missing: Missing = _nothing) -> Item:
    """Return an item that is written in Word and shown as PDF."""

    def make(order: Order, tell: Tell) -> Files:
        from views.papers.docx import write_docx

        tell(0, 1, label)
        return [(f"{file}.docx", write_docx(write(order)))]

    def view(order: Order, tell: Tell) -> bytes:
        from views.papers.pdfpaper import write_pdf

        tell(0, 1, label)
        return write_pdf(write(order))

    return Item(key, label, f"{file}.docx", make, missing, _is_free, view)


def _file(key: str, label: Words, file: str, *, write: Callable[[Order, Tell], bytes], has_pages: bool = False) -> Item:
    """Return an item that is one file."""

    def make(order: Order, tell: Tell) -> Files:
        tell(0, 1, label)
        return [(file, write(order, tell))]

    return Item(key, label, file, make, _nothing, _is_free, write if has_pages else None)


# ---- what is missing -------------------------------------------------------------------------------------------


def _lacks_stakes(order: Order) -> tuple[Words, ...]:
    from views.papers.stakes import has_stakes

    if has_stakes(order.plan):
        return ()
    return (both("没有桩号表：桩号栏空缺"),)


def _lacks_signature(order: Order) -> tuple[Words, ...]:
    signed = order.plan.latest("sign")
    draft = () if order.number in signed else (both("尚未签署：印为草稿"),)
    return (*draft, *_lacks_stakes(order))


def _lacks_meeting(order: Order) -> tuple[Words, ...]:
    from plan.disputes import OUTCOMES, list_disputes

    held, found = order.meeting, list[Words]()
    chosen = [d for d in list_disputes(order.plan) if not order.disputes or d.id in order.disputes]
    if any(d.state not in OUTCOMES for d in chosen):
        found.append(both("有争议尚未议定：印为草稿"))
    blanks = ((both("时间"), held.day), (both("地点"), held.place), (both("文号"), held.number))
    left = [name for name, value in blanks if not value]
    if left:
        zh, en = "、".join(name.zh for name in left), ", ".join(name.en.lower() for name in left)
        found.append(Words(both("未填{left}：留空待填", left=zh).zh, both("未填{left}：留空待填", left=en).en))
    return tuple(found)


def _lacks_since(order: Order) -> tuple[Words, ...]:
    if order.since:
        return ()
    return (both("未填上次会议日期：从头列起"),)


def _lacks_targets(order: Order) -> tuple[Words, ...]:
    from views.crews import targets_of

    return () if targets_of(order.plan) else (both("方案中没有目标表"),)


# ---- the papers ------------------------------------------------------------------------------------------------


def _agenda(order: Order) -> Paper:
    from views.papers.agenda import agenda_paper

    return agenda_paper(order.plan, day=order.meeting.day)


def _changes(order: Order) -> Paper:
    from views.papers.changes import changes_paper

    return changes_paper(order.plan, order.since)


def _limits(order: Order) -> Paper:
    from views.papers.limits import limits_paper

    return limits_paper(order.plan)


def _tasks(order: Order) -> Paper:
    from views.papers.tasks import tasks_paper

    return tasks_paper(order.plan)


def _minutes(order: Order) -> Paper:
    from views.papers.minutes import minutes_paper

    return minutes_paper(order.plan, order.disputes, meeting=order.meeting)


def _agreement(order: Order) -> Paper:
    from views.papers.agreement import agreement_paper

    return agreement_paper(order.plan, order.number, draft=True)


def _transfer(order: Order) -> Paper:
    from views.papers.transfer import transfer_paper

    return transfer_paper(order.transfer)


def _lacks_fields(order: Order) -> tuple[Words, ...]:
    from views.papers.transfer import missing_fields

    left = missing_fields(order.transfer)
    return (both("未填{left}：印为草稿", left="、".join(left)),) if left else ()


def _annex(order: Order, _tell: Tell) -> bytes:
    from views.papers.annex import annex_xlsx

    return annex_xlsx(order.plan)


def _sheet(order: Order, tell: Tell) -> bytes:
    from views.papers.atlas import atlas_pdf, usual_scale

    def count(done: int, total: int) -> None:
        tell(done, total, both("绘制图幅"))

    scale = order.scale or usual_scale(order.plan, order.paper)
    return atlas_pdf(order.plan, scale=scale, paper=order.paper, progress=count)


def _overview(order: Order, _tell: Tell) -> bytes:
    from views.papers.atlas import atlas_pdf

    return atlas_pdf(order.plan, paper=order.paper)


def _shape(order: Order, _tell: Tell) -> bytes:
    from views.papers.shapezip import shape_zip

    return shape_zip(order.plan)


def _kml(order: Order, _tell: Tell) -> bytes:
    from views.papers.kml import plan_kml

    return plan_kml(order.plan)


def _gpx(order: Order, _tell: Tell) -> bytes:
    from views.papers.gpxplan import plan_gpx

    return plan_gpx(order.plan)


AGENDA = _paper("agenda", both("会议议程"), "议程", write=_agenda)
CHANGES = _paper("changes", both("变化情况"), "变化情况", write=_changes, missing=_lacks_since)
LIMITS = _paper("limits", both("各大队管段表"), "管段表", write=_limits, missing=_lacks_stakes)
TASKS = _paper("tasks", both("任务清单"), "任务清单", write=_tasks, missing=_lacks_targets)
MINUTES = _paper("minutes", both("会议纪要"), "会议纪要", write=_minutes, missing=_lacks_meeting)
AGREEMENT = _paper("agreement", both("界点协议"), "界点协议", write=_agreement, missing=_lacks_signature)
TRANSFER = _paper("transfer", both("案件移送函"), "案件移送函", write=_transfer, missing=_lacks_fields)
ANNEX = _file("annex", both("附表（Excel）"), "附表.xlsx", write=_annex)
SHEETS = _file("sheets", both("图幅（PDF）"), "图集.pdf", write=_sheet, has_pages=True)
OVERVIEW = _file("overview", both("管辖总图（PDF）"), "管辖总图.pdf", write=_overview, has_pages=True)
SHAPE = _file("shape", both("Shapefile"), "图层_shapefile.zip", write=_shape)
KML = _file("kml", both("KML"), "图层.kml", write=_kml)
GPX = _file("gpx", both("GPX"), "界点.gpx", write=_gpx)


def _strip_view(order: Order, tell: Tell) -> bytes:
    from views.papers.strips import strip_pdf

    def count(done: int, total: int) -> None:
        tell(done, total, both("绘制条带图"))

    routes = [order.route] if order.route else _expressways(order)
    return strip_pdf(order.plan, routes[0], scale=order.scale or 25_000, paper=order.paper, progress=count)


def _strips(order: Order, tell: Tell) -> Files:
    from views.papers.strips import strip_pdf

    found, routes = list[tuple[str, bytes]](), [order.route] if order.route else _expressways(order)
    for k, route in enumerate(routes):
        tell(k, len(routes), both("条带图 {route}", route=route))
        body = strip_pdf(order.plan, route, scale=order.scale or 25_000, paper=order.paper)
        name = "".join(c for c in route if c.isalnum())[:12] or str(k + 1)
        found.append((f"条带图_{name}.pdf", body))
    return found


def _expressways(order: Order) -> list[str]:
    """Return the numbers of the expressway routes, longest first."""
    from views.papers.limits import limit_rows

    own = {clean(a.name, limit=40) for a in order.plan.agencies if a.kind == "expressway"}
    rows = [r for r in limit_rows(order.plan) if r.agency in own and r.route[:1] in "GS" and r.route]
    return list(dict.fromkeys(r.route for r in sorted(rows, key=lambda r: (-r.length_m, r.route))))[:12]


def _has_no_route(order: Order) -> bool:
    return not order.route and not _expressways(order)


def _lacks_route(order: Order) -> tuple[Words, ...]:
    if _has_no_route(order):
        return (both("没有带编号的高速路线"),)
    return _lacks_stakes(order)


STRIP_MAPS = Item(
    "strips", both("高速条带图（PDF）"), "条带图.pdf", _strips, _lacks_route, _has_no_route,
    _strip_view,
)  # fmt: skip


def _crew_paper(order: Order) -> Paper:
    from views.papers.crew import crew_paper

    assert order.day is not None  # noqa: S101 - a blocked item is never made
    return crew_paper(order.plan, order.day, date=order.meeting.day)


def _has_no_day(order: Order) -> bool:
    return order.day is None


def _lacks_day(order: Order) -> tuple[Words, ...]:
    if order.day is None:
        return (both("还没有排班：先在勤务页排班"),)
    return _lacks_stakes(order)


def _crew_gpx(order: Order, _tell: Tell) -> Files:
    from geo.closures import graph_at
    from patrol.gpx import write_gpx
    from plan.closures import closures_of

    if order.day is None:
        return []
    graph = graph_at(order.plan.derived.network, closures_of(order.plan))
    return [
        (f"GPX/班组{k:02d}.gpx", write_gpx(graph, order.day, route))
        for k, route in enumerate(order.day.routes, start=1)
    ]


_CREW = _paper("crew", both("勤务单"), "勤务单", write=_crew_paper)
CREW = Item("crew", _CREW.label, _CREW.file, _CREW.make, _lacks_day, _has_no_day, _CREW.view)
CREW_GPX = Item(
    "crewgpx", both("导航路线（GPX）"), "GPX/", _crew_gpx, lambda order: _lacks_day(order)[:1],
    _has_no_day,
)  # fmt: skip
