# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One throw-away certificate authority for everything in a sandbox that speaks TLS."""

from __future__ import annotations

from pathlib import Path

import trustme


def create(folder: Path) -> None:
    """Make the authority: ``ca.pem`` (its certificate) and ``ca.key`` (certificate and key, as trustme reads them back)."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA(organization_name="llamastack.maas sandbox")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.private_key_pem.write_to_path(folder / "ca.key")
    (folder / "ca.key").chmod(0o600)


def load(certificate: str | Path, key: str | Path) -> trustme.CA:
    """Read the authority back from its two files."""
    return trustme.CA.from_pem(Path(certificate).read_bytes(), Path(key).read_bytes())


def issue(authority: trustme.CA, certificate: Path, key: Path, *names: str) -> None:
    """Write a certificate chain and key for host names and addresses."""
    leaf = authority.issue_cert(*names)
    certificate.write_bytes(b"".join(part.bytes() for part in leaf.cert_chain_pems))
    key.write_bytes(leaf.private_key_pem.bytes())
    key.chmod(0o600)
