"""Every overlay keeps every rule, and is what the API and the operators take."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from tests.deploy import checks, network, settings
from tests.deploy.manifests import OVERLAYS, ROOT, Manifest, named, overlay

SUPERIOR = {"township": "431023"}
CRDS = ROOT.parent / "shared" / "crds"
RULES: dict[str, Callable[[list[Manifest]], Iterable[str]]] = {
    "limits": checks.limits, "probes": checks.probes, "restricted": checks.restricted, "operators": checks.operators, "ports": checks.ports,
    "images": checks.images, "availability": checks.availability,
    "closed": network.closed, "exact": network.exact, "doors": network.doors,
}  # fmt: skip


@pytest.mark.parametrize("name", OVERLAYS)
@pytest.mark.parametrize("rule", RULES)
def test_every_overlay_keeps_the_rule(name: str, rule: str) -> None:
    assert list(RULES[rule](overlay(name))) == []


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_process_is_given_what_it_needs_and_no_more(name: str) -> None:
    assert list(settings.settings(overlay(name), SUPERIOR.get(name))) == []


@pytest.mark.parametrize("name", OVERLAYS)
def test_whatever_an_overlay_names_is_there(name: str) -> None:
    assert list(settings.references(overlay(name), SUPERIOR.get(name))) == []


@pytest.mark.parametrize("name", OVERLAYS)
def test_everything_lies_in_the_overlays_namespace(name: str) -> None:
    found = overlay(name)
    (home,) = (one["metadata"]["name"] for one in found if one["kind"] == "Namespace")
    assert {one["metadata"].get("namespace") for one in found if one["kind"] != "Namespace"} == {home}
    assert len({(one["apiVersion"], named(one)) for one in found}) == len(found)


@pytest.mark.parametrize("name", OVERLAYS)
def test_everything_is_applied_in_one_of_three_steps(name: str) -> None:
    """`kubectl apply -l zhida.cn/step=...`, as the guide has it: what lacks the label would never be there."""
    steps = {named(one): one["metadata"].get("labels", {}).get("zhida.cn/step") for one in overlay(name)}
    assert {one: step for one, step in steps.items() if step not in ("ground", "migrate", "run")} == {}
    assert steps["Job/migrate"] == "migrate"


@pytest.mark.parametrize("name", OVERLAYS)
def test_kubernetes_takes_every_manifest(name: str) -> None:
    """Strictly: a field that the API does not know is a mistake."""
    for one in overlay(name):
        if "." not in one["apiVersion"].split("/")[0] or ".k8s.io" in one["apiVersion"]:
            kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


@pytest.fixture(scope="module")
def custom() -> dict[tuple[str, str], dict[str, Any]]:
    """Schemas of operators' kinds, closed: what a schema does not name is refused here, where a cluster would drop it silently."""
    if not CRDS.is_dir():
        pytest.skip("no ../shared/crds here: operators' objects are not held against their schemas")
    return {key: schema for path in sorted(CRDS.glob("*.yaml")) for key, schema in _schemas(path)}


@pytest.mark.parametrize("name", OVERLAYS)
def test_operators_take_their_objects(name: str, custom: dict[tuple[str, str], dict[str, Any]]) -> None:
    found = [one for one in overlay(name) if "." in one["apiVersion"].split("/")[0] and ".k8s.io" not in one["apiVersion"]]
    assert found or name == "demo"
    for one in found:
        faults = jsonschema.Draft202012Validator(custom[one["apiVersion"], one["kind"]]).iter_errors(one)
        assert [f"{named(one)}: {fault.json_path}: {fault.message}" for fault in faults] == []


def test_a_misspelt_field_of_an_operators_object_is_noticed(custom: dict[tuple[str, str], dict[str, Any]]) -> None:
    (cluster,) = (one for one in overlay("county") if one["kind"] == "Cluster")
    validator = jsonschema.Draft202012Validator(custom[cluster["apiVersion"], "Cluster"])
    cluster["spec"]["bootstrap"]["initdb"]["localeColate"] = "C"
    assert [fault.json_path for fault in validator.iter_errors(cluster)] == ["$.spec.bootstrap.initdb"]


def _schemas(path: Path) -> Iterable[tuple[tuple[str, str], dict[str, Any]]]:
    crd = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)["spec"]
    for version in crd["versions"]:
        schema = version["schema"]["openAPIV3Schema"]
        schema["properties"]["metadata"] = {"type": "object"}
        yield (f"{crd['group']}/{version['name']}", crd["names"]["kind"]), _close(schema)


def _close(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with no room for unknown fields, and with integers where the API takes either."""
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    properties = {name: _close(one) for name, one in schema.get("properties", {}).items()}
    closed = {**schema, "properties": properties} if properties else dict(schema)
    if properties and "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        closed["additionalProperties"] = False
    if isinstance(schema.get("additionalProperties"), dict):
        closed["additionalProperties"] = _close(schema["additionalProperties"])
    if isinstance(schema.get("items"), dict):
        closed["items"] = _close(schema["items"])
    return closed
