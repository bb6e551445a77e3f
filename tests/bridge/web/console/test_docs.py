"""The page on which people read what programs may ask."""

from bridge.web.api.declared import every
from tests.engines import on_sqlite
from tests.visit import Visit


@on_sqlite
def test_each_call_stands_on_it_with_its_examples(rig):
    """Made of the same document: nothing of another host, and none is left out."""
    page = Visit(rig, "auditor").get("/docs").text
    paths = {one.path for one in every() if "<" not in one.path}

    assert [] == [path for path in sorted(paths) if f"<code>{path}</code>" not in page]
    assert page.count("<h4>curl</h4>") == len(list(every()))
    assert "http://" not in page
    assert "https://" not in page
