"""The real server as a process of its own, callers over the network, and people who fill the real forms."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from tests.admin.html_of import Page

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds; the machine may be busy


class Server:
    """`decidable serve` on a free port, and what it printed."""

    def __init__(self, folder, url, *arguments, **environment):
        self.clients = []
        self.is_killed = False
        self.printed = folder / f"printed-{time.monotonic_ns()}"
        command = [
            sys.executable,
            "-m",
            "service.cli",
            "serve",
            "--port",
            "0",
            "--database-url",
            url,
            *arguments,
        ]
        with self.printed.open("wb") as printed:
            self.process = subprocess.Popen(
                command, cwd=folder, env=surroundings(**environment), stdout=printed, stderr=subprocess.STDOUT
            )

    def ready(self):
        """Waits until it can decide."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.text
            if found := re.search(r"answers at (http://\S+)\n", self.text):
                self.address = found[1]
                if httpx.get(f"{self.address}/readyz").status_code == 200:
                    return self
            time.sleep(0.05)
        raise AssertionError(self.text)

    @property
    def text(self):
        return self.printed.read_text()

    @property
    def first_login(self):
        login = re.search(r"first login:\s+(\S+)", self.text)
        password = re.search(r"one-time password:\s+(\S+)", self.text)
        return login and password and (login[1], password[1])

    def caller(self, key=None):
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return self._client(headers=headers)

    def person(self):
        return Person(self._client(follow_redirects=True))

    def _client(self, **how):
        self.clients.append(httpx.Client(base_url=self.address, timeout=PATIENCE, **how))
        return self.clients[-1]

    def killed(self):
        """As by a power cut: no signal that it could hear."""
        self.is_killed = True
        self.process.kill()
        self.process.wait(PATIENCE)

    @property
    def crashed(self):
        """Whether a signal ended it that nobody here sent."""
        return (self.process.poll() or 0) < 0 and not self.is_killed

    def stopped(self):
        """As by a service manager; gives the exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)


class Person:
    """Somebody with a browser that knows no JavaScript."""

    def __init__(self, client):
        self.client = client
        self.answer = None

    @property
    def page(self):
        return Page(self.answer.text)

    def open(self, path):
        self.answer = self.client.get(path)
        return self

    def send(self, action, fields=None):
        """Fills a form of the page: those fields changed, all others as they stand."""
        form = self.page.form(action)
        data = dict(form.filled(fields or {}))
        self.answer = self.client.post(urljoin(str(self.answer.url), form.action), data=data)
        return self


def surroundings(**environment):
    return {
        **{name: text for name, text in os.environ.items() if not name.startswith("DECIDABLE_")},
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "DECIDABLE_POLL_SECONDS": "0.1",
        **environment,
    }


@pytest.fixture
def decidable(tmp_path):
    """Runs a command to its end and gives what it printed; it has to succeed."""

    def decidable(*arguments, fails=False):
        done = subprocess.run(
            [sys.executable, "-m", "service.cli", *arguments],
            cwd=tmp_path,
            env=surroundings(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stderr
        return done.stderr if fails else done.stdout

    return decidable


@pytest.fixture
def serve(tmp_path):
    """Starts servers; those that still run are killed at the end."""
    servers = []

    def serve(url, *arguments, **environment):
        servers.append(Server(tmp_path, url, *arguments, **environment))
        return servers[-1]

    yield serve
    for server in servers:
        for client in server.clients:
            client.close()
    crashed = [server.text for server in servers if server.crashed]
    for server in servers:
        if server.process.poll() is None:
            server.killed()
    assert not crashed, crashed


@pytest.fixture
def filled_url(database_url, decidable):
    """A database with the telecom rulebook: SQLite, which the first start fills by itself, and PostgreSQL."""
    if database_url.startswith("postgres"):
        decidable("migrate", "--database-url", database_url)
        decidable("load-pack", "telecom", "--database-url", database_url)
    return database_url


@pytest.fixture
def key(filled_url, decidable):
    """An API key for everything."""
    return decidable("key", "create", "--name", "portal", "--database-url", filled_url).strip()


SKYPE = {
    "rulebook": "telecom",
    "goals": ["service_class", "criminal_addressee", "obligations"],
    "as_of": "2012-10-01",
    "known_on": "2026-01-01",
    "facts": {
        "jurisdiction": "BE",
        "service": "Skype",
        "service_function": "app_to_app_voice",
        "established_in": "LU",
        "offers_here_language": True,
        "users_here": "significant",
        "requesting_authority": "investigating_judge",
        "data_kind": "traffic",
        "offence_max_penalty_years": 5,
    },
}


@pytest.fixture
def skype():
    """Whether Skype owed its call records to a Belgian judge in 2012."""
    return json.loads(json.dumps(SKYPE))
