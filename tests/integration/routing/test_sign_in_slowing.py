"""Guessing is slowed by name and address together; a stranger keeps nobody out."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from shared import keys
from shared.web.server import build
from tests.integration.routing.browser import NOW, PASSWORD, Browser, from_address, sign_in
from tests.integration.routing.world import OFFICE


def test_a_stranger_does_not_keep_an_official_out(browser, account, at):
    stranger = from_address(browser(), "198.51.100.7")
    statuses = [sign_in(stranger, account, "wrong").status for _ in range(5)]
    assert statuses == [422, 422, 422, 429, 429]
    assert sign_in(from_address(browser(), "192.0.2.1"), account, PASSWORD).status == 200


def test_an_address_is_slowed_for_all_names_together(browser, account, at):
    stranger = from_address(browser(), "198.51.100.7")
    assert {sign_in(stranger, f"o-{n}", "wrong").status for n in range(20)} == {422}
    assert sign_in(stranger, account, PASSWORD).status == 429
    assert sign_in(from_address(browser(), "2001:db8::1"), account, PASSWORD).status == 200


def test_one_name_tried_from_many_addresses_slows_new_ones_and_locks_nobody_out(browser, account, at):
    assert sign_in(from_address(browser(), "192.0.2.1"), account, PASSWORD).status == 200
    for n in range(20):
        assert sign_in(from_address(browser(), f"2001:db8:{n:x}::1"), account, "wrong").status == 422
    assert sign_in(from_address(browser(), "192.0.2.1"), account, PASSWORD).status == 200  # his own desk: as ever
    elsewhere = from_address(browser(), "192.0.2.99")
    assert sign_in(elsewhere, account, PASSWORD).status == 429
    assert "20" in elsewhere.page
    at(seconds=20)
    assert sign_in(from_address(browser(), "2001:db8:ffff::1"), account, "wrong").status == 429  # still tried by others
    assert sign_in(elsewhere, account, PASSWORD).status == 200


def test_all_of_an_ipv6_line_is_one_address(browser, account, at):
    statuses = [sign_in(from_address(browser(), f"2001:db8::{n:x}:1"), account, "wrong").status for n in range(4)]
    assert statuses == [422, 422, 422, 429]


def test_behind_no_trusted_proxy_a_made_up_address_gets_no_further_tries(browser, account, at):
    one = browser()
    statuses = []
    for n in range(4):
        one.client.environ_base["HTTP_X_FORWARDED_FOR"] = f"198.51.100.{n}"
        statuses.append(sign_in(one, account, "wrong").status)
    assert statuses == [422, 422, 422, 429]


def test_behind_a_trusted_proxy_the_address_that_it_saw_counts(county, account):
    keys.make(county.settings.keys)
    app = build(replace(county.settings, trusted_proxies=1))
    app.extensions["zhida"].real_now = lambda: NOW
    try:

        def tried(password: str, forwarded: str) -> int:
            one = from_address(Browser(app.test_client(), county), "10.0.0.1")
            one.client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
            return sign_in(one, account, password).status

        assert [tried("wrong", f"203.0.113.{n}, 198.51.100.7") for n in range(4)] == [422, 422, 422, 429]
        assert tried(PASSWORD, "192.0.2.1") == 200
    finally:
        for database in app.extensions["zhida.databases"].values():
            database.close()


def test_no_address_and_no_name_stands_in_the_database(browser, county, account, at):
    sign_in(from_address(browser(), "192.0.2.1"), account, PASSWORD)
    sign_in(from_address(browser(), "198.51.100.7"), account, "wrong")
    kept = str(county.query("SELECT t::text FROM sign_in_try t UNION ALL SELECT p::text FROM sign_in_place p"))
    plain = {hashlib.sha256(text.encode()).hexdigest() for text in ("192.0.2.1", "198.51.100.7")}
    assert not any(text in kept for text in ("192.0.2.1", "198.51.100.7", account, *plain))


def test_what_was_counted_and_from_where_is_forgotten_in_time(browser, county, account, at):
    sign_in(from_address(browser(), "198.51.100.7"), account, "wrong")
    sign_in(from_address(browser(), "192.0.2.1"), account, PASSWORD)
    at(days=1, seconds=1)
    sign_in(from_address(browser(), "192.0.2.2"), account, PASSWORD)
    assert [row["failures"] for row in county.query("SELECT failures FROM sign_in_try WHERE failures > 0")] == []
    assert len(county.query("SELECT FROM sign_in_place")) == 2
    at(days=14, seconds=2)
    sign_in(from_address(browser(), "192.0.2.2"), account, PASSWORD)
    assert len(county.query("SELECT FROM sign_in_place")) == 1


@pytest.mark.parametrize("name", [OFFICE, "o-431023-nobody"])
def test_failures_slow_a_name_down_whether_or_not_anybody_has_it(browser, account, at, name):
    one = browser()
    for _ in range(3):
        assert sign_in(one, name, "wrong").status == 422
    assert sign_in(one, name, "wrong").status == 429
    at(seconds=1.5)
    assert sign_in(one, name, "wrong").status == 422
    at(seconds=2.5)
    assert sign_in(one, name, PASSWORD).status == 429  # even the right password waits
    at(seconds=10)
    assert sign_in(one, account, PASSWORD).status == 200
