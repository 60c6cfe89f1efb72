"""What `zhida doctor` looks at for reporting: Chinese founts for PDF, and where other agencies are told."""

from __future__ import annotations

from pypdfium2 import PdfDocument

from services.reporting.documents.pdf import pdf_of
from shared.bus.broker import faults
from shared.bus.topology import PUBLIC_EXCHANGE
from shared.config import Settings
from shared.operation import Check, NotLooked
from shared.operation.checks import Faulty, signed_in

_TRIAL = """<html lang=zh><style>
body { font-family: FangSong_GB2312, FangSong, "Noto Serif CJK SC", serif } p { break-after: page }
</style><p>信<p>访</html>"""


def founts(settings: Settings) -> str:
    """Two characters, set on a page each: they look alike where no fount has them."""
    paper = PdfDocument(pdf_of(_TRIAL))
    pictures = {bytes(page.render().buffer) for page in list(paper)[:2]}
    names = {item.get_font().get_family_name() for item in paper[0].get_objects() if hasattr(item, "get_font")}
    if len(pictures) < 2:
        raise Faulty(f"no fount with Chinese characters, boxes by {', '.join(sorted(names)) or 'nothing'} in their place")
    return ", ".join(sorted(names))


def agencies(settings: Settings) -> str:
    """The virtual host of other agencies lets us in and has its exchange."""
    if not settings.public_uri:
        raise NotLooked("AMQP_URI_PUBLIC is not set: no agency is told anything")
    with signed_in(settings, "public", settings.public_uri) as connection, faults():
        connection.channel().exchange_declare(PUBLIC_EXCHANGE, "topic", passive=True)
    return PUBLIC_EXCHANGE


CHECKS = (
    Check(
        "reporting: founts", founts, "Install fonts-noto-cjk and Pango (`make setup-system`), or the founts of GB/T 9704-2012."
    ),
    Check("reporting: agencies", agencies, "docs/subscribers.md: `zhida subscriber add` makes virtual host and exchange."),
)
