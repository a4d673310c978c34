/** Workers AI's binding against this gateway. Types and words: ../index.d.ts, ../README.md. */

export { Ai, createAI } from "./ai.js";
export { AiGateway } from "./gateway.js";
export { AiGatewayInternalError, AiGatewayLogNotFound, AiInternalError, InferenceUpstreamError } from "./errors.js";
