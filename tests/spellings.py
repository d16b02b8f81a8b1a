"""Every way in which an auditor wrote a number to get it past the seal and rule R33, by what is unusual about it."""

from __future__ import annotations

NUMBER = "350402199001010012"
_PLACE, _BORN, _LAST = NUMBER[:6], NUMBER[6:14], NUMBER[14:]


def _in_script(zero, number=NUMBER):
    return number.translate({48 + figure: ord(zero) + figure for figure in range(10)})


def _parted(gap):
    return gap.join((_PLACE, _BORN, _LAST))


RESIDENT = {
    "behind letters": f"身份证号ID{NUMBER}",
    "behind other letters": f"SFZ{NUMBER}，",
    "before a letter": f"{NUMBER}a",
    "line end": _parted("\n"),
    "two blanks": _parted("  "),
    "points": _parted("."),
    "slashes": _parted("/"),
    "brackets": f"{_PLACE}（{_BORN}）{_LAST}",
    "thin space": _parted("\u2009"),
    "zero-width space": _parted("\u200b"),
    "tab": _parted("\t"),
    "middle dot": _parted("·"),
    "low line": _parted("_"),
    "byte order mark after every figure": "\ufeff".join(NUMBER),
    "soft hyphen": _parted("\u00ad"),
    "after every figure": " - ".join(NUMBER),
    "Arabic-Indic": _in_script("٠"),
    "mathematical": _in_script("𝟎"),
    "Tibetan": _in_script("༠"),
    "circled": "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(figure)] for figure in NUMBER),
    "keycaps": "".join(f"{figure}\ufe0f\u20e3" for figure in NUMBER),
    "two together": NUMBER * 2,
    "behind the mark of an item": f"①{NUMBER}",
}
TELEPHONES = {
    "brackets": "（0598）8261234",
    "narrow brackets": "(0598)8261234",
    "together": "电话05988261234",
    "behind letters": "tel05988261234",
    "capital": "010-6552 1234",
    "abroad": "+86-598-8261234",
    "points": "138.0598.1234",
    "two blanks": "138  0598  1234",
    "line end": "1380598\n1234",
    "zero-width space": "138\u200b0598\u200b1234",
    "mathematical": _in_script("𝟎", "13805981234"),
    "Arabic-Indic": _in_script("٠", "13805981234"),
    "behind the mark of an item": "①13805981234",
    "prefix": "008613805981234",
}
PASSPORTS = {
    "passport": "护照E12345678",
    "two letters": "护照号码：EA1234567",
    "parted": "护照 E1234 5678",
    "named afterwards": "E12345678（护照）",
    "foreign": "护照号：123456789",
    "Hong Kong": "港澳居民来往内地通行证H1234567800",
    "Macau": "回乡证号M12345678",
    "Taiwan": "台湾居民来往大陆通行证12345678",
}
OF_NOBODY = {
    "document": "闽明工信罚〔2026〕1号",
    "district, date and serial number behind letters": "SM350402202601010013",
    "dates": "2026/11/20-2099/12/31",
    "dates with points": "2025.11.20 2026.11.20 2027.11.20",
    "amount": "1380598.1234万元",
    "amounts": "100.50 200.75 300.25 400.00 500.00",
    "unified code": "91350402MA2XYKT640",
    "unified code of an office": "11350400003691230N",
    "unified code without letters": "913504007051234560",
    "registration number": "350400100000003",
    "a fraction": "0.05988261234",
    "code behind letters": "MX05988261234",
    "standard": "GB 16297-1996、GB/T 19001-2016",
    "a lorry's permit": "危险化学品道路运输通行证20261120",
    "passport office": "护照2026年11月20日签发",
    "19 figures": f"{NUMBER}0",
}
