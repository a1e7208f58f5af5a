"""The layered drawing: nothing overlaps, nothing is left out, and the same graph is drawn the same."""

import re
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from admin.layered import WIDTH, Node, drawing_of

WORDS = st.text(alphabet="abc _-éжW漢", max_size=80)


@st.composite
def graphs(draw):
    keys = [f"n{number}" for number in range(draw(st.integers(0, 24)))]
    nodes = [Node(key, draw(WORDS), draw(st.sampled_from(["", "2 errors"]))) for key in keys]
    ends = st.sampled_from(keys) if keys else st.nothing()
    edges = draw(st.lists(st.tuples(ends, ends), max_size=60)) if keys else []
    return nodes, edges


def level_parts(path):
    """The level parts of a path of absolute moves, curves and horizontals: from x, to x, at y."""
    x = y = 0.0
    for command, rest in re.findall(r"([MCH])([^MCH]*)", path):
        given = [float(text) for text in rest.split()]
        if command == "H":
            yield min(x, given[0]), max(x, given[0]), y
            x = given[0]
        else:
            x, y = given[-2:]


def numbers(path):
    return [float(text) for text in re.findall(r"-?\d+\.\d+", path)]


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_no_two_boxes_overlap_and_all_stand_inside(graph):
    drawing = drawing_of(*graph)
    assert [box.node for box in drawing.boxes] == graph[0]
    for one, other in combinations(drawing.boxes, 2):
        apart_x = one.x + WIDTH <= other.x or other.x + WIDTH <= one.x
        apart_y = one.y + one.height <= other.y + 1e-6 or other.y + other.height <= one.y + 1e-6
        assert apart_x or apart_y, (one, other)
    for box in drawing.boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + WIDTH <= drawing.width
        assert box.y + box.height <= drawing.height


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_every_edge_is_drawn_once_from_the_side_of_its_source_to_the_side_of_its_target(graph):
    nodes, edges = graph
    drawing = drawing_of(nodes, edges)
    assert [(arrow.source, arrow.target) for arrow in drawing.arrows] == list(dict.fromkeys(edges))
    boxes = {box.key: box for box in drawing.boxes}
    for arrow in drawing.arrows:
        source, target = boxes[arrow.source], boxes[arrow.target]
        x, y = numbers(arrow.line)[:2]
        tip_x, tip_y = numbers(arrow.head)[:2]
        assert min(abs(x - source.x), abs(x - source.x - WIDTH)) < 0.1
        assert source.y <= y <= source.y + source.height
        assert min(abs(tip_x - target.x), abs(tip_x - target.x - WIDTH)) < 0.1
        assert target.y <= tip_y <= target.y + target.height


@settings(max_examples=200, deadline=None)
@given(graphs())
def test_without_cycles_every_arrow_goes_to_the_right_and_passes_no_box(graph):
    nodes, edges = graph
    place = {node.key: number for number, node in enumerate(nodes)}
    drawing = drawing_of(nodes, [edge for edge in edges if place[edge[0]] < place[edge[1]]])
    boxes = {box.key: box for box in drawing.boxes}
    for arrow in drawing.arrows:
        source, target = boxes[arrow.source], boxes[arrow.target]
        assert source.x + WIDTH < target.x
        # Between two layers an arrow bends where no box can be; within one it is level.
        for start, end, y in level_parts(arrow.line):
            for box in boxes.values():
                if start < box.x + WIDTH / 2 < end:
                    assert not box.y < y < box.y + box.height, (arrow, box)


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_the_same_graph_is_drawn_the_same(graph):
    nodes, edges = graph
    assert drawing_of(nodes, edges) == drawing_of(list(nodes), list(edges))


@given(WORDS)
def test_a_label_is_wrapped_without_losing_a_sign_until_it_is_cut(label):
    (box,) = drawing_of([Node("n", label)], []).boxes
    assert len(box.lines) <= 3
    whole = "".join(box.lines).replace(" ", "")
    if whole.endswith("…"):
        assert label.replace(" ", "").startswith(whole[:-1])
    else:
        assert whole == label.replace(" ", "")


def test_what_reads_its_own_conclusion_has_a_loop_and_circles_are_drawn():
    nodes = [Node("a", "A"), Node("b", "B")]
    drawing = drawing_of(nodes, [("a", "b"), ("b", "a"), ("a", "a")])
    assert len(drawing.arrows) == 3
    assert len({arrow.line for arrow in drawing.arrows}) == 3


def test_of_a_graph_without_nodes_there_is_nothing_to_draw():
    assert drawing_of([], []).boxes == ()


def test_parallel_chains_are_drawn_without_crossings():
    nodes = [Node(f"{side}{n}", "") for n in range(4) for side in "ab"]
    edges = [(f"{side}{n}", f"{side}{n + 1}") for n in range(3) for side in "ab"]
    drawing = drawing_of(nodes, edges)
    above = [
        {box.key[0] for box in drawing.boxes if box.key[1] == str(n) and box.y == top}
        for n in range(4)
        for top in [min(box.y for box in drawing.boxes if box.key[1] == str(n))]
    ]
    assert all(layer == above[0] for layer in above)
