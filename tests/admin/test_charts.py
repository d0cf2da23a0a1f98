"""Bars: where they stand, and that none leaves its picture."""

from decimal import Decimal

from gateway.admin.charts import HEIGHT, Bar, Series, chart


def bars(*values: str) -> dict[str, Bar]:
    amounts = [Decimal(each) for each in values]
    steps = [f"h{number}" for number in range(len(values))]
    drawn = chart("x", steps, [Series("margin", "margin", amounts, list(values))], "words")
    assert (drawn.first, drawn.last) == (steps[0], steps[-1])
    return {each.words.partition(":")[0]: each for each in drawn.bars}


def test_what_is_below_nothing_hangs_below_the_line() -> None:
    drawn = bars("3", "-1", "0")
    assert (drawn["h0"].y, drawn["h0"].height, drawn["h0"].tone) == (0, 120, "margin")
    assert (drawn["h1"].y, drawn["h1"].height) == (120, 40)
    assert drawn["h1"].tone == "margin below"
    assert "h2" not in drawn


def test_the_smallest_is_seen_and_the_largest_fits() -> None:
    drawn = bars("99999999999999.999999999999", "0.000000000001")
    assert (drawn["h0"].y, drawn["h0"].height) == (0, HEIGHT)
    assert (drawn["h1"].y, drawn["h1"].height) == (HEIGHT - 1, 1)
    assert bars("0", "0") == {}
