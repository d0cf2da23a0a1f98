"""What is on sale, in memory: the active revision with its offers, refreshed while it is read."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.catalog import Catalog, Listing, Markup, Offer, OfferRef, OfferState
from gateway.storage import offers, revisions
from gateway.storage.cache import Cache
from gateway.storage.database import Database, Unreachable
from gateway.storage.documents import DocumentErrors, parse
from gateway.storage.revisions import Version

log = structlog.get_logger()

BELL = "catalog"
LOOK_EVERY_MILLISECONDS = 500


@dataclass(frozen=True, slots=True)
class Stock:
    """One consistent view of what is sold: a revision and its providers' offers.

    `sha256`: of the documents that the catalog was read from.
    """

    version: Version
    catalog: Catalog
    offers: dict[OfferRef, Offer]
    sha256: str = ""


class CachedOffer(msgspec.Struct, array_like=True, frozen=True):
    """An offer as Redis keeps it."""

    offer: str
    name: str
    category: str
    kind: str
    rate: Decimal
    quantity_min: int
    quantity_max: int
    drip_feed: bool | None
    refill: bool | None
    cancel: bool | None
    description: str
    state: str


NOTHING = Stock(Version(0, 0), Catalog(0, {}, {}, Markup("USD", ())), {})


class Shelf:
    """Holds the stock of this process. Reading it never waits; the watch keeps it fresh.

    `replaced`: set once there is another stock than now.
    """

    def __init__(self, database: Database, cache: Cache) -> None:
        self._database = database
        self._cache = cache
        self.stock = NOTHING
        self.replaced = asyncio.Event()

    async def refresh(self) -> bool:
        """Load what changed since the last time; whether anything did. Raises `Unreachable`."""
        async with self._database.reading() as connection:
            version = await revisions.version(connection)
            if version == self.stock.version:
                return False
            catalog, sha256 = await self._catalog(connection, version)
            found = await self._all_offers(connection, catalog, version)
        self.stock = Stock(version, catalog, found, sha256)
        self.replaced.set()
        self.replaced = asyncio.Event()
        return True

    async def watch(self) -> None:
        """Refresh at every ring of the bell and twice a second, until cancelled."""
        while True:
            await self._cache.wait_for_ring(BELL, LOOK_EVERY_MILLISECONDS)
            try:
                await self.refresh()
            except (Unreachable, DocumentErrors) as error:
                log.warning("stock not refreshed", error=str(error))
                await asyncio.sleep(1)
            except Exception as error:
                # a process that stopped looking would sell at old rates for ever
                log.exception("stock not refreshed", error=repr(error))
                await asyncio.sleep(1)

    async def _catalog(self, connection: AsyncConnection, version: Version) -> tuple[Catalog, str]:
        if version.activation == self.stock.version.activation:
            return self.stock.catalog, self.stock.sha256
        revision = await revisions.active(connection)
        if revision is None:
            return NOTHING.catalog, NOTHING.sha256
        documents = revision.documents
        # a large document takes its time to read; answers go on meanwhile
        return await asyncio.to_thread(parse, documents, revision.number), documents.sha256

    async def _all_offers(
        self, connection: AsyncConnection, catalog: Catalog, version: Version
    ) -> dict[OfferRef, Offer]:
        """The same mapping as long as they are the same, so that what was made of it is known."""
        same = catalog.providers.keys() == self.stock.catalog.providers.keys()
        if same and version.offers == self.stock.version.offers:
            return self.stock.offers
        found: dict[OfferRef, Offer] = {}
        known = await offers.versions(connection)
        for provider in catalog.providers:
            found |= await self._offers(connection, provider, known.get(provider, 0))
        return found

    async def _offers(
        self, connection: AsyncConnection, provider: str, version: int
    ) -> dict[OfferRef, Offer]:
        key = f"offers:{provider}:{version}"
        if cached := await self._cache.get(key):
            try:
                return _thaw(provider, cached)
            except (msgspec.DecodeError, msgspec.ValidationError):
                log.warning("cached offers not readable", provider=provider)
        loaded = await offers.load(connection, [provider])
        await self._cache.put(key, freeze(loaded))
        return {offer.ref: offer for offer in loaded}


def freeze(loaded: list[Offer]) -> bytes:
    """Offers as bytes for Redis."""
    return msgspec.json.encode(
        [
            CachedOffer(
                offer.ref.offer,
                offer.listing.name,
                offer.listing.category,
                offer.listing.kind_word,
                offer.listing.rate,
                offer.listing.quantity_min,
                offer.listing.quantity_max,
                offer.listing.drip_feed,
                offer.listing.refill,
                offer.listing.cancel,
                offer.listing.description,
                offer.state,
            )
            for offer in loaded
        ]
    )


def _thaw(provider: str, cached: bytes) -> dict[OfferRef, Offer]:
    rows = msgspec.json.decode(cached, type=list[CachedOffer])
    thawed = (
        Offer(
            OfferRef(provider, row.offer),
            Listing(
                offer=row.offer,
                name=row.name,
                category=row.category,
                kind_word=row.kind,
                rate=row.rate,
                quantity_min=row.quantity_min,
                quantity_max=row.quantity_max,
                drip_feed=row.drip_feed,
                refill=row.refill,
                cancel=row.cancel,
                description=row.description,
            ),
            OfferState(row.state),
        )
        for row in rows
    )
    return {offer.ref: offer for offer in thawed}
