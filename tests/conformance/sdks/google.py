"""Google's Gen AI SDK, at AI Studio."""

from google import genai
from google.genai import errors, types

from recordings import matching, refusals
from sdks.sdk import KEY, PARAMETERS, PATIENCE, Call, Headers, Sdk, kept

MODEL = "gemini-2.5-flash"
ARRIVES = f"POST /google/v1/models/{MODEL}:"
TOOLS = [{"function_declarations": [{"name": "get_weather", "parameters_json_schema": PARAMETERS}]}]


@kept
def client(url: str, headers: Headers) -> genai.Client:
    """It tries once, as it does by default."""
    options = types.HttpOptions(base_url=url, headers=headers, timeout=int(PATIENCE * 1000))
    return genai.Client(api_key=KEY, http_options=options)


def plain(answer: types.GenerateContentResponse) -> object:
    """What was said, without the headers that it came with."""
    return answer.model_dump(mode="json", exclude={"sdk_http_response"}, exclude_none=True)


def generated(one: genai.Client) -> object:
    """An answer."""
    return plain(one.models.generate_content(model=MODEL, contents="The weather in Paris?", config={"tools": TOOLS}))


def streamed(one: genai.Client) -> object:
    """An answer in pieces."""
    chunks = one.models.generate_content_stream(model=MODEL, contents="The weather?", config={"tools": TOOLS})
    return [plain(chunk) for chunk in chunks]


def generate(url: str, headers: Headers) -> object:
    """An answer of AI Studio's."""
    return generated(client(url, headers))


def stream(url: str, headers: Headers) -> object:
    """An answer of AI Studio's in pieces."""
    return streamed(client(url, headers))


def embed(url: str, headers: Headers) -> object:
    """Embeddings."""
    one = client(url, headers)
    return plain(one.models.embed_content(model="gemini-embedding-001", contents=["One", "Two"]))


def count(url: str, headers: Headers) -> object:
    """A count of tokens."""
    one = client(url, headers)
    return plain(one.models.count_tokens(model=MODEL, contents="The weather in Paris?"))


GOOGLE = Sdk(
    name="google",
    direct="/google",
    native="/google-ai-studio",
    calls=[
        Call("generate", generate, ARRIVES + "generateContent", matching("google-ai-studio", ":generateContent")),
        Call(
            "stream",
            stream,
            ARRIVES + "streamGenerateContent?alt=sse",
            matching("google-ai-studio", ":streamGenerateContent", streaming=True),
        ),
        Call(
            "embeddings",
            embed,
            "POST /google/v1/models/gemini-embedding-001:batchEmbedContents",
            matching("google-ai-studio", ":batchEmbedContents"),
        ),
        Call("count", count, ARRIVES + "countTokens", matching("google-ai-studio", ":countTokens")),
    ],
    refused=refusals("google-ai-studio", ":generateContent"),
    base=errors.APIError,
    status=lambda error: error.code,
    words=lambda error: error.details,
    message=lambda error: error.message,
    kinds=dict.fromkeys((400, 401, 403, 404, 429), errors.ClientError) | {502: errors.ServerError},
)
