"""The command line: `decidable serve | migrate | load-pack | import | export | decide | check | cases | …`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
import uvicorn
import uvloop
from pydantic import ValidationError

from decision_tables.analyse import LANGUAGES, Judged, analyse, judged, told
from decision_tables.cases import run_cases
from decision_tables.compile import check
from decision_tables.diagnostics import near_miss
from decision_tables.errors import DecidableError, EditConflict, InvalidRulebook, NotFound, Refused
from decision_tables.formats import Format, Reading, address_of, read, read_pack
from decision_tables.formats.sarif import sarif_of
from service.access import FirstLogin, Role, Scope, ToldLogin
from service.adequacy import coverage_told, mutants_told, pairs_told
from service.api.report import report_of
from service.api.wire import bytes_of, decision_bytes, read_decide
from service.deciding import decided_by, program_version
from service.engine import Engine
from service.main import create_app, desk_opened
from service.publishing import pack_folder
from service.settings import Settings
from service.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from decision_tables.diagnostics import Diagnostic
    from decision_tables.program import Program
    from decision_tables.rulebook import Rulebook
    from service.access import Access
    from service.importing import Preview, TakenOut

__all__ = ["main"]

_OK, _NO, _MISUSE = 0, 1, 2
_ACTOR = "command line"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; 0 if all is well, 1 if the answer is no, 2 if it was called wrongly."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        named = {
            name: value
            for name in ("host", "port", "database_url")
            if (value := getattr(given, name, None)) is not None
        }
        settings = Settings(**named)
    except ValidationError as error:
        for wrong in error.errors():
            _say(f"decidable: {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}")
        return _MISUSE
    _configure_logging()
    try:
        return int(given.run(given, settings))
    except DecidableError as error:
        _complain(error)
        return _NO
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except OSError as error:
        _say(f"decidable: {error}")
        return _NO


# Commands


def _serve(_: argparse.Namespace, settings: Settings) -> int:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serving(settings))


async def _serving(settings: Settings) -> int:
    app = create_app(settings, first_login=False)
    # The lifespan is entered here, not by uvicorn, so that a refusal to start is told as such.
    async with app.router.lifespan_context(app):
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            http="httptools",
            lifespan="off",
            access_log=False,  # it costs more than half of a decision
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=10,
        )
        server = uvicorn.Server(config)
        # uvicorn raises the signal again once it has stopped, which would end the process before the store closes.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        greeting = asyncio.create_task(_greet(server, settings, app.state.desk.access))
        try:
            await server.serve()
        except SystemExit:  # uvicorn's way to say that it cannot listen; it has logged why
            _say(
                f"decidable: cannot listen on port {settings.port} of {settings.host}: it may be taken."
                " Choose another one with --port, or 0 for a free one."
            )
        greeting.cancel()
        return _OK if server.started else _NO


async def _greet(server: uvicorn.Server, settings: Settings, access: Access) -> None:
    """Says where the service listens and, only once it does, how the first administrator logs in."""
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    lines = [
        "",
        f"  decidable answers at http://{host}:{port}",
        f"  for people:          http://{host}:{port}/admin/",
    ]
    try:
        lines += _first_login_lines(await access.first_login())
    except DecidableError as error:
        _complain(error)
    _print("\n".join([*lines, ""]))


def _first_login_lines(first: FirstLogin | ToldLogin | None) -> list[str]:
    match first:
        case FirstLogin():
            return [
                "",
                f"  first login:         {first.login}",
                f"  one-time password:   {first.password}",
                f"  (works once, until {first.until:%Y-%m-%d %H:%M} UTC; you choose your own then)",
            ]
        case ToldLogin():
            return [
                "",
                f"  first login:         {first.login}; its one-time password was printed before,",
                f"                       and works once, until {first.until:%Y-%m-%d %H:%M} UTC",
                f"  to print a new one:  decidable user reset {first.login}",
            ]
    return []


def _migrate(_: argparse.Namespace, settings: Settings) -> int:
    async def migrating() -> int:
        store = await Store.open(settings.database_url, migrate=True)
        await store.close()
        return _OK

    _say("migrating…")
    result = asyncio.run(migrating())
    _say("the database is up to date")
    return result


def _load_pack(given: argparse.Namespace, settings: Settings) -> int:
    async def loading() -> int:
        _say(f"checking {pack_folder(given.pack)} and running its cases…")
        async with desk_opened(settings) as desk:
            release, is_new = await desk.publishing.load_pack(given.pack, _ACTOR, given.note)
        done = "is active now" if is_new else "is active already, and says the same"
        _print(f"{release.rulebook} release {release.number} {done} ({release.hash})")
        return _OK

    return asyncio.run(loading())


def _import(given: argparse.Namespace, settings: Settings) -> int:
    files = {path.name: path.read_bytes() for path in map(Path, given.files)}
    if len(files) < len(given.files):
        _say("decidable: two of the files have the same name")
        return _MISUSE

    async def importing() -> int:
        async with desk_opened(settings) as desk:
            preview = await desk.importing.preview(files, given.rulebook)
            _print(_told(preview))
            if given.dry_run:
                return _NO if preview.errors else _OK
            draft = await desk.importing.bring_in(preview, _ACTOR, given.title)
            if not given.publish:
                _print(f"kept as draft {draft.id} of {draft.rulebook}; nothing is published")
                return _OK
            release = await desk.publishing.publish(draft.id, draft.revision, _ACTOR, given.note)
        _print(f"{release.rulebook} release {release.number} is active now ({release.hash})")
        return _OK

    return asyncio.run(importing())


def _told(preview: Preview) -> str:
    """What files would change, for people."""
    key = preview.rulebook.key
    lines = [found.drawn() for found in preview.notes]
    lines += [found.drawn(preview.address_of(found)) for found in preview.diagnostics]
    lines += [change.told() for change in preview.changes]
    if preview.base is None:
        against = "a new rulebook" if preview.is_new else "no release is active yet"
    else:
        against = f"{len(preview.changes)} changes against release {preview.base}"
    warnings = len(preview.diagnostics) - preview.errors
    counted = f"{preview.errors} error(s), {warnings} warning(s), {len(preview.notes)} note(s) on the file"
    return "\n".join([*lines, f"{key}: {against}; {counted}"])


def _export(given: argparse.Namespace, settings: Settings) -> int:
    async def taken_out() -> TakenOut:
        async with desk_opened(settings) as desk:
            return await desk.importing.take_out(
                given.rulebook, given.format, release=given.release, draft=given.draft, table=given.table
            )

    taken = asyncio.run(taken_out())
    for found in taken.written.notes:
        _say(found.drawn())
    if given.output == "-":
        sys.stdout.buffer.write(taken.written.data)
        return _OK
    path = Path(given.output or taken.name)
    path.write_bytes(taken.written.data)
    _say(f"{path}: {len(taken.written.data):,} bytes")
    return _OK


def _decide(given: argparse.Namespace, settings: Settings) -> int:
    raw = sys.stdin.buffer.read() if given.file == "-" else Path(given.file).read_bytes()
    request = read_decide(raw, depth=settings.depth_limit)

    async def deciding() -> bytes:
        async with desk_opened(settings) as desk:
            _, answer = await desk.deciding.decide(request, decision_bytes, _ACTOR)
            return answer

    if given.pack is None:
        answer = asyncio.run(deciding())
    else:
        program = _compiled(_read(given.pack))
        now = datetime.now(UTC)
        decision = decided_by(Engine(), program, request, instant=now, steps=settings.budget_steps)
        answer = decision_bytes(decision)
    _print(msgspec.json.format(answer, indent=2).decode())
    return _OK


def _check(given: argparse.Namespace, _: Settings) -> int:
    reading = _reading(*given.files)
    rulebook = reading.rulebook
    program, diagnostics = check(rulebook)
    judgement = None
    if program is not None and not given.quick:
        judgement = judged(analyse(program), rulebook)
    match given.format:
        case "json":
            report = report_of(rulebook, diagnostics, judgement, given.language, addresses=reading.addresses)
            _print(msgspec.json.format(bytes_of(report), indent=2).decode())
        case "sarif":
            log = sarif_of(
                rulebook,
                diagnostics,
                judgement,
                file=given.files[0],
                version=program_version(),
                language=given.language,
            )
            _print(log.decode().rstrip())
        case _:
            _print_check(reading, diagnostics, judgement, given.language)
    if program is None or (judgement is not None and judgement.errors):
        return _NO
    is_open = judgement is not None and judgement.warnings
    return _NO if given.strict and (diagnostics or is_open) else _OK


def _print_check(
    reading: Reading, diagnostics: Sequence[Diagnostic], judgement: Judged | None, language: str
) -> None:
    rulebook = reading.rulebook
    for found in diagnostics:
        _print(found.drawn(address_of(found.where, reading.addresses)))
    for finding in () if judgement is None else judgement.open:
        _print(f"{finding.severity} {finding.code} at {str(finding.where) or 'the rulebook'}:")
        _print(f"    {told(finding, rulebook, language)}")
    for said in () if judgement is None else judgement.stale:
        _print(f"warning analysis/stale: said of a finding that is no more ({said.verdict}: {said.reason})")
        _print(f"    {said.about}")
    errors = sum(found.is_error for found in diagnostics)
    counted = f"{errors} error(s), {len(diagnostics) - errors} warning(s)"
    if judgement is not None:
        counted += f", {len(judgement.open)} finding(s), {len(judgement.acknowledged)} acknowledged"
    _print(
        f"{rulebook.key}: {counted}; {len(rulebook.tables)} tables, {len(rulebook.formulas)} formulas,"
        f" {sum(len(table.rules) for table in rulebook.tables)} rules, {len(rulebook.cases)} cases"
    )


def _cases(given: argparse.Namespace, settings: Settings) -> int:
    async def active() -> Program:
        async with desk_opened(settings) as desk:
            return (await desk.library.active(given.rulebook)).program

    program = asyncio.run(active()) if given.pack is None else _compiled(_read(given.pack))
    failed = 0
    for result in run_cases(program):
        _print(f"{'ok  ' if result.passed else 'FAIL'} {result.case.id}  {result.case.name}")
        for difference in result.differences:
            _print(f"       {difference}")
        failed += not result.passed
    _print(f"{len(program.rulebook.cases)} cases, {failed} failed")
    return _NO if failed else _OK


def _adequacy(given: argparse.Namespace, _: Settings) -> int:
    program = _compiled(_read(*given.files))
    keys = [table.key for table in program.rulebook.tables]
    unknown = [key for key in given.table or () if key not in keys]
    if unknown:
        near = near_miss(unknown[0], keys)
        _say(f"decidable: there is no table {unknown[0]}.{f' Did you mean {near}?' if near else ''}")
        return _MISUSE
    keys = [key for key in keys if key in (given.table or keys)]
    say = (lambda _: None) if given.json else _print
    if given.pairs:
        report = pairs_told(program, keys, say)
    elif given.mutants:
        report = mutants_told(program, keys, say, with_cases=given.cases)
    else:
        report = coverage_told(program, keys, say)
    if given.json:
        _print(msgspec.json.format(bytes_of(report.body), indent=2).decode())
    _say(f"{report.done} of {report.all} {report.what} ({report.percent} %)")
    return _NO if report.percent < given.at_least else _OK


def _key_create(given: argparse.Namespace, settings: Settings) -> int:
    async def creating() -> int:
        async with desk_opened(settings) as desk:
            _, text = await desk.access.create_key(given.name, tuple(given.scope or Scope), _ACTOR)
        _say("The key, told this once; send it as `Authorization: Bearer …`:")
        _print(text)
        return _OK

    return asyncio.run(creating())


def _key_list(_: argparse.Namespace, settings: Settings) -> int:
    async def listing() -> int:
        async with desk_opened(settings) as desk:
            keys = await desk.access.keys()
        for key in keys:
            state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "valid"
            used = f"last used {key.last_used_at:%Y-%m-%d}" if key.last_used_at else "never used"
            _print(f"dk_{key.prefix}_…  {state}  {used}  {','.join(key.scopes)}  {key.name}")
        return _OK

    return asyncio.run(listing())


def _key_revoke(given: argparse.Namespace, settings: Settings) -> int:
    async def revoking() -> int:
        async with desk_opened(settings) as desk:
            prefix = given.prefix.removeprefix("dk_").partition("_")[0]
            found = next((key for key in await desk.access.keys() if key.prefix == prefix), None)
            if found is None:
                raise NotFound(f"There is no key {given.prefix}; `decidable key list` lists them.")
            await desk.access.revoke_key(found.id, _ACTOR)
        _print(f"the key {found.name} is revoked")
        return _OK

    return asyncio.run(revoking())


def _user_create(given: argparse.Namespace, settings: Settings) -> int:
    async def creating() -> int:
        async with desk_opened(settings) as desk:
            account, password = await desk.access.create_account(given.login, given.name, given.role, _ACTOR)
        _say(f"One-time password of {account.login}, valid once and for a day:")
        _print(password)
        return _OK

    return asyncio.run(creating())


def _user_list(_: argparse.Namespace, settings: Settings) -> int:
    async def listing() -> int:
        async with desk_opened(settings) as desk:
            accounts = await desk.access.accounts()
        for account in accounts:
            state = "active" if account.active else "inactive"
            _print(f"{account.login}  {account.role}  {state}  {account.name}")
        return _OK

    return asyncio.run(listing())


def _user_reset(given: argparse.Namespace, settings: Settings) -> int:
    async def resetting() -> int:
        async with desk_opened(settings) as desk:
            login = await desk.access.reset_password(given.login, _ACTOR)
        _say(f"One-time password of {login.login}, valid once and for a day:")
        _print(login.password)
        return _OK

    return asyncio.run(resetting())


def _user_deactivate(given: argparse.Namespace, settings: Settings) -> int:
    async def deactivating() -> int:
        async with desk_opened(settings) as desk:
            login = given.login.strip().casefold()
            found = next((known for known in await desk.access.accounts() if known.login == login), None)
            if found is None:
                raise NotFound(f"Nobody has the login {given.login}.", code="account/not-found")
            await desk.access.change_account(found.id, _ACTOR, active=False)
        _print(f"{found.login} is inactive, and logged out")
        return _OK

    return asyncio.run(deactivating())


# What the commands share


def _read(*names: str) -> Rulebook:
    """A rulebook from files, or of a pack by its key or folder; what is to be said of the files is said."""
    return _reading(*names).rulebook


def _reading(*names: str) -> Reading:
    """The same, with where each piece of it stands in the files."""
    paths = [Path(name) for name in names]
    if not all(path.is_file() for path in paths):
        return Reading(read_pack(pack_folder(names[0])))
    reading = read({path.name: path.read_bytes() for path in paths})
    for found in reading.notes:
        _say(found.drawn())
    return reading


def _compiled(rulebook: Rulebook) -> Program:
    program, diagnostics = check(rulebook)
    if program is None:
        raise InvalidRulebook([found for found in diagnostics if found.is_error])
    return program


def _complain(error: DecidableError) -> None:
    _say(f"decidable: {error} ({error.code})")
    match error:
        case InvalidRulebook(diagnostics=diagnostics):
            for found in diagnostics:
                _say(found.drawn())
        case Refused(reasons=reasons):
            for reason in reasons:
                _say(f"  {reason}")
        case EditConflict(seen=seen, current=current):
            _say(f"  seen: {seen}, current: {current}")


def _print(text: str) -> None:
    """What was asked for, on standard output."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _say(text: str) -> None:
    """What is said besides, on standard error."""
    sys.stderr.write(text + "\n")


