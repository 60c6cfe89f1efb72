"""A worker's share of telling, in a process of its own that a test kills: `alert_sender ORG DATABASE_URL SMTP_PORT [marks-first]`."""

import sys

from services.routing import store
from shared.database import Database
from tests.integration.routing.alerting import an_office, real_now, telling

if __name__ == "__main__":
    org, url, port, *twin = sys.argv[1:]
    if twin:  # it says that the message went before it goes
        claim = store.SQL["claim_alert_message"]
        store.SQL["claim_alert_message"] = claim.replace("SET attempts", "SET stage = 'sent', attempts")
    telling.tell(Database(url, service="routing", org=org, simulated=True), an_office(int(port)), real_now)
