"""What every page must be: one h1, named landmarks, names for controls, nothing inline, nothing from elsewhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"input", "img", "br", "hr", "meta", "link", "use", "path", "rect", "circle", "line", "ellipse", "col", "source"}


@dataclass
class Node:
    tag: str
    attrs: dict[str, str]
    text: str = ""
    children: list[Node] = field(default_factory=list)
    parent: Node | None = None

    @property
    def words(self) -> str:
        """The text a screen reader would say for this element's content."""
        if self.attrs.get("aria-hidden") == "true":
            return ""
        own = self.attrs.get("aria-label") or self.attrs.get("alt") or self.text
        return f"{own} {' '.join(child.words for child in self.children)}".strip()


class Tree(HTMLParser):
    """A small tree of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = self._open = Node("root", {})
        self.all: list[Node] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, parent=self._open)
        self._open.children.append(node)
        self.all.append(node)
        if tag not in VOID:
            self._open = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, parent=self._open)
        self._open.children.append(node)
        self.all.append(node)

    def handle_endtag(self, tag: str) -> None:
        node = self._open
        while node.parent is not None and node.tag != tag:
            node = node.parent
        self._open = node.parent or self.root

    def handle_data(self, data: str) -> None:
        self._open.text += data

    def find(self, *tags: str) -> list[Node]:
        return [node for node in self.all if node.tag in tags]


def problems_of(html: str) -> list[str]:
    """Return what is wrong with a page; an empty list for a good one."""
    tree = Tree(html)
    ids = Counter(node.attrs["id"] for node in tree.all if "id" in node.attrs)
    found = [f"id {name} is used {count} times" for name, count in ids.items() if count > 1]
    found += _inline(tree) + _landmarks(tree) + _names(tree, set(ids)) + _foreign(tree)
    return found


def _inline(tree: Tree) -> list[str]:
    found = [f"<{n.tag}> has an inline style" for n in tree.all if "style" in n.attrs]
    found += [f"<{n.tag}> has {name}" for n in tree.all for name in n.attrs if name.startswith(("on", "hx-on"))]
    found += ["a <style> element" for _ in tree.find("style")]
    scripts = (n for n in tree.find("script") if n.attrs.get("type") != "application/json")
    return found + ["an inline script" for n in scripts if "src" not in n.attrs]


def _landmarks(tree: Tree) -> list[str]:
    found = []
    if len(tree.find("h1")) != 1:
        found.append(f"{len(tree.find('h1'))} h1")
    if len(tree.find("main")) != 1:
        found.append("not one main")
    found += ["a nav without a name" for n in tree.find("nav") if not n.attrs.get("aria-label")]
    if not tree.find("title") or not tree.find("title")[0].text.strip():
        found.append("no title")
    html = tree.find("html")
    return found if html and html[0].attrs.get("lang") else [*found, "no language"]


def _names(tree: Tree, ids: set[str]) -> list[str]:
    labelled = {n.attrs.get("for") for n in tree.find("label")}
    found = []
    for node in tree.find("button", "a"):
        if not node.words:
            found.append(f"a {node.tag} without a name: {node.attrs}")
    for node in tree.find("input", "select", "textarea"):
        if (
            node.attrs.get("type") in {"hidden", "submit"}
            or node.attrs.get("aria-label")
            or node.attrs.get("id") in labelled
        ):
            continue
        if not any(parent.tag == "label" for parent in _parents(node)):
            found.append(f"a control without a label: {node.attrs}")
    for node in tree.all:
        for name in ("aria-labelledby", "aria-describedby", "aria-controls", "popovertarget"):
            found += [f"{name} {ref} leads nowhere" for ref in node.attrs.get(name, "").split() if ref not in ids]
    found += [
        "a table without a caption" for n in tree.find("table") if not any(c.tag == "caption" for c in n.children)
    ]
    return found + ["an img without alt" for n in tree.find("img") if "alt" not in n.attrs]


def _parents(node: Node) -> list[Node]:
    chain = []
    while node.parent is not None:
        node = node.parent
        chain.append(node)
    return chain


def _foreign(tree: Tree) -> list[str]:
    return [
        f"<{n.tag}> leads to {value}"
        for n in tree.all
        for name, value in n.attrs.items()
        if name in {"src", "href", "action", "hx-get"} and value.startswith(("http:", "https:", "//"))
    ]
