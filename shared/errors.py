"""What went wrong, told by type: each class says what its catcher has to do."""


class ZhidaError(Exception):
    """Something of ours went wrong; the subclass says what to do about it."""


class Refused(ZhidaError):
    """Tell the person: what was asked for breaks a rule. Nothing was changed.

    `field` names the input at fault, `rule` the rule that it broke, `remedy` what to do instead. Texts are message ids
    (Chinese source text) that the page translates; `values` fill their %(placeholders)s.
    """

    status = 422

    def __init__(self, field: str, rule: str, remedy: str, **values: object) -> None:
        super().__init__(f"{field}: {rule} {remedy}" % values if values else f"{field}: {rule} {remedy}")
        self.field, self.rule, self.remedy, self.values = field, rule, remedy, values


class Conflict(Refused):
    """Tell the person: somebody else was faster, or the case has moved on."""

    status = 409


class Forbidden(Refused):
    """Tell the person: this is not theirs to see or to do. The try is logged."""

    status = 403


class NotFound(Refused):
    """Tell the person: there is no such thing, or not for them."""

    status = 404


class Busy(Refused):
    """Tell the person: too many ask for the same at once. Nothing was done; later it will be."""

    status = 503


class NotYet(ZhidaError):
    """Wait: the event's cause has not arrived. The event is tried again after the case's next event."""


class Unreadable(ZhidaError):
    """Park as received: the message is broken, unknown, or its sender may not say it."""


class Unavailable(ZhidaError):
    """Back off and try again: a server (database, broker) does not answer. To a person: 503, nothing was stored."""
