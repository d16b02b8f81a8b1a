"""
The page on which a clerk has a file judged before it is delivered: `xinyong check` behind Airflow's sign-in.

Nothing is written to the warehouse. The command runs in a process of its own, so that neither its memory nor a hostile
file stays with the server; the file lies in a folder that is gone with the answer, and comes back annotated.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader
from starlette.datastructures import UploadFile

from xinyong.catalogue import catalogue
from xinyong.catalogue.feeds import CsvSource, ExcelSource
from xinyong.settings import root

LARGEST = 50_000_000  # bytes of a request; the largest file a section delivers in a night has a tenth of it
SECONDS = 180.0
_LONGEST_NAME = 60  # characters, of which each may take four bytes of the 255 that a file's name may have
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BROKE_OFF = 70  # what sysexits.h calls an error of the program itself
# What breaks off is told by its kind: a traceback helps no clerk, and an error's own words may quote a cell.
_COMMAND = f"""
from xinyong.cli import app
try:
    app()
except Exception as error:
    print(type(error).__name__)
    raise SystemExit({_BROKE_OFF}) from None
"""
_TEMPLATE = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True).get_template("check_page.html")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Cache-Control": "no-store",
}

app = FastAPI(title="xinyong", openapi_url=None, dependencies=[Depends(get_user)])
_one_at_a_time = asyncio.Semaphore(1)  # a check takes as much memory as a task


@app.get("/")
async def form() -> HTMLResponse:
    """Show the form."""
    return _page()


@app.post("/")
async def judged(request: Request) -> Response:
    """Judge the file of the form; answer with its annotated copy, or with what there is to say about it."""
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > LARGEST:
        return _page(f"文件过大或者长度不明，每次最多 {LARGEST // 1_000_000} MB，请分批检查。", 413)
    async with request.form(max_files=1, max_fields=2) as sent:
        feed, file = sent.get("feed"), sent.get("file")
        if feed not in _feeds() or not isinstance(file, UploadFile) or not file.filename:
            return _page("请选择数据来源和文件。", 422)
        return await _answer(str(feed), file)


async def _answer(feed: str, file: UploadFile) -> Response:
    name = Path((file.filename or "").replace("\\", "/")).name
    with tempfile.TemporaryDirectory(prefix="xinyong-check-") as folder:
        path = Path(folder) / _kept_name(name)
        with path.open("wb") as target:
            while part := await file.read(1 << 20):
                target.write(part)
        async with _one_at_a_time:
            code, said = await _command("check", str(path), "--feed", feed)
        copy = path.with_name(f"{path.stem}_checked.xlsx")
        if code == _BROKE_OFF:
            kind = (said.split() or ["?"])[-1]
            return _page(f"检查没有完成：程序出错（{kind}）。请把这句话和这个文件交给运维人员。", 500)
        if not copy.exists():
            return _page(said.replace(f"{folder}/", ""), 200 if code == 0 else 422)
        told = {"Content-Disposition": f"attachment; filename*=utf-8''{quote(Path(name).stem)}_checked.xlsx"}
        return Response(copy.read_bytes(), media_type=_WORKBOOK, headers=_HEADERS | told)


def _kept_name(name: str) -> str:
    """Return the name of a clerk's file as one that any file system takes, so that what is said of it names it."""
    path = Path("".join(sign for sign in name if sign.isprintable()))
    return f"{path.stem.strip('.')[:_LONGEST_NAME] or 'file'}{path.suffix.lower()[:5]}"


async def _command(*arguments: str) -> tuple[int | None, str]:
    """Run one of our commands; return how it ended and what it said. One that takes too long is ended."""
    pipe, both = asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
    command = (sys.executable, "-c", _COMMAND, *arguments)
    process = await asyncio.create_subprocess_exec(*command, cwd=root(), stdout=pipe, stderr=both)
    try:
        said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    except TimeoutError:
        return None, f"检查超过 {SECONDS:.0f} 秒，已停止。请分批检查。"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, said.decode("utf-8", "replace")


def _feeds() -> dict[str, str]:
    """Return the feeds that are delivered as files, with their titles."""
    feeds = catalogue().feeds.items()
    return {name: one.title.zh for name, one in feeds if isinstance(one.source, CsvSource | ExcelSource)}


def _page(said: str = "", status: int = 200) -> HTMLResponse:
    text = _TEMPLATE.render(feeds=_feeds(), said=said, limit=LARGEST // 1_000_000)
    return HTMLResponse(text, status, headers=_HEADERS)
