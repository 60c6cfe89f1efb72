"""The bus: events leave through the relay, arrive through the inbox, and are parked when they cannot be handled.

             one transaction                   relay (one for each schema)              one transaction
use case -> state + event_log  ->  seal (sequence, chain) -> publish, confirm -> cursor    inbox + state + event_log
                                                |                                              ^
                                     topic exchange case.events --> quorum queue <org>.<service> --> consumer --> ack
"""
