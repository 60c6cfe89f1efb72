"""The catalogue for other agencies: a page in two languages and an AsyncAPI document, both made from the contracts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft7Validator

from deploy.dev.instance import ROOT
from services.reporting.public import asyncapi
from shared.contract import EVENTS
from tests.integration.reporting.agencies import PACKAGES
from tests.integration.reporting.site import compile_english

PAGE, DOCUMENT = "/reporting/events", "/reporting/asyncapi.json"
NAMES = [asyncapi.name_of(contract) for contract in asyncapi.contracts()]
Read = dict[str, Any]


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


def read(document: object) -> Read:
    """What the official parser says of a document."""
    node = shutil.which("node") or shutil.which("nodejs")
    assert node, "no node here: run `make setup-tests`"
    assert PACKAGES.is_dir(), "no parser here: run `make setup-tests`"
    done = subprocess.run(
        [node, str(ROOT / "tests/agencies/validate.mjs")],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    found: Read = json.loads(done.stdout)
    return found


def faults(found: Read) -> list[str]:
    """What the parser calls an error or a warning."""
    return [one["message"] for one in found["diagnostics"] if one["severity"] < 2]


def test_the_official_parser_reads_the_document_and_finds_every_event_with_an_example(stranger: FlaskClient) -> None:
    found = read(stranger.get(DOCUMENT).get_json())
    assert faults(found) == []
    assert found["summary"] == {
        "version": "3.0.0", "channels": [f"{{organisation}}.{name}" for name in NAMES], "operations": ["send"] * len(NAMES),
        "examples": [1] * len(NAMES),
    }  # fmt: skip


def test_the_parser_notices_a_document_that_is_wrong() -> None:
    broken = asyncapi.document()
    broken["channels"][NAMES[0]]["messages"][NAMES[0]]["$ref"] = "#/components/messages/nowhere"
    del broken["operations"][f"tell.{NAMES[1]}"]["action"]
    assert len(faults(read(broken))) >= 2


def test_what_is_committed_is_what_is_served(stranger: FlaskClient) -> None:
    committed = json.loads((ROOT / "docs/asyncapi.json").read_text(encoding="utf-8"))
    assert committed == stranger.get(DOCUMENT).get_json(), "run: zhida subscriber asyncapi > docs/asyncapi.json"


@pytest.mark.parametrize("contract", asyncapi.contracts(), ids=NAMES)
def test_every_example_is_what_its_schema_and_its_contract_say(contract: asyncapi.Contract) -> None:
    schema, example = asyncapi.envelope(contract), asyncapi.example(contract)
    assert [fault.message for fault in Draft7Validator(schema).iter_errors(example)] == []
    assert contract.faults(example["data"]) == {}
    sample = json.loads((ROOT / f"tests/contract/samples/{contract.name}.v{contract.version}.json").read_text(encoding="utf-8"))
    assert [fault.message for fault in Draft7Validator(schema).iter_errors(sample)] == []
    wrong = {**example, "data": {**example["data"], "organisation": "永兴县"}}
    assert [list(fault.path) for fault in Draft7Validator(schema).iter_errors(wrong)] == [["data", "organisation"]]


def test_a_stranger_reads_every_event_and_field_in_both_languages(app: Flask, stranger: FlaskClient, tmp_path: Path) -> None:
    compile_english(app, tmp_path)
    chinese = stranger.get(PAGE).text
    english = stranger.get(f"{PAGE}?lang=en").text
    english = english.partition("<main")[2].partition("</main>")[0]
    for page in (chinese, english):
        assert [name for name in NAMES if f'id="{name}"' not in page] == []
        fields = {field for contract in asyncapi.contracts() for field in contract.schema.fields}
        assert [field for field in fields if f"<code>{field}</code>" not in page] == []
        example = json.loads(
            re.sub("&#34;", '"', page.partition('<pre class="example"')[2].partition("<code>")[2].partition("</code>")[0])
        )
        assert EVENTS[example["type"].removeprefix("cn.zhida.").removesuffix(".v1")].faults(example["data"]) == {}
    assert "不逐件告知的" in chinese
    assert re.findall("[一-鿿]+", english) == []
