"""Tables of agencies and of their stretches, as offices keep them: CSV or XLSX, Chinese or English headings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from geo.errors import InputError
from geo.sheet import Sheet, SheetRow, read_sheet
from jurisdiction.agencies import EXPRESSWAY, LOCAL, Agency, Contact, End, Stretch

AGENCY_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "id": ("编号", "单位编号", "代码"),
    "name": ("单位", "单位名称", "名称", "agency_name"),
    "kind": ("类型", "性质", "单位类型"),
    "letter": ("标记", "图例", "简称", "mark"),
    "office": ("办公地点", "驻地", "地址"),
    "category": ("类别", "业务类别", "联络类别"),
    "contact_post": ("联络岗位", "岗位", "联络员岗位", "post"),
    "phone": ("电话", "联系电话", "值班电话"),
}
STRETCH_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "id": ("编号", "管段编号"),
    "agency": ("单位", "单位编号", "管辖单位", "大队"),
    "route": ("路线", "路线编号", "线路", "公路编号", "ref", "road"),
    "name": ("路线名称", "路名"),
    "from_name": ("起点", "起点名称", "from"),
    "to_name": ("终点", "终点名称", "止点", "to"),
    "from_stake": ("起点桩号", "起桩号", "start_stake"),
    "to_stake": ("终点桩号", "止点桩号", "讫点桩号", "止桩号", "end_stake"),
    "direction": ("方向", "行车方向", "上下行"),
    "note": ("备注", "说明"),
}
_KINDS: Mapping[str, str] = {
    LOCAL: LOCAL,
    EXPRESSWAY: EXPRESSWAY,
    "普通公路": LOCAL,
    "普通": LOCAL,
    "地方": LOCAL,
    "区大队": LOCAL,
    "高速公路": EXPRESSWAY,
    "高速": EXPRESSWAY,
}


def read_agencies(path: str | Path) -> tuple[Agency, ...]:
    """Read a table of agencies (id, name, kind, letter, office, category, contact_post, phone), a row a contact.

    Raises
    ------
    InputError
        The table cannot be read, a column is missing, a row names no agency, or a kind is unknown.
    """
    sheet = read_sheet(path, headings=AGENCY_HEADINGS, required=("id", "name", "kind"))
    found: dict[str, Agency] = {}
    for row in sheet.rows:
        ident, kind = row.get("id"), _KINDS.get(row.get("kind"))
        if not ident:
            raise _row_error(sheet, row, "没有单位编号", "names no agency: fill the column id")
        if kind is None:
            raise _row_error(
                sheet, row, f"单位 {ident[:20]} 的 kind 应为 local 或 expressway", "kind must be local or expressway"
            )
        old = found.get(ident)
        made = Contact(row.get("category"), row.get("contact_post"), row.get("phone"))
        contacts = (*(old.contacts if old else ()), *((made,) if made.category else ()))
        letter = row.get("letter") or (old.letter if old else row.get("name")[:1])
        found[ident] = Agency(ident, row.get("name"), kind, letter, row.get("office"), contacts)
    return tuple(found.values())


def read_stretches(path: str | Path) -> tuple[Stretch, ...]:
    """Read a table of stretches (agency, route, from and to by name or stake, direction, note), in its order.

    A row without id gets ``route#n``, counted within its route; the one row of a route that names no ends is the
    whole route and gets the route as its id.

    Raises
    ------
    InputError
        The table cannot be read, a column is missing, or a row names no agency or route.
    """
    sheet = read_sheet(path, headings=STRETCH_HEADINGS, required=("agency", "route"))
    made: list[Stretch] = []
    count: dict[str, int] = {}
    for row in sheet.rows:
        agency, route = row.get("agency"), row.get("route")
        if not agency or not route:
            raise _row_error(sheet, row, "没有单位或路线", "names no agency or no route")
        count[route] = count.get(route, 0) + 1
        start, end = (End(row.get(f"{side}_stake"), row.get(f"{side}_name")) for side in ("from", "to"))
        bare = Stretch(agency, route, start, end, row.get("direction"))
        ident = row.get("id") or (route if bare.is_whole and count[route] == 1 else f"{route}#{count[route]}")
        made.append(Stretch(agency, route, start, end, bare.direction, ident, row.get("note")))
    double = next((s.id for k, s in enumerate(made) if s.id in {t.id for t in made[:k]}), None)
    if double is not None:
        msg = f"{sheet.name}：管段编号 {double[:30]} 重复，请改正。 / {sheet.name}: the id {double[:30]} comes twice."
        raise InputError(msg)
    return tuple(made)


def _row_error(sheet: Sheet, row: SheetRow, zh: str, en: str) -> InputError:
    return InputError(f"{sheet.name}：第 {row.line} 行{zh}，请改正。 / {sheet.name}, line {row.line}: {en}.")
