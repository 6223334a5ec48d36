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

/// Reads answers to what was `asked`.
std::unique_ptr<AnswerReader> openai_compatible_reader(Asked asked);
inline std::unique_ptr<AnswerReader> openai_compatible_reader() {
  return openai_compatible_reader(Asked());
}

}  // namespace llm
