"""Registration on a real PostgreSQL: receipts, retries, two at once, and where the petitioner's words may stand."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest

from services.intake.domain.submission import CHINA, Petitioner
from services.intake.handlers.casework import case_of_code
from services.intake.handlers.registration import register
from services.intake.vault.crypto import code_hash
from shared.errors import Conflict, Refused
from tests.integration.intake.intake_cases import CANARIES, a_canary, find


def test_a_registration_gives_a_number_and_a_code_that_opens_the_case(intake, vault, told):
    with intake.unit_of_work() as uow:
        receipt = register(uow, vault, a_canary(), key=uuid4())
    assert receipt.number.startswith(f"431023-{receipt.registered_at.astimezone(CHINA).year}-")
    assert len(receipt.number.split("-")[2]) == 6
    with intake.unit_of_work() as uow:
        assert case_of_code(uow, number=receipt.number, code=receipt.code.lower().replace("-", " ")) == receipt.case_id
    [(name, data)] = told()
    assert name == "case.registered"
    assert data["number"] == receipt.number
    assert (data["title"], data["brief"], data["channel"], data["identity"]) == ("", "", "post", "named")


def test_a_wrong_number_and_a_wrong_code_are_refused_in_the_same_words(intake, vault):
    with intake.unit_of_work() as uow:
        receipt = register(uow, vault, a_canary(), key=uuid4())
    said = []
    for number, code in ((receipt.number, "AAAA"), ("431023-2016-999999", receipt.code), ("", "")):
        with pytest.raises(Refused) as refusal, intake.unit_of_work() as uow:
            case_of_code(uow, number=number, code=code)
        said.append(str(refusal.value))
    assert len(set(said)) == 1


def test_a_retry_with_the_same_key_gets_the_same_receipt_and_nothing_more_is_stored(intake, vault, told):
    key, receipts = uuid4(), []
    for _ in range(3):
        with intake.unit_of_work() as uow:
            receipts.append(register(uow, vault, a_canary(), key=key))
    assert {(r.number, r.code, r.case_id) for r in receipts} == {(receipts[0].number, receipts[0].code, receipts[0].case_id)}
    assert [r.again for r in receipts] == [False, True, True]
    assert len(told()) == 1


def test_the_same_key_with_another_content_is_refused_and_changes_nothing(intake, vault, told):
    key = uuid4()
    with intake.unit_of_work() as uow:
        register(uow, vault, a_canary(), key=key)
    for other in (a_canary(text="别的事"), a_canary(petitioner=Petitioner(name="别人")), a_canary(place="431023")):
        with pytest.raises(Conflict) as refusal, intake.unit_of_work() as uow:
            register(uow, vault, other, key=key)
        assert refusal.value.status == 409
        assert refusal.value.field == "key"
    assert len(told()) == 1


def test_eight_retries_at_once_get_one_receipt(intake, settings, vault, told):
    key, start, receipts, faults = uuid4(), threading.Barrier(8), [], []

    def submit():
        start.wait()
        try:
            with intake.unit_of_work() as uow:
                receipts.append(register(uow, vault, a_canary(), key=key))
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len({(r.number, r.code) for r in receipts}) == 1
    assert sum(not r.again for r in receipts) == 1
    assert len(told()) == 1


def test_a_registration_that_is_rolled_back_leaves_its_key_free(intake, vault, told):
    key = uuid4()

    def die_before_the_commit() -> None:
        with intake.unit_of_work() as uow:
            register(uow, vault, a_canary(), key=key)
            raise RuntimeError("the web process dies")

    with pytest.raises(RuntimeError):
        die_before_the_commit()
    assert told() == []
    with intake.unit_of_work() as uow:
        assert not register(uow, vault, a_canary(), key=key).again


def test_no_canary_stands_in_any_column_or_event_in_the_clear(intake, settings, vault):
    """I8: whatever the petitioner wrote or is can be found in no row of any table, as text or as bytes."""
    with intake.unit_of_work() as uow:
        receipt = register(uow, vault, a_canary(), key=uuid4())
    assert find(settings, "陈金丝雀") == []
    forms = [form for canary in CANARIES for form in (canary, canary.encode().hex())]
    assert {form: where for form in (*forms, receipt.code, receipt.code.encode().hex()) if (where := find(settings, form))} == {}
    # The search can fail: what may stand there is found.
    assert find(settings, receipt.number)
    assert find(settings, code_hash(receipt.code))


def test_nothing_that_breaks_a_rule_is_stored(intake, vault, told):
    for wrong, field in (
        ({"title": " "}, "title"), ({"text": ""}, "text"), ({"petitioner": Petitioner()}, "name"),
        ({"group_size": 0}, "group_size"),
        ({"brief": "只有摘要"}, "brief"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal, intake.unit_of_work() as uow:
            register(uow, vault, a_canary(**wrong), key=uuid4())
        assert refusal.value.field == field
    assert told() == []
