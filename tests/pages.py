"""The commands of a Markdown page, and what they print: a block of `sh`, and a block of `text` right after it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """One block of commands."""

    line: int
    commands: str
    printed: str | None

    def __str__(self) -> str:
        """Names the test case."""
        return f"line-{self.line}"


def blocks(text: str) -> list[Block]:
    """All blocks of commands of a page, in order."""
    fence = re.compile(
        r"^```sh\n(.*?)^```\n(?:\n*^```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL
    )
    return [
        Block(text.count("\n", 0, one.start()) + 1, one[1], one[2])
        for one in fence.finditer(text)
    ]


def matches(printed: str, pattern: str) -> bool:
    """Whether a text is as written, `...` standing for anything; blanks beside each other count as one."""
    parts = [re.escape(part) for part in squeezed(pattern).split("...")]
    return re.fullmatch(".*?".join(parts), squeezed(printed), re.DOTALL) is not None


def squeezed(text: str) -> str:
    """The text with single blanks, and none around it."""
    return re.sub(r"[ \t]+", " ", text.strip())
