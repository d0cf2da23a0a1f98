"""A subscription: nothing is charged at its start, then an order of its own for each post."""

from datetime import UTC, datetime, timedelta

from gateway.domain.money import EXACT, ZERO, per_thousand
from gateway.domain.observations import Observation, Word
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code, Refusal
from gateway.domain.services import ServiceType
from gateway.sandbox.children import CHILDREN_MAX, Nursery
from gateway.sandbox.marks import EXPIRED, PAUSED, read_marks
from gateway.sandbox.orders import ENDS, Order, Stand

# how many posts come at most while nobody has said how many
UNBOUNDED_POSTS = 1_000
# and after how many of those an end or a pause strikes
UNBOUNDED_STRIKE = 2
_STRIKES = {EXPIRED: Word.EXPIRED, PAUSED: Word.PAUSED}


def check_subscription(placement: Placement) -> None:
    """Raises Refusal for more posts than are delivered, and for an expiry that is no day."""
    posts = placement.detail("posts")
    if int(posts or 0) + _old_posts(placement) > CHILDREN_MAX:
        raise Refusal(Code.BAD_PARAMS, "posts" if posts else "old_posts")
    _expires_at(placement)


class Posts:
    """The posts of one subscription: old ones at once, then one at each step of the pace.

    The marks `expired` and `paused` strike when half of them have come, or as many as `posts=`
    says. Without a number of posts it goes on until it expires or is canceled.
    """

    def __init__(self, parent: Order, nursery: Nursery) -> None:
        """Begins the children of old posts."""
        placement = parent.taking.placement
        marks = read_marks(placement.link)
        posts = placement.detail("posts")
        old_posts = _old_posts(placement)
        self.children: list[Order] = []
        self._parent = parent
        self._nursery = nursery
        self._placement = placement
        self._posts = int(posts) if posts else None
        self._bound = int(posts or UNBOUNDED_POSTS) + old_posts
        self._word = Word.ACTIVE
        self._short = False
        self._strike = next((_STRIKES[mark] for mark in marks.bare if mark in _STRIKES), None)
        usual = self._bound // 2 if posts else old_posts + UNBOUNDED_STRIKE
        if marks.posts is not None:
            usual = marks.posts + old_posts
        elif self._strike is None:
            usual = self._bound
        self._come = min(usual, self._bound)
        for _ in range(old_posts):
            self.begin(parent.received_at)
        nursery.orders.later(parent.received_at + nursery.pace, self._next)
        expires_at = _expires_at(placement)
        if expires_at:
            nursery.orders.later(expires_at, self._expire)

    @property
    def left(self) -> int:
        """How many posts may still come; of those that nobody counts, how many are delivered."""
        return self._bound - len(self.children)

    def stand(self, now: datetime) -> Stand:
        """Where the subscription stands: `remains` are posts that are still to come."""
        charge = ZERO
        runs = False
        for child in self.children:
            at = child.stand(now)
            charge = EXACT.add(charge, at.charge)
            runs = runs or at.word not in ENDS
        word = self._word
        left = self.left if self._posts is not None else 0
        if word is Word.ACTIVE and self._short:
            word = Word.PAUSED
        elif word is Word.ACTIVE and self._posts is not None and not left and not runs:
            word = Word.COMPLETED
        return Stand(word, left, None, charge)

    def told(self, now: datetime) -> Observation:
        """Its status, the posts that it is for, and the orders made for it."""
        ids = tuple(str(child.id) for child in self.children)
        return Observation(self.stand(now).word, children=ids, posts=self._posts)

    def begin(self, when: datetime) -> bool:
        """Begin the order of another post, of as many as chance says."""
        if not self.left:
            return False
        chance = self._nursery.chance(self._parent, len(self.children))
        quantity = chance.randint(*self._placement.bounds)
        child = self._nursery.begin(
            self._parent,
            Placement(self._placement.service, ServiceType.DEFAULT, self._placement.link, quantity),
            per_thousand(self._parent.taking.listing.rate, quantity),
            chance,
            when,
        )
        self._short = child is None
        if child is not None:
            self.children.append(child)
        return not self._short

    def cancel(self, when: datetime) -> None:
        """No further posts; the orders that were made go on to their ends."""
        self._word = Word.CANCELED

    def set_by_hand(self, word: Word) -> None:
        """Paused by hand it waits, active again it goes on."""
        had_ended = self._word in ENDS
        self._word = word
        if had_ended and word not in ENDS:
            self._nursery.orders.later(self._nursery.retry_at(), self._next)

    def _next(self, when: datetime) -> None:
        if self._word in ENDS:
            return
        again = when + self._nursery.pace
        if self._word is Word.PAUSED:
            again = self._nursery.retry_at()
        elif len(self.children) < self._come:
            if not self.begin(when):
                again = self._nursery.retry_at()
        elif self._strike:
            self._word = self._strike
            self._strike = None
            self._come = self._bound
        else:
            return
        self._nursery.orders.later(again, self._next)

    def _expire(self, when: datetime) -> None:
        if self.stand(when).word not in ENDS:
            self._word = Word.EXPIRED


def _old_posts(placement: Placement) -> int:
    return int(placement.detail("old_posts") or 0)


def _expires_at(placement: Placement) -> datetime | None:
    """The end of the day on which it expires, in UTC."""
    expiry = placement.detail("expiry")
    if not expiry:
        return None
    try:
        day = datetime.strptime(expiry, "%d/%m/%Y").replace(tzinfo=UTC)
        return day + timedelta(days=1)
    except (ValueError, OverflowError):
        raise Refusal(Code.BAD_PARAMS, "expiry") from None
