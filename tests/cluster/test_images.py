"""Images: the same inputs give the same digest, and there is nothing in them that need not be."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from mkimage import File, Image, build

ALL = ["aigateway-operator", "aigateway-proxy"]
BELONGS = {
    "aigateway-operator": {"usr/local/bin/aigateway-operator", "usr/local/bin/kubectl-aigateway"},
    "aigateway-proxy": {"usr/local/bin/aigateway-proxy"},
}
EVERYWHERE = {"etc/passwd", "etc/ssl/certs/ca-certificates.crt"}


def parts(archive: Path) -> tuple[dict[str, Any], tarfile.TarFile]:
    """An image's config and its one layer."""
    with tarfile.open(archive) as tar:

        def blob(descriptor: dict[str, Any]) -> bytes:
            found = tar.extractfile("blobs/sha256/" + descriptor["digest"].removeprefix("sha256:"))
            assert found
            return found.read()

        index = tar.extractfile("index.json")
        assert index
        manifest = json.loads(blob(json.load(index)["manifests"][0]))
        (layer,) = manifest["layers"]
        return json.loads(blob(manifest["config"])), tarfile.open(fileobj=io.BytesIO(blob(layer)))


def test_the_same_files_give_the_same_bytes_in_any_order() -> None:
    files = [File("/b/program", 0o755, b"program"), File("/a", 0o644, b"text")]
    one = build(Image("local.test/x:1", files, ["/b/program"], "65532:65532"))
    other = build(Image("local.test/x:1", files[::-1], ["/b/program"], "65532:65532"))
    assert one == other


def test_another_byte_gives_another_digest() -> None:
    digests = {build(Image("local.test/x:1", [File("/a", 0o644, content)], ["/a"]))[1] for content in (b"1", b"2")}
    assert len(digests) == 2


@pytest.mark.parametrize("name", ALL)
def test_an_image_holds_its_programs_and_no_shell(name: str, images: dict[str, Path]) -> None:
    _, layer = parts(images[name])
    assert {member.name for member in layer if member.isfile()} == BELONGS[name] | EVERYWHERE


@pytest.mark.parametrize("name", ALL)
def test_an_image_runs_as_nobody_of_the_machine(name: str, images: dict[str, Path]) -> None:
    config, layer = parts(images[name])
    assert config["config"]["User"] == "65532:65532"
    assert config["config"]["Entrypoint"] == [f"/usr/local/bin/{name}"]
    assert all(member.mode & 0o6022 == 0 and member.uid == 0 for member in layer)
