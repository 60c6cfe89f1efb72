"""Every page that the product has is reached through the ingress, in a process that serves it; what is not for visitors is not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from shared import config, keys
from shared.web import server
from tests.deploy.kubelet import environment, services_of
from tests.deploy.manifests import OVERLAYS, Manifest, overlay, pods, selects, the

INSIDE = {"/livez", "/readyz", "/metrics"}


@pytest.fixture(scope="module")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    keys.make(folder)
    return folder


@cache
def site(services: tuple[str, ...], folder: Path) -> Flask:
    """The site of a process that carries these services; nothing is asked of a database."""
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    return server.build(
        config.load(
            {"ZHIDA_ORG": "431023", "ZHIDA_SERVICES": " ".join(services), "ZHIDA_KEYS": str(folder), "DATABASE_URL": nowhere}
        )
    )


def paths(app: Flask) -> set[str]:
    """A path for each route: what stands for an argument is made up."""
    return {"/".join("x" if part.startswith("<") else part for part in rule.rule.split("/")) for rule in app.url_map.iter_rules()}


def backend(ingress: Manifest, path: str) -> str | None:
    """The service that an ingress hands a path to: an exact entry first, then the longest prefix of whole parts."""
    (rule,) = ingress["spec"]["rules"]
    found = [
        (entry["pathType"] == "Exact", len(entry["path"]), entry["backend"]["service"]["name"])
        for entry in rule["http"]["paths"]
        if entry["path"] == path or (entry["pathType"] == "Prefix" and path.startswith(entry["path"].rstrip("/") + "/"))
    ]
    return max(found)[2] if found else None


def served_by(manifests: list[Manifest], service: str) -> tuple[str, ...]:
    """The services that the processes behind a Service of the cluster carry."""
    selector = the(manifests, "Service", service)["spec"]["selector"]
    (pod,) = (pod for pod in pods(manifests) if selects({"matchLabels": selector}, pod.labels))
    return tuple(environment(pod.spec["containers"][0], manifests)["ZHIDA_SERVICES"].split())


def lost(manifests: list[Manifest], folder: Path) -> Iterator[str]:
    """Pages that nobody reaches, or that lead to a process without them."""
    ingress = the(manifests, "Ingress", "web")
    for path in sorted(paths(site(tuple(services_of(manifests)), folder)) - INSIDE):
        service = backend(ingress, path)
        if service is None or path not in paths(site(served_by(manifests, service), folder)):
            yield f"{path} -> {service}"


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_page_is_reached_in_a_process_that_serves_it(name: str, key_folder: Path) -> None:
    assert list(lost(overlay(name), key_folder)) == []


@pytest.mark.parametrize("name", OVERLAYS)
def test_probes_and_figures_are_not_reached_from_outside(name: str) -> None:
    ingress = the(overlay(name), "Ingress", "web")
    assert {path: backend(ingress, path) for path in INSIDE} == dict.fromkeys(INSIDE)


def test_petitioners_pages_meet_a_process_that_knows_intake_alone() -> None:
    county = overlay("county")
    for path in ("/", "/submit", "/track", "/rate/x", "/answers/x", "/api/intake/petitions"):
        assert backend(the(county, "Ingress", "web"), path) == "public"
    assert served_by(county, "public") == ("intake",)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda entries: [one for one in entries if one["path"] != "/supervision"], "/supervision/calendar -> None"),
        (lambda entries: [one | {"backend": {"service": {"name": "public"}}} for one in entries], "/routing/review -> public"),
        (lambda entries: [one | {"pathType": "Exact"} for one in entries], "/track/answer -> None"),
    ],
)
def test_a_page_that_nobody_reaches_is_noticed(change: Any, path: str, key_folder: Path) -> None:
    county = overlay("county")
    http = the(county, "Ingress", "web")["spec"]["rules"][0]["http"]
    http["paths"] = change(http["paths"])
    assert path in list(lost(county, key_folder))
