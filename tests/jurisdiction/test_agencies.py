from __future__ import annotations

import numpy as np
import pytest

from data.demo import table_path
from geo.errors import InputError
from jurisdiction.agencies import CATEGORIES, DEFAULT_AGENCIES, Agency, Contact, End, Stretch, contact_findings
from jurisdiction.agencytables import read_agencies, read_stretches
from jurisdiction.brigades import assign_agencies
from tests.builders import make_network

HEAD = "id,name,kind,letter,office,category,contact_post,phone\n"
ROW = "exp1,高速一大队,expressway,高1,服务区南,{},值班室,0000-0000001\n"
BRIGADES = (
    Agency("local", "区大队", "local", "普"),
    Agency("exp1", "高速一大队", "expressway", "高1"),
    Agency("exp2", "高速二大队", "expressway", "高2"),
)
PLACES = {k: (k * 0.001, 0.0) for k in range(1, 12)}


def write(tmp_path, text, encoding="utf-8"):
    """Write a table."""
    path = tmp_path / "agencies.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_contacts_gather_under_their_agency(tmp_path, encoding):
    """Rows of one agency become one brigade with a contact a category, in whatever Chinese encoding."""
    path = write(tmp_path, HEAD + ROW.format("危化品") + ROW.format("大件运输"), encoding)
    (agency,) = read_agencies(path)
    assert (agency.id, agency.name, agency.kind, agency.letter) == ("exp1", "高速一大队", "expressway", "高1")
    assert agency.contacts == tuple(Contact(c, "值班室", "0000-0000001") for c in ("危化品", "大件运输"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,name\n1,a\n", "kind"),
        (HEAD + "x,y,province,普,,,,\n", "kind"),
        (HEAD + ",y,local,普,,,,\n", "names no agency"),
        ("", "empty"),
        (HEAD, "plain text"),
        (HEAD + "x\0y,b\n", "binary|text"),
    ],
)
def test_a_bad_table_is_one_sentence(tmp_path, text, words):
    """A table without its columns, with an unknown kind or broken is refused in a sentence that names the file."""
    with pytest.raises(InputError, match=rf"^agencies\.csv.*({words})"):
        read_agencies(write(tmp_path, text))


def test_unreadable_tables(tmp_path):
    """A missing table and one in no known encoding are refused in one sentence."""
    with pytest.raises(InputError, match=r"^none\.csv"):
        read_agencies(tmp_path / "none.csv")
    (tmp_path / "agencies.csv").write_bytes(b"\xff\xff\xff\xff")
    with pytest.raises(InputError, match=r"^agencies\.csv"):
        read_stretches(tmp_path / "agencies.csv")


def test_a_row_without_contact(tmp_path):
    """A row that names no category gives an agency without contacts; its mark is the first letter of its name."""
    (agency,) = read_agencies(write(tmp_path, HEAD + "local,区大队,local,,,,,\n"))
    assert (agency.letter, agency.contacts) == ("区", ())


def test_demo_tables_read():
    """The demo's brigades and routes read: one local, two expressway, each route with one brigade."""
    agencies = read_agencies(table_path("agencies"))
    assert sorted(a.kind for a in agencies) == ["expressway", "expressway", "local"]
    stretches = read_stretches(table_path("stretches"))
    assert {s.agency for s in stretches} <= {a.id for a in agencies}


def owners(ways, inside, agencies=BRIGADES, stretches=()):
    """Return OSM way id to agency."""
    network = make_network(PLACES, ways)
    expressway = np.isin(network.ways.id[network.segments.way], inside)
    found = assign_agencies(network, expressway, agencies, stretches=stretches)
    return dict(zip(network.ways.id[network.segments.way].tolist(), found, strict=True))


TWO_ROUTES = (Stretch("exp1", "G98"), Stretch("exp2", "S17"))
M = "motorway"
LINE = [
    (10, [1, 2], {"highway": M, "ref": "G98"}),
    (11, [2, 3], {"highway": "motorway_link"}),
    (12, [3, 4], {"highway": "motorway_link"}),
    (13, [4, 5], {"highway": "motorway_link"}),
    (14, [5, 6], {"highway": M, "ref": "S17"}),
    (15, [6, 7], {"highway": "primary", "ref": "S17"}),
]


def test_default_agencies():
    """Without a table the expressway has one brigade and the district another."""
    assert owners(LINE, [10, 11], DEFAULT_AGENCIES) == dict.fromkeys([10, 11], "expressway") | dict.fromkeys(
        [12, 13, 14, 15], "local"
    )


def test_routes_and_the_roads_between():
    """Each brigade has its route, ramps go to the nearer one, an ordinary road to the district whatever its number."""
    found = owners(LINE, [10, 11, 12, 13, 14], stretches=TWO_ROUTES)
    assert found == {10: "exp1", 11: "exp1", 12: "exp1", 13: "exp2", 14: "exp2", 15: "local"}


