"""Forms as a browser sends them: with all that stands in them, and what was typed."""

from html.parser import HTMLParser

from bridge.store import accounts, coupons, whereabouts
from provisioning.core import acting
from provisioning.core.coupons import Coupon


class Forms(HTMLParser):
    """Each form of a page that does something: where it is sent to, and its fields as
    they stand."""

    def __init__(self, text):
        super().__init__()
        self.found, self._select, self._asks = [], None, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "form":
            self._asks = told.get("method") != "post"
        if self._asks:
            return
        if tag == "form":
            self.found.append((told["action"], {}))
        elif tag == "input" and self.found and "name" in told:
            kind = told.get("type", "text")
            if kind not in {"radio", "checkbox"} or "checked" in told:
                self.found[-1][1][told["name"]] = told.get("value", "")
        elif tag == "select":
            self._select = told["name"]
        elif tag == "option" and self._select:
            fields = self.found[-1][1]
            if "selected" in told or self._select not in fields:
                fields[self._select] = told["value"]

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = None


def fields(page, action):
    """Of the first form there that is sent to that path."""
    return next(told for where, told in Forms(page).found if where == action)


def press(one, page, action, **typed):
    """The answer to that form of the page, with what is typed into it."""
    return one.post(action, **fields(page, action) | typed)


def owner(shopper, package="team", brand="acme", rig=None, **set_):
    """A customer whose account is there."""
    one = shopper(brand, rig, **set_).sign_up()
    one.paid(one.order(one.quote(package)))
    one.rig.run()
    return one


def account(one):
    """His only one."""
    with one.parts.database.read() as tx:
        client = one.who.client
        [place] = whereabouts.of_clients(tx, [client]).read()[client]
        return accounts.load(tx, place.account)


def paid_until(one):
    mine = account(one)
    return acting.along(mine, mine.services[0], one.parts.catalog).paid_until


def given(one, kind="boost", id_="ticket-1"):
    """A coupon that staff gave him."""
    new = Coupon(f"{id_}/{account(one).id}", kind, account(one).id,
                 one.rig.clock.now(), "admin", "for the outage")  # fmt: skip
    with one.parts.database.change() as tx:
        assert coupons.add(tx, new)
    return new.id


def kept(one, id_):
    with one.parts.database.read() as tx:
        return coupons.one(tx, id_)


def told(one, answer):
    """What is said on the page an answer leads to."""
    return one.get(answer.headers["Location"]).text
