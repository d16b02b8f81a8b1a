"""The portal's web server shows its pages and nothing else."""

from urllib.parse import parse_qsl, urlsplit

import requests

from sandbox import systems
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


def test_what_the_pipeline_is_told_names_the_link_and_the_address(tmp_path):
    from contextlib import ExitStack

    (tmp_path / "portal.sites" / "a").mkdir(parents=True)
    (tmp_path / "portal.sites" / "a" / "index.html").write_text("公示", "utf-8")
    (tmp_path / "portal").symlink_to("portal.sites/a")
    with ExitStack() as stack:
        told = urlsplit(systems._portal(systems.Setting(tmp_path, "", b""), stack))
        address = dict(parse_qsl(told.query))["address"]
        assert told.path == str(tmp_path / "portal")
        assert requests.get(address, timeout=5).status_code == 200
