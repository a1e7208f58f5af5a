"""The real server as a process of its own, callers over the network, and people who fill the real forms."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from functools import partial
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


def run(folder, *arguments, fails=False):
    """Runs a command to its end and gives what it printed; it has to succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", *arguments],
        cwd=folder,
        env=surroundings(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stderr
    return done.stderr if fails else done.stdout


@pytest.fixture
def decidable(tmp_path):
    return partial(run, tmp_path)


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


def key_of(folder, url):
    """An API key for everything, of that database."""
    return run(folder, "key", "create", "--name", "portal", "--database-url", url).strip()


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory):
    """A file, which the first start fills with the telecom rulebook by itself, and its key; each test has a copy."""
    folder = tmp_path_factory.mktemp("filled")
    return folder / "decidable.db", key_of(folder, f"sqlite:///{folder}/decidable.db")


@pytest.fixture(scope="session")
def filled_postgresql(postgresql_server, tmp_path_factory):
    """The name of a database with the telecom rulebook, and the key of it; each test has a copy."""
    folder, name = tmp_path_factory.mktemp("filled"), f"filled_{uuid.uuid4().hex}"
    postgresql_server.psql(f"CREATE DATABASE {name};")
    url = postgresql_server.get_uri(database=name)
    run(folder, "migrate", "--database-url", url)
    run(folder, "load-pack", "telecom", "--database-url", url)
    return name, key_of(folder, url)


@pytest.fixture(params=["sqlite", "postgresql"])
def filled(request, tmp_path):
    """The URL of a database with the telecom rulebook, and an API key for everything."""
    made, key = request.getfixturevalue(f"filled_{request.param}")
    if request.param == "sqlite":
        shutil.copy(made, tmp_path)
        yield f"sqlite:///{tmp_path}/{made.name}", key
        return
    server, name = request.getfixturevalue("postgresql_server"), f"test_{uuid.uuid4().hex}"
    server.psql(f"CREATE DATABASE {name} TEMPLATE {made};")
    yield server.get_uri(database=name), key
    server.psql(f"DROP DATABASE {name} WITH (FORCE);")


@pytest.fixture
def filled_url(filled):
    return filled[0]


@pytest.fixture
def key(filled):
    return filled[1]


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
