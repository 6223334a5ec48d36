#pragma once

#include <memory>
#include <string>

#include "llm/chat_model.h"
#include "llm/endpoint.h"
#include "llm/exchange.h"

namespace llm {

/// Anthropic's Messages API (https://docs.anthropic.com/en/api/messages), version 2023-06-01.
/// Needs the model, the base URL with or without "/v1", and where the server wants one the key.
std::unique_ptr<ChatModel> make_anthropic(const Endpoint& endpoint);

/// The address of the Messages API at `base_url`.
std::string anthropic_url(std::string_view base_url);

/// Reads answers to what was `asked`.
std::unique_ptr<AnswerReader> anthropic_reader(Asked asked);
inline std::unique_ptr<AnswerReader> anthropic_reader() {
  return anthropic_reader(Asked());
}

}  // namespace llm
