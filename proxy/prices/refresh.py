#!/usr/bin/env python3
"""Rewrites table.json from LiteLLM's price table.

    pip download --no-deps litellm            # the newest release; MIT
    unzip litellm-*.whl litellm/model_prices_and_context_window_backup.json
    python3 refresh.py VERSION litellm/model_prices_and_context_window_backup.json > table.json

Kept are models that are priced by text tokens alone: US dollars for a million of them, as `spec` writes prices.
Left out are models whose audio or images are priced apart (the table would be wrong about them), fine-tuned ones
(their names are the user's), and what is not paid by the token. Read the difference before committing it.
"""

import json
import sys
from decimal import Decimal

# LiteLLM's name of a provider, the type here, and what LiteLLM puts before the provider's own name of a model.
SOURCES = {
    "openai": ("openai", ""),
    "text-completion-openai": ("openai", ""),
    "anthropic": ("anthropic", ""),
    "azure": ("azure-openai", "azure/"),
    "gemini": ("google-ai-studio", "gemini/"),
    "vertex_ai-language-models": ("google-vertex-ai", ""),
    "vertex_ai-embedding-models": ("google-vertex-ai", ""),
    "cohere_chat": ("cohere", ""),
    "cohere": ("cohere", "cohere/"),
    "groq": ("groq", "groq/"),
    "mistral": ("mistral", "mistral/"),
    "perplexity": ("perplexity-ai", "perplexity/"),
    "xai": ("xai", "xai/"),
    "deepseek": ("deepseek", "deepseek/"),
    "cerebras": ("cerebras", "cerebras/"),
    "openrouter": ("openrouter", "openrouter/"),
    "fireworks_ai": ("fireworks", "fireworks_ai/"),
    "bedrock_converse": ("aws-bedrock", ""),
    "bedrock": ("aws-bedrock", ""),
    "cloudflare": ("workers-ai", "cloudflare/"),
}
# The same for models that only the provider's own door takes, in another format than its own: no name of a model that
# a door of one format knows.
NATIVE = {"vertex_ai-anthropic_models": ("google-vertex-ai", "vertex_ai/")}
# Types whose own names of models hold slashes; elsewhere a slash marks a region or a tier.
SLASHES = {"groq", "openrouter", "fireworks", "workers-ai"}
MODES = {"chat", "completion", "embedding", "moderation", "responses"}
FIELDS = {
    "input": "input_cost_per_token",
    "cachedInput": "cache_read_input_token_cost",
    "cacheWrite": "cache_creation_input_token_cost",
    "output": "output_cost_per_token",
}
PRICED_APART = ("input_cost_per_audio_token", "output_cost_per_audio_token", "output_cost_per_image_token")


def named(name, entry, sources):
    """The type of provider and its own name of a model; None where it is none of ours."""
    if entry.get("litellm_provider") not in sources:
        return None
    kind, prefix = sources[entry["litellm_provider"]]
    own = name.removeprefix(prefix)
    return None if "/" in own and kind not in SLASHES else (kind, own)


def is_kept(name, entry):
    """Whether text tokens are all that this model is paid for."""
    return (
        entry.get("mode") in MODES
        and entry.get(FIELDS["input"]) is not None
        and entry.get(FIELDS["output"]) is not None
        and not any(field in entry for field in PRICED_APART)
        and "ft:" not in name
    )


def per_million(dollars):
    """Dollars for a token, a float, as a decimal string for a million tokens."""
    text = format(Decimal(repr(dollars)) * 1_000_000, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def reduced(table, sources):
    """The kept models of these sources by provider, each as one price."""
    providers = {}
    for name, entry in sorted(table.items()):
        found = named(name, entry, sources)
        if found and is_kept(name, entry):
            kind, own = found
            price = {field: per_million(entry[source]) for field, source in FIELDS.items() if entry.get(source) is not None}
            providers.setdefault(kind, {})[own] = price
    return providers


def main(version, path):
    with open(path, encoding="utf-8") as file:
        table = json.load(file)
    # A model a line, so that a difference can be read.
    print("{")
    print(f'  "source": "LiteLLM {version}, model_prices_and_context_window_backup.json",')
    print('  "license": "MIT, Copyright (c) 2023 Berri AI: see LICENSE.litellm",')
    write("providers", reduced(table, SOURCES))
    print("  },")
    write("native", reduced(table, NATIVE))
    print("  }")
    print("}")


def write(group, providers):
    print(f'  "{group}": {{')
    for last, (provider, models) in enumerate(providers.items(), 1 - len(providers)):
        print(f'    "{provider}": {{')
        lines = [f"      {json.dumps(name)}: {json.dumps(price)}" for name, price in models.items()]
        print(",\n".join(lines))
        print("    }" if last == 0 else "    },")


if __name__ == "__main__":
    main(*sys.argv[1:])
