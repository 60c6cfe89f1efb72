"""Overlays as kubectl builds them, and ways through what it prints."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
OVERLAYS = ("demo", "township", "county", "province")
Manifest = dict[str, Any]
LASTING = ("Deployment", "StatefulSet")


class Pod(NamedTuple):
    """A pod template with the object that makes pods of it."""

    owner: Manifest
    labels: dict[str, str]
    spec: Manifest

    @property
    def name(self) -> str:
        return named(self.owner)

    @property
    def containers(self) -> list[Manifest]:
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]


def kubectl() -> Path:
    """The one beside the Python that runs the tests, so that every machine builds with the same."""
    return Path(sys.executable).parent / "kubectl"


@cache
def _built(overlay: str) -> bytes:
    """Read once, and kept as what is copied fastest."""
    return pickle.dumps(built(ROOT / "deploy/k8s/overlays" / overlay))


def built(folder: Path) -> list[Manifest]:
    """What kubectl makes of a folder."""
    done = subprocess.run([str(kubectl()), "kustomize", str(folder)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "# Warning" not in done.stderr
    return [found for found in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if found]


def overlay(name: str) -> list[Manifest]:
    """Its manifests; each call gives others, so that a test may break them."""
    found: list[Manifest] = pickle.loads(_built(name))  # noqa: S301 - our own
    return found


def named(manifest: Manifest) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def of(manifests: list[Manifest], *kinds: str) -> list[Manifest]:
    return [one for one in manifests if one["kind"] in kinds]


def the(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    """The one of that name; a generated name may end with its hash."""
    found = [one for one in of(manifests, kind) if one["metadata"]["name"] == name or _without_hash(one) == name]
    assert len(found) == 1, f"{kind} {name}: {len(found)} of them"
    return found[0]


def _without_hash(one: Manifest) -> str:
    name: str = one["metadata"]["name"]
    return name.rpartition("-")[0] if one["kind"] == "ConfigMap" else name


def pods(manifests: list[Manifest]) -> Iterator[Pod]:
    """Every pod template that our own manifests hold; operators make others."""
    for one in of(manifests, *LASTING, "Job", "CronJob"):
        spec = one["spec"]["jobTemplate"]["spec"] if one["kind"] == "CronJob" else one["spec"]
        template = spec["template"]
        yield Pod(one, template["metadata"]["labels"], template["spec"])


def pod(manifests: list[Manifest], name: str) -> Pod:
    """The pod of one object, by `Kind/name`."""
    return next(found for found in pods(manifests) if found.name == name)


def selects(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether a label selector takes these labels."""
    same = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    assert set(selector) <= {"matchLabels", "matchExpressions"}
    assert all(rule["operator"] == "In" for rule in selector.get("matchExpressions", []))
    return same and all(labels.get(rule["key"]) in rule["values"] for rule in selector.get("matchExpressions", []))
