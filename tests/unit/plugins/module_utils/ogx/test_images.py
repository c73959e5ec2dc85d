# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.ogx import images

VENDOR = "registry.example/vendor/"


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("docker.io/ogxai/distribution-starter:1.3.0", (1, 3, 0)),
        ("mirror.example:5000/ogxai/distribution-starter:v1.4.1-patched", (1, 4, 1)),
        ("distribution-starter:0.7.3@sha256:0123abcd", (0, 7, 3)),
        ("docker.io/ogxai/distribution-starter:latest", None),
        ("docker.io/ogxai/distribution-starter", None),
        ("mirror.example:5000/starter", None),
        ("starter@sha256:0123abcd", None),
        ("starter:7", None),
    ],
)
def test_the_tag_tells_the_release(image: str, version: tuple | None) -> None:
    assert images.server_version(image) == version


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("odh-llama-stack-core-rhel9:v3.4", (0, 7, 3)),
        ("odh-ogx-core-rhel9:v3.5.1", (1, 2, 2)),
        ("llama-stack:rhoai-v3.3-latest", (0, 4, 7)),
        ("odh-ogx-core-rhel9:v9.9", None),
        ("odh-ogx-core-rhel9:1.3.0", None),
    ],
)
def test_a_vendors_tag_is_the_release_of_the_platform(image: str, version: tuple | None) -> None:
    assert images.server_version(VENDOR + image) == version


def test_the_default_image_can_do_everything() -> None:
    assert images.shortcoming(images.DEFAULT_IMAGE, needs_alias=True) is None


def test_an_image_without_aliases_is_refused_only_where_one_is_needed() -> None:
    assert "alias" in (images.shortcoming("starter:0.7.3", needs_alias=True) or "")
    assert images.shortcoming("starter:0.7.3", needs_alias=False) is None
    assert images.shortcoming("starter:0.8.0", needs_alias=True) is None


def test_an_image_that_does_not_start_with_the_configuration_is_refused() -> None:
    assert "administrative paths" in (images.shortcoming("starter:0.4.7", needs_alias=False) or "")


def test_an_unknown_image_is_given_the_benefit_of_the_doubt() -> None:
    assert images.shortcoming("starter:latest", needs_alias=True) is None
