# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that connect to a cluster and to MaaS: where a relative path leads, and which of them is missing.

On the controller's own machine modules run in the folder of the playbook, which for a playbook of a collection is that
of the collection. Whoever types a relative path means the folder in which they typed it.
"""

from __future__ import annotations

import os
import typing as t

# Options of kubernetes.core that name a file, with their aliases.
_CONNECTION: dict[str, str | None] = {
    "kubeconfig": None,
    "ca_cert": "ssl_ca_cert",
    "client_cert": "cert_file",
    "client_key": "key_file",
}
_CONNECTION_NAMES = tuple(name for names in _CONNECTION.items() for name in names if name)

ARGUMENTS = (*_CONNECTION_NAMES, "ca_file")
"""Arguments of our modules that name a file to read."""

VARIABLES = (
    *(f"K8S_AUTH_{name.upper()}" for name in _CONNECTION_NAMES),
    "KUBECONFIG",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)
"""Environment variables that name a file or folder which our modules read."""

_LISTS = ("kubeconfig", "K8S_AUTH_KUBECONFIG", "KUBECONFIG", "SSL_CERT_DIR")

# Where the Kubernetes client looks when nothing is said.
_DEFAULT_KUBECONFIG = "~/.kube/config"
_NO_CONNECTION = "neither kubeconfig nor KUBECONFIG is given, nor a host with a credential (K8S_AUTH_*)"

# Sets of options beside which no kubeconfig is read.
_ENOUGH_WITHOUT_KUBECONFIG = (("username", "password"), ("api_key",), ("client_cert", "client_key"))


def resolved(given: t.Mapping[str, t.Any], names: t.Iterable[str], folder: str) -> dict[str, str]:
    """Of ``given`` the values by ``names`` that hold a relative path, a ``~`` or a variable, as absolute paths."""
    changed = {}
    for name in names:
        value = given.get(name)
        if isinstance(value, str) and value:
            paths = value.split(os.pathsep) if name in _LISTS else [value]
            absolute = os.pathsep.join(_absolute(path, folder) for path in paths if path)
            if absolute != value:
                changed[name] = absolute
    return changed


def _absolute(path: str, folder: str) -> str:
    path = os.path.expanduser(os.path.expandvars(path))
    return path if os.path.isabs(path) else os.path.normpath(os.path.join(folder, path))


def missing(
    options: t.Mapping[str, t.Any],
    environment: t.Mapping[str, str],
    exists: t.Callable[[str], bool] = os.path.exists,
) -> list[str]:
    """What was named to connect to the cluster and is not there: the option or variable, and the path that was tried.

    ``options`` are those of kubernetes.core. The kubeconfig counts only where it would have been read.
    """
    found = []
    for option, alias in _CONNECTION.items():
        source, value = _given(option, alias, options, environment)
        if option == "kubeconfig":
            if _is_enough(options, environment):
                continue
            if value is None:
                source, value = "KUBECONFIG", environment.get("KUBECONFIG")
            if value is None:
                source, value = _NO_CONNECTION, _DEFAULT_KUBECONFIG
        if isinstance(value, str):
            paths = [os.path.expanduser(path) for path in (value.split(os.pathsep) if option in _LISTS else [value])]
            found += [f"{source}: there is no file {path}" for path in paths if path and not exists(path)]
    return found


def _given(
    option: str, alias: str | None, options: t.Mapping[str, t.Any], environment: t.Mapping[str, str]
) -> tuple[str, t.Any]:
    """Where an option comes from, and its value, in the order of kubernetes.core."""
    if options.get(option) is not None:
        return option, options[option]
    for name in (option, alias):
        variable = f"K8S_AUTH_{name.upper()}" if name else ""
        if environment.get(variable):
            return variable, environment[variable]
    return option, None


def _is_enough(options: t.Mapping[str, t.Any], environment: t.Mapping[str, str]) -> bool:
    def given(option: str) -> bool:
        return bool(_given(option, _CONNECTION.get(option), options, environment)[1])

    return given("host") and any(all(map(given, names)) for names in _ENOUGH_WITHOUT_KUBECONFIG)
