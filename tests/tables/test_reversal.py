"""A change taken back, whatever was changed and whatever has changed since."""

from dataclasses import replace
from decimal import Decimal

import msgspec
from authored import rulebooks
from builders import book, row, table
from hypothesis import HealthCheck, Phase, given, settings

from decision_tables.compare import Change, ChangeKind, changes_between
from decision_tables.diagnostics import Where
from decision_tables.reversal import Patch, patch_between, taken_back
from decision_tables.rulebook import canonical_json, document_of, rulebook_of
from decision_tables.table import Input, Rule

QUICK = settings(
    max_examples=100, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
THREE = table(
    "t",
    "F",
    "x y -> c",
    row('"a"', "1", '"p"'),
    row('"b"', "2", '"q"'),
    row("-", "3", '"r"'),
)


def filled(rulebook):
    """With short rows of a broken draft made whole: a column that comes back fills them."""

    def whole(cells, count, blank):
        return (*cells, *[blank] * (count - len(cells)))

    return replace(
        rulebook,
        tables=tuple(
            replace(
                one,
                rules=tuple(
                    replace(
                        rule,
                        tests=whole(rule.tests, len(one.inputs), "-"),
                        outputs=whole(rule.outputs, len(one.outputs), ""),
                    )
                    for rule in one.rules
                ),
            )
            for one in rulebook.tables
        ),
    )


as_read = msgspec.json.Decoder(float_hook=Decimal).decode


def stored(rulebook):
    """Its document as a database gives it back: in Unicode's normal form."""
    return as_read(canonical_json(document_of(rulebook)))


def kept(patch):
    """As it comes out of a database."""
    return Patch.of(as_read(canonical_json(patch.document)))


def back(now, before, after, **how):
    """What `now` becomes when the change from `before` to `after` is taken back."""
    patch = kept(patch_between(stored(before), stored(after)))
    given = stored(now)
    document, overtaken = taken_back(given, patch, **how)
    assert given == stored(now), "what is given stays as it is"
    return rulebook_of(document), overtaken


@QUICK
@given(rulebooks, rulebooks)
def test_a_change_taken_back_at_once_leaves_what_was(one, other):
    one, other = filled(one), filled(other)
    found, overtaken = back(other, one, other)
    assert overtaken == ()
    assert stored(found) == stored(one)


@QUICK
@given(rulebooks, rulebooks)
def test_what_is_as_it_was_already_stays(one, other):
    one, other = filled(one), filled(other)
    found, overtaken = back(one, one, other)
    assert overtaken == ()
    assert stored(found) == stored(one)
    assert patch_between(stored(one), stored(one)) == Patch()


@QUICK
@given(rulebooks, rulebooks, rulebooks)
def test_of_another_version_only_what_the_change_touched_is_touched(one, other, third):
    documents = [stored(one) for one in map(filled, (one, other, third))]
    patch = kept(patch_between(*documents[:2]))
    untouched, overtaken = taken_back(documents[2], patch)
    if overtaken:
        assert untouched == documents[2]
    rest, again = taken_back(documents[2], patch, rest=True)
    assert again == overtaken
    touched = {edit.at[:2] for edit in patch.edits} | {one.at[:2] for one in patch.stood}
    for change in changes_between(rulebook_of(documents[2]), rulebook_of(rest)):
        names = {change.where.table, change.where.rule, change.where.column.split(".")[0]}
        assert any(names & {at[-1].split("\0")[0], at[0]} for at in touched)


def stands(where, now, back):
    return Change(ChangeKind.CHANGED, "cell", where, now, back)


def edited(**changes):
    return book(replace(THREE, **changes))


def test_a_deleted_column_comes_back_with_its_texts_and_new_rows_accept_everything_there():
    before = book(THREE)
    without = edited(
        inputs=THREE.inputs[:1],
        rules=tuple(replace(rule, tests=rule.tests[:1]) for rule in THREE.rules),
    )
    new = Rule("r9", ('"z"',), ('"p"',))
    later = replace(without, tables=(replace(without.tables[0], rules=(*without.tables[0].rules, new)),))
    found, overtaken = back(later, before, without)
    assert overtaken == ()
    assert found.tables[0].inputs == THREE.inputs
    assert [rule.tests for rule in found.tables[0].rules] == [
        *(rule.tests for rule in THREE.rules),
        ('"z"', "-"),
    ]


def test_a_column_that_somebody_filled_since_does_not_go_with_their_texts():
    wide = edited(
        inputs=(*THREE.inputs, Input("z", "z")),
        rules=tuple(replace(rule, tests=(*rule.tests, "-")) for rule in THREE.rules),
    )
    first, *others = wide.tables[0].rules
    filled_since = replace(first, tests=(*first.tests[:2], "7"))
    new = replace(first, id="r9", tests=("-", "-", "8"))
    later = replace(wide, tables=(replace(wide.tables[0], rules=(filled_since, *others, new)),))
    found, overtaken = back(later, book(THREE), wide)
    assert set(overtaken) == {
        stands(Where("t", "r1", "z"), "7", ""),
        stands(Where("t", "r9", "z"), "8", ""),
    }
    assert found == later


def test_where_one_cell_was_overtaken_the_rest_can_be_taken_back():
    first, second, third = THREE.rules
    changed = edited(rules=(replace(first, outputs=('"x"',)), replace(second, outputs=('"y"',)), third))
    later = edited(rules=(replace(first, outputs=('"other"',)), *changed.tables[0].rules[1:]))
    found, overtaken = back(later, book(THREE), changed)
    assert overtaken == (stands(Where("t", "r1", "c"), '"other"', '"p"'),)
    assert found == later
    found, _ = back(later, book(THREE), changed, rest=True)
    assert [rule.outputs for rule in found.tables[0].rules] == [('"other"',), ('"q"',), ('"r"',)]


def test_a_deleted_row_comes_back_to_its_place_among_rows_that_moved_since():
    first, second, third = THREE.rules
    without = edited(rules=(first, third))
    found, _ = back(edited(rules=(third, first)), book(THREE), without)
    assert [rule.id for rule in found.tables[0].rules] == ["r3", "r1", "r2"]
    found, overtaken = back(edited(rules=(first, replace(second, note="new"), third)), book(THREE), without)
    assert overtaken
    assert found.tables[0].rules[1].note == "new"


def test_what_belongs_to_a_table_that_is_gone_is_told():
    changed = edited(rules=(replace(THREE.rules[0], outputs=('"x"',)), *THREE.rules[1:]))
    found, overtaken = back(replace(changed, tables=()), book(THREE), changed)
    assert overtaken == (stands(Where("t", "r1", "c"), "", '"p"'),)
    assert found.tables == ()


def test_a_patch_tells_its_changes_as_comparing_does():
    first, second, third = THREE.rules
    changed = edited(rules=(replace(first, outputs=('"x"',)), third))
    patch = patch_between(document_of(book(THREE)), document_of(changed))
    assert sorted((one.kind, one.what, one.where) for one in patch.changes) == sorted(
        (one.kind, one.what, one.where) for one in changes_between(book(THREE), changed)
    )
    moved = patch_between(document_of(book(THREE)), document_of(edited(rules=(third, first, second))))
    assert [(one.what, one.where) for one in moved.changes] == [("rule", Where("t", "r3"))]
