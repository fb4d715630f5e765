"""XML documents from outside, parsed without entities.

A document type could declare entities that read other files or fill the memory, so it is refused
before anything behind it is parsed. One format (GE MUSE) always names its external one; that is
let through as long as it declares nothing itself, and it is never fetched.
"""

from xml.etree.ElementTree import Element, fromstring
from xml.parsers import expat

from organtwin.errors import RecordError


def parsed(content: bytes, source: str, *, named_type: str = "") -> Element:
    """The root of an XML document.

    ``named_type`` is a document type that may be named, if it declares nothing in the file.

    Raises
    ------
    RecordError
        It has a document type.
    xml.parsers.expat.ExpatError, xml.etree.ElementTree.ParseError
        It is not well-formed.
    """

    def refuse(name: str, _system: str | None, _public: str | None, declares: bool) -> None:
        if name == named_type and not declares:
            return
        raise RecordError(
            source, "document type", expected="none that declares anything",
            got=f"a declaration of {name!r}",
            remedy="Remove the DOCTYPE if the file can be trusted: it could make the program read "
            "other files, or fill the memory.",
        )  # fmt: skip

    # Expat sees the document type in every encoding, before any entity is declared.
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(content, True)
    return fromstring(content)


def text_of(element: Element | None, path: str) -> str:
    """Text of the first element at ``path`` in any namespace, without blanks; empty for none.

    ``path`` is names joined by ``/``; a leading ``//`` looks at every depth.
    """
    if element is None:
        return ""
    deep = ".//" if path.startswith("//") else ""
    names = "/".join(f"{{*}}{name}" for name in path.lstrip("/").split("/"))
    return (element.findtext(f"{deep}{names}") or "").strip()


def positive(text: str, source: str, field: str) -> float:
    """A number above zero.

    Raises
    ------
    RecordError
        It is none.
    """
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.0 < number < float("inf"):
        raise RecordError(
            source, field, expected="a number above zero", got=text or "nothing",
            remedy="Export the recording again with its calibration.",
        )  # fmt: skip
    return number


def milliseconds(element: Element | None, names: dict[str, str]) -> dict[str, float]:
    """Intervals [s] by quantity, of texts in milliseconds; words and zeros are no measurement."""
    found = {}
    for tag, name in names.items():
        text = text_of(element, tag)
        if text.isdecimal() and int(text):
            found[name] = 1e-3 * int(text)
    return found
