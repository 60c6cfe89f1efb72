"""The pages and resources of reporting: overview, case list, dossier, statistics, reports, the catalogue for other agencies."""

from services.reporting.web import cases, catalogue, dashboard, dossier, dossier_paper, exports, filters, reports, statistics
from services.reporting.web.parts import api, blueprint

__all__ = [
    "api",
    "blueprint",
    "cases",
    "catalogue",
    "dashboard",
    "dossier",
    "dossier_paper",
    "exports",
    "filters",
    "reports",
    "statistics",
]
