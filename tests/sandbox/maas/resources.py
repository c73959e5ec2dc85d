# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources of the API server, and names, that more than one generation knows."""

from __future__ import annotations

TENANT = "models-as-a-service"
GATEWAY = ("maas-default-gateway", "openshift-ingress")

_MAAS = "maas.opendatahub.io/v1alpha1"
REFS = f"{_MAAS}/maasmodelrefs"
POLICIES = f"{_MAAS}/maasauthpolicies"
SUBSCRIPTIONS = f"{_MAAS}/maassubscriptions"
SERVICES = "serving.kserve.io/v1alpha2/llminferenceservices"
GATEWAYS = "gateway.networking.k8s.io/v1/gateways"
ROUTES = "gateway.networking.k8s.io/v1/httproutes"

MANAGER = "maas-controller"
