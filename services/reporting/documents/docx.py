"""A document as DOCX, to be worked on further: the same measures, and the founts of the standard by name."""

from __future__ import annotations

import io
from typing import Any

from docx import Document as Empty
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from services.reporting.documents.cells import writable
from services.reporting.documents.official import Document, Heading, Sheet

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SONG, FANG, HEI = "方正小标宋简体", "仿宋_GB2312", "黑体"
RED = RGBColor(0xD2, 0, 0)
LINE = Pt(29)  # 22 of them to a page
_CENTRE, _RIGHT, _BOTH = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.JUSTIFY


def as_docx(document: Document) -> bytes:
    """The document's DOCX."""
    made = Empty()
    _measure(made)
    _say(made, document.masthead, SONG, 34, align=_CENTRE, colour=RED, line=Pt(48))
    if document.draft:
        _say(made, document.draft, FANG, 16, align=_CENTRE, colour=RED)
    if document.number:
        _say(made, "　　".join(filter(None, (document.number, document.signer))), FANG, 16, align=_CENTRE)
    _rule(_say(made, "", FANG, 4, line=Pt(6)))
    _say(made, "", FANG, 16)
    _say(made, document.title, SONG, 22, align=_CENTRE, line=Pt(32))
    _say(made, "", FANG, 16)
    _say(made, document.addressee, FANG, 16)
    for block in document.blocks:
        if isinstance(block, Sheet):
            _table(made, block)
        elif isinstance(block, Heading):
            _say(made, block.text, HEI, 16, indent=32).paragraph_format.keep_with_next = True
        else:
            _say(
                made,
                block.text,
                FANG,
                12 if block.note else 16,
                indent=24 if block.note else 32,
                line=Pt(20) if block.note else LINE,
            )
    _close(made, document)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _measure(made: Any) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    section.footer_distance = Mm(28)
    grid = OxmlElement("w:docGrid")
    for name, value in (("type", "linesAndChars"), ("linePitch", "580"), ("charSpace", "-842")):
        grid.set(qn(f"w:{name}"), value)
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    section._sectPr.append(grid)
    made.settings.odd_and_even_pages_header_footer = True
    _number(section.footer, _RIGHT)
    _number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)


def _number(footer: Any, align: WD_ALIGN_PARAGRAPH) -> None:
    """— 1 —, outside."""
    paragraph = footer.paragraphs[0]
    paragraph.alignment = align
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(14)
    _run(paragraph, "— ", "宋体", 14)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)
    _run(paragraph, " —", "宋体", 14)


def _say(
    made: Any, text: str, fount: str, size: float, *, align: WD_ALIGN_PARAGRAPH = _BOTH, colour: RGBColor | None = None, indent: float = 0,
    line: Any = LINE,
) -> Any:  # fmt: skip
    paragraph = made.add_paragraph()
    paragraph.alignment = align
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, line
    shape.first_line_indent = Pt(indent) if indent else None
    run = _run(paragraph, text, fount, size)
    if colour is not None:
        run.font.color.rgb = colour
    return paragraph


def _run(paragraph: Any, text: str, fount: str, size: float) -> Any:
    run = paragraph.add_run(writable(text))
    run.font.size, run.font.name = Pt(size), fount
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), fount)
    return run


def _rule(paragraph: Any) -> None:
    """The red line below the head."""
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "16"), ("space", "1"), ("color", "D20000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().append(borders)


def _table(made: Any, sheet: Sheet) -> None:
    """The head is said again on each page, and no row is divided."""
    _say(made, sheet.name, HEI, 12, align=_CENTRE, line=Pt(20)).paragraph_format.keep_with_next = True
    table = made.add_table(rows=0, cols=len(sheet.head))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    shares = [Mm(156 * width / sum(sheet.widths)) for width in sheet.widths]
    for number, cells in enumerate((sheet.head, *sheet.rows)):
        row = table.add_row()
        properties = row._tr.get_or_add_trPr()
        for name in ("cantSplit", "tblHeader") if number == 0 else ("cantSplit",):
            properties.append(OxmlElement(f"w:{name}"))
        for n, (cell, text, width) in enumerate(zip(row.cells, cells, shares, strict=True)):
            cell.width = width
            paragraph = cell.paragraphs[0]
            paragraph.alignment = _CENTRE if number == 0 or n in sheet.numbers else WD_ALIGN_PARAGRAPH.LEFT
            _run(paragraph, text, HEI if number == 0 else FANG, 9.5)


def _close(made: Any, document: Document) -> None:
    """Who and when, with room for the seal, and the imprint."""
    _say(made, "", FANG, 16)
    for text in filter(None, (document.organ, document.dated)):
        paragraph = _say(made, text, FANG, 16, align=_RIGHT)
        paragraph.paragraph_format.right_indent = Pt(64)
        paragraph.paragraph_format.keep_with_next = text is document.organ
    _say(made, "", FANG, 16)
    for text, align in ((document.copies, _BOTH), (document.imprint, _RIGHT)):
        if text:
            _say(made, text, FANG, 14, align=align, line=Pt(24))
