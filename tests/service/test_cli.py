"""The command line: what it prints, and with which exit code it ends."""

import asyncio
import json
import re
import socket
import stat
import sys
from dataclasses import replace
from io import BytesIO, TextIOWrapper
from pathlib import Path

import openpyxl
import pytest
import structlog

import decision_tables
from decision_tables.rulebook import Acknowledgement, canonical_json, document_of
from service import cli
from service.access import Access
from service.main import create_app
from service.settings import Settings
from service.store import Store
from tests.service.fees import FEES, with_fee

TELECOM = Path(decision_tables.__file__).parent / "packs" / "telecom"


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Logging is the process's, and these tests share one."""
    monkeypatch.setattr(cli, "_configure_logging", lambda: None)
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def run(capsys):
    def run(*arguments):
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def document(tmp_path):
    def document(rulebook):
        file = tmp_path / "fees.json"
        file.write_bytes(canonical_json(document_of(rulebook)))
        return file

    return document


def test_what_the_analysis_finds_is_told_and_errors_end_with_exit_code_1(run, document):
    code, out, _ = run("check", document(FEES))
    assert code == 1
    assert "error analysis/overlap at zone" in out
    assert "Row Z1 and row Z2 apply at once" in out
    assert "5 finding(s), 0 acknowledged" in out
    key = json.loads(run("check", "--format", "json", document(FEES))[1])["findings"][2]["key"]
    spoken = replace(FEES, acknowledgements=(Acknowledgement(key, "intended", "article 8", "…"),))
    code, out, _ = run("check", "--language", "nl", document(spoken))
    assert code == 0
    assert "4 finding(s), 1 acknowledged" in out
    assert run("check", "--strict", document(spoken))[0] == 1
    gone = replace(FEES, acknowledgements=(Acknowledgement("0", "intended", "article 8", "It was so."),))
    assert (
        "said of a finding that is no more (intended: article 8)\n    It was so."
        in run("check", document(gone))[1]
    )


def test_findings_come_as_sarif_for_code_hosts(run, document):
    code, out, _ = run("check", "--format", "sarif", document(FEES))
    assert code == 1
    log = json.loads(out)
    assert log["version"] == "2.1.0"
    (result,) = (one for one in log["runs"][0]["results"] if one["level"] == "error")
    assert result["ruleId"] == "analysis/overlap"
    assert result["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "zone / Z2"}]
    known = {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert {one["ruleId"] for one in log["runs"][0]["results"]} == known


def test_a_sound_rulebook_is_told_so_and_a_broken_one_is_shown_with_a_caret(run, document):
    code, out, _ = run("check", "--quick", document(FEES))
    assert code == 0
    assert out == "fees: 0 error(s), 0 warning(s); 4 tables, 1 formulas, 9 rules, 2 cases\n"
    code, out, _ = run("check", document(with_fee("1 +")))
    assert code == 1
    assert "fee / R1 / fee" in out
    assert "    1 +\n" in out
    assert "^" in out


def test_a_pack_is_checked_by_key_or_by_folder(run):
    for pack in ("telecom", TELECOM):
        code, out, _ = run("check", pack)
        assert code == 0
        assert out.splitlines()[-1].startswith("telecom: 0 error(s)")


def test_what_cannot_be_read_is_said_without_a_traceback(run, tmp_path):
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "other.json").write_text('{"key": 3}')
    for file in ("list.json", "broken.json", "other.json", "none.json", "no-folder"):
        code, _, said = run("check", tmp_path / file)
        assert code == 1
        assert said.startswith("decidable: ")


def test_the_cases_of_a_pack_are_run_a_line_each(run):
    code, out, _ = run("cases", "--pack", "telecom")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("ok   H01a")
    assert lines[-1].endswith("cases, 0 failed")


def test_a_case_is_decided_by_a_pack_from_a_file_or_from_standard_input(run, tmp_path, monkeypatch):
    question = json.dumps(
        {"rulebook": "telecom", "as_of": "2012-10-01", "facts": {"jurisdiction": "BE", "service": "Skype"}}
    )
    file = tmp_path / "case.json"
    file.write_text(question)
    code, out, _ = run("decide", file, "--pack", "telecom")
    told = json.loads(out)
    assert code == 0
    assert told["id"] is None
    assert told["as_of"] == "2012-10-01"
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(question.encode())))
    code, again, _ = run("decide", "-", "--pack", TELECOM)
    assert json.loads(again) == told


def test_wrong_facts_are_said_and_end_with_one(run, tmp_path):
    file = tmp_path / "case.json"
    file.write_text('{"rulebook": "telecom", "facts": {"jurisdicton": "BE"}}')
    code, out, said = run("decide", file, "--pack", "telecom")
    assert (code, out) == (1, "")
    assert "did you mean `jurisdiction`?" in said
    assert "facts/invalid" in said


