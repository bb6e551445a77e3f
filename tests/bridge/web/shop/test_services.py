"""What a customer has, some at a time."""

import re

from bridge.web.shop import services
from tests.bridge.web.shop.pressing import owner


def test_many_services_are_shown_some_at_a_time_each_once(shopper, monkeypatch):
    """C16: all there are, by pages; another's name leads nowhere."""
    # Guard off (`first` always 0): red, the second page is the first.
    monkeypatch.setattr(services, "MOST", 2)
    one = owner(shopper)
    for _ in range(2):
        one.paid(one.order(one.quote("team")))
        one.rig.run()
        one.rig.wait(1)
    ben = owner(shopper, rig=one.rig)
    [other] = shown(ben.get("/services").text)
    first = one.get("/services").text
    [more] = re.findall(r'href="(/services\?after=[^"]+)"', first)
    rest, theirs = one.get(more).text, one.get(f"/services?after={other}").text

    assert (2, 1) == (len(shown(first)), len(shown(rest)))
    assert 3 == len({*shown(first), *shown(rest)})
    assert "?after=" not in rest
    assert shown(first) == shown(theirs)


def shown(page):
    return re.findall(r'href="/services/([^"?]+)"', page)
