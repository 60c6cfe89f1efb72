"""Tables as strangers, old systems and spreadsheets make them; the dangerous ones are made here rather than kept."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEADINGS = ("原编号", "渠道", "收到日期", "标题", "内容")
ROW = ("信1", "来信", "2024-08-01", "井水发黑", "造纸厂夜里排污。")


def inline(number: int, cells: Sequence[str], *, attributes: str = "") -> str:
    """A row of texts that stand in it."""
    made = "".join(
        f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in enumerate(cells) if text
    )
    return f'<row r="{number}"{attributes}>{made}</row>'


def workbook(
    *sheets: str, states: Sequence[str] = (), doctype: str = "", more: dict[str, str | bytes] | None = None, epoch: str = ""
) -> bytes:
    """A workbook of these sheets' rows, as XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        names = [f"sheet{at + 1}" for at in range(len(sheets))]
        listed = "".join(
            f'<sheet name="{name}" sheetId="{at + 1}" state="{states[at] if at < len(states) else "visible"}" r:id="rId{at + 1}"/>'
            for at, name in enumerate(names)
        )
        related = "".join(f'<Relationship Id="rId{at + 1}" Target="worksheets/{name}.xml"/>' for at, name in enumerate(names))
        archive.writestr("[Content_Types].xml", HEAD + "<Types/>")
        archive.writestr(
            "xl/workbook.xml", f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="r">{epoch}<sheets>{listed}</sheets></workbook>'
        )
        archive.writestr("xl/_rels/workbook.xml.rels", f"{HEAD}<Relationships>{related}</Relationships>")
        for name, rows in zip(names, sheets, strict=True):
            archive.writestr(
                f"xl/worksheets/{name}.xml", f'{HEAD}{doctype}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
            )
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def table(*rows: Sequence[str], first: int = 1) -> str:
    """Headings and rows."""
    return "".join(inline(number, cells) for number, cells in enumerate((HEADINGS, *rows), first))


def opendocument(rows: Sequence[Sequence[str]]) -> bytes:
    """The same as an OpenDocument table."""
    cells = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in row)
        + "</table:table-row>"
        for row in rows
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "manifest")
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f"{HEAD}<manifest:manifest {spaces}/>")
        archive.writestr(
            "content.xml",
            f'{HEAD}<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="旧件">{cells}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _label(row: int, column: int, text: str) -> bytes:
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def old_workbook(rows: Sequence[Sequence[str | float]]) -> bytes:
    """An xls of Excel 97: one sheet of texts and numbers in a compound file."""
    begin, end = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0), _record(0x0A, b"")
    name = "旧件"
    sheet_head = struct.pack("<BBBB", 0, 0, len(name), 1) + name.encode("utf-16-le")
    offset = len(_record(0x0809, begin)) + len(_record(0x85, b"\0" * 4 + sheet_head)) + len(end)
    cells = b"".join(
        _label(at, column, value) if isinstance(value, str) else _record(0x0203, struct.pack("<HHHd", at, column, 0, value))
        for at, row in enumerate(rows)
        for column, value in enumerate(row)
    )
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + cells + end
    stream = _record(0x0809, begin) + _record(0x85, struct.pack("<I", offset) + sheet_head) + end + sheet
    return compound({"Workbook": stream})


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file of some streams, each padded until it needs no small sectors."""
    padded = {name: stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0") for name, stream in streams.items()}
    chain: list[int] = []
    starts, free, stop = {}, 0xFFFFFFFF, 0xFFFFFFFE
    for name, stream in padded.items():
        starts[name], count = len(chain), len(stream) // 512
        chain += [*range(len(chain) + 1, len(chain) + count), stop]
    directory = len(chain)
    chain += [stop, 0xFFFFFFFD]
    entries = _entry("Root Entry", 5, 1 if streams else free, stop, 0, free)
    for at, (name, stream) in enumerate(padded.items(), 1):
        entries += _entry(name, 2, free, starts[name], len(stream), at + 1 if at < len(padded) else free)
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, 1, directory, 0, 4096, stop, 0,
        stop, 0, directory + 1,
    )  # fmt: skip
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    return header.ljust(512, b"\xff") + b"".join(padded.values()) + entries.ljust(512, b"\0") + table


def _entry(name: str, kind: int, child: int, start: int, size: int, right: int) -> bytes:
    text = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        text,
        len(text) + 2,
        kind,
        1,
        0xFFFFFFFF,
        right,
        child,
        b"",
        0,
        0,
        0,
        start if size or kind == 5 else 0,
        size,
    )


def one_text_in_many_cells(characters: int, *, rows: int, columns: int = 1) -> bytes:
    """A few thousand bytes that say one long text again and again."""
    shared = f'<sst xmlns="{MAIN}"><si><t>{"水" * characters}</t></si></sst>'
    cells = '<c t="s"><v>0</v></c>' * columns
    told = "".join(f'<row r="{row}">{cells}</row>' for row in range(2, rows + 2))
    return workbook(inline(1, HEADINGS) + told, more={"xl/sharedStrings.xml": HEAD + shared})


def bomb() -> bytes:
    """Two gigabytes of nothing in two megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(1100):
                part.write(b" " * 2**20)
    return out.getvalue()