def test_a_database_is_migrated_filled_decided_from_and_listed(run, sqlite_url, tmp_path):
    url = ("--database-url", sqlite_url)
    assert run("migrate", *url)[0] == 0
    code, out, _ = run("load-pack", "telecom", *url)
    assert code == 0
    assert "telecom release 1 is active" in out
    assert run("cases", "telecom", *url)[0] == 0
    assert run("cases", "telecm", *url)[0] == 1
    file = tmp_path / "case.json"
    file.write_text('{"rulebook": "telecom", "facts": {"jurisdiction": "BE"}}')
    assert json.loads(run("decide", file, *url)[1])["id"] is not None


def test_a_workbook_goes_out_and_comes_back_and_what_is_told_names_its_cells(
    run, sqlite_url, document, tmp_path
):
    url = ("--database-url", sqlite_url)
    file = tmp_path / "fees.xlsx"
    assert run("migrate", *url)[0] == 0
    assert run("import", document(FEES), *url)[0] == 0
    draft = re.search(r"kept as draft (\S+)", run("import", document(FEES), "--rulebook", "two", *url)[1])[1]
    assert run("export", "two", "--draft", draft, "--format", "xlsx", "-o", file, *url)[0] == 0
    book = openpyxl.load_workbook(file)
    book["fee"]["E13"].value = "1 +"
    book["fee"]["C14"].value = ">= 18,50"
    book.save(file)
    code, out, _ = run("import", file, "--rulebook", "two", "--dry-run", *url)
    assert code == 1
    assert "warning sheet/read-as at fee!C14: `>= 18,50` is read as `>= 18.50`." in out
    assert "error feel/syntax at fee!E13 (fee / R1 / fee)" in out
    code, out, _ = run("check", "--quick", file)
    assert code == 1
    assert "error feel/syntax at fee!E13 (fee / R1 / fee)" in out
    report = json.loads(run("check", "--format", "json", file)[1])
    assert "fee!E13" in {found["address"] for found in report["diagnostics"]}
    alone = ("export", "two", "--draft", draft, "--format", "csv", "-o", tmp_path / "waiver.csv", *url)
    assert run(*alone, "--table", "waivr")[0] == 1
    assert run(*alone, "--table", "waiver")[0] == 0
    assert run("check", "--quick", tmp_path / "waiver.csv")[0] == 1, "a table alone has no facts"


def test_a_key_is_printed_once_listed_without_its_secret_and_revoked(run, sqlite_url):
    url = ("--database-url", sqlite_url)
    code, out, said = run("key", "create", "--name", "portal", "--scope", "decide", *url)
    text = out.strip()
    assert code == 0
    assert text.startswith("dk_")
    assert text not in said
    listed = run("key", "list", *url)[1]
    assert "portal" in listed
    assert "valid" in listed
    assert text not in listed
    assert run("key", "revoke", text[:11], *url)[0] == 0
    assert "revoked" in run("key", "list", *url)[1]
    assert run("key", "revoke", "dk_none", *url)[0] == 1


def test_an_account_is_made_reset_and_deactivated(run, sqlite_url):
    url = ("--database-url", sqlite_url)
    code, once, _ = run("user", "create", "ann", "--name", "An Peeters", "--role", "administrator", *url)
    assert code == 0
    code, again, _ = run("user", "reset", "ann", *url)
    assert code == 0
    assert once.strip() != again.strip()
    assert run("user", "create", "ann", *url)[0] == 1
    assert run("user", "create", "bob", *url)[0] == 0
    assert run("user", "deactivate", "bob", *url)[0] == 0
    listed = run("user", "list", *url)[1]
    assert "ann  administrator  active  An Peeters" in listed
    assert "bob  reader  inactive" in listed
    code, _, said = run("user", "deactivate", "ann", *url)
    assert code == 1
    assert "last administrator" in said


@pytest.mark.parametrize(
    ("wrong", "choices"),
    [
        (("user", "create", "x", "--role", "king"), ("reader", "editor", "publisher", "administrator")),
        (("key", "create", "--name", "x", "--scope", "king"), ("decide", "read", "decisions", "edit")),
    ],
)
def test_what_may_be_chosen_is_told_in_plain_words(run, wrong, choices):
    code, _, said = run(*wrong)
    assert code == 2
    assert "<" not in said
    assert re.findall(r"\w+", said.rpartition("choose from")[2]) == list(choices)


@pytest.fixture
async def fees_url(sqlite_url):
    """A database with the small rulebook, so that a start need not load the large one."""
    store = await Store.open(sqlite_url)
    await store.load_release(document_of(FEES), "system", "first")
    await store.close()
    return sqlite_url


