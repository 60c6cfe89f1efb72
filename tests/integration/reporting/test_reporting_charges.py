"""The dossier tells who carries a case and what he does for it; nobody's points, and not that a petitioner went up."""

from typing import Any

import pytest

from services.reporting.handlers import rebuilding
from shared.contract import Event
from shared.contract.envelope import instant
from shared.database import Database
from tests.integration.reporting.conftest import SignIn, Take
from tests.integration.reporting.story import CASE, EPB, SECRETARY, VICE, Bus, Case, at


def carried() -> list[Event]:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:30"))
    case.assign(at("2016-11-07 10:00"), 1, EPB)
    taken, ended = at("2016-11-18 09:00"), at("2016-11-30 10:00")
    charge: dict[str, Any] = {"charge_id": bus.identifier(), "leader": VICE}
    case.tell("charge.proposed", taken, reason="overdue", words="十日未办结", by=None, at=instant(taken))
    case.tell("charge.taken", taken, **charge, ground="overdue", by=SECRETARY, at=instant(taken))
    case.tell("duty.recorded", taken, **charge, duty_id=bus.identifier(), duty="support", form="help", done_on="2016-11-18", by=VICE,
              at=instant(taken))  # fmt: skip
    case.tell("skip_level.recorded", taken, record_id=bus.identifier(), level="province", on="2016-11-18", source="省信访局转送单",
              by=SECRETARY, at=instant(taken))  # fmt: skip
    case.tell("score.recorded", taken, entry_id=bus.identifier(), policy="yongxing/3", rule="skip-level", points=-5,
              official=VICE["official"], organisation=None, cause=bus.identifier(), corrects=None, at=instant(taken))  # fmt: skip
    case.tell("charge.ended", ended, **charge, reason="settled", words=None, by=None, at=instant(ended))
    return bus.sent


@pytest.mark.parametrize(
    ("who", "role", "reason"),
    [("o-office", "office", "settled"), ("o-sup", "supervision_office", None), (EPB["official"], "unit_head", None)],
)
def test_who_carries_the_case_stands_in_the_dossier_and_points_and_skip_levels_do_not(
    take: Take, sign_in: SignIn, who: str, role: str, reason: str | None
) -> None:
    take(carried())
    unit = "431023-office" if role == "office" else EPB["organisation"]
    client = sign_in({"official": who, "name": "某", "post": "某职", "organisation": unit}, role)
    page = client.get(f"/reporting/cases/{CASE}")
    assert page.status_code == 200
    for said in ("提请包案", "逾期未办结", "十日未办结", "领导包案", "王建平", "包人员稳控（关心帮扶）", "帮扶救助", "包案结束"):
        assert said in page.text, said
    told = client.get(f"/api/reporting/cases/{CASE}/dossier").get_json()["entries"]
    names = {entry["name"] for entry in told}
    assert {"charge.taken", "duty.recorded"} <= names
    assert not names & {"score.recorded", "skip_level.recorded"}
    assert "省信访局" not in page.text
    (ended,) = [entry for entry in told if entry["name"] == "charge.ended"]
    assert ended["data"]["reason"] == reason, "that it was settled is what one petitioner answered"


@pytest.mark.parametrize(
    ("ended", "told_by", "barred", "seen"),
    [
        (None, None, False, 200), ("settled", None, False, 200), ("decision", None, False, 200),
        ("handed_over", None, False, 404), ("conflict", None, False, 404),
        (None, "431023104", False, 404), (None, None, True, 404),
    ],
)  # fmt: skip
def test_whoever_carries_a_case_reads_its_dossier_also_when_it_is_over_but_not_once_it_is_anothers(
    take: Take, sign_in: SignIn, reporting: Database, ended: str | None, told_by: str | None, barred: bool, seen: int
) -> None:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:30"))
    take(bus.sent)
    leader = sign_in(VICE, "leader")
    assert leader.get(f"/reporting/cases/{CASE}").status_code == 404
    when, before = at("2016-11-18 09:00"), len(bus.sent)
    charge: dict[str, Any] = {"charge_id": bus.identifier(), "leader": VICE}
    case.tell("charge.taken", when, told_by=told_by, **charge, ground="key", by=SECRETARY, at=instant(when))
    if ended:
        case.tell("charge.ended", when, told_by=told_by, **charge, reason=ended, words=None, by=SECRETARY, at=instant(when))
    if barred:
        case.bar(when, officials=[VICE["official"]])
    take(bus.sent[before:])
    assert leader.get(f"/reporting/cases/{CASE}").status_code == seen
    assert sum(rebuilding.differences(reporting).values()) == 0


@pytest.mark.parametrize("responsible", [True, False])
def test_an_office_does_not_read_what_the_petitioner_of_its_own_case_answered(
    take: Take, sign_in: SignIn, responsible: bool
) -> None:
    """Whoever was responsible, or is of the unit that was, reads no answer in any role."""
    take(carried())
    who = EPB["official"] if responsible else "o-colleague"
    for unit, reads in ((EPB["organisation"], False), ("431023-office", not responsible)):
        client = sign_in({"official": who, "name": "某", "post": "某职", "organisation": unit}, "office")
        told = client.get(f"/api/reporting/cases/{CASE}/dossier").get_json()["entries"]
        (ended,) = [entry for entry in told if entry["name"] == "charge.ended"]
        assert (ended["data"]["reason"] == "settled") is reads
