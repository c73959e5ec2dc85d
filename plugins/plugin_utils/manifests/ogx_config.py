# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that an instance's server runs from: its configuration and the script that starts it.

Both work unchanged on LlamaStack 0.5 to 0.7 and OGX 0.8 to 1.5; every one of them ignores the keys that it does not
know. Rather than the image's own distribution, which loads every provider there is, the configuration has one
inference provider and nothing else.
"""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.openai import model_names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import registry
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.registry import Provider

CONFIG_FILE = "config.yaml"
START_FILE = "start.sh"

# Where both files are mounted.
DIRECTORY = "/etc/llamastack-maas"

# Where KServe mounts the certificate that the gateway verifies.
TLS_DIRECTORY = "/var/run/kserve/tls"

STORE_VARIABLE = "SQLITE_STORE_DIR"
STORE_DIRECTORY = "/tmp/ogx"

# Nothing else is served: among the rest are the API's own documentation, the list of providers and the routes with
# which models are registered.
OPEN_PATHS = (
    "/v1/health",
    "/v1/version",
    "/v1/models*",
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
)

# Before OGX 1.4 every prompt and answer is stored, whatever the configuration says, and whoever may chat may list
# them. A trigger drops each of these rows; the table is made before the server does, with the columns it expects.
# The release is read from the package, for asking the command itself what it knows takes seconds.
_START_SCRIPT = """\
#!/bin/sh
set -eu
umask 077

# What an earlier start has left may differ from the configuration, and then the server does not start.
rm -f "${store_variable}"/kvstore.db*

release=$(python3 - <<'PYTHON'
import os
import sqlite3
from importlib import metadata

directory = os.environ["{store_variable}"]
os.makedirs(directory, exist_ok=True)
store = sqlite3.connect(os.path.join(directory, "sql_store.db"))
store.executescript(\"\"\"
CREATE TABLE IF NOT EXISTS inference_store (
    id VARCHAR NOT NULL PRIMARY KEY, created INTEGER, model VARCHAR, choices JSON, input_messages JSON,
    access_attributes JSON, owner_principal VARCHAR
);
CREATE TRIGGER IF NOT EXISTS keep_nothing BEFORE INSERT ON inference_store BEGIN SELECT RAISE(IGNORE); END;
\"\"\")
store.close()

try:
    print(metadata.version("ogx"))
except metadata.PackageNotFoundError:
    print("llama-stack")
PYTHON
)

case $release in
  llama-stack) set -- llama stack run ;;
  0.*) set -- ogx stack run ;;
  *) set -- ogx run ;;
esac
exec "$@" "{directory}/{config_file}" --port {port}
"""


def files(instance: t.Mapping[str, t.Any], provider: Provider) -> dict[str, str]:
    """The texts of both files by name, as the ConfigMap of an instance holds them."""
    return {CONFIG_FILE: config_text(instance, provider), START_FILE: start_script()}


def config_text(instance: t.Mapping[str, t.Any], provider: Provider) -> str:
    """The server's configuration for a normalised instance, as YAML; the same text for the same instance."""
    parts = (
        _same_for_all("version", "distro_name", "apis"),
        yaml_text.dump({"providers": {"inference": [_inference_provider(instance, provider)]}}),
        _same_for_all("storage"),
        yaml_text.dump({"registered_resources": {"models": _models(instance, provider)}}),
        _same_for_all("server"),
    )
    return "".join(parts)


@functools.lru_cache(maxsize=None)
def _same_for_all(*keys: str) -> str:
    """Parts that no instance changes. Writing YAML is what costs most of the time that an instance takes."""
    parts = {
        "version": "2",
        "distro_name": "llamastack-maas",
        "apis": ["inference"],
        "storage": _storage(),
        "server": _server(),
    }
    return yaml_text.dump({key: parts[key] for key in keys})


def start_script() -> str:
    """The script that starts the server, for a POSIX shell and a Python with sqlite3."""
    return _START_SCRIPT.format(
        store_variable=STORE_VARIABLE, directory=DIRECTORY, config_file=CONFIG_FILE, port=ownership.SERVER_PORT
    )


def _inference_provider(instance: t.Mapping[str, t.Any], provider: Provider) -> dict[str, t.Any]:
    config = dict(provider["config"])
    for field, value in instance["settings"].items():
        config[provider["settings"][field]["config"]] = value
    for field in instance["credentials"]["fields"]:
        key = provider["credentials"][field["field"]].get("config")
        if key:
            config[key] = f"${{env.{field['env']}:=}}" if field["env"] else field["file"]
    if instance["models"] is not None:
        config["allowed_models"] = _allowed_models(instance["models"], provider)
    # Without it a list that could not be read at the start stays empty for good.
    config["refresh_models"] = True
    return {"provider_id": instance["model_prefix"], "provider_type": provider["type"], "config": config}


def _allowed_models(models: t.Iterable[str], provider: Provider) -> list[str]:
    """Each model as a request names it and as the provider lists it: one filter serves both."""
    allowed: list[str] = []
    for model in models:
        for form in (registry.called_id(provider, model), registry.listed_id(provider, model)):
            if form not in allowed:
                allowed.append(form)
    return allowed


def _models(instance: t.Mapping[str, t.Any], provider: Provider) -> list[dict[str, t.Any]]:
    """What the server lists besides what its provider reports: the published id, and the models that the input names.

    A provider may have no list, show one page of it, or answer to names that it does not list. The published id is an
    alias; C(all) is the only provider_id under which OGX takes an id as it is. The models come after it: of two ids of
    one model, OGX takes the later for that under which its provider reports the model.
    """
    entries = []
    if instance["published_id"] and instance["published_model"]:
        model = instance["published_model"]
        entries.append(_entry(instance["published_id"], "all", registry.called_id(provider, model)))
    prefix = instance["model_prefix"]
    for registered in instance["registered_ids"]:
        entries.append(_entry(registered, prefix, registered[len(prefix) + 1 :]))
    return entries


def _entry(model_id: str, provider_id: str, model: str) -> dict[str, t.Any]:
    entry = {"model_id": model_id, "provider_id": provider_id, "provider_model_id": model, "model_type": "llm"}
    if model_names.looks_like_embeddings(model):
        # The server wants to know the length of the vectors; only a vector store, which it does not have, would use it.
        entry.update(model_type="embedding", metadata={"embedding_dimension": 1})
    return entry


def _storage() -> dict[str, t.Any]:
    directory = f"${{env.{STORE_VARIABLE}:={STORE_DIRECTORY}}}"
    return {
        "backends": {
            "kv_default": {"type": "kv_sqlite", "db_path": f"{directory}/kvstore.db"},
            "sql_default": {"type": "sql_sqlite", "db_path": f"{directory}/sql_store.db"},
        },
        "stores": {
            "metadata": {"namespace": "registry", "backend": "kv_default"},
            "inference": {"table_name": "inference_store", "backend": "sql_default", "enabled": False},
            "conversations": {"table_name": "openai_conversations", "backend": "sql_default"},
        },
    }


def _server() -> dict[str, t.Any]:
    return {
        "host": "0.0.0.0",
        "port": ownership.SERVER_PORT,
        "tls_certfile": f"{TLS_DIRECTORY}/tls.crt",
        "tls_keyfile": f"{TLS_DIRECTORY}/tls.key",
        "auth": {"route_policy": [{"permit": {"paths": list(OPEN_PATHS)}}]},
    }
