# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option of every module that quotes servers and providers."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  masking:
    description:
      - What to mask in texts of others, as the filter P(llamastack.maas.masking#filter) makes it. What has the shape of a
        known credential is masked without it.
    type: dict
    suboptions:
      values:
        description:
          - Credentials. They are masked in every spelling, such as base64 or URL-encoded.
        type: list
        elements: str
        default: []
      patterns:
        description:
          - Regular expressions for further shapes of credentials. One that ordinary text has, too, is not used.
        type: list
        elements: str
        default: []
      secrets:
        description:
          - Names of Secrets of the namespace. Their values are masked, too, where the caller may read them.
        type: list
        elements: str
        default: []
"""
