"""A world of the sandbox for the tests about it, with the folder of the test as `var`."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The ordinary world, without an enforcement database."""
    return World(var=tmp_path)


@pytest.fixture
def registry_file(tmp_path: Path) -> Path:
    """A registry as a real one looks: new codes, old numbers of 15 and 13 digits, one number that is none."""
    path = tmp_path / "enterprises.csv"
    rows = [
        "企业名称,注册号/统一社会信用代码,登记机关,管辖单位",
        "三明市测试机械有限公司,91350402MA2XYKT640,三明市市场监督管理局,城关所",
        "北京测试有限公司,91110000600037341L,北京市市场监督管理局,海淀所",
        "三明市老号有限公司,350400100000003,三明市市场监督管理局,列东所",
        "三明市老号五金厂,110000000000017,三明市市场监督管理局,列东所",
        "永安市更老有限公司,3301841016454,永安市市场监督管理局,城关所",
        "三明市外资有限公司,企合闽明总字第002112号,三明市市场监督管理局,城关所",
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8-sig")
    return path
