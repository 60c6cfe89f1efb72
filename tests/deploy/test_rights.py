"""Users and rights of the overlays are those that the code declares, and the secrets fit them."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import amqp
import pytest
import yaml
from typer.testing import CliRunner

from deploy.dev.broker import Broker
from deploy.k8s import __main__ as command
from deploy.k8s import rights as broker_rights
from deploy.k8s import secrets
from services.reporting.public import rights as agencies
from shared.bus import rights
from shared.config import SERVICES
from tests.deploy.kubelet import org_of, services_of
from tests.deploy.manifests import ROOT, Manifest, of, overlay

BELOW = {"county": ["431023104"], "province": ["431023"]}


def granted(manifests: list[Manifest]) -> dict[str, dict[str, str]]:
    """What the objects of an overlay grant, in the words of `shared.bus.rights`."""
    found: dict[str, dict[str, str]] = {}
    for one in of(manifests, "Permission", "TopicPermission"):
        name = one["spec"]["userReference"]["name"].removeprefix("user-")
        given = dict(one["spec"]["permissions"])
        told = name == f"{org_of(manifests)}.public"
        if one["kind"] == "TopicPermission":
            assert given.pop("exchange") == ("case.public" if told else "case.events")
            given = {f"topic_{kind}": pattern for kind, pattern in given.items()}
        assert one["spec"]["vhost"] == (name if told else org_of(manifests))
        found.setdefault(name, {}).update(given)
    return found


@pytest.mark.parametrize("name", BELOW)
def test_the_rights_are_exactly_those_of_the_code(name: str) -> None:
    found = overlay(name)
    org = org_of(found)
    names = [f"{org}.{service}" for service in SERVICES] + BELOW[name]
    wanted = rights.instance_users(org, SERVICES, dict.fromkeys(names, ""), subordinates=tuple(BELOW[name]))
    watching = {f"{org}.watch": {"configure": "^$", "write": "^$", "read": "^$"}}
    telling = {f"{org}.public": agencies.publisher_rights(org)}
    assert granted(found) == {user: given for user, (_, given) in wanted.items()} | watching | telling
    assert {one["metadata"]["name"] for one in of(found, "User")} == {f"user-{user}" for user in granted(found)}


@pytest.mark.parametrize("name", BELOW)
def test_what_is_committed_is_what_the_command_prints(name: str) -> None:
    text = (ROOT / f"deploy/k8s/overlays/{name}/rights.yaml").read_text()
    first = text.splitlines()[0].removeprefix("# Generated: python ")
    words = [word.strip("'") for word in first.split("'")[0].split()] + [first.split("'")[1]] + first.split("'")[2].split()
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == text, f"events or rights have changed: python {first} >deploy/k8s/overlays/{name}/rights.yaml"
    assert f" {org_of(overlay(name))} " in first


@pytest.mark.parametrize("name", BELOW)
def test_what_is_kept_and_for_how_long_is_what_the_code_says(name: str) -> None:
    found = overlay(name)
    org = org_of(found)
    (own,) = rights.definitions({org: {}})["policies"]
    ground = agencies.ground(f"{org}.public")
    for policy in (own, *ground["policies"]):
        (one,) = (one for one in of(found, "Policy") if one["spec"]["vhost"] == policy["vhost"])
        told = {part: one["spec"][part] for part in ("name", "vhost", "pattern", "priority", "definition")}
        assert {**told, "apply-to": one["spec"]["applyTo"]} == policy
    assert {one["spec"]["name"] for one in of(found, "Vhost")} == {org, f"{org}.public"}
    (exchange,), (made,) = ground["exchanges"], of(found, "Exchange")
    told = {part: made["spec"][part] for part in ("name", "vhost", "type", "durable")}
    assert {**told, "auto_delete": made["spec"]["autoDelete"], "internal": False, "arguments": {}} == exchange


@pytest.mark.parametrize("plain", [False, True])
def test_reporting_signs_in_where_agencies_are_told_and_a_township_without_it_tells_none(plain: bool) -> None:
    made = secrets.made("431023", SERVICES, plain=plain)
    address = urlsplit(values(made, "broker")["public"])
    assert (address.username, address.path, address.hostname) == ("431023.public", "/431023.public", "broker")
    if plain:
        document = json.loads(values(made, "broker-definitions")["definitions.json"])
        (user,) = (user for user in document["users"] if user["name"] == "431023.public")
        assert password_fits(address.password or "", user)
        assert document["exchanges"] == agencies.ground("431023.public")["exchanges"]
        assert [one["vhost"] for one in document["permissions"] if one["user"] == "431023.public"] == ["431023.public"]
        assert {host["name"] for host in document["vhosts"]} == {"431023", "431023.public"}
    else:
        assert values(made, "broker-431023.public") == {"username": "431023.public", "password": address.password}
    without = secrets.made("431023104", ["routing"], superior="431023", plain=plain)
    assert "public" not in values(without, "broker")
    assert ".public" not in json.dumps(without)
    assert "public" not in json.dumps(broker_rights.objects("431023104", ["routing"], superior="431023"))


def test_a_broker_takes_what_a_plain_one_is_given_and_reporting_can_tell_there(broker: Broker) -> None:
    """The definitions are imported by a real broker; the relay's user may do there what the relay does, and no more."""
    org = "439901"
    made = secrets.made(org, SERVICES, plain=True)
    broker.apply(json.loads(values(made, "broker-definitions")["definitions.json"]))
    address = urlsplit(values(made, "broker")["public"])

    def signed_in(vhost: str) -> amqp.Connection:
        here = urlsplit(broker.uri())
        return amqp.Connection(
            f"{here.hostname}:{here.port}", address.username, address.password, virtual_host=vhost, confirm_publish=True
        )

    with signed_in(f"{org}.public") as connection:
        connection.channel().basic_publish(amqp.Message("{}"), "case.public", f"{org}.case.registered")
    for act in (
        lambda channel: channel.basic_publish(amqp.Message("{}"), "case.public", "439902.case.registered"),
        lambda channel: channel.basic_publish(amqp.Message("{}"), "", "anything"),
        lambda channel: channel.queue_declare(f"{org}.mine"),
        lambda channel: channel.exchange_declare("case.other", "fanout"),
    ):
        with signed_in(f"{org}.public") as connection, pytest.raises(amqp.AccessRefused):
            act(connection.channel())
    with pytest.raises(amqp.NotAllowed), signed_in(org):
        pass


