"""The pages' benchmark in a slice: every page answers, and what is slower than its goal is told."""

import pytest

from gateway.admin.routes import PAGES
from gateway.cli import bench_pages
from gateway.cli.bench_pages import Setting
from gateway.embedded import Servers


async def test_a_slice_of_it_looks_at_every_page_and_previews_a_markup(
    servers: Servers, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # nothing is as fast as this
    monkeypatch.setattr(bench_pages, "PREVIEW_MILLISECONDS", 0)
    small = Setting(Servers(database_url, servers.redis_url), 100, 8, 3, 1)
    figures = await bench_pages.measure(small)
    looked = [each.what.partition(":")[0] for each in figures]
    assert len(looked) == len(set(looked))
    assert len(looked) > sum(each.method == "GET" for each in PAGES)
    assert all(" 200" in each.what for each in figures), figures
    assert [(each.goal, each.kept) for each in figures][-1] == ("P23", False)
    assert any(each.kept for each in figures)
