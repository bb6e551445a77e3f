"""How a good answer can be dressed so that only a careful reader knows it."""

import json
from dataclasses import replace

from provisioning.simulator.wire import Ending, Reply, compact

HTML = "text/html; charset=UTF-8"
_WARNING = (
    "<br />\n<b>Warning</b>:  Undefined array key &quot;result&quot; in "
    "<b>/usr/ictbroadcast/core/Rest.php</b> on line <b>112</b><br />\n"
)


def plain(reply: Reply) -> Reply:
    return reply


def json_string(reply: Reply) -> Reply:
    """JSON in a string of JSON: to be decoded twice."""
    return replace(reply, body=json.dumps(reply.body))


def bare(reply: Reply) -> Reply:
    """Yes or no without the envelope around it."""
    return replace(reply, body=compact(json.loads(reply.body)[0]))


def one_element(reply: Reply) -> Reply:
    """Yes or no without what it should carry."""
    return replace(reply, body=compact(json.loads(reply.body)[:1]))


def none_listed(reply: Reply) -> Reply:
    """Yes, and nothing in it."""
    return replace(reply, body=compact([json.loads(reply.body)[0], []]))


def numbers_as_strings(reply: Reply) -> Reply:
    return replace(reply, body=compact(json.loads(reply.body, parse_int=str)))


def latin1(reply: Reply) -> Reply:
    """Letters as the vendor's tables hold them, and not a word about it."""
    letters = json.dumps(json.loads(reply.body), ensure_ascii=False)
    return replace(reply, body=letters, encoding="latin-1")


def truncated(reply: Reply) -> Reply:
    return replace(reply, ending=Ending.CUT)


def warned(reply: Reply) -> Reply:
    """A warning of PHP's before whatever is said."""
    return replace(reply, body=_WARNING + reply.body, content_type=HTML)
