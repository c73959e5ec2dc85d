# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import provider_url

# As services document where their OpenAI-compatible API is.
BASES = [
    "https://api.openai.com/v1",
    "https://api.openai.com/v1/",
    "https://openrouter.ai/api/v1",
    "https://api.groq.com/openai/v1",
    "https://api.fireworks.ai/inference/v1",
    "https://api.deepinfra.com/v1/openai",
    "https://generativelanguage.googleapis.com/v1beta/openai/",
    "https://us-central1-aiplatform.googleapis.com/v1beta1/projects/p/locations/us-central1/endpoints/openapi",
    "https://team.openai.azure.com/openai/v1",
    "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    "https://open.bigmodel.cn/api/paas/v4",
    "https://gateway.ai.cloudflare.com/v1/account/gateway/openai",
    "https://api-inference.huggingface.co/models/org/name/v1",
    "http://completions.llm.svc:8080/models/v1",
    "http://10.0.0.7:8000/v1",
    "http://[fd00::7]:8000/v1",
]


@pytest.mark.parametrize("url", BASES)
def test_bases_of_known_services_are_right_as_they_are(url):
    assert (provider_url.problems(url), provider_url.doubts(url, with_version=True)) == ([], [])


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/v1/chat/completions", "/chat/completions"),
        ("/v1/chat/completions/", "/chat/completions"),
        ("/openai/deployments/gpt-4o/chat/completions", "/chat/completions"),
        ("/v1/completions", "/completions"),
        ("/api/v1/embeddings//", "/embeddings"),
        ("/v1/Responses", "/responses"),
        ("/v1/messages", "/messages"),
        ("/v1/models", "/models"),
        ("/v1/models/", "/models"),
        ("/v1/models/gpt-4o", "/models"),
        ("/v1/audio/transcriptions", "/audio/transcriptions"),
        ("/v1beta/models/gemini-2.5-flash:generateContent", ":generatecontent"),
        ("/api/generate", "/api/generate"),
        ("/v1/chat", "/chat"),
        ("/v2/chat", "/chat"),
        ("/v2/embed", "/embed"),
        ("/v1/score", "/score"),
        ("/api/v3/tokenize", "/tokenize"),
        ("/v1/audio/translations", "/audio/translations"),
        ("/v1/images/edits", "/images/edits"),
        ("/v1/messages/count_tokens", "/messages/count_tokens"),
        ("/v1/chat%2Fcompletions", "/chat/completions"),
        ("/v1%252Fchat%252Fcompletions", "/chat/completions"),
        ("/v1/chat/completions;stream", "/chat/completions"),
        ("/v1/openai/Embeddings", "/embeddings"),
    ],
)
def test_the_path_of_one_call_is_refused_and_named(path, named):
    (problem,) = provider_url.problems(f"https://llm.corp.example{path}")
    assert problem.startswith(f"ends in {named}, the path of one call")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/v1/chat/completions/v1", "/chat/completions"),
        ("/v1/chat/completions/stream", "/chat/completions"),
        ("/v1/chat/v1", "/chat"),
        ("/v1/responses/resp_1", "/responses"),
        ("/v1/embeddings%2Fv1", "/embeddings"),
        ("/api/v1/audio/speech/hd", "/audio/speech"),
        ("/openai/deployments/gpt-4o/chat/completions/extensions", "/chat/completions"),
    ],
)
def test_a_path_that_goes_through_one_call_is_refused_and_named(path, named):
    (problem,) = provider_url.problems(f"https://llm.corp.example{path}")
    assert problem.startswith(f"holds {named}, the path of one call")


@pytest.mark.parametrize(
    "path",
    [
        "/{region}/v1",
        "/v1/<project>/openai",
        "/%7Bregion%7D/v1",
        "/v1/${PROJECT}/openai",
        "/v1/$PROJECT/openai",
        "/v1/projects/:id/openai",
        "/v1/[project]/openai",
        "/v1/.../openai",
        "/v1/\u2026",
        "/v1/..",
        "/my project/v1",
    ],
)
def test_a_path_with_a_placeholder_is_refused(path):
    (problem,) = provider_url.problems(f"https://llm.corp.example{path}")
    assert problem.startswith("must have a path that is complete")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat-gateway/openai",
        "/v1/account/chat/openai",
        "/chat/v1",
        "/embeddings/v1",
        "/my%20project/v1",
        "/v1/projects/score/openai",
        "/v1.5-models/v1",
    ],
)
def test_a_name_that_a_call_has_as_well_may_be_in_a_path(path):
    assert provider_url.problems(f"https://llm.corp.example{path}") == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://team.openai.azure.com/openai/v1?api-version=2024-10-21", ["must end with the path"]),
        ("https://llm.corp.example/v1?", ["must end with the path"]),
        ("https://llm.corp.example/v1#chat", ["must end with the path"]),
        ("https://robot:hunter2@llm.corp.example/v1", ["must not hold a user name or a password"]),
        ("https://hunter2@llm.corp.example/v1", ["must not hold a user name or a password"]),
        ("https://<resource>.openai.azure.com/openai/v1", ["must name a host"]),
        ("https://{region}.llm.example/v1", ["must name a host"]),
        (
            "https://u:hunter2@llm.corp.example/v1/chat/completions?key=hunter2",
            ["must not hold", "must end with the path", "ends in /chat/completions"],
        ),
    ],
)
def test_what_cannot_be_a_base_is_refused_all_at_once_and_without_its_secrets(url, told):
    problems = provider_url.problems(url)
    assert len(problems) == len(told)
    assert all(problem.startswith(beginning) for problem, beginning in zip(problems, told))
    assert "hunter2" not in "".join(problems)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://llm.corp.example", "holds no version"),
        ("https://llm.corp.example/", "holds no version"),
        ("https://llm.corp.example/serving/openai", "holds no version"),
        ("https://team.services.ai.azure.com/v1//", "two slashes"),
        ("https://llm.corp.example//v1", "two slashes"),
        ("https://llm.corp.example/v1/v1", "holds /v1 twice"),
    ],
)
def test_what_is_unusual_is_a_warning(url, told):
    (doubt,) = provider_url.doubts(url, with_version=True)
    assert told in doubt
    assert provider_url.problems(url) == []


def test_a_service_may_have_its_api_below_models():
    url = "https://team.services.ai.azure.com/models"
    assert provider_url.problems(url) == []
    assert [doubt.partition(":")[0] for doubt in provider_url.doubts(url, with_version=False)] == ["ends in /models"]


def test_only_a_base_of_calls_is_to_hold_a_version():
    assert provider_url.doubts("https://us-south.ml.cloud.ibm.com", with_version=False) == []
