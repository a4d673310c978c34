"""The Dockerfile makes what images.sh makes: no engine is needed to see that they have not drifted apart."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SCRIPT = (ROOT / "tests/cluster/images.sh").read_text()


def stage(name: str) -> str:
    """The instructions of one stage."""
    found = re.search(rf"^FROM (\S+) AS {name}\n(.*?)(?=^FROM |\Z)", DOCKERFILE, re.M | re.S)
    assert found, name
    return found[0]


def images() -> dict[str, list[str]]:
    """Each image of the product and its programs, the first of which it runs."""
    found = re.findall(r"^image aigateway-(\w+) ([\w -]+)$", SCRIPT, re.M)
    return {name: programs.split() for name, programs in found}


def test_both_images_have_the_programs_of_the_script() -> None:
    assert set(images()) == {"operator", "proxy"}
    for name, programs in images().items():
        text = stage(name)
        assert text.startswith("FROM base AS ")
        assert re.findall(r"/programs/(\S+)", text) == programs
        assert f'ENTRYPOINT ["/usr/local/bin/{programs[0]}"]' in text


def test_they_are_built_by_the_same_script_from_the_pinned_compiler() -> None:
    build = stage("build")
    pinned = re.search(r'^rust-version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.M)
    assert pinned
    assert build.startswith(f"FROM rust:{pinned[1]} ")
    built = re.search(r"tests/cluster/build-programs\.sh /programs (.*)$", build, re.M)
    assert built
    assert set(built[1].split()) == {program for programs in images().values() for program in programs}


def test_they_have_nothing_but_certificates_and_a_user_that_is_not_root() -> None:
    base = stage("base")
    assert base.startswith("FROM scratch ")
    user = re.search(r"--user (\S+)", SCRIPT)
    assert user
    assert f"USER {user[1]}" in base
    copied = set(re.findall(r"^COPY .*?(\S+)$", base, re.M))
    assert copied == {to.strip('"') for to in re.findall(r"--file \S+=(/etc/\S+)", SCRIPT)}
