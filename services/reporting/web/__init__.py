"""The pages and resources of reporting: overview, case list, dossier, statistics, reports."""

from services.reporting.web import cases, dashboard, dossier, exports, reports, statistics
from services.reporting.web.parts import api, blueprint

__all__ = ["api", "blueprint", "cases", "dashboard", "dossier", "exports", "reports", "statistics"]