async def served(url, *, port=0):
    """Starts `serve` in a process of its own; gives it and what it printed until it was up, or had ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service.cli", "serve", "--port", str(port), "--database-url", url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed = ""
    while line := (await process.stdout.readline()).decode():
        printed += line
        if "works once" in printed and line.isspace():
            break
    return process, printed


async def test_a_port_that_is_taken_ends_the_start_with_one_before_a_first_login_is_made(fees_url):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process, printed = await served(fees_url, port=port)
        assert await process.wait() == 1
    assert f"decidable: cannot listen on port {port} of 127.0.0.1" in printed
    assert "Traceback" not in printed
    store = await Store.open(fees_url)
    assert await store.people.accounts() == []
    await store.close()


async def test_a_second_start_leaves_the_first_login_that_was_printed_as_it_is(fees_url):
    first, printed = await served(fees_url)
    password = re.search(r"one-time password:\s+(\S+)", printed)[1]
    second, printed_again = await served(fees_url)
    assert "printed before" in printed_again
    assert "decidable user reset admin" in printed_again
    assert password not in printed_again
    for process in (first, second):
        process.terminate()
        assert await process.wait() == 0
        await process.stdout.read()
    store = await Store.open(fees_url)
    assert (await Access(store, Settings()).login("admin", password)).account.login == "admin"
    await store.close()


async def test_an_application_on_its_own_makes_the_first_login_unless_told_not_to(fees_url):
    for wanted in (False, True):
        app = create_app(Settings(database_url=fees_url), first_login=wanted)
        async with app.router.lifespan_context(app):
            assert (app.state.first_login is not None) == wanted
            assert bool(await app.state.desk.access.accounts()) == wanted


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("serve",),
        ("migrate",),
        ("load-pack",),
        ("decide",),
        ("check",),
        ("cases",),
        ("key", "create"),
        ("user", "create"),
    ],
)
def test_help_teaches_each_command(run, command):
    code, out, _ = run(*command, "--help")
    assert code == 0
    assert "usage: decidable" in out
    assert not command or "example:  " in out


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("srve",),
        ("cases",),
        ("user", "create", "x", "--role", "boss"),
        ("serve", "--port", "70000"),
        ("serve", "--port", "x"),
    ],
)
def test_a_wrong_call_ends_with_two_and_says_what_is_wrong(run, wrong):
    code, _, said = run(*wrong)
    assert code == 2
    assert said


def test_a_setting_that_is_wrong_is_named(run, monkeypatch):
    monkeypatch.setenv("DECIDABLE_LOG_QUEUE", "many")
    code, _, said = run("check", "telecom")
    assert code == 2
    assert "log_queue" in said


def test_a_database_url_that_cannot_be_used_is_said_without_its_password(run):
    code, _, said = run("migrate", "--database-url", "mysql://ann:swordfish@host/x")
    assert code == 1
    assert "swordfish" not in said


async def test_the_first_key_is_written_for_its_owner_alone(sqlite_url, tmp_path):
    file = tmp_path / "first.key"
    file.write_text("something longer that stood there before, and that everybody could read")
    file.chmod(0o644)
    app = create_app(Settings(database_url=sqlite_url, first_key_file=file, host="0.0.0.0"))
    async with app.router.lifespan_context(app):
        text = file.read_text().strip()
        assert await app.state.desk.access.key(text) is not None
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = create_app(Settings(database_url=sqlite_url, first_key_file=file))
    async with again.router.lifespan_context(again):
        assert file.read_text().strip() == text


def test_how_well_cases_test_tables_is_told_line_by_line_and_as_json(run, document):
    code, out, err = run("adequacy", document(FEES), "--table", "fee")
    assert code == 0
    assert out.splitlines()[0].startswith("fee: 1 of 3 rules fire, ")
    assert "  R2 never fires" in out.splitlines()
    assert "rules and sides of their tests" in err
    code, out, _ = run("adequacy", document(FEES), "--json")
    assert [table["table"] for table in json.loads(out)["tables"]] == ["fee", "papers", "waiver", "zone"]
    assert run("adequacy", document(FEES), "--at-least", 99)[0] == 1


def test_faults_that_no_case_notices_come_with_the_case_that_would(run, document):
    code, out, err = run("adequacy", document(FEES), "--table", "fee", "--mutants", "--cases", "--json")
    assert code == 0
    survivors = json.loads(out)
    assert all((one["case"] is None) != (one["reason"] is None) for one in survivors)
    outcome = next(one for one in survivors if (one["rule"], one["column"]) == ("R3", "fee"))
    assert outcome["case"]["expect"]["conclusions"] == {"fee": 25.5}
    assert "faults are noticed" in err
    _, out, _ = run("adequacy", document(FEES), "--table", "fee", "--mutants", "--cases")
    assert "fee, R3, fee: 25.50 → " in out
    assert '"expect":' in out


def test_pairs_are_told_for_each_test(run, document):
    code, out, err = run("adequacy", document(FEES), "--table", "fee", "--pairs", "--json")
    assert code == 0
    assert [(one["rule"], one["column"]) for one in json.loads(out)] == [
        ("R1", "age"),
        ("R2", "age"),
        ("R2", "resident"),
        ("R3", "age"),
        ("R3", "resident"),
    ]
    assert "5 of 5 tests have a pair (100 %)" in err
    assert '"age"' in run("adequacy", document(FEES), "--table", "fee", "--pairs")[1]


def test_a_table_that_is_not_there_is_told_with_what_was_meant(run, document):
    code, _, err = run("adequacy", document(FEES), "--table", "fees")
    assert code == 2
    assert "Did you mean fee?" in err
