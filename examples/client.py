#!/usr/bin/env python3
"""A client of the cluster: finds a server, opens a session there and holds it.

    client.py "LB1@10.0.0.1:2712;AOS01@10.0.0.2:2713" --user ana

It uses the standard library alone and no trick of Python, so that you can port it to another
language. The numbers 1 to 5 below name the parts that every client needs. The document
Documentation/openapi.yaml describes all routes and fields.

The client holds the session until Ctrl-C, SIGTERM or the end of --hold. Exit codes: 0 the client
left, 1 wrong usage, 2 no server could be reached or the connection was lost, 3 refused, or an
operator ended the session.
"""

import argparse
import getpass
import http.client
import json
import signal
import socket
import ssl
import sys
import threading
from dataclasses import dataclass

CONNECT_SECONDS = 2  # for a connection; a dead entry must not hold the client up
ANSWER_SECONDS = 5  # for an answer
SILENCE_SECONDS = 30  # the server sends a heartbeat every 10 s; without one it is lost
ACTIVITY_SECONDS = 30  # how often this client says that its user works


# What may go wrong on the way to an answer.
FAILURES = (OSError, http.client.HTTPException, ValueError, KeyError)


class Refused(Exception):
    """The server answered with a problem document (RFC 9457)."""

    def __init__(self, problem):
        self.name = problem.get("type", "").removeprefix("urn:aos:problem:")
        super().__init__(problem.get("detail") or problem.get("title") or self.name)


