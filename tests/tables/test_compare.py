"""What is different between two versions of a rulebook."""

import random
from dataclasses import replace

from authored import rulebooks
from builders import book, row, table
from hypothesis import HealthCheck, given, settings

from decision_tables.compare import Change, ChangeKind, changes_between
from decision_tables.diagnostics import Where
from decision_tables.rulebook import document_of
from decision_tables.table import Note
from decision_tables.vocabulary import Fact

THREE = table(
    "t",
    "F",
    "x y -> c",
    row('"a"', "1", '"p"'),
    row('"b"', "2", '"q"'),
    row("-", "3", '"r"'),
)


def between(*rules, before=THREE):
    return changes_between(book(before), book(replace(before, rules=rules)))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(rulebooks, rulebooks)
def test_there_is_no_change_just_if_the_documents_are_the_same(one, other):
    assert changes_between(one, one) == ()
    other = replace(other, origin="")
    assert changes_between(other, replace(other, origin="<definitions/>")) == ()
    assert bool(changes_between(replace(one, origin=""), other)) is (
        document_of(replace(one, origin="")) != document_of(other)
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rulebooks, rulebooks)
def test_what_is_added_one_way_is_removed_the_other(one, other):
    def counted(changes, kind):
        return sorted((change.what, change.where) for change in changes if change.kind is kind)

    there, back = changes_between(one, other), changes_between(other, one)
    assert counted(there, ChangeKind.ADDED) == counted(back, ChangeKind.REMOVED)
    assert counted(there, ChangeKind.REMOVED) == counted(back, ChangeKind.ADDED)
    assert all(change.told() for change in there)


def test_a_changed_cell_is_told_by_rule_and_column():
    first = replace(THREE.rules[0], tests=('"a","b"', "1"))
    (change,) = between(first, *THREE.rules[1:])
    assert change == Change(ChangeKind.CHANGED, "cell", Where("t", "r1", "x"), '"a"', '"a","b"')
    assert change.told() == 't / r1 / x: "a" → "a","b"'


def test_a_note_is_told_under_its_column_and_a_column_of_notes_without_a_word_of_the_rows_that_say_nothing():
    first, second, third = THREE.rules
    noted = replace(
        THREE,
        notes=(Note("why"), Note("source")),
        rules=(first, replace(second, notes=("", "Bulletin")), third),
    )
    columns = changes_between(book(THREE), book(noted))
    assert [(change.kind, change.what, str(change.where)) for change in columns] == [
        (ChangeKind.ADDED, "column", "t / why"),
        (ChangeKind.ADDED, "column", "t / source"),
        (ChangeKind.CHANGED, "cell", "t / r2 / source"),
    ]
    more = replace(noted, rules=(first, replace(second, notes=("said so", "Bulletin")), third))
    (change,) = changes_between(book(noted), book(more))
    assert change == Change(ChangeKind.CHANGED, "cell", Where("t", "r2", "why"), "", "said so")
    swapped = replace(
        more, notes=more.notes[::-1], rules=(first, replace(second, notes=("Bulletin", "said so")), third)
    )
    (change,) = changes_between(book(more), book(swapped))
    assert (change.kind, change.what) == (ChangeKind.MOVED, "column")


def test_a_row_that_moved_is_the_one_that_is_told():
    first, second, third = THREE.rules
    (change,) = between(third, first, second)
    assert (change.kind, change.where) == (ChangeKind.MOVED, Where("t", "r3"))


def test_rows_come_and_go():
    new = replace(THREE.rules[0], id="r4", tests=('"d"', "4"))
    added, removed = between(THREE.rules[0], new, THREE.rules[2])
    assert {added.kind, removed.kind} == {ChangeKind.ADDED, ChangeKind.REMOVED}
    assert {added.where.rule, removed.where.rule} == {"r2", "r4"}


def test_a_rule_that_says_the_same_under_another_id_is_renamed():
    (change,) = between(replace(THREE.rules[0], id="first"), *THREE.rules[1:])
    assert (change.kind, change.before, change.after) == (ChangeKind.RENAMED, "r1", "first")


def test_a_table_under_another_key_is_renamed_and_what_else_changed_is_told_row_by_row():
    other = table("u", "U", "x -> d", row("-", "1"))
    named = replace(THREE, key="named")
    (change,) = changes_between(book(other, THREE), book(other, named))
    assert (change.kind, change.what, change.where) == (ChangeKind.RENAMED, "table", Where("named"))
    assert (change.before, change.after) == ("t", "named")
    edited = replace(named, rules=(replace(named.rules[0], outputs=('"z"',)), *named.rules[1:]))
    renamed, cell = changes_between(book(THREE), book(edited))
    assert renamed.kind is ChangeKind.RENAMED
    assert (cell.where, cell.before, cell.after) == (Where("named", "r1", "c"), '"p"', '"z"')


def test_lists_of_texts_are_told_as_people_list_them():
    one, other = book(THREE), replace(book(THREE), languages=("nl", "fr"))
    (change,) = changes_between(one, other)
    assert (change.where.column, change.before, change.after) == ("languages", "", "nl, fr")


def test_a_table_that_says_little_of_what_another_said_is_a_new_one():
    new = replace(
        THREE, key="new", rules=(THREE.rules[0], *[replace(rule, note="n") for rule in THREE.rules[1:]])
    )
    assert {(change.kind, change.where.table) for change in changes_between(book(THREE), book(new))} == {
        (ChangeKind.REMOVED, "t"),
        (ChangeKind.ADDED, "new"),
    }
    copied = changes_between(book(THREE), book(THREE, replace(THREE, key="copy")))
    assert {change.kind for change in copied} == {ChangeKind.ADDED}
    assert [str(change.where) for change in copied] == ["copy", "copy / r1", "copy / r2", "copy / r3"]
    assert copied[1].after == '"a" | 1 | "p"'


def test_a_column_that_moved_changes_no_cell():
    turned = replace(
        THREE,
        inputs=THREE.inputs[::-1],
        rules=tuple(replace(rule, tests=rule.tests[::-1]) for rule in THREE.rules),
    )
    (change,) = (one for one in changes_between(book(THREE), book(turned)) if one.what != "fact")
    assert (change.kind, change.what) == (ChangeKind.MOVED, "column")


def test_facts_and_tables_come_and_go():
    before = book(THREE, facts=(Fact("x", "string"),))
    after = book(table("u", "U", "x -> c"), facts=(Fact("x", "number"), Fact("z", "string")))
    told = {
        (change.kind, change.what, change.where.table, change.where.rule)
        for change in changes_between(before, after)
    }
    assert told >= {
        (ChangeKind.REMOVED, "table", "t", ""),
        (ChangeKind.ADDED, "table", "u", ""),
        (ChangeKind.ADDED, "fact", "vocabulary", "z"),
        (ChangeKind.CHANGED, "property", "vocabulary", "x"),
    }


def test_two_thousand_shuffled_rows_are_compared_at_once():
    rules = [replace(THREE.rules[0], id=f"R{n}", tests=(f'"{n}"', str(n))) for n in range(2_000)]
    mixed = rules[:]
    random.Random(5).shuffle(mixed)
    changes = changes_between(
        book(replace(THREE, rules=tuple(rules))), book(replace(THREE, rules=tuple(mixed)))
    )
    assert {change.kind for change in changes} == {ChangeKind.MOVED}
    assert len(changes) < 2_000
