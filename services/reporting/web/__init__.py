"""The pages and resources of reporting: case list, dossier, statistics."""

from services.reporting.web import cases, dossier, exports, statistics
from services.reporting.web.parts import api, blueprint

__all__ = ["api", "blueprint", "cases", "dossier", "exports", "statistics"]
