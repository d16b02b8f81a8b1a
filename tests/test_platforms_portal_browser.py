"""The portal in a real browser: search, keyboard, phone, colours, and text that tries to be more than text."""

from __future__ import annotations

import shutil
import subprocess
from urllib.parse import quote

import pytest
from browser import Browser, program
from messages import COMPANY
from portals import OTHER, a_portal, a_publication, an_entry

from sandbox.portal import serve_portal

pytestmark = pytest.mark.skipif(program() is None, reason="no Chromium on this machine; apt-get install chromium")

HOSTILE = {
    "script": "<script>window.hostile=1</script>有限公司",
    "picture": '"><img src=x onerror="window.hostile=1">贸易行',
    "closing": "</bdi></a></table></script><svg onload=window.hostile=1>厂",
    "template": "{{ 7*7 }}${7*7}<%= 7*7 %>店",
    "turned": "正常\u202e司公限有\u202c\u200b\u2066贸易",
    "line separators": "甲\u2028乙\u2029');window.hostile=1;//公司",
    "long": "长" * 1500 + "有限公司",
}
# Signs that Python and a browser might bring into one form differently.
ODD = [
    "𠮷野家（三明）餐饮店",
    "ＡＢＣ电子Ⅳ厂",
    "㈱东芝泰格",
    "ﬁne·咖啡",
    "Straße İstanbul 商行",
    "①②③超市",
    "e\u0301clair 饼屋",
    "ｶﾞｽ站",
]
THE_276TH = "闽明工信罚〔2026〕第276号"
PAGES = (
    "index.html",
    "search.html?q=竹木",
    "list/penalty/index.html",
    "list/penalty/2026-11/1.html",
    "data/index.html",
)