@pytest.mark.parametrize("ref", ["G98;S17", "S17;G98", "S17, G98", "S17/G98"])
def test_concurrency(ref):
    """Fault 68: on a concurrency the stretch listed first wins, however the numbers are written."""
    ways = [(10, [1, 2], {"highway": M, "ref": ref})]
    assert owners(ways, [10], stretches=TWO_ROUTES) == {10: "exp1"}
    assert owners(ways, [10], stretches=TWO_ROUTES[::-1]) == {10: "exp2"}


def test_unknown_routes_go_to_the_first_brigade():
    """Expressways whose number nobody lists, or that no listed route can be reached from, go to the first brigade."""
    ways = [(10, [1, 2], {"highway": M, "ref": "G1"}), (11, [3, 4], {"highway": M, "ref": "S17"})]
    assert owners(ways, [10, 11], stretches=TWO_ROUTES) == {10: "exp1", 11: "exp2"}
    assert owners(ways[:1], [10], stretches=TWO_ROUTES) == {10: "exp1"}


def test_one_brigade_needs_no_routes():
    """With one expressway brigade, or without routes, all expressway roads are its."""
    assert set(owners(LINE, [10, 14], BRIGADES[:2], TWO_ROUTES).values()) == {"local", "exp1"}
    assert owners(LINE, [10, 14])[14] == "exp1"


def test_no_brigade_at_all():
    """Without any brigade listed the two default names are used."""
    assert set(owners(LINE, [10], ()).values()) == {"local", "expressway"}


def test_no_expressway():
    """A network without expressway is the district's alone."""
    assert set(owners(LINE, [], stretches=TWO_ROUTES).values()) == {"local"}


def test_parallel_roads_count_the_shorter():
    """Of two parallel ramps the shorter one measures the distance to a brigade."""
    places = {**PLACES, 30: (0.0025, 0.01)}
    ways = [
        *LINE[:1],
        (20, [2, 30, 5], {"highway": "motorway_link"}),
        (21, [2, 5], {"highway": "motorway_link"}),
        LINE[4],
    ]
    network = make_network(places, ways)
    expressway = np.ones(len(network.segments), dtype=bool)
    first = assign_agencies(network, expressway, BRIGADES, stretches=TWO_ROUTES)
    turned = assign_agencies(make_network(places, ways[::-1]), expressway, BRIGADES, stretches=TWO_ROUTES)
    assert first == turned[::-1]


def test_a_missing_category_is_named():
    """A category without a contact office is named with its agency; the default agencies and full ones are not."""
    full = tuple(Contact(category, "值班室", "0000-0000001") for category in CATEGORIES)
    part = (*full[:4], Contact("大件运输", "", ""))
    assert contact_findings([Agency("exp1", "高速一大队", "expressway", "高1", "", full), *DEFAULT_AGENCIES]) == []
    (finding,) = contact_findings([Agency("exp1", "高速一大队", "expressway", "高1", "", part)])
    assert finding.count == 2
    assert finding.things == ("exp1:大件运输", "exp1:超限超载")
    assert "高速一大队缺大件运输、超限超载" in finding.message
    assert contact_findings(read_agencies(table_path("agencies"))) == []


def test_a_workbook_reads_like_a_table(tmp_path):
    """The same agencies come from an Excel workbook with Chinese headings and kinds."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["单位编号", "单位名称", "类型", "图例", "办公地点", "类别", "联络岗位", "电话"])
    book.active.append(["exp1", "高速一大队", "高速公路", "高1", "服务区南", "危化品", "值班室", "0000-0000001"])
    book.save(tmp_path / "agencies.xlsx")
    (agency,) = read_agencies(tmp_path / "agencies.xlsx")
    assert (agency.kind, agency.contacts) == ("expressway", (Contact("危化品", "值班室", "0000-0000001"),))


def test_stretch_tables(tmp_path):
    """Rows give both ends by stake and name; ids count within the route, a lone whole route has its number as id."""
    path = tmp_path / "stretches.csv"
    head = "单位,路线,起点,终点,起点桩号,终点桩号,方向,备注\n"
    path.write_text(
        head + "exp1,G1,西区界,甲互通,K100+000,K104+400,,\nexp2,G1,甲互通,,K104+400,,上行,x\nexp2,S9,,,,,,\n"
    )
    a, b, c = read_stretches(path)
    assert (a.name, a.start, a.end, a.direction) == ("G1#1", End("K100+000", "西区界"), End("K104+400", "甲互通"), "")
    assert (b.name, b.end.is_open, b.direction, b.note) == ("G1#2", True, "上行", "x")
    assert (c.name, c.is_whole) == ("S9", True)
    assert [str(e) for e in (a.start, b.end, End("K1+000"), End(place=(1.0, 2.0)))] == [
        "西区界",
        "",
        "K1+000",
        "1.0,2.0",
    ]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("a,,G1\n", "names no agency"),
        ("a,exp1,\n", "names no agency"),
        ("a,exp1,G1\na,exp2,G1\n", "twice"),
    ],
)
def test_a_bad_stretch_table_is_one_sentence(tmp_path, rows, words):
    """A row without agency or route, and an id that comes twice, are refused in a sentence."""
    path = tmp_path / "stretches.csv"
    path.write_text("id,agency,route\n" + rows)
    with pytest.raises(InputError, match=words):
        read_stretches(path)
