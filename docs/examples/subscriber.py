"""A subscriber of Zhida's public events, in Python: prints each event as one line of JSON.

    pip install amqp
    AMQP_URL=amqps://... QUEUE=... python subscriber.py

AMQP_URL and QUEUE are what `zhida subscriber add` printed. An event is acknowledged after it was dealt with (here: printed), so one
that was being dealt with when this process died comes again: keep the `id` of what you have dealt with, and pass over what comes twice.
"""

import json
import os
import ssl
import sys
from urllib.parse import unquote, urlsplit

import amqp

AT_ONCE = 50  # events that are sent before the first is acknowledged


def deal_with(event: dict) -> None:
    """Put your own work here."""
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read until interrupted, or until the broker ends the connection: then start again."""
    address = urlsplit(os.environ["AMQP_URL"])
    connection = amqp.Connection(
        host=f"{address.hostname}:{address.port or (5671 if address.scheme == 'amqps' else 5672)}",
        userid=unquote(address.username or ""),
        password=unquote(address.password or ""),
        virtual_host=unquote(address.path[1:]),
        ssl={"context": ssl.create_default_context(), "server_hostname": address.hostname}
        if address.scheme == "amqps"
        else False,
        heartbeat=30,
    )
    connection.connect()
    channel = connection.channel()
    channel.basic_qos(0, AT_ONCE, False)

    def received(message: amqp.Message) -> None:
        deal_with(json.loads(message.body))
        channel.basic_ack(message.delivery_tag)

    channel.basic_consume(os.environ["QUEUE"], callback=received)
    while True:
        connection.heartbeat_tick()
        try:
            connection.drain_events(timeout=10)
        except TimeoutError:
            continue


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
