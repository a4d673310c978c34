"""Writes a container image from plain files, without a container engine, as an archive in OCI's image layout.

One layer, uncompressed; fixed times, owners and order: the same inputs give the same bytes, and so the same digest.
`ctr images import`, `docker load`, `podman load` and `skopeo copy oci-archive:...` take the archive.
Format: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
"""

import argparse
import hashlib
import io
import json
import platform
import tarfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
LONG_AGO = "1970-01-01T00:00:00Z"
OCI = "application/vnd.oci.image"


@dataclass(frozen=True)
class File:
    """A file of the image."""

    path: str
    mode: int
    content: bytes

    @classmethod
    def parse(cls, text: str) -> "File":
        """From `SOURCE=/PATH`; it may be executed if the source may be."""
        source, _, path = text.partition("=")
        mode = 0o755 if Path(source).stat().st_mode & 0o100 else 0o644
        return cls(path, mode, Path(source).read_bytes())


@dataclass
class Image:
    """What an image holds and how it starts."""

    name: str
    files: list[File]
    entrypoint: list[str]
    user: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    architecture: str = field(default_factory=lambda: ARCHITECTURES[platform.machine()])

    def layer(self) -> bytes:
        """The files and the folders that they are in."""
        folders = {str(parent) for file in self.files for parent in PurePosixPath(file.path).parents} - {"/"}
        entries = [entry(f"{folder}/", 0o755) for folder in sorted(folders)]
        entries += [entry(file.path, file.mode, file.content) for file in sorted(self.files, key=lambda one: one.path)]
        return archive(entries)

    def config(self, layer: str) -> dict[str, Any]:
        """How a container of it starts."""
        wanted = {"Entrypoint": self.entrypoint, "User": self.user, "Labels": self.labels, "WorkingDir": "/"}
        return {
            "architecture": self.architecture,
            "os": "linux",
            "created": LONG_AGO,
            "config": {name: value for name, value in wanted.items() if value},
            "rootfs": {"type": "layers", "diff_ids": [layer]},
            "history": [{"created": LONG_AGO, "created_by": "mkimage.py"}],
        }


@dataclass
class Blobs:
    """Content by its digest."""

    blobs: dict[str, bytes] = field(default_factory=dict)

    def add(self, kind: str, content: bytes) -> dict[str, Any]:
        """Keeps it; what refers to it."""
        digest = hashlib.sha256(content).hexdigest()
        self.blobs[digest] = content
        return {"mediaType": f"{OCI}.{kind}", "digest": f"sha256:{digest}", "size": len(content)}

    def entries(self) -> list[tuple[tarfile.TarInfo, bytes]]:
        """The blobs as an archive has them."""
        return [entry(path_of(digest), 0o644, content) for digest, content in sorted(self.blobs.items())]


def path_of(digest: str) -> str:
    """Where the layout keeps a blob."""
    return f"blobs/sha256/{digest.removeprefix('sha256:')}"


def entry(path: str, mode: int, content: bytes = b"") -> tuple[tarfile.TarInfo, bytes]:
    """A file, or a folder where the path ends in a slash, of nobody's and of no time."""
    info = tarfile.TarInfo(path.strip("/"))
    info.type = tarfile.DIRTYPE if path.endswith("/") else tarfile.REGTYPE
    info.mode, info.size = mode, len(content)
    return info, content


def archive(entries: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    """A tar of these, in their order."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in entries:
            tar.addfile(info, io.BytesIO(content) if info.isfile() else None)
    return buffer.getvalue()


def json_bytes(value: object) -> bytes:
    """As JSON, the same each time."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def build(image: Image) -> tuple[bytes, str]:
    """The archive, and the image's digest."""
    blobs = Blobs()
    layer = blobs.add("layer.v1.tar", image.layer())
    config = blobs.add("config.v1+json", json_bytes(image.config(layer["digest"])))
    kind = "manifest.v1+json"
    content = {"schemaVersion": 2, "mediaType": f"{OCI}.{kind}", "config": config, "layers": [layer]}
    manifest = blobs.add(kind, json_bytes(content)) | {
        "platform": {"architecture": image.architecture, "os": "linux"},
        "annotations": {
            "io.containerd.image.name": image.name,
            "org.opencontainers.image.ref.name": image.name.rpartition(":")[2],
        },
    }
    index = {"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": [manifest]}
    # What `docker load` of an engine without containerd's image store reads.
    docker = [
        {"Config": path_of(config["digest"]), "RepoTags": [image.name], "Layers": [path_of(layer["digest"])]},
    ]
    described = [
        entry("oci-layout", 0o644, json_bytes({"imageLayoutVersion": "1.0.0"})),
        entry("index.json", 0o644, json_bytes(index)),
        entry("manifest.json", 0o644, json_bytes(docker)),
    ]
    return archive(described + blobs.entries()), manifest["digest"]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write a container image as an OCI archive.")
    parser.add_argument("--output", type=Path, required=True, help="the archive to write")
    parser.add_argument("--name", required=True, help="REGISTRY/NAME:TAG")
    parser.add_argument("--entrypoint", action="append", default=[], help="a word of the command; repeatable")
    parser.add_argument("--user", default="", help="UID or UID:GID")
    parser.add_argument("--label", action="append", default=[], help="NAME=VALUE; repeatable")
    parser.add_argument("--file", action="append", default=[], type=File.parse, help="SOURCE=/PATH; repeatable")
    asked = parser.parse_args()
    labels = dict(label.split("=", 1) for label in asked.label)
    content, digest = build(Image(asked.name, asked.file, asked.entrypoint, asked.user, labels))
    asked.output.write_bytes(content)
    print(f"{asked.name} {digest} {len(content) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
