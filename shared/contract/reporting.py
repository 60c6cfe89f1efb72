"""Events of reporting."""

from shared.contract import fields
from shared.contract.catalogue import event
from shared.contract.supervision import PERIODS

event("report.issued", "A weekly report, supervision list or circular was issued under its number; `digest` is the SHA-256 of its data.",
      told_by="reporting", heard_by="reporting",
      fields={"period": fields.choice(*PERIODS), "first": fields.day(), "last": fields.day(), "number": fields.text(),
              "corrects": fields.text(required=False), "digest": fields.text(), "by": fields.person(), "issued_at": fields.instant()})  # fmt: skip