def test_a_right_that_is_wider_than_the_codes_is_noticed() -> None:
    found = overlay("county")
    before = granted(found)
    of(found, "TopicPermission")[0]["spec"]["permissions"]["read"] = ".*"
    assert granted(found) != before


def values(made: list[Manifest], name: str) -> dict[str, str]:
    (one,) = (one for one in made if one["metadata"]["name"] == name)
    found: dict[str, str] = one["stringData"]
    return found


def test_addresses_and_single_passwords_are_the_same() -> None:
    made = secrets.made("431023", SERVICES)
    for service in SERVICES:
        address, single = urlsplit(values(made, "broker")[service]), values(made, f"broker-431023.{service}")
        assert (address.username, address.password, address.path) == (single["username"], single["password"], "/431023")
        url, role = urlsplit(values(made, "database")[service]), values(made, f"database-{service}")
        assert (url.username, url.password) == (role["username"], role["password"])
    assert len({one for secret in made for one in secret["stringData"].values()}) > 4 * len(SERVICES)


def test_a_townships_user_gets_its_password_on_both_sides() -> None:
    made = secrets.made("431023104", ["routing"], superior="431023")
    superior, _, address = values(made, "broker")["superior"].partition("=")
    (above,) = (one for one in made if one["metadata"]["namespace"] == "zhida-431023")
    assert superior == "431023"
    assert above["metadata"]["name"] == "broker-431023104"
    assert urlsplit(address).password == above["stringData"]["password"]
    assert (urlsplit(address).hostname, urlsplit(address).path) == ("broker.zhida-431023", "/431023")
    assert "master" not in {one["metadata"]["name"] for one in made}  # it opens no petitions


def password_fits(password: str, user: Mapping[str, Any]) -> bool:
    salted = base64.b64decode(user["password_hash"])
    return hashlib.sha256(salted[:4] + password.encode()).digest() == salted[4:]


def test_a_plain_broker_is_given_hashes_of_the_same_passwords() -> None:
    made = secrets.made("431023104", ["routing"], superior="431023", plain=True)
    document: dict[str, Any] = json.loads(values(made, "broker-definitions")["definitions.json"])
    users = {user["name"]: user for user in document["users"]}
    assert set(users) == {"431023104.routing", "431023104.link", "431023104.watch"}
    for key, name in {"routing": "431023104.routing", "link": "431023104.link", "management": "431023104.watch"}.items():
        password = urlsplit(values(made, "broker")[key]).password or ""
        assert password_fits(password, users[name])
        assert password not in json.dumps(document)


def test_secrets_are_made_anew_each_time() -> None:
    assert values(secrets.made("431023", SERVICES), "keys") != values(secrets.made("431023", SERVICES), "keys")


@pytest.mark.parametrize("words", [["rights", "永兴"], ["secrets", "431023", "--services", "intake mail"], ["rights", "1; x"]])
def test_the_command_refuses_what_is_no_code_or_service(words: list[str]) -> None:
    assert CliRunner().invoke(command.commands, words).exit_code == 2


def test_what_the_command_prints_is_what_a_cluster_reads() -> None:
    printed = CliRunner().invoke(command.commands, ["secrets", "431023", "--namespace", "zhida-demo", "--plain"]).stdout
    found = [one for one in yaml.safe_load_all(printed) if one]
    assert {one["metadata"]["namespace"] for one in found} == {"zhida-demo"}
    assert set(SERVICES) == set(services_of(overlay("county")))
    assert {"keys", "master", "database", "broker", "broker-definitions"} <= {one["metadata"]["name"] for one in found}


def test_the_watcher_may_see_bindings_and_do_nothing() -> None:
    (user,) = (one for one in of(broker_rights.objects("431023", SERVICES), "User") if one["metadata"]["name"].endswith("watch"))
    assert user["spec"]["tags"] == ["management"]
