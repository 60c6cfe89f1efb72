"""The image's recipe: what it is made of, whom it runs as, and that it follows the checkout's own lock files and set-up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.deploy.manifests import OVERLAYS, ROOT, overlay, pods

RECIPE = ROOT / "deploy" / "Containerfile"
VENV = "/opt/zhida"


class Line(NamedTuple):
    word: str
    rest: str


def stages(text: str) -> list[list[Line]]:
    """The instructions, by stage; what comes before the first FROM stands in a stage of its own."""
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    found: list[list[Line]] = [[]]
    for line in joined.splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            if word == "FROM":
                found.append([])
            found[-1].append(Line(word, " ".join(rest.split())))
    return found


def faults(text: str) -> Iterator[str]:
    """What is wrong with a recipe."""
    parts = stages(text)
    arguments, last = parts[0], parts[-1]
    lines = [line for part in parts for line in part]
    if len(parts) < 3:
        yield "one stage: what builds it is in it"
    known = {line.rest.partition("=")[0]: line.rest.partition("=")[2] for line in arguments}
    for line in (line for line in lines if line.word == "FROM"):
        name = known.get(line.rest.split()[0].strip("${}"), "")
        if not re.fullmatch(r"local/[a-z]+:[\w.-]+", name):
            yield f"{line.rest} is built on {name or 'no argument'}"
    users = [line.rest for line in last if line.word == "USER"]
    if not users or not re.fullmatch(r"[1-9]\d+:[1-9]\d+", users[-1]) or last.index(Line("USER", users[-1])) < len(last) - 2:
        yield f"runs as {users}"
    if any(line.word == "ADD" for line in lines) or re.search(r"https?://|\bcurl\b|\bwget\b|\bgit\b", text):
        yield "fetches by address"
    installs = [line.rest for line in lines if line.word == "RUN" and re.search(r"\bpip install\b|\buv\b", line.rest)]
    if not installs or not all("--require-hashes --requirement requirements.txt" in one for one in installs):
        yield "installs what no hash was checked of"
    if any(line.word == "RUN" and "pip" in line.rest for line in last):
        yield "installs packages in the stage that runs"
    yield from (f"lacks {package}" for package in sorted(wanted() - installed(last)))


def installed(stage: list[Line]) -> set[str]:
    """Packages of the distribution that a stage installs."""
    found: set[str] = set()
    for line in (line for line in stage if line.word == "RUN"):
        for names in re.findall(r"apt-get install((?: [a-z0-9.+-]+)+)", line.rest):
            found |= {name for name in names.split() if not name.startswith("-")}
    return found


def wanted() -> set[str]:
    """What `make setup-system` installs for the product to run, without the servers."""
    made = re.search(r"^setup-system:.*\n\t@deploy/dev/setup-system\.sh (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert made
    return set(made[1].split()) - {"rabbitmq-server"}


def test_the_recipe_is_sound() -> None:
    assert list(faults(RECIPE.read_text())) == []


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("USER 10001:10001", "USER zhida", "runs as"),
        ("USER 10001:10001", "", "runs as"),
        ("USER 10001:10001", "USER 0:0", "runs as"),
        ("--require-hashes --requirement requirements.txt", "--requirement requirements.in", "no hash"),
        ("FROM ${PYTHON} AS packages", "FROM python:3 AS packages", "is built on"),
        ("ARG PYTHON=local/python:3.11-slim-bookworm", "ARG PYTHON=registry.example/python:3.11", "is built on"),
        ("COPY requirements.txt ./", "ADD https://example.org/x.tar.gz /x", "by address"),
        (" fonts-noto-cjk", " fonts-dejavu", "lacks fonts-noto-cjk"),
        ("USER 10001:10001", "RUN pip install zhida\nUSER 10001:10001", "in the stage that runs"),
    ],
)
def test_an_unsound_recipe_is_noticed(old: str, new: str, word: str) -> None:
    text = RECIPE.read_text()
    assert old in text
    assert any(word in fault for fault in faults(text.replace(old, new)))


def test_the_recipe_runs_as_the_user_of_the_manifests() -> None:
    (user,) = (line.rest for line in stages(RECIPE.read_text())[-1] if line.word == "USER")
    for name in OVERLAYS:
        ours = [pod for pod in pods(overlay(name)) if pod.spec["containers"][0]["image"].startswith("local/zhida:")]
        contexts = [pod.spec["securityContext"] for pod in ours]
        assert {f"{one['runAsUser']}:{one['runAsGroup']}" for one in contexts} == {user}


def test_every_command_of_the_manifests_is_in_the_image() -> None:
    """Programs of the virtual environment, or of every Debian."""
    pinned = (ROOT / "requirements.txt").read_text()
    for name in OVERLAYS:
        for pod in pods(overlay(name)):
            container = pod.spec["containers"][0]
            if container["image"].startswith("local/zhida:"):
                program = container["command"][0]
                assert program in ("zhida", "python", "sleep") or f"\n{program}==" in pinned
    assert f"{VENV}/bin/zhida" in RECIPE.read_text()


def test_what_is_copied_is_there_and_is_let_in() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for part in stages(RECIPE.read_text()):
        for line in (line for line in part if line.word == "COPY" and not line.rest.startswith("--from")):
            for source in line.rest.split()[:-1]:
                assert (ROOT / source).exists()
                assert source in allowed
