"""The official SDKs at the native doors, each with the ways it is used: a base URL and nothing else is changed."""

from sdks.azure import AZURE
from sdks.cohere import COHERE
from sdks.google import GOOGLE
from sdks.groq import GROQ
from sdks.huggingface import HUGGINGFACE
from sdks.mistral import MISTRAL
from sdks.replicate import REPLICATE
from sdks.vertex import CLAUDE_AT_VERTEX, VERTEX

SDKS = [AZURE, CLAUDE_AT_VERTEX, COHERE, GOOGLE, GROQ, HUGGINGFACE, MISTRAL, REPLICATE, VERTEX]
