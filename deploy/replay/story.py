"""The article's case as a course: the mail of 2016-11-07, three rounds and a fourth, closed on 2016-12-08. Pure."""

from __future__ import annotations

from datetime import date

from deploy.replay.course import Act, Course, Round, Step

_MAIL, _PLAYED_DOWN, _FOUND, _DECIDED = date(2016, 11, 7), date(2016, 11, 22), date(2016, 11, 25), date(2016, 11, 30)
_ASKED, _AGAIN, _OVER = date(2016, 12, 2), date(2016, 12, 6), date(2016, 12, 8)

ARTICLE = Course(
    (
        Step(_MAIL, Act.REGISTER),
        Step(_MAIL, Act.INSTRUCT),
        Step(_MAIL, Act.RECEIVE),
        Step(_PLAYED_DOWN, Act.REPLY, early=True),
        Step(_PLAYED_DOWN, Act.INSTRUCT, why=Round.RETURNED),
        Step(_PLAYED_DOWN, Act.RECEIVE),
        Step(_FOUND, Act.REPLY, early=True),
        Step(_FOUND, Act.INSTRUCT, why=Round.FURTHER),
        Step(_FOUND, Act.RECEIVE),
        Step(_DECIDED, Act.REPLY, early=True),
        Step(_DECIDED, Act.CONCLUDE),
        Step(_ASKED, Act.ASK, early=True),
        Step(_ASKED, Act.INSTRUCT, why=Round.DISSATISFIED),
        Step(_ASKED, Act.RECEIVE),
        Step(_AGAIN, Act.REPLY, early=True),
        Step(_AGAIN, Act.CONCLUDE),
        Step(_OVER, Act.ASK, satisfied=True),
    )
)
