"""The pages and resources of reporting: overview, case list, dossier, statistics."""

from services.reporting.web import cases, dashboard, dossier, exports, statistics
from services.reporting.web.parts import api, blueprint

__all__ = ["api", "blueprint", "cases", "dashboard", "dossier", "exports", "statistics"]
