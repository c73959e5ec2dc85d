# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# GENERATION, KEEP and SANDBOX_DIR reach the recipes through the environment, however they are given.
BIN := .venv/bin
PYTHON_M := PYTHONPATH=tests $(BIN)/python -m
PYTEST := $(BIN)/pytest
# The parts of the tests, side by side in lanes of about the same length, what says most in the least time first: the last
# run tells how long each part took. Those joined by + share a sandbox.
LANE_1 := lint docs-check sanity artifact ogx kustomize test-sandbox scenarios
LANE_2 := test-unit clients+scenarios-b2+molecule test-litellm scenarios-litemaas scenarios-b1
LANE_3 := modules+scenarios-network+scenarios-later scenarios-kserve scenarios-a
PARTS := $(subst +, ,$(LANE_1) $(LANE_2) $(LANE_3))

# What is seen on every generation of MaaS, and what is done with instances that are there already.
EVERYWHERE := $(patsubst %,tests/scenarios/test_%.py,deployed diagnose gitops halves)
LATER := $(patsubst %,tests/scenarios/test_%.py,argo_cd prune rotate)

export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help venv demo demo-litemaas sandbox sandbox-down sandbox-ready litellm litellm-down litellm-ready test $(PARTS) test-long bench build docs tables locks screenshots

help: ## List the targets
	@sed -n 's/^\([a-z0-9 -]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'
	@echo
	@echo 'GENERATION=a|b1|b2|none is the generation of MaaS that the sandbox plays (default b2), SANDBOX_DIR=.sandbox its folder.'

venv: ## Make .venv, in which the working tree is the collection llamastack.maas
	@tests/tools/prerequisites
	@PYTHONPATH=tests "$$(tests/tools/find-python 3.12)" -m tools.dev_venv

sandbox-ready:
	@tests/tools/prerequisites sandbox $(if $(filter none,$(GENERATION)),litellm)
	@$(MAKE) --no-print-directory venv

demo: sandbox-ready ## Deploy and prove three instances on a sandbox; KEEP=1 leaves it running
	@$(PYTHON_M) sandbox demo

demo-litemaas: export GENERATION := none
demo-litemaas: sandbox-ready litellm-ready ## Deploy and prove a gateway with LiteMaaS in place of MaaS, likewise
	@$(PYTHON_M) sandbox demo

sandbox: sandbox-ready ## Start a sandbox that stays; . .sandbox/env tells a shell about it
	@$(PYTHON_M) sandbox up

sandbox-down: ## Stop that sandbox
	@$(PYTHON_M) sandbox down

litellm-ready:
	@tests/tools/prerequisites litellm
	@$(MAKE) --no-print-directory venv

litellm: litellm-ready ## Start a real LiteLLM on a real PostgreSQL that stays; LITELLM_DIR=.litellm is its folder
	@$(PYTHON_M) real_litellm up

litellm-down: ## Stop that LiteLLM
	@$(PYTHON_M) real_litellm down

test: sandbox-ready litellm-ready ## Everything that CI runs: each part below, side by side
	@$(PYTHON_M) tools.suite -- $(LANE_1) -- $(LANE_2) -- $(LANE_3)

test-unit: venv ## Unit tests
	$(PYTEST) tests/unit

lint: venv ## ansible-lint (production) and yamllint
	$(BIN)/ansible-lint --offline
	$(BIN)/yamllint --strict .

docs-check: docs ## Plugin documentation, its pages and changelog fragments
	$(BIN)/antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs all .
	$(BIN)/antsibull-changelog lint

# What cannot be resolved leads into the documentation of Ansible itself; references within are checked above.
docs: venv ## Pages of plugins and roles for a browser, build/docs/index.html
	@rm -rf build/docs && mkdir -p build/rst
	$(BIN)/antsibull-docs collection --use-current --squash-hierarchy --cleanup everything --fail-on-error \
	    --dest-dir build/rst llamastack.maas
	$(BIN)/sphinx-build -q -W -b html -C -D extensions=sphinx_antsibull_ext -D suppress_warnings=ref.ref \
	    -D html_theme=alabaster -D project=llamastack.maas -D html_show_copyright=0 build/rst build/docs

