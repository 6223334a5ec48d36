#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "llm/chat_model.h"
#include "llm/endpoint.h"
#include "llm/exchange.h"

namespace llm {

/// OpenAI's Chat Completions (https://platform.openai.com/docs/api-reference/chat) as OpenAI, Ollama,
/// llama.cpp, vLLM, LM Studio, OpenRouter and others speak it. Needs the model, the base URL and, where the
/// server wants one, the key.
std::unique_ptr<ChatModel> make_openai_compatible(const Endpoint& endpoint);

/// The address for requests to the server at `base_url`. A base URL without a path gets "/v1".
std::string openai_compatible_url(std::string_view base_url);

/// How the request names its limit of tokens; OpenAI's newer models take only the second.
enum class TokenLimit { max_tokens, max_completion_tokens };

/// The body of the request. The guide comes first, so that servers that cache prefixes find it again.
/// Throws AttemptError for a tool whose schema is no object.
std::string openai_compatible_request(const ChatRequest& request, const std::string& model,
                                      TokenLimit limit = TokenLimit::max_tokens);

std::unique_ptr<AnswerReader> openai_compatible_reader();

}  // namespace llm
