"""The documents tell the truth about the tree, and the tree keeps the rules of the house."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
FLOORS = ("decision_tables", "service", "admin")
MODULES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
RECORDS = sorted((ROOT / "docs/decisions").glob("*.md"))
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "decision_tables").rglob("*.md")]
)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def fenced(text, language):
    """The contents of the fenced blocks of that language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def drawn_tree():
    """Path → description of each line of ARCHITECTURE.md's tree; folders end in a slash."""
    lines = fenced(text_of("ARCHITECTURE.md"), "tree")[0].splitlines()
    drawn, folders = {}, []
    for line in filter(str.strip, lines):
        name, _, description = line.strip().partition("  ")
        depth = (len(line) - len(line.lstrip())) // 2
        del folders[depth:]
        drawn["".join(folders) + name] = description.strip()
        if name.endswith("/"):
            folders.append(name)
    return drawn


TREE = drawn_tree()


@pytest.mark.parametrize("module", [m for m in MODULES if m.name != "__init__.py"], ids=name_of)
def test_every_module_is_in_the_tree_of_the_architecture(module):
    # A folder that is drawn without its contents stands for them.
    leaves = [f for f in TREE if f.endswith("/") and not any(o != f and o.startswith(f) for o in TREE)]
    path = name_of(module)
    assert path in TREE or any(path.startswith(folder) for folder in leaves)


@pytest.mark.parametrize("path", TREE)
def test_everything_in_the_tree_of_the_architecture_exists_and_is_described(path):
    assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file()
    assert TREE[path]


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_no_module_is_longer_than_nine_hundred_lines(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 900


@pytest.mark.parametrize("script", sorted((ROOT / "admin/static").glob("*.js")), ids=lambda file: file.name)
def test_no_script_is_longer_than_six_hundred_lines(script):
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 600


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_no_module_or_folder_is_named_after_nothing(module):
    nothing = re.compile(r"_*(utils?|helpers?|common|core|base|managers?|misc|models|deps)")
    assert not any(map(nothing.fullmatch, module.relative_to(ROOT).with_suffix("").parts))


def names_of_events(tree):
    """The strings in a syntax tree that name lines of the log or of the audit trail: no codes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            called = ast.unparse(node.func)
            if called.startswith("_log.") or called.endswith(("add_audit_line", ".note", ".save")):
                yield from node.args
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "action")
        if isinstance(node, ast.arguments):
            named = zip(node.kwonlyargs, node.kw_defaults, strict=True)
            yield from (default for argument, default in named if argument.arg == "action")


def codes_in(module):
    """The codes of diagnostics, problems, warnings and errors that a module gives."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    events = set(names_of_events(tree))  # the very nodes
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in events:
            media = re.match(r"(application|text|image|multipart|font)/", node.value)
            if re.fullmatch(r"[a-z]+(-[a-z]+)*/[a-z]+(-[a-z]+)*", node.value) and not media:
                yield node.value
        if isinstance(node, ast.keyword) and node.arg == "code":
            # Of a code that is put together, `column/not-found` by its noun, what stands there is a pattern.
            parts = node.value.values if isinstance(node.value, ast.JoinedStr) else [node.value]
            fixed = [getattr(part, "value", None) for part in parts]
            if any(isinstance(part, str) for part in fixed):
                yield "".join(part if isinstance(part, str) else "[a-z]+" for part in fixed)
        if isinstance(node, ast.ClassDef):
            given = [line for line in node.body if isinstance(line, ast.Assign)]
            yield from (
                ast.literal_eval(line.value) for line in given if ast.unparse(line.targets[0]) == "code"
            )


CODES = sorted({code for module in MODULES for code in codes_in(module)})


def headings_of_errors():
    return re.findall(r"^#+ `([a-z/-]+)`", text_of("docs/errors.md"), re.MULTILINE)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_heading_in_the_errors_page(code):
    assert any(re.fullmatch(code, heading) for heading in headings_of_errors())


def test_the_errors_page_explains_each_code_once_and_none_that_nobody_gives():
    headings = headings_of_errors()
    assert len(headings) == len(set(headings))
    assert [heading for heading in headings if not any(re.fullmatch(code, heading) for code in CODES)] == []


def test_the_operations_page_names_every_setting_and_no_other():
    from service.settings import Settings

    prefix = Settings.model_config["env_prefix"]
    settings = {f"{prefix}{name}".upper() for name in Settings.model_fields}
    assert set(re.findall(rf"`({prefix}[A-Z_]+)`", text_of("docs/operations.md"))) == settings


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_link_in_a_page_is_dead(page):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    files = [link.partition("#")[0] for link in links if "://" not in link]
    assert [file for file in files if not (page.parent / file).exists()] == []


def test_decision_records_are_numbered_without_gaps():
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=name_of)
def test_a_decision_record_is_one_page_with_a_question_a_decision_and_what_follows(record):
    lines = record.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {record.name[:4]} — ")
    assert [line for line in lines if line.startswith("## ")] == [
        "## The question",
        "## What was decided",
        "## What follows",
    ]
    assert len(lines) <= 60
    assert f"({name_of(record)})" in text_of("ARCHITECTURE.md")


def test_what_is_imported_is_declared_and_not_left_to_others_to_bring_along():
    declared = {canonicalize_name(Requirement(text).name) for text in PYPROJECT["project"]["dependencies"]}
    distributions = packages_distributions()
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            for root in {name.partition(".")[0] for name in names} - set(FLOORS) - sys.stdlib_module_names:
                assert {canonicalize_name(name) for name in distributions[root]} <= declared, name_of(module)


def locked(name):
    """Package → version in a lock file."""
    lines = re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[.*\])?==([^\s;]+)", text_of(f"requirements/{name}.txt"), re.MULTILINE
    )
    return {canonicalize_name(package): version for package, version in lines}


def group(name):
    """The requirements of a dependency group, its included groups' too."""
    for entry in PYPROJECT["dependency-groups"][name]:
        if isinstance(entry, str):
            yield Requirement(entry)
        else:
            yield from group(entry["include-group"])


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("run", [Requirement(text) for text in PYPROJECT["project"]["dependencies"]]),
        ("dev", list(group("dev"))),
        ("build", list(group("build"))),
    ],
)
def test_a_lock_file_holds_what_pyproject_asks_for(lock, requirements):
    pins = locked(lock)
    assert requirements
    for requirement in requirements:
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)], prereleases=True)


def test_tools_are_locked_beside_the_very_versions_that_ship():
    assert locked("run").items() <= locked("dev").items()


@pytest.mark.parametrize("lock", ["run", "dev", "build"])
def test_a_lock_file_names_no_host_and_no_package_without_a_hash(lock):
    text = text_of(f"requirements/{lock}.txt")
    assert "://" not in text
    for pin in re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in pin


def test_the_wheel_holds_every_file_of_the_three_floors(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if PurePosixPath(name).parts[0] in FLOORS}
    files = {name_of(path) for floor in FLOORS for path in (ROOT / floor).rglob("*") if path.is_file()}
    assert packed == {name for name in files if not name.endswith(".pyc")}