sanity: venv ## ansible-test sanity
	$(PYTHON_M) tools.sanity

ogx: venv ## Rendered configurations on real OGX and LlamaStack servers
	$(PYTEST) tests/ogx

test-litellm: litellm-ready ## Content of a gateway, on real releases of LiteLLM
	$(PYTEST) tests/litellm

kustomize: sandbox-ready ## Rendered files built by the real kustomize
	$(PYTEST) tests/kustomize

test-sandbox: sandbox-ready ## The sandbox's own tests
	$(PYTEST) tests/sandbox_tests

modules: sandbox-ready ## Modules on a sandbox of their own, or on that of SANDBOX_DIR
	$(PYTHON_M) tools.with_sandbox $(PYTEST) tests/cluster

clients: sandbox-ready ## Modules with each Python client of Kubernetes that machines have, likewise
	$(PYTHON_M) tools.with_sandbox $(PYTEST) tests/clients

scenarios: sandbox-ready litellm-ready ## Playbooks, likewise
	$(PYTHON_M) tools.with_sandbox $(PYTEST) $(filter-out $(EVERYWHERE) $(LATER),$(wildcard tests/scenarios/test_*.py))

scenarios-later: sandbox-ready ## Playbooks for instances that are there already, likewise
	$(PYTHON_M) tools.with_sandbox $(PYTEST) $(LATER)

scenarios-a scenarios-b1 scenarios-b2: sandbox-ready ## What users do, on that generation of MaaS
	GENERATION=$(@:scenarios-%=%) $(PYTHON_M) tools.with_sandbox $(PYTEST) $(EVERYWHERE)

scenarios-network: sandbox-ready ## A network that resets connections, and runs that are killed, likewise
	$(PYTHON_M) tools.with_sandbox $(PYTEST) tests/scenarios/network

scenarios-litemaas: sandbox-ready litellm-ready ## What runs on a cluster without MaaS, likewise
	GENERATION=none SANDBOX_ROUTES=1 $(PYTHON_M) tools.with_sandbox $(PYTEST) tests/scenarios/litemaas

test-long: sandbox-ready litellm-ready ## What takes too long for CI: ten rounds through that network, twenty kills and ten of LiteMaaS, all scenarios on A and B1
	LONG=1 $(PYTHON_M) tools.suite scenarios-network scenarios-a scenarios-b1 scenarios-litemaas

scenarios-kserve: sandbox-ready ## Older releases of KServe, each on a sandbox of its own
	$(PYTEST) tests/scenarios/releases

molecule: sandbox-ready ## The molecule scenarios, on a sandbox of their own, or on that of SANDBOX_DIR
	$(PYTHON_M) tools.with_sandbox $(BIN)/molecule test --all

bench: sandbox-ready litellm-ready ## How fast it is, next to kubectl and kubernetes.core; MEASURES=apply for some of it only
	$(PYTHON_M) bench $(MEASURES)

artifact: venv ## Build, install and import the artifact that users get, in a folder of its own
	$(PYTHON_M) tools.artifact

build: venv ## The collection's artifact
	$(BIN)/ansible-galaxy collection build --force

screenshots: ## Pages of reports as a browser shows them, build/screenshots
	@tests/tools/prerequisites screenshots
	@$(MAKE) --no-print-directory venv
	@$(PYTHON_M) tools.screenshots "$$(tests/tools/find-chromium)"

tables: venv ## Write the tables of variables in README files and docs
	$(PYTHON_M) tools.tables

locks: venv ## Resolve tests/requirements/*.in anew
	$(PYTHON_M) tools.locks