def _configure_logging() -> None:
    """One line per event on standard error: for people on a terminal, JSON elsewhere."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    is_terminal = sys.stderr.isatty()
    last: list[Any] = (
        # A traceback that shows local variables would show session tokens and facts.
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if is_terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn.error", "alembic", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


# The words of the command line


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="decidable",
        description="Applies law that is written as decision tables to the facts of a case, and says why.",
        epilog="Settings come from the environment (DECIDABLE_DATABASE_URL, …; docs/operations.md);"
        " options on the command line win.",
    )
    parser.add_argument("--version", action="version", version=f"decidable {program_version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Any, teaches: str, example: str, into: Any = commands, *, stored: bool = True
    ) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = into.add_parser(
            name,
            help=teaches.partition(".")[0],
            description=teaches,
            epilog=f"example:  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.set_defaults(run=run)
        if stored:
            made.add_argument(
                "--database-url",
                metavar="URL",
                help="sqlite:///file.db or postgresql://user:password@host/name (default: ./var/decidable.db)",
            )
        return made

    serve = command(
        "serve",
        _serve,
        "Serve the HTTP API and the admin pages.\n"
        "A SQLite database is made, migrated and given the telecom rulebook if it is empty; a PostgreSQL database\n"
        "wants `decidable migrate` and `decidable load-pack` first. An address that other machines can reach wants\n"
        "an API key to exist.",
        "decidable serve --port 8080",
    )
    serve.add_argument("--host", help="the address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=int, help="the port to listen on; 0 takes a free one (default: 8000)")

    command(
        "migrate",
        _migrate,
        "Bring the database's schema up to this version. Safe to run again, and in several places at once.",
        "decidable migrate --database-url postgresql://decidable@db/decidable",
    )

    load = command(
        "load-pack",
        _load_pack,
        "Release a rulebook pack and make it active. It has to compile and pass its own cases.",
        "decidable load-pack telecom --note 'first release'",
    )
    load.add_argument(
        "pack", help="the key of a pack that decidable comes with, or a folder with a pack.toml"
    )
    load.add_argument("--note", default="", help="why, for people; kept with the release")

    bring = command(
        "import",
        _import,
        "Bring in a rulebook from files: a DMN model with those that it imports, a workbook of Excel, tables as CSV,\n"
        "a zip of models or of tables, a JSON document.\n"
        "What it changes is told, rule by rule; then it is kept as a draft, or released with --publish.",
        "decidable import fees.dmn --dry-run",
    )
    bring.add_argument("files", nargs="+", metavar="FILE")
    bring.add_argument(
        "--rulebook", default="", help="the key to bring it in under (default: what the file says)"
    )
    bring.add_argument("--title", default="", help="of the draft")
    bring.add_argument("--dry-run", action="store_true", help="only tell; exit code 1 if there are errors")
    bring.add_argument(
        "--publish", action="store_true", help="release it; it has to compile and pass its cases"
    )
    bring.add_argument("--note", default="", help="why it is published, for people; kept with the release")

    take = command(
        "export",
        _export,
        "Write a rulebook to a file. What the format cannot say is told on standard error.",
        "decidable export telecom --format dmn -o telecom.dmn",
    )
    take.add_argument("rulebook", help="its key")
    take.add_argument(
        "--format",
        type=Format,
        choices=list(Format),
        default=Format.DMN,
        metavar="FORMAT",
        help=f"{', '.join(Format)} (default: dmn)",
    )
    take.add_argument("--release", type=int, help="its number (default: the active one)")
    take.add_argument("--draft", default="", help="the id of a draft in its place")
    take.add_argument("--table", default="", help="the key of one table alone; with --format csv")
    take.add_argument("-o", "--output", default="", metavar="FILE", help="- for standard output")

    decide = command(
        "decide",
        _decide,
        "Decide a case from a file that holds what POST /decide takes, and print the answer.\n"
        "From the database the decision is logged, unless the file says dry_run; from a pack it never is.",
        """echo '{"rulebook": "telecom", "facts": {"jurisdiction": "BE"}}' | decidable decide - --pack telecom""",
    )
    decide.add_argument("file", metavar="FILE", help="a JSON file, or - for standard input")
    decide.add_argument(
        "--pack",
        help="decide by a pack (key or folder) or a file (DMN, workbook, CSV, document) in place of the database",
    )

    checked = command(
        "check",
        _check,
        "Say everything that is wrong with a rulebook, with the place and a caret, and what its analysis finds: gaps,"
        " overlaps, rules that never fire. Exit code 1 if there are errors.",
        "decidable check decision_tables/packs/telecom",
        stored=False,
    )
    checked.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a pack (key or folder), a DMN model with those that it imports, a workbook, CSV, or a rulebook document",
    )
    checked.add_argument(
        "--format",
        choices=["text", "json", "sarif"],
        default="text",
        help="as what it is printed (default: text)",
    )
    checked.add_argument(
        "--language", choices=LANGUAGES, default="en", help="in which findings are told (default: en)"
    )
    checked.add_argument(
        "--quick", action="store_true", help="only what is written wrongly, without the analysis"
    )
    checked.add_argument("--strict", action="store_true", help="exit code 1 for warnings, too")

    cases = command(
        "cases",
        _cases,
        "Run the test cases of a rulebook, a line each. Exit code 1 if one fails.",
        "decidable cases --pack telecom",
    )
    which = cases.add_mutually_exclusive_group(required=True)
    which.add_argument("rulebook", nargs="?", help="key of a rulebook in the database: its active release")
    which.add_argument("--pack", help="a pack (key or folder) or a file in place of the database")

    adequacy = command(
        "adequacy",
        _adequacy,
        "Say how well the cases of a rulebook test its tables: which rules fire, and which sides of their tests are\n"
        "shown; with --mutants, which small faults in a table no case would notice; with --pairs, for each test two\n"
        "cases that differ in its column alone. Exit code 1 if the share is below --at-least.",
        "decidable adequacy telecom --table service_class --mutants --cases",
        stored=False,
    )
    adequacy.add_argument("files", nargs="+", metavar="FILE", help="as `decidable check` takes them")
    adequacy.add_argument(
        "--table", action="append", metavar="KEY", help="only that table; may be given several times"
    )
    which = adequacy.add_mutually_exclusive_group()
    which.add_argument("--coverage", action="store_true", help="rules and sides of tests (the default)")
    which.add_argument("--mutants", action="store_true", help="faults that no case notices")
    which.add_argument(
        "--pairs", action="store_true", help="two cases for each test, to be confirmed by an author"
    )
    adequacy.add_argument(
        "--cases", action="store_true", help="with --mutants, the case that would notice each"
    )
    adequacy.add_argument("--json", action="store_true", help="as JSON")
    adequacy.add_argument(
        "--at-least", type=int, default=0, metavar="PERCENT", help="exit code 1 below that share"
    )

    keys = commands.add_parser("key", help="API keys: create, list, revoke").add_subparsers(
        required=True, metavar="COMMAND"
    )
    create = command(
        "create",
        _key_create,
        "Make an API key for a program and print it, once. From then on callers need one.",
        "decidable key create --name intake-portal --scope decide",
        keys,
    )
    create.add_argument("--name", required=True, help="which program will use it")
    create.add_argument(
        "--scope",
        action="append",
        choices=[scope.value for scope in Scope],
        metavar="SCOPE",
        help=f"what it may be used for: {', '.join(Scope)}; may be given several times (default: all)",
    )
    command("list", _key_list, "List the API keys, revoked ones too.", "decidable key list", keys)
    revoke = command(
        "revoke", _key_revoke, "Make an API key worthless for ever.", "decidable key revoke dk_1a2b3c4d", keys
    )
    revoke.add_argument("prefix", metavar="KEY", help="the key, or its beginning as `key list` shows it")

    users = commands.add_parser(
        "user", help="accounts of staff: create, list, reset, deactivate"
    ).add_subparsers(required=True, metavar="COMMAND")
    create = command(
        "create",
        _user_create,
        "Make an account and print its one-time password.",
        "decidable user create an.peeters --name 'An Peeters' --role editor",
        users,
    )
    create.add_argument("login")
    create.add_argument("--name", default="", help="what people call them")
    create.add_argument(
        "--role",
        default=Role.READER.value,
        choices=[role.value for role in Role],
        metavar="ROLE",
        help=", ".join(Role),
    )
    command("list", _user_list, "List the accounts.", "decidable user list", users)
    reset = command(
        "reset",
        _user_reset,
        "Print a one-time password for an account whose password is lost.",
        "decidable user reset admin",
        users,
    )
    reset.add_argument("login")
    deactivate = command(
        "deactivate",
        _user_deactivate,
        "Log somebody out for good.",
        "decidable user deactivate an.peeters",
        users,
    )
    deactivate.add_argument("login")
    return parser


if __name__ == "__main__":
    sys.exit(main())
