"""The end of this process: whoever waits here looks at it, and gives up in good order.

A web server that is told to stop first waits for the requests it is answering. Some of those wait
themselves, for minutes or for ever; each of them looks again once a second.
"""

from threading import Event

closing = Event()
