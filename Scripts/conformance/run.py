"""Runs schemathesis against both daemons, once for each role: `make conformance`.

The daemons are started on free ports of loopback, in a folder that is removed at the end.
Exits with 1 when anything was found that hooks.py does not explain.
"""

import json
import os
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.environ.get("AOSTOP_PROGRAMS", ".build/release")
DOCUMENT = "Documentation/openapi.yaml"
SECONDS = os.environ.get("SECONDS_EACH", "30")
ONLY = sys.argv[1:]  # such as balancer/operator


def program(name):
    return os.path.join(PROGRAMS, name)


class Cluster:
    """A balancer and two instances in one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.daemons = []
        self.socket = f"{folder}/LB1.sock"
        self.ports = {"balancer": self.start(
            "balancer", "--socket", self.socket, "--database", f"sqlite:{folder}/aos.db")}
        for name in ("AOS01", "AOS02"):
            port = self.start(
                "instance", "--name", name, "--max-clients", "60", "--join",
                f"unix://{self.socket}", "--socket", f"{folder}/{name}.sock",
                "--state-directory", f"{folder}/{name}")
            self.ports.setdefault("instance", port)

    def start(self, *words):
        """Starts a daemon, and gives its port when it is ready."""
        with open(f"{self.folder}/{len(self.daemons)}.log", "w") as log:
            daemon = subprocess.Popen(
                [program("aosd"), *words, "--listen", "127.0.0.1:0"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        self.daemons.append(daemon)
        return int(daemon.stdout.readline().rsplit(":", 1)[1])

    def token(self, role):
        """A new access token."""
        made = subprocess.run(
            [program("aosctl"), "token", "create", "--role", role, "--balancer",
             f"unix://{self.socket}", "--json"], check=True, capture_output=True, text=True)
        return json.loads(made.stdout)["token"]

    def stop(self):
        """Ends the daemons, and names those that had ended before."""
        dead = [daemon.args[1] for daemon in self.daemons if daemon.poll() is not None]
        for daemon in self.daemons:
            daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
        return dead


class Relay(socketserver.ThreadingTCPServer):
    """A port of loopback that leads to a Unix socket, since schemathesis knows none."""

    daemon_threads = True
    allow_reuse_address = True

    class Pair(socketserver.BaseRequestHandler):
        def handle(self):
            with socket.socket(socket.AF_UNIX) as inner:
                inner.connect(self.server.path)
                threading.Thread(
                    target=self.pump, args=(self.request, inner), daemon=True).start()
                self.pump(inner, self.request)

        @staticmethod
        def pump(source, target):
            try:
                while part := source.recv(65536):
                    target.sendall(part)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                for end in (source, target):
                    end.close()

    def __init__(self, path):
        super().__init__(("127.0.0.1", 0), self.Pair)
        self.path = path
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]


def check(daemon, role, port, token):
    """One run of schemathesis; True when it found nothing."""
    print(f"--- {daemon}, {role} ---", flush=True)
    words = [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"), "--config-file",
        f"{HERE}/schemathesis.toml", "run", DOCUMENT, "--url", f"http://127.0.0.1:{port}",
        "--max-time", SECONDS, "--no-color", "--warnings", "off"]
    if token:
        words += ["--header", f"Authorization: Bearer {token}"]
    environment = dict(
        os.environ, SCHEMATHESIS_HOOKS=f"{HERE}/hooks.py", CONFORMANCE_DAEMON=daemon,
        CONFORMANCE_ROLE=role)
    return subprocess.run(words, env=environment).returncode == 0


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = tempfile.mkdtemp(prefix="aos-")
    cluster = Cluster(folder)
    bad = []
    try:
        tokens = {role: cluster.token(role) for role in ("viewer", "operator", "instance")}
        for daemon, path in (("balancer", cluster.socket), ("instance", f"{folder}/AOS01.sock")):
            for role in ("none", *tokens, "local"):
                if ONLY and f"{daemon}/{role}" not in ONLY:
                    continue
                port = Relay(path).port if role == "local" else cluster.ports[daemon]
                if not check(daemon, role, port, tokens.get(role)):
                    bad.append(f"{daemon}/{role}")
    finally:
        bad += [f"{name} ended" for name in cluster.stop()]
        shutil.rmtree(folder)
    print("conformance:", ", ".join(bad) + " failed" if bad else "nothing found")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