@pytest.fixture(scope="module")
def browser():
    started = Browser()
    yield started
    started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write a portal with ordinary, odd and hostile records."""
    folder = tmp_path_factory.mktemp("browser") / "portal"
    names = [*HOSTILE.values(), *ODD]
    strange = [
        an_entry(
            at,
            行政相对人名称=name,
            统一社会信用代码=None,
            违法事实=name,
            行政处罚决定书文号=f"{name[:100]}〔2026〕{at}号",
        )
        for at, name in enumerate(names, 100)
    ]
    ordinary = [an_entry(1), an_entry(2, 异议标注="异议处理中"), an_entry(3, **OTHER)]
    ordinary += [an_entry(4, 行政处罚决定书文号=THE_276TH)]
    ordinary += [an_entry(5, 行政相对人名称="梅列甲小吃店", 统一社会信用代码="00000000000000000X")]
    a_portal(folder, page_size="50", subject_page_size="100").send(a_publication(*ordinary, *strange))
    return folder


@pytest.fixture(scope="module")
def site(folder):
    handle = serve_portal(folder)
    yield handle.url
    handle.stop()


def found(browser, base, query):
    """Search and return what the page says and shows."""
    browser.open(f"{base}search.html?q={quote(query)}")
    return browser.ask(
        """new Promise((done) => { const look = () => {
          const results = document.getElementById("results"), says = document.getElementById("status").textContent;
          if (results.getAttribute("aria-busy") === "false" && says && !says.startsWith("正在"))
            done({says, names: [...results.querySelectorAll("h3")].map((one) => one.textContent),
                  links: [...results.querySelectorAll("a")].map((one) => one.href)});
          else setTimeout(look, 10); }; look(); })"""
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("沙县金桥", OTHER["行政相对人名称"], id="part of a name"),
        pytest.param("竹木  沙县", OTHER["行政相对人名称"], id="words in any order"),
        pytest.param(OTHER["统一社会信用代码"].lower(), OTHER["行政相对人名称"], id="code in lower case"),
        pytest.param("９１３５０４２７ＭＡ２ＸＮ１ＡＢ０Ｃ", OTHER["行政相对人名称"], id="code in full width"),
        pytest.param(OTHER["统一社会信用代码"][8:17], OTHER["行政相对人名称"], id="code of the organisation"),
        pytest.param("闽明工信罚(2026)3号", "闽明工信罚〔2026〕3号", id="document with other brackets"),
        pytest.param("[2026] 3 号", "闽明工信罚〔2026〕3号", id="end of a document number"),
        pytest.param("〔2026〕第３号", "闽明工信罚〔2026〕3号", id="number with 第"),
        pytest.param("（2026）276号", THE_276TH, id="number without 第"),
        pytest.param("2026第276号", THE_276TH, id="number with 第 as it was written"),
        pytest.param("76", THE_276TH, id="last two digits of a number"),
        pytest.param(OTHER["统一社会信用代码"][:17], OTHER["行政相对人名称"], id="code without its last sign"),
        pytest.param(OTHER["统一社会信用代码"][6:], OTHER["行政相对人名称"], id="end of a code"),
    ],
)
@pytest.mark.parametrize("way", ["over HTTP", "from the folder"])
def test_the_public_finds_a_record(browser, site, folder, way, query, expected):
    base = site if way == "over HTTP" else f"{folder.as_uri()}/"
    result = found(browser, base, query)
    assert expected in result["names"]
    assert browser.complaints() == []
    assert [address for address in browser.asked_for() if not address.startswith(base)] == []


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("无此企业名称", "没有找到名称中有这些字的主体"),
        ("闽明工信罚", "只输入其中的机关代字不能检索"),
        ("91350", "统一社会信用代码共18位（已输入5位）"),
        (COMPANY["uscc"][:16], "统一社会信用代码共18位（已输入16位）"),
        ("91350427MA2XN1AB9X", "没有这一代码的主体"),
        ("MA2XN1AB9", "没有这一代码的主体"),
        ("99", "请输入完整的文号"),
        ("3号", "请输入完整的文号"),
        ("〔2026〕99号", "请输入完整的文号"),
        ("00000000000000000x", "表示没有登记统一社会信用代码"),
        ("沙", "请至少输入两个字"),
        ("constructor", "没有找到"),
        ("__proto__", "没有找到"),
    ],
)
def test_a_search_without_result_says_so(browser, site, query, says):
    result = found(browser, site, query)
    assert says in result["says"]
    assert result["names"] == []


@pytest.mark.parametrize("name", [*ODD, *HOSTILE.values()], ids=lambda name: ascii(name)[:20])
def test_every_name_is_found_by_itself_and_is_only_text(browser, site, name):
    result = found(browser, site, name[:200])
    assert name in result["names"]
    assert browser.ask("window.hostile === undefined")
    page = next(link for link in result["links"] if "/subject/" in link)
    browser.open(page)
    assert browser.ask("document.querySelector('h1').textContent") == name.replace("\r\n", "\n")
    assert browser.ask("window.hostile === undefined && document.querySelectorAll('script, img, svg').length === 0")
    assert browser.ask("document.documentElement.scrollWidth <= window.innerWidth")
    assert browser.complaints() == []


def test_who_has_no_code_is_found_as_one_without(browser, site):
    assert "梅列甲小吃店" in found(browser, site, "小吃店")["names"]
    told = browser.ask("document.getElementById('results').textContent")
    assert "统一社会信用代码未登记" in told
    assert "00000000" not in told


def test_the_search_is_reached_and_used_with_the_keyboard_alone(browser, site):
    browser.open(site)
    focus = "document.activeElement.className || document.activeElement.id"
    browser.press("Tab")
    assert browser.ask(focus) == "skip"
    assert browser.ask("document.activeElement.getBoundingClientRect().left >= 0")  # it is seen while it has focus
    browser.press("Enter")
    assert browser.ask("location.hash") == "#content"
    browser.press("Tab")
    assert browser.ask(focus) == "q"
    assert browser.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.call("Input.insertText", text="竹木")
    browser.events.clear()
    browser.press("Enter")
    browser.loaded()
    assert "search.html?q=%E7%AB%B9%E6%9C%A8" in browser.ask("location.href")


def test_nothing_is_wider_than_a_phone(browser, site):
    browser.resize(360, 740, mobile=True)
    try:
        for page in (*PAGES, "guide/objection.html", found(browser, site, "沙县")["links"][0].removeprefix(site)):
            browser.open(site + quote(page, safe="/?="))
            wide = browser.ask("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, page
    finally:
        browser.resize(1280, 900)


CONTRAST = """(() => {
  const part = (v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (one) => {
    for (; one; one = one.parentElement) {
      const colour = parts(getComputedStyle(one).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const one of document.querySelectorAll("body *")) {
    if (![...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const colour = getComputedStyle(one).color, a = light(parts(colour)), b = light(ground(one));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) bad.push([one.tagName, one.className, colour, ratio.toFixed(2)].join(" "));
  }
  return bad;
})()"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser, site, scheme):
    browser.colours(scheme)
    try:
        subject = found(browser, site, COMPANY["uscc"])["links"][0].removeprefix(site)
        for page in (*PAGES, "guide/repair.html", subject):
            browser.open(site + quote(page, safe="/?="))
            assert browser.ask(CONTRAST) == [], page
    finally:
        browser.colours("light")


@pytest.mark.proofs
def test_axe_finds_nothing_to_complain_about(browser, site, tmp_path):
    npm = shutil.which("npm")
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(tmp_path), "axe-core@4"]
    if npm is None or subprocess.run(command, check=False).returncode:
        pytest.skip("axe-core cannot be installed here; it needs npm and a registry")
    axe = (tmp_path / "node_modules/axe-core/axe.min.js").read_text("utf-8")
    subject = found(browser, site, COMPANY["uscc"])["links"][0].removeprefix(site)
    for width in (1280, 360):
        browser.resize(width, 900, mobile=width < 700)
        for page in (*PAGES, "guide/objection.html", "guide/about.html", subject):
            browser.open(site + quote(page, safe="/?="))
            browser.ask(axe + ";0")
            told = browser.ask(
                "axe.run({resultTypes: ['violations']}).then((r) => r.violations.map((v) => v.id + v.nodes[0].html))"
            )
            assert told == [], (page, width)
    browser.resize(1280, 900)
