"""What the gateway has, in one place: test_has.py fails when it has more than is said here, or less."""

TYPES = [
    "openai",
    "anthropic",
    "azure-openai",
    "google-ai-studio",
    "google-vertex-ai",
    "cohere",
    "groq",
    "huggingface",
    "mistral",
    "perplexity-ai",
    "replicate",
    "workers-ai",
    "aws-bedrock",
    "xai",
    "deepseek",
    "cerebras",
    "openrouter",
    "fireworks",
    "openai-compatible",
    "custom",
]
"""Every type of a provider."""

CONVERSING = [one for one in TYPES if one != "replicate"]

REACHES = {
    "compat/chat/completions": CONVERSING,
    "v1/chat/completions": CONVERSING,
    "v1/messages": CONVERSING,
    "v1/responses": CONVERSING,
}
"""The types that each door of one format leads to."""
