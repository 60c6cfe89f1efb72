"""An official document in the order of GB/T 9704-2012, whatever it is printed as; and its text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A heading of the first level: 一、二、…"""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `note`: in small print."""

    text: str
    note: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table. `widths` are shares of the line; cells of the columns in `numbers` stand to the right."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    numbers: frozenset[int] = frozenset()


Block = Heading | Paragraph | Sheet


@dataclass(frozen=True, kw_only=True)
class Document:
    """What stands in it from the red head to the imprint. `number` is empty as long as it is a draft, which says so."""

    masthead: str
    number: str
    signer: str
    title: str
    addressee: str
    blocks: Sequence[Block]
    organ: str
    dated: str
    copies: str
    imprint: str
    draft: str = ""

    @property
    def plain(self) -> str:
        """Every word of it, line by line: what `the same text` means."""
        return "\n".join(_lines(self)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    yield from filter(
        None, (document.masthead, document.draft, document.number, document.signer, document.title, document.addressee)
    )
    for block in document.blocks:
        if isinstance(block, Sheet):
            yield block.name
            yield "\t".join(block.head)
            yield from ("\t".join(row) for row in block.rows)
        else:
            yield block.text
    yield from filter(None, (document.organ, document.dated, document.copies, document.imprint))
