"""The directory's tree, and the guard that keeps a case from whoever is complained of."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.routing import domain
from services.routing.domain import Barred, Bars, Directory, Official, Organisation, Post
from services.routing.domain.sign_in import check_password, claims
from shared.contract.person import Person
from shared.errors import Forbidden, Refused
from tests.unit.routing.builders import EPB, SECRETARY, TOWN, VICE, directory, official

CASE = UUID(int=1)
OFFICE = Person(official="o-431023-office-clerk", name="邓", post="专干", organisation="431023-office")
STATION = Person(official="o-431023104-env", name="曹", post="站长", organisation="431023104-env")


def bars(organisations=(), officials=()):
    return Bars(case_id=CASE).complain(organisations, officials, directory())


def test_the_tree_knows_who_lies_under_whom():
    known = directory()
    assert list(known.chain("431023-epb")) == ["431023-epb", "431023-gov", "431023"]
    assert known.within("431023104-env", "431023104")
    assert not known.within("431023-gov", "431023-epb")
    assert known.subtree("431023-gov") == {"431023-gov", "431023-epb"}
    assert list(known.chain("unknown")) == ["unknown"]


def test_a_circle_in_the_tree_ends():
    ring = {
        code: Organisation(code=code, name=code, name_en=code, superior=superior, has_instance=False)
        for code, superior in (("a", "b"), ("b", "a"))
    }
    assert list(Directory(own="a", organisations=ring, officials={}).chain("a")) == ["a", "b"]


@pytest.mark.parametrize(
    ("code", "instance"),
    [
        ("431023104", "431023104"),
        ("431023104-env", "431023104"),
        ("431023-epb", "431023"),
        ("431023", "431023"),
        ("x", "431023"),
    ],
)
def test_work_is_done_in_the_nearest_instance(code, instance):
    assert directory().instance_of(code) == instance


def test_the_brief_is_written_by_the_clerks_of_this_instance_or_where_there_is_none_by_its_office():
    far = Person(official="o-far", name="远", post="登记员", organisation="431023104-env")
    known = directory(official(OFFICE, "office"), official(far, "clerk", "office"))
    assert [one.official for one in known.writers()] == [OFFICE.official]
    clerk = Person(official="o-clerk", name="李", post="登记员", organisation="431023-office")
    gone = Person(official="o-gone", name="走", post="登记员", organisation="431023-office")
    staffed = directory(official(OFFICE, "office"), official(clerk, "clerk"), official(gone, "clerk", active=False))
    assert [one.official for one in staffed.writers()] == ["o-clerk"]
    assert directory().writers() == []


def test_only_county_leaders_and_heads_of_units_are_addressed():
    known = directory(official(OFFICE, "officer"), official(STATION, "unit_head", active=False))
    assert known.addressee(EPB.official) == EPB
    assert known.addressee(VICE.official) == VICE
    for nobody in (OFFICE.official, STATION.official, "o-unknown"):
        with pytest.raises(Refused):
            known.addressee(nobody)


def test_only_the_own_organisations_first_in_command_commands_here():
    double = Official(
        official="o-double", name="双", active=True,
        posts=(
            Post(organisation="431023104", title="书记", roles=frozenset({"first_in_command"})),
            Post(organisation="431023-office", title="干事", roles=frozenset({"office"})),
        ),
    )  # fmt: skip
    known = directory(double, official(OFFICE, "office", active=False))
    assert known.first_in_command(SECRETARY.official) == SECRETARY
    for nobody in ("o-double", EPB.official, OFFICE.official, "o-unknown"):
        with pytest.raises(Forbidden):
            known.first_in_command(nobody)
    assert known.acting("o-double", "office").post == "干事"
    assert known.acting("o-double").post == "书记"


def test_who_is_complained_of_is_barred_with_all_that_lies_under_him():
    barred = bars(organisations=["431023-gov"])
    assert barred.organisations == {"431023-gov", "431023-epb"}
    for person in (VICE, EPB):
        with pytest.raises(Barred):
            domain.check_not_barred(barred, person.official, directory())
        with pytest.raises(Refused) as refusal:
            domain.check_addressee(barred, person.official, directory())
        assert refusal.value.field == "addressees"
    domain.check_not_barred(barred, TOWN.official, directory())
    domain.check_addressee(barred, TOWN.official, directory())


def test_a_complaint_against_the_own_organisation_bars_its_leaders_and_leaves_somebody_who_can_refer_it_up():
    barred = bars(organisations=["431023"])
    known = directory(official(OFFICE, "office"))
    assert barred.organisations == {"431023"}
    with pytest.raises(Barred):
        domain.check_not_barred(barred, SECRETARY.official, known)
    domain.check_not_barred(barred, OFFICE.official, known)


def test_one_barred_post_among_several_is_enough_and_so_is_the_post_that_a_record_names():
    known = directory()
    assert domain.posts_of("o-unknown", known, "431023-epb") == {"431023-epb"}
    assert domain.posts_of(EPB.official, known) == {"431023-epb"}
    with pytest.raises(Barred):
        domain.check_not_barred(bars(organisations=["431023-epb"]), "o-unknown", known, "431023-epb")


def test_without_bars_everybody_passes():
    domain.check_not_barred(None, EPB.official, directory())
    domain.check_addressee(None, EPB.official, directory())


def test_who_is_recused_from_another_part_of_the_letter_is_barred_while_intake_says_so_and_a_correction_leaves_him():
    known = directory()
    apart = bars(officials=[VICE.official]).follow_family(["431023-gov"], [VICE.official, EPB.official], known)
    assert (apart.organisations, apart.officials) == ({"431023-gov", "431023-epb"}, {VICE.official, EPB.official})
    assert apart.lift(["431023-gov"], [VICE.official, EPB.official], known).officials == {VICE.official, EPB.official}
    assert apart.follow_family([], [EPB.official], known).officials == {VICE.official, EPB.official}  # named here
    assert apart.follow_family([], [], known) == bars(officials=[VICE.official])


def test_further_names_add_up_and_leaving_one_out_lifts_nothing():
    known = directory()
    first = bars(organisations=["431023-epb"], officials=[VICE.official])
    more = first.complain(["431023-gov"], [EPB.official], known).complain([], [], known)
    assert more.officials == {VICE.official, EPB.official}
    assert more.organisations == {"431023-epb", "431023-gov"}


def test_the_head_of_another_instance_takes_it_with_him_for_all_there_are_his_people():
    known = directory(official(STATION, "officer"))
    barred = bars(officials=[TOWN.official])
    assert barred.organisations == {"431023104", "431023104-env"}
    with pytest.raises(Refused):
        domain.check_addressee(barred, STATION.official, known)
    assert barred.lift([], [TOWN.official], known).organisations == frozenset()


def test_a_deputy_of_another_instance_is_barred_alone_for_bars_travel_with_the_case():
    deputy = Person(official="o-431023104-deputy", name="黄", post="副镇长", organisation="431023104")
    known = directory(official(STATION, "officer"), official(deputy, "leader"))
    for named in (deputy, STATION):
        barred = Bars(case_id=CASE).complain([], [named.official], known)
        assert (barred.organisations, barred.officials) == (frozenset(), {named.official})
        domain.check_addressee(barred, TOWN.official, known)
    recused = Bars(case_id=CASE).recuse([], [TOWN.official], known)
    assert recused.organisations == frozenset()
    domain.check_addressee(recused, deputy.official, known)


def test_what_is_told_an_instance_below_is_of_its_own_people_and_of_those_whom_nobody_knows():
    known = directory(official(STATION, "officer"))
    barred = bars(
        organisations=["431023104-env", "431023-epb", "431023104-new"], officials=[STATION.official, VICE.official, "o-unknown"]
    )
    assert barred.within("431023104", known) == ({"431023104-env", "431023104-new"}, {STATION.official, "o-unknown"})


def test_the_superiors_latest_word_stands_beside_what_is_known_here():
    town = directory(official(STATION, "officer"), own="431023104")
    own = Bars(case_id=CASE).complain([], [TOWN.official], town).recuse(["431023104-env"], [], town)
    told = own.told([], [STATION.official], town)
    assert told.officials == {TOWN.official, STATION.official}
    assert (told.own_officials, told.own_organisations) == ({TOWN.official}, {"431023104-env"})
    assert told.told([], [], town) == own
    assert own.told(["431023104-env"], [], town).admit(STATION.official, town).told_organisations == {"431023104-env"}


def test_a_mistaken_name_is_lifted_and_recusals_stay():
    known = directory()
    first = bars(organisations=["431023-gov"], officials=[VICE.official, EPB.official])
    recused = first.recuse(["431023-epb"], [VICE.official], known)
    corrected = recused.lift(["431023-gov", "431023-epb"], [VICE.official, EPB.official], known)
    assert corrected.officials == {VICE.official}
    assert corrected.organisations == {"431023-epb"}


def test_a_case_taken_back_for_a_conflict_is_shut_to_the_whole_township_until_it_is_handed_down_again():
    town = directory(official(STATION, "officer"), own="431023104")
    shut = Bars(case_id=CASE).shut(TOWN.official, town)
    for person in (TOWN, STATION):
        with pytest.raises(Barred):
            domain.check_not_barred(shut, person.official, town)
    again = shut.admit(STATION.official, town)
    domain.check_not_barred(again, STATION.official, town)
    with pytest.raises(Barred):
        domain.check_not_barred(again, TOWN.official, town)
    domain.check_not_barred(again.admit(TOWN.official, town), TOWN.official, town)
    with pytest.raises(Barred):  # his own recusal is not the superior's to lift
        domain.check_not_barred(shut.recuse([], [TOWN.official], town).admit(TOWN.official, town), TOWN.official, town)


# -- signing in -----------------------------------------------------------------------------------------------------
def test_the_whole_instance_is_the_scope_of_its_leaders_and_the_own_unit_that_of_a_head():
    known = directory(official(OFFICE, "office"))
    assert claims(known, SECRETARY.official).scope == {"431023*"}
    assert claims(known, OFFICE.official).scope == {"431023*"}
    assert claims(known, VICE.official).roles == {"leader"}
    assert claims(known, EPB.official).scope == {"431023-epb"}
    assert claims(known, TOWN.official).scope == {"431023104", "431023104-env"}


def test_a_post_outside_this_instance_gives_nothing_here():
    known = directory(own="431023104")
    found = claims(known, SECRETARY.official)
    assert (found.roles, found.scope, found.posts) == (frozenset(), frozenset(), ())
    assert found.organisation == "431023"


def test_several_posts_add_up():
    both = Official(
        official="o-both", name="双", active=True,
        posts=(
            Post(organisation="431023-epb", title="局长", roles=frozenset({"unit_head"})),
            Post(organisation="431023-office", title="副主任", roles=frozenset({"office"})),
        ),
    )  # fmt: skip
    found = claims(directory(both), "o-both")
    assert found.roles == {"unit_head", "office"}
    assert found.scope == {"431023*"}
    assert found.posts[0] == {"title": "局长", "org": "431023-epb"}


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaa", "ab" * 6, "o-431023-x-and-more", "赵宇赵宇赵宇1234567"])
def test_a_weak_password_is_refused(weak):
    with pytest.raises(Refused):
        check_password(weak, "o-431023-x", "赵宇")


def test_a_long_password_passes():
    check_password("correct horse 电池", "o-431023-x", "赵宇")


def test_it_is_shut_by_the_superiors_word_on_the_whole_township_and_on_nothing_less():
    town = directory(own="431023104")
    assert [Bars(case_id=CASE).told([code], [], town).is_shut(town) for code in ("431023104", "431023104-env")] == [True, False]
    assert Bars(case_id=CASE).shut(TOWN.official, town).organisations == town.subtree("431023104")


def test_what_moved_away_stays_barred_while_more_are_named_and_is_open_once_a_name_is_taken_back():
    now = directory()
    moved = replace(bars(["431023-epb"]), organisations=frozenset({"431023-epb", "431023-lab"}))
    assert (
        "431023-lab" in moved.complain([], ["o-x"], now).recuse(["431023-gov"], [], now).readmit([], ["o-x"], now).organisations
    )
    assert moved.lift(["431023-epb"], [], now).organisations == set()
