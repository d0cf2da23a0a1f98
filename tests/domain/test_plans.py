from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.domain.catalog import (
    Buyer,
    Catalog,
    Listing,
    Markup,
    Match,
    Offer,
    OfferRef,
    OfferState,
    Provider,
    Rule,
    Service,
)
from gateway.domain.plans import Change, Figures, Names, NothingLive, plan
from gateway.domain.routing import NOT_LISTED
from gateway.domain.services import ServiceType

LAST = Rule(9, Match(), percent=Decimal(25), margin_min_percent=Decimal(5))
ACME = Provider("acme", "https://a.example/", "standard", "USD", "KEY")
EURO = Provider("euro", "https://e.example/", "standard", "EUR", "KEY")


def ref(id_: int, provider: str = "acme") -> OfferRef:
    return OfferRef(provider, str(100 + id_))


def service(id_: int, category: str = "Likes") -> Service:
    return Service(id_, f"Service {id_}", category, (ref(id_),))


def offers(*rates: str, provider: str = "acme") -> dict[OfferRef, Offer]:
    return {
        ref(id_, provider): Offer(
            ref(id_, provider),
            Listing(str(100 + id_), "n", "c", "Default", Decimal(rate), 10, 1000),
        )
        for id_, rate in enumerate(rates, start=1)
    }


def catalog(
    *services: Service, rules: tuple[Rule, ...] = (LAST,), conversion: str = "1.2"
) -> Catalog:
    return Catalog(
        1,
        {"acme": ACME, "euro": EURO},
        {each.id: each for each in services},
        Markup("USD", rules, {"EUR": Decimal(conversion)}),
    )


def figures(rate: str, cost: str, margin: str, *, id_: int = 1, rule: int = 9) -> Figures:
    return Figures(ref(id_), rule, Decimal(cost), Decimal(rate), Decimal(margin), loss=False)


def test_without_a_before_everything_is_new() -> None:
    found = plan(None, catalog(service(1)), offers("1"), [Buyer("bob")])
    assert found.added == (Change(1, "Service 1", None, figures("1.25", "1", "20.00")),)
    assert (found.gone, found.changed, found.unchanged, found.losses) == ((), (), 0, ())
    assert found.customers == ()
    assert found.providers == Names(added=("acme", "euro"))


def test_the_same_catalog_changes_nothing() -> None:
    same = catalog(service(1), service(2))
    found = plan(same, same, offers("1", "2"), [Buyer("bob")])
    assert (found.added, found.gone, found.changed, found.unchanged) == ((), (), (), 2)
    assert (found.customers, found.providers) == ((), Names())


def test_services_come_and_go() -> None:
    found = plan(
        catalog(service(1), service(2)), catalog(service(2), service(3)), offers("1", "2", "4")
    )
    assert found.added == (Change(3, "Service 3", None, figures("5", "4", "20.00", id_=3)),)
    assert found.gone == (Change(1, "Service 1", figures("1.25", "1", "20.00"), None),)
    assert (found.changed, found.unchanged) == ((), 1)


def test_a_changed_markup_shows_old_and_new() -> None:
    dearer = (replace(LAST, number=1, match=Match(service=1), percent=Decimal(60)), LAST)
    found = plan(
        catalog(service(1), service(2)),
        catalog(service(1), service(2), rules=dearer),
        offers("1", "1"),
    )
    before, after = figures("1.25", "1", "20.00"), figures("1.6", "1", "37.50", rule=1)
    assert found.changed == (Change(1, "Service 1", before, after, ("rate",)),)
    assert found.unchanged == 1


def test_a_changed_conversion_changes_the_cost() -> None:
    mine = replace(service(1), offers=(ref(1, "euro"),))
    fixed = (replace(LAST, percent=None, rate=Decimal(3)),)
    found = plan(
        catalog(mine, rules=fixed),
        catalog(mine, rules=fixed, conversion="1.5"),
        offers("2", provider="euro"),
        [Buyer("bob")],
    )
    (change,) = found.changed
    assert change.what == ("cost",)
    assert change.before is not None
    assert change.after is not None
    assert (change.before.cost_rate, change.after.cost_rate) == (Decimal("2.4"), 3)
    assert (change.before.margin_percent, change.after.margin_percent) == (20, 0)
    assert (change.before.loss, change.after.loss) == (False, True)
    assert found.losses == (change,)
    assert found.customers == ()


@pytest.mark.parametrize(
    ("percent", "loss"), [("5", False), ("4.99", True), ("0", True), ("100", False)]
)
def test_a_service_that_earns_less_than_the_minimum_is_a_loss(percent: str, *, loss: bool) -> None:
    same = catalog(service(1), rules=(replace(LAST, percent=Decimal(percent)),))
    found = plan(same, same, offers("1"))
    assert [change.id for change in found.losses] == ([1] if loss else [])
    fresh = plan(None, same, offers("1"))
    assert [change.loss for change in fresh.added] == [loss]
    assert fresh.losses == (fresh.added if loss else ())


