"""The DMN TCK, where it is at hand: no folder may fall below what docs/feel.md tells."""

import pytest

from tests.tck import scores

KIT = scores.kit()


@pytest.mark.skipif(KIT is None, reason="the DMN TCK is not here: set DMN_TCK to its folder")
def test_no_folder_of_the_kit_falls_below_the_score_that_is_told():
    found = scores.run(KIT)
    told = scores.promised()
    now = {name.removeprefix("compliance-"): tally for name, tally in found["folders"].items()}
    assert set(now) <= set(told)
    fallen = {
        name: (tally["pass"], told[name][1])
        for name, tally in now.items()
        if (tally["pass"], tally["nonnull_pass"]) < (told[name][1], told[name][3])
    }
    assert fallen == {}


def test_the_page_tells_of_all_folders_and_of_both_levels():
    told = scores.promised()
    levels = {name: row for name, row in told.items() if name.startswith("**")}
    folders = [row for name, row in told.items() if not name.startswith("**")]
    assert set(levels) == {"**level 2**", "**level 3**"}
    for column in range(4):
        assert sum(row[column] for row in levels.values()) == sum(row[column] for row in folders)
