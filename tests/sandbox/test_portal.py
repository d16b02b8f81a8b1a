"""The portal's web server shows its pages and nothing else."""

import requests

from sandbox.portal import serve_portal


def test_it_serves_pages_and_lists_no_folder(tmp_path):
    (tmp_path / "portal" / "penalty").mkdir(parents=True)
    (tmp_path / "portal.sqlite").write_bytes(b"not public")
    (tmp_path / "portal" / "index.html").write_text("公示", "utf-8")
    portal = serve_portal(tmp_path / "portal")
    try:
        codes = [
            requests.get(portal.url + path, timeout=5).status_code for path in ("", "penalty/", "../portal.sqlite")
        ]
    finally:
        portal.stop()
    assert codes == [200, 404, 404]
