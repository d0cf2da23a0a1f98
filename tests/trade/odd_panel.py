"""A panel that none of the built-in dialects covers, and the document that connects it.

Statuses 4xx with JSON errors, words and keys of its own, numbers where others have texts.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

ODD_KEY = "key-of-the-odd-panel"
FOLLOWERS, COMMENTS = 71, 72
_PRICES = {FOLLOWERS: 0.9, COMMENTS: 12.5}
_GIVEN_BACK = {"stopped": 1, "partly_done": 0.4}

DOCUMENT = """
base = "standard"
key = "token"
refusals = ["error.message"]

[actions]
services = "list"
add = "buy"
status = "state"
cancel = "stop"
balance = "credit"
refill = false
refill_status = false

[fields]
service = "item"
link = "target"
quantity = "amount"
comments = "texts"

[ids]
status = { one = "order_id", many = "order_ids", batch_max = 3 }
cancel = { many = "order_ids", batch_max = 3 }
refill = false
refill_status = false

[services]
within = "data.items"

[services.keys]
service = "item"
name = "title"
rate = { name = "price", write = "number" }
min = { write = "number" }
max = { write = "number" }
refill = false

[services.types]
"Default" = "plain"
"Custom Comments" = "own_texts"

[add]
within = "result"
order = "order_id"

[add.verdicts]
ok = [true]

[status]
within = "data"
order = { name = "order_id", write = "number" }
status = "state"
charge = { name = "price", write = "number" }
charge_in_rows = "number"
start_count = { name = "start", write = "number" }
remains = { name = "left", write = "number" }
currency = false

[status.words]
pending = "queued"
in_progress = "in_progress"
completed = "done"
partial = "partly_done"
canceled = "stopped"

[cancel]
rows = "map"
key = { name = "stop", write = "text" }

[balance]
within = "credit"
amount = { name = "left", write = "number" }
currency = "unit"

[meanings]
"Your credit is used up" = "funds"
"This target is private" = "bad_link"
"""


@dataclass
class OddOrder:
    """An order as this panel knows it; `state` is one of its own words."""

    item: int
    target: str
    amount: int
    state: str = "queued"


@dataclass
class OddPanel:
    """Takes orders, and moves them only when it is told to."""

    credit: Decimal = Decimal(100)
    orders: dict[int, OddOrder] = field(default_factory=dict[int, OddOrder])
    calls: list[str] = field(default_factory=list[str])

    def app(self) -> Starlette:
        """The panel as it is served."""
        return Starlette(routes=[Route("/api", self.answer, methods=["POST"])])

    async def answer(self, request: Request) -> JSONResponse:
        """Any action, as a form."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        actions = {
            "list": self._list,
            "buy": self._buy,
            "state": self._state,
            "stop": self._stop,
            "credit": self._credit,
        }
        action = form.get("action", "")
        self.calls.append(action)
        if form.get("token") != ODD_KEY:
            return _error(401, "E_TOKEN", "Invalid API key")
        if action not in actions:
            return _error(404, "E_ACTION", "Unknown action")
        return actions[action](form)

    def charge(self, order: OddOrder) -> Decimal:
        """What an order costs as it stands."""
        back = Decimal(str(_GIVEN_BACK.get(order.state, 0)))
        return Decimal(str(_PRICES[order.item])) * order.amount / 1000 * (1 - back)

    def _list(self, _form: dict[str, str]) -> JSONResponse:
        rest = {"category": "Odd things", "min": 1, "max": 5_000, "cancel": True, "dripfeed": False}
        items = [
            {"item": item, "title": f"Odd {item}", "type": kind, "price": _PRICES[item], **rest}
            for item, kind in ((FOLLOWERS, "plain"), (COMMENTS, "own_texts"))
        ]
        return JSONResponse({"data": {"items": items, "page": 1}})

    def _buy(self, form: dict[str, str]) -> JSONResponse:
        if "private" in form["target"]:
            return _error(422, "E_TARGET", "This target is private")
        texts = form.get("texts", "").splitlines()
        order = OddOrder(int(form["item"]), form["target"], len(texts) or int(form["amount"]))
        if self.charge(order) > self.credit:
            return _error(402, "E_CREDIT", "Your credit is used up")
        number = 40_001 + len(self.orders)
        self.orders[number] = order
        return JSONResponse({"ok": True, "result": {"order_id": number}}, 201)

    def _state(self, form: dict[str, str]) -> JSONResponse:
        if "order_id" in form:
            order = self.orders.get(int(form["order_id"]))
            return JSONResponse({"data": self._row(order)}) if order else _unknown()
        rows = {number: self.orders.get(int(number)) for number in form["order_ids"].split(",")}
        return JSONResponse(
            {
                "data": {
                    number: self._row(order) if order else {"error": {"message": "Unknown order"}}
                    for number, order in rows.items()
                }
            }
        )

    def _row(self, order: OddOrder) -> dict[str, object]:
        number = next(number for number, each in self.orders.items() if each is order)
        left = {"done": 0, "partly_done": order.amount * 2 // 5}.get(order.state, order.amount)
        price = int(self.charge(order) * 1_000_000) / 1_000_000
        return {"order_id": number, "state": order.state, "price": price, "start": 7, "left": left}

    def _stop(self, form: dict[str, str]) -> JSONResponse:
        answer: dict[str, object] = {}
        for number in form["order_ids"].split(","):
            order = self.orders.get(int(number))
            if order is None or order.state not in {"queued", "in_progress"}:
                answer[number] = {"error": {"message": "Cannot be stopped"}}
            else:
                order.state = "stopped"
                answer[number] = {"stop": "accepted"}
        return JSONResponse(answer)

    def _credit(self, _form: dict[str, str]) -> JSONResponse:
        spent = sum((self.charge(each) for each in self.orders.values()), Decimal(0))
        left = int((self.credit - spent) * 1_000_000) / 1_000_000
        return JSONResponse({"credit": {"left": left, "unit": "USD"}})


def _error(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status)


def _unknown() -> JSONResponse:
    return _error(404, "E_ORDER", "Incorrect order ID")
