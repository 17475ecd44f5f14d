"""Writes tables.json: tables as programs write them, and what pandas reads in them. pandas 3.0.1 or later."""

import base64
import io
import json
import pathlib

import numpy as np
import pandas as pd

German = "Nr;Länge;Gewicht;Neu\r\n1;1.234,5;0,75;WAHR\r\n2;-12,25;3;FALSCH\r\n3;7;1e-3;WAHR\r\n;;;\r\n;;;\r\n"
frame = pd.DataFrame({"a": [0.1, 2.5, -3e-7], "b": [7, -8, 9], "c": [True, False, True]}, index=[4, 0, 2])
saved = io.StringIO()
np.savetxt(saved, np.array([[1.5, -2e10], [1 / 3, 0]]), header="x y")

# name, bytes, the arguments here, the arguments there
CASES = [
    ("German spreadsheet, Windows-1252", German.encode("cp1252"), {"encoding": "windows_1252", "thousands": "."},
     dict(sep=";", decimal=",", thousands=".", encoding="cp1252", true_values=["WAHR"], false_values=["FALSCH"])),
    ("German spreadsheet, UTF-8 with a mark", ("\ufeff" + German).encode(), {"thousands": "."},
     dict(sep=";", decimal=",", thousands=".", true_values=["WAHR"], false_values=["FALSCH"])),
    ("Excel's Unicode text", "\ufeffa\tb\r\n1\t2\r\n3\t4\r\n".encode("utf-16-le"), {}, dict(sep="\t", encoding="utf-16")),
    ("UTF-16, big end first", "\ufeffä\tb\n1\t2\n".encode("utf-16-be"), {}, dict(sep="\t", encoding="utf-16")),
    ("pandas with its index", frame.to_csv().encode(), {}, dict(index_col=0)),
    ("pandas without names", pd.DataFrame(np.arange(6).reshape(2, 3)).to_csv(index=False).encode(), {}, {}),
    ("R with row names", b'"","x","y"\n"p",1,2.5\n"q",3,4\n', {}, dict(index_col=0)),
    ("numpy.savetxt", saved.getvalue().encode(), {"comment": "#", "header": False}, dict(sep=" ", comment="#", header=None)),
    ("aligned with blanks", b"  a   b\n  1  -2\n 10 2.5  \n", {}, dict(sep=r"\s+")),
    ("no header", b"5.1,3.5\n4.9,3.0\n", {"header": False}, dict(header=None)),
    ("no header, decimal commas", b"5,1;3,5\n4,9;3\n", {"header": False}, dict(sep=";", decimal=",", header=None)),
    ("quotes with everything in them", b'"a,b","c\nd","e ""f"""\n"1","2",3\n', {}, {}),
    ("old line ends", b"a,b\r1,2\r3,4\r", {}, {}),
    ("blank lines at the end, separators at the ends of lines", b"a,b,\n1,2,\n3,4,\n\n\n", {}, dict(usecols=["a", "b"])),
    ("truth values", b"a,b\nyes,True\nno,FALSE\n", {}, dict(true_values=["yes"], false_values=["no"])),
    ("gaps that are dropped", b"a,b\n1,2\n,3\nNA,4\n5,NaN\n6,7\n", {"missing": "drop"}, {"dropped": True}),
    ("gaps that are filled", b"a,b\n1,\n#N/A,3\n", {"fill": -1}, {"filled": -1}),
    ("groups of digits", b'a,b\n"1,234,567","12"\n"-1,000.5",3\n', {"thousands": ","}, dict(thousands=",")),
    ("comments", b"# made by hand\na,b\n1,2\n# half\n3,4\n", {"comment": "#"}, dict(comment="#")),
    ("bars", b"a|b\n1|2\n", {}, dict(sep="|")),
    ("numbers of all lengths", ("x\n" + "\n".join(
        ["0.1", "1e22", "123456789012345678", "9007199254740993", "4.9e-324", "-0", "+7", ".5", "5.", "1.7976931348623157e30",
         "16777217", "0.30000000000000004", "33554433.000000001"])).encode(), {}, {}),
]


def expected(content, arguments):
    fill, dropped = arguments.pop("filled", None), arguments.pop("dropped", False)
    table = pd.read_csv(io.BytesIO(content), **arguments)
    table = table.dropna(how="all")
    if dropped:
        table = table.dropna()
    if fill is not None:
        table = table.fillna(fill)
    return {
        "columns": [str(c + 1) if arguments.get("header", 0) is None else str(c) for c in table.columns],
        "values": table.astype("float64").astype("float32").to_numpy().tolist(),
    }


cases = [
    {"name": name, "content": base64.b64encode(content).decode(), "given": given, **expected(content, dict(there))}
    for name, content, given, there in CASES
]
pathlib.Path(__file__).with_name("tables.json").write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")
