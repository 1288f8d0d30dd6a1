"""What is served: one small script."""

from __future__ import annotations

import gzip

from fastapi.testclient import TestClient

from chat.channels.widget import widget_script

#: Bytes, compressed.
MOST = 25_000


def test_the_script_is_small_and_cached(client: TestClient) -> None:
    whole = client.get("/widget.js", headers={"Accept-Encoding": "br, gzip;q=0.8"})
    assert whole.status_code == 200
    assert whole.headers["content-type"] == "text/javascript; charset=utf-8"
    assert whole.headers["content-encoding"] == "gzip"
    assert int(whole.headers["content-length"]) < MOST
    assert "max-age" in whole.headers["cache-control"]
    assert whole.text == widget_script(400)
    again = client.get("/widget.js", headers={"If-None-Match": f'"other", {whole.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/widget.js", headers={"If-None-Match": '"other"'}).status_code == 200


def test_who_takes_no_gzip_gets_none(client: TestClient) -> None:
    for accepted in ("identity", "gzip;q=0", "gzip; q=0.0, br"):
        plain = client.get("/widget.js", headers={"Accept-Encoding": accepted})
        assert "content-encoding" not in plain.headers
        assert plain.text == widget_script(400)
    head = client.head("/widget.js", headers={"Accept-Encoding": "gzip"})
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(gzip.compress(widget_script(400).encode(), mtime=0))


def test_nothing_in_it_needs_a_looser_policy_or_another_server() -> None:
    script = widget_script(400)
    for word in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "!important"):
        assert word not in script
    assert "document.cookie" not in script
    assert [word for word in script.split('"') if word.startswith("http")] == ["http://www.w3.org/2000/svg"]
