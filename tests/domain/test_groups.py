"""Groups are found by sorting: they must be those that trying every pair finds."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.evidence import (
    Calibration,
    Controls,
    Orphan,
    Scene,
    Suspect,
    Window,
    charged_alike,
)
from gateway.domain.groups import Candidates, at_once, groups, may_be
from gateway.domain.judging import judge, lost
from gateway.domain.observations import Word
from gateway.domain.orders import State

AMOUNTS = st.sampled_from([Decimal(each) for each in ("0.5", "0.9", "0.90005", "0.9001", "1.8")])
BOUNDS = st.none() | st.integers(0, 12)
SUSPECTS = st.lists(
    st.builds(
        Suspect,
        order=st.integers(1, 1_000),
        number=st.just(1),
        run=st.just(1),
        state=st.sampled_from([State.UNCONFIRMED, State.FAILED]),
        cost=AMOUNTS,
        quantity=st.just(1_000),
        exact=st.booleans(),
        window=st.builds(Window, BOUNDS, BOUNDS),
        ripe=st.booleans(),
        covered=st.booleans(),
        soon=BOUNDS,
    ),
    max_size=6,
    unique_by=lambda each: each.order,
)
ORPHANS = st.lists(
    st.builds(
        Orphan,
        number=st.integers(0, 12),
        charge=st.none() | AMOUNTS,
        word=st.sampled_from([None, Word.PENDING, Word.PARTIAL, Word.CANCELED]),
        remains=st.sampled_from([None, 0, 500, 1_000]),
    ),
    max_size=6,
    unique_by=lambda each: each.number,
)
CONTROLS = st.builds(
    Controls, scoped=st.booleans(), charges=st.booleans(), decimals=st.sampled_from([2, 5])
)


def scene(
    suspects: Sequence[Suspect],
    orphans: Sequence[Orphan],
    controls: Controls,
    gone: Sequence[Suspect] = (),
) -> Scene:
    return Scene(tuple(suspects), tuple(orphans), Calibration(500, 0), controls, gone=tuple(gone))


@given(SUSPECTS, ORPHANS, CONTROLS)
def test_candidates_are_all_that_nothing_speaks_against(
    suspects: list[Suspect], orphans: list[Orphan], controls: Controls
) -> None:
    of = scene(suspects, orphans, controls)
    candidates = Candidates(of, suspects)
    for orphan in orphans:
        assert candidates.of(orphan) == [each for each in suspects if may_be(of, each, orphan)]


@given(SUSPECTS, ORPHANS, CONTROLS, SUSPECTS)
def test_groups_are_what_hangs_together(
    suspects: list[Suspect], orphans: list[Orphan], controls: Controls, gone: list[Suspect]
) -> None:
    of = scene(suspects, orphans, controls, gone)
    found = list(groups(of))
    assert sorted(each.order for group in found for each in group.suspects) == sorted(
        each.order for each in suspects
    )
    for group in found:
        (first, *_), reached = group.suspects, set[Orphan]()
        together = {first}
        for _ in range(len(suspects) + len(orphans)):
            reached |= {one for one in orphans if any(may_be(of, each, one) for each in together)}
            together |= {each for each in suspects if any(may_be(of, each, one) for one in reached)}
        assert list(group.suspects) == [each for each in suspects if each in together]
        assert list(group.orphans) == [one for one in orphans if one in reached]
        late = [
            one
            for one in group.orphans
            if not at_once([each for each in group.suspects if may_be(of, each, one)], one)
        ]
        assert list(group.gone) == [
            each for each in gone if any(may_be(of, each, one) for one in late)
        ]


def test_of_hundreds_in_doubt_only_those_of_its_cost_are_compared_with_an_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = 0

    def counting(suspect: Suspect, orphan: Orphan, decimals: int) -> bool | None:
        nonlocal compared
        compared += 1
        return charged_alike(suspect, orphan, decimals)

    monkeypatch.setattr("gateway.domain.groups.charged_alike", counting)
    count = 400
    doubtful = [
        Suspect(
            order=each,
            number=1,
            run=1,
            state=State.UNCONFIRMED,
            cost=Decimal(each),
            quantity=1_000,
            exact=True,
            window=Window(10, None),
            ripe=True,
            covered=True,
        )
        for each in range(1, count + 1)
    ]
    orphans = [Orphan(100 + each, Decimal(each), Word.PENDING) for each in range(1, count + 1)]
    controls = Controls(scoped=True, charges=True, decimals=4)
    assert len(judge(scene(doubtful, orphans, controls))) == count
    refunded = [replace(each, state=State.FAILED) for each in doubtful]
    assert len(lost(scene(refunded, (), controls), doubtful, orphans)) == count
    assert compared < 10 * count