@dataclass
class Address:
    host: str
    port: int
    uses_tls: bool

    def __str__(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_address(text, uses_tls):
    """HOST, HOST:PORT or [IPv6]:PORT; the port is 2712 where none is given."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        host, _, port = text.partition(":")
    if not host:
        raise ValueError(f"no host in {text!r}")
    return Address(host, int(port or 2712), uses_tls)


# 1. The configuration: entries separated by semicolons, each [NAME@]HOST[:PORT].
def read_entries(text, uses_tls):
    entries = [entry.strip() for entry in text.split(";") if entry.strip()]
    if not entries:
        raise ValueError("no entry")
    return [read_address(entry.rpartition("@")[2], uses_tls) for entry in entries]


def connect(address, trust):
    """A connection to one server; TLS where the address asks for it."""
    if address.uses_tls:
        connection = http.client.HTTPSConnection(
            address.host, address.port, timeout=CONNECT_SECONDS, context=trust)
    else:
        connection = http.client.HTTPConnection(
            address.host, address.port, timeout=CONNECT_SECONDS)
    connection.connect()
    connection.sock.settimeout(ANSWER_SECONDS)
    return connection


def post(connection, path, body=None, headers=None):
    """Sends JSON and gives the answer. Every answer but 2xx is a problem document."""
    headers = {"Content-Type": "application/json", **(headers or {})}
    connection.request("POST", path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    if response.status < 300:
        return response
    try:
        problem = json.loads(response.read())
    except ValueError:
        problem = {}
    raise Refused(problem or {"detail": f"HTTP status {response.status}"})


# 2. The handshake: ask a balancer for the servers, smallest load first.
def shake_hands(entry, client, trust):
    connection = connect(entry, trust)
    try:
        return json.loads(post(connection, "/v1/handshake", client).read())
    finally:
        connection.close()


# 3. The session: its answer is a stream of events (text/event-stream) and does not end. The
#    stream is the session: who closes the connection leaves.
def events(response):
    """Yields (name, data). A line that begins with a colon is a heartbeat; unknown fields and
    unknown events are not an error."""
    name, data = "message", []
    while line := response.readline():
        line = line.decode().rstrip("\r\n")
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif line == "":
            if data:
                yield name, json.loads("\n".join(data))
            name, data = "message", []


# 4. Activity: an operator may end idle sessions, so say that the user works. It goes over a
#    connection of its own, with the secret that the event `open` brought.
def report_activity(server, opened, trust, is_over):
    path = f"/v1/sessions/{opened['session']}/activity"
    headers = {"Authorization": f"Bearer {opened['secret']}"}
    while True:
        try:
            connection = connect(server, trust)
            try:
                post(connection, path, headers=headers).read()
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, Refused) as error:
            print(f"activity was not reported: {error}", file=sys.stderr)
        if is_over.wait(ACTIVITY_SECONDS):
            return


class Client:
    def __init__(self, options, trust):
        self.options = options
        self.trust = trust
        self.who = {
            "kind": "client", "user": options.user, "computer": socket.gethostname()[:128]}
        self.socket = None
        self.is_leaving = False
        self.is_over = threading.Event()

    def leave(self, *_):
        """5. To leave, close the connection. The server then ends the session at once."""
        self.is_leaving = True
        if self.socket:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the server was quicker

    def run(self):
        """Asks each entry in turn for a list, and tries each server of the list in turn."""
        has_answer = False
        for entry in read_entries(self.options.servers, self.options.tls):
            say(f"asking {entry}")
            try:
                answer = shake_hands(entry, self.who, self.trust)
            except Refused as refusal:
                has_answer = True
                say(f"  {refusal}")
                if refusal.name == "rpc-only":  # every other entry would say the same
                    return 3
                continue
            except FAILURES as error:
                say(f"  no answer: {error}")
                continue
            has_answer = True
            for server in answer["servers"]:
                address = read_address(server["address"], server.get("tls", False))
                say(f"  trying {server['id']} at {address}")
                code = self.visit(server["id"], address, answer.get("ticket"))
                if self.is_leaving:
                    say("closed")
                    return 0
                if code is not None:
                    return code
        return 3 if has_answer else 2

    def visit(self, name, address, ticket):
        """Opens a session and stays. None: the server took no session, so try the next one."""
        is_open = False
        try:
            connection = connect(address, self.trust)
            self.socket = connection.sock
            response = post(connection, "/v1/sessions", {**self.who, "ticket": ticket})
            for event, data in events(response):
                if event == "open":
                    is_open = True
                    say(f"session {data['session']} is open at {name}")
                    self.socket.settimeout(SILENCE_SECONDS)
                    self.begin(address, data)
                elif event == "notice":
                    ends = f" (the session ends at {data['endsAt']})" if data.get("endsAt") else ""
                    say(f"notice: {data['message']}{ends}")
                elif event == "end":
                    say(f"the session was ended: {data['reason']}")
                    return 3
            failure = "the connection was closed"
        except (*FAILURES, Refused) as error:
            failure = error
        finally:
            self.is_over.set()
            if self.socket:
                self.socket.close()
        if self.is_leaving:
            return 0
        say(f"the session was lost: {failure}" if is_open else f"    {failure}")
        return 2 if is_open else None

    def begin(self, address, opened):
        """What runs beside an open session."""
        self.is_over.clear()
        threading.Thread(
            target=report_activity, args=(address, opened, self.trust, self.is_over),
            daemon=True).start()
        if self.options.hold is not None:
            timer = threading.Timer(self.options.hold, self.leave)
            timer.daemon = True
            timer.start()


def say(line):
    print(line, flush=True)


class Arguments(argparse.ArgumentParser):
    def error(self, message):
        self.exit(1, f"{self.format_usage()}{self.prog}: {message}\n")


def main():
    parser = Arguments(description=__doc__.split("\n")[0])
    parser.add_argument("servers", help="LB1@HOST:PORT;AOS01@HOST:PORT")
    parser.add_argument("--user", default=getpass.getuser())
    parser.add_argument("--hold", type=float, help="seconds; without it until Ctrl-C")
    parser.add_argument("--tls", action="store_true", help="the entries speak TLS")
    parser.add_argument("--ca-file", help="trust certificates signed by those in this file")
    options = parser.parse_args()
    try:
        read_entries(options.servers, options.tls)
        trust = ssl.create_default_context(cafile=options.ca_file)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    client = Client(options, trust)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, client.leave)
    return client.run()


if __name__ == "__main__":
    sys.exit(main())
