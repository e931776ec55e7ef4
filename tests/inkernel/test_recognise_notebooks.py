"""Which cells of whole notebooks are recognised."""

from __future__ import annotations

import copy

import pytest

from jupyter_tfgpu.inkernel.recogniser.recognise import Recogniser
from tests.inkernel.labelled import PARTS, Cell, notebooks

EVERY = [cells for part in PARTS for cells in notebooks(part)]


def named(cells: tuple[Cell, ...]) -> str:
    return cells[0].notebook


def test_the_sets_are_as_large_as_they_are_said_to_be() -> None:
    assert len(EVERY) >= 50
    assert sum(map(len, EVERY)) >= 280
    for part in PARTS:
        labels = [cell.label for cells in notebooks(part) for cell in cells]
        assert {"trains", "imports", "no"} == set(labels)
        assert len(labels) >= 130


@pytest.mark.parametrize("part", PARTS)
def test_of_what_is_said_and_of_what_is_so_more_than_97_of_100_are_right(part: str) -> None:
    said, true = [], []
    for cells in notebooks(part):
        recogniser = Recogniser()
        for cell in cells:
            judged = recogniser.judge_source(cell.source)
            place = (cell.notebook, cell.number)
            said += [(*place, framework) for framework in judged.frameworks] if judged.recognised else []
            true += [(*place, framework) for framework in cell.frameworks]
            assert judged.recognised == bool(judged.trains or judged.imports)
    # A cell that trains may import other frameworks too, which its label leaves out.
    right = len(set(said) & set(true))
    assert right / len(said) > 0.97
    assert right / len(true) > 0.97


@pytest.mark.parametrize("cells", EVERY, ids=named)
def test_the_word_search_changes_no_judgement(cells: tuple[Cell, ...]) -> None:
    plain, searched = Recogniser(), Recogniser()
    for cell in cells:
        judged = plain.judge_source(cell.source)
        if searched.may_train(cell.source):
            assert searched.judge_source(cell.source) == judged
        else:
            assert not judged.recognised


@pytest.mark.parametrize("cells", EVERY, ids=named)
def test_a_copy_knows_what_the_first_has_learnt_and_keeps_what_it_learns(cells: tuple[Cell, ...]) -> None:
    recogniser = Recogniser()
    for cell in cells:
        before = copy.deepcopy(recogniser)
        judged = recogniser.judge_source(cell.source)
        assert copy.deepcopy(before).judge_source(cell.source) == judged
        assert before.judge_source(cell.source) == judged
