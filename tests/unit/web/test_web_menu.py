"""What stands in the navigation, and where."""

import re

import pytest

from shared.web.frame import BAR, FRONT


def test_officials_have_the_public_pages_behind_the_home_page_and_their_own_in_the_menu(client, sign_in):
    assert ">公开" in client.get("/").text
    sign_in()
    page = client.get("/").text
    assert ">公开" not in page
    assert ">工作台" in page


def test_a_short_menu_is_shown_whole_and_a_long_one_keeps_what_is_seldom_wanted_behind_more(client, sign_in, app):
    sign_in()
    assert 'class="more"' not in client.get("/desk").text
    menu = app.extensions["zhida"].navigation
    menu += [(FRONT + (n >= 6), f"第{n}项", "pages.desk", frozenset(), None, set(), False) for n in range(9)]
    bar, rest = client.get("/").text.split('class="more"')
    assert "第5项" in bar.partition('class="bar"')[2]
    assert "第6项" not in bar
    assert '<li class="front">' in rest
    assert "第6项" in rest


def test_no_more_stand_in_the_bar_than_it_has_room_for(client, sign_in, app):
    sign_in()
    app.extensions["zhida"].navigation += [
        (6 + n, f"第{n}项", "pages.desk", frozenset(), None, set(), False) for n in range(2 * BAR)
    ]
    bar, rest = client.get("/").text.split('class="more"')
    assert bar.partition('class="bar"')[2].count("<li") == BAR
    assert rest.count('<li class="front">') == BAR
    assert f"第{2 * BAR - 1}项" in rest


def test_where_something_waits_stands_in_the_bar(client, sign_in, app):
    sign_in()
    app.extensions["zhida"].navigation += [
        (6 + n, f"第{n}项", "pages.desk", frozenset(), (lambda reader: 1) if n == BAR else None, set(), False)
        for n in range(2 * BAR)
    ]
    bar = client.get("/").text.split('class="more"')[0]
    assert f"第{BAR}项" in bar
    assert f"第{BAR - 1}项" not in bar


def test_pages_found_from_an_entry_stand_under_it(client, sign_in, app):
    sign_in()
    assert not re.search("aria-current=.page.>工作台", client.get("/").text)
    menu = app.extensions["zhida"].navigation
    menu[:] = [(*item[:5], {"pages.front"}, False) if item[1] == "工作台" else item for item in menu]
    assert re.search("aria-current=.page.>工作台", client.get("/").text)


@pytest.mark.parametrize(("count", "shown"), [(None, False), (0, True), (2, True)])
def test_an_entry_that_is_there_at_times_is_there_while_its_badge_counts(client, sign_in, app, count, shown):
    sign_in()
    app.extensions["zhida"].navigation.append((5, "代为", "pages.desk", frozenset(), lambda reader: count, set(), True))
    assert (">代为" in client.get("/").text) is shown
    assert ">代为" not in client.get("/nowhere").text  # where nothing is counted