def test_every_field_of_a_service_that_changed_is_named() -> None:
    now = replace(service(1), name="New", quantity_max=5, kind=None, enabled=True, description="d")
    found = plan(catalog(service(1)), catalog(replace(now, quantity_max=500)), offers("1"))
    (change,) = found.changed
    assert (change.name, change.what) == ("New", ("name", "description", "quantity_max"))
    typed = replace(service(1), kind=ServiceType.DEFAULT)
    assert plan(catalog(service(1)), catalog(typed), offers("1")).changed[0].what == ("type",)


def test_on_and_off_sale() -> None:
    off = replace(service(1), enabled=False)
    found = plan(catalog(service(1)), catalog(off), offers("1"))
    assert found.changed == (
        Change(1, "Service 1", figures("1.25", "1", "20.00"), None, ("enabled", "off sale")),
    )
    assert found.nothing_live == ()
    back = plan(catalog(off), catalog(service(1)), offers("1"))
    assert back.changed[0].what == ("enabled", "on sale")
    assert back.changed[0].before is None


def test_a_service_with_nothing_live_behind_it_has_a_reason_for_each_offer() -> None:
    two = replace(service(1), offers=(ref(1), ref(2)))
    listed = {ref(1): replace(offers("1")[ref(1)], state=OfferState.QUARANTINED)}
    found = plan(None, catalog(two, service(3)), {**listed, ref(3): offers("1", "1", "1")[ref(3)]})
    reasons = ((ref(1), "is quarantined"), (ref(2), NOT_LISTED))
    assert found.nothing_live == (NothingLive(1, "Service 1", reasons),)
    assert found.added[0].after is None
    assert not found.added[0].loss


def test_providers_that_come_go_and_change() -> None:
    before = catalog(service(1))
    after = replace(
        before, providers={"acme": replace(ACME, url="https://b.example/"), "new": EURO}
    )
    assert plan(before, after, offers("1")).providers == Names(("new",), ("euro",), ("acme",))


BUYERS = [Buyer("alice"), Buyer("bob", "gold"), Buyer("carol", "silver"), Buyer("dave", "gold")]
GOLD = replace(LAST, number=1, match=Match(group="gold"), percent=Decimal(10))
DAVES = replace(LAST, number=2, match=Match(customer="dave", service=2), percent=Decimal(7))


@pytest.mark.parametrize(
    ("before", "after", "touched"),
    [
        ((LAST,), (GOLD, LAST), ["bob", "dave"]),
        ((GOLD, LAST), (replace(GOLD, percent=Decimal(11)), LAST), ["bob", "dave"]),
        ((GOLD, LAST), (GOLD, replace(LAST, percent=Decimal(30))), ["alice", "carol"]),
        ((LAST,), (DAVES, LAST), ["dave"]),
        ((DAVES, LAST), (replace(DAVES, match=Match(customer="dave", service=9)), LAST), ["dave"]),
        ((LAST,), (replace(LAST, match=Match(group="*"), number=1), LAST), []),
        ((GOLD, DAVES, LAST), (replace(GOLD, number=2), replace(DAVES, number=3), LAST), []),
        ((DAVES, GOLD, LAST), (GOLD, DAVES, LAST), ["dave"]),
        ((LAST,), (replace(LAST, margin_min_percent=Decimal(0)),), []),
        ((LAST,), (replace(LAST, percent=Decimal(26)),), ["alice", "bob", "carol", "dave"]),
    ],
)
def test_customers_whose_own_rate_changes(
    before: tuple[Rule, ...], after: tuple[Rule, ...], touched: list[str]
) -> None:
    services = (service(1), service(2))
    found = plan(
        catalog(*services, rules=before), catalog(*services, rules=after), offers("1", "2"), BUYERS
    )
    assert list(found.customers) == touched


def test_customers_are_touched_by_another_offer_too() -> None:
    cheaper = replace(service(2), offers=(ref(1),))
    rules = (GOLD, replace(LAST, percent=None, rate=Decimal(5)))
    found = plan(
        catalog(service(2), rules=rules), catalog(cheaper, rules=rules), offers("1", "2"), BUYERS
    )
    assert list(found.customers) == ["bob", "dave"]


def test_a_service_that_comes_or_goes_touches_no_rate() -> None:
    found = plan(catalog(service(1)), catalog(service(2)), offers("1", "2"), BUYERS)
    assert found.customers == ()
