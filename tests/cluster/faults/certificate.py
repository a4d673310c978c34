"""Certificates as the fault proxy needs them, made by openssl."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from random import randrange


@dataclass(frozen=True)
class Authority:
    """Who signs: the cluster's own, or one of a test."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Identity:
    """A server's certificate and its key."""

    certificate: Path
    key: Path


def authority(folder: Path) -> Authority:
    """A new authority."""
    made = Authority(folder / "ca.crt", folder / "ca.key")
    _new_key(made.key)
    _openssl("req", "-x509", "-new", "-key", made.key, "-subj", "/CN=test", "-days", "2", "-out", made.certificate)
    return made


def identity(folder: Path, signed_by: Authority, name: str = "proxy") -> Identity:
    """A certificate for 127.0.0.1."""
    made, request, extensions = Identity(folder / f"{name}.crt", folder / f"{name}.key"), *_parts(folder, name)
    _new_key(made.key)
    _openssl("req", "-new", "-key", made.key, "-subj", f"/CN={name}", "-out", request)
    extensions.write_text("extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1\n")
    signer = ["-CA", signed_by.certificate, "-CAkey", signed_by.key, "-set_serial", str(randrange(1, 2**63))]
    _openssl("x509", "-req", "-in", request, *signer, "-days", "2", "-extfile", extensions, "-out", made.certificate)
    return made


def _parts(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}.csr", folder / f"{name}.ext"


def _new_key(file: Path) -> None:
    _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", file)


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=30)
