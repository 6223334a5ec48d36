#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "llm/chat_model.h"

namespace llm {

/// Several models as one: each is asked while those before it are down. A model is down when it cannot be
/// reached, is overloaded or out of credit, after its own retries; what is wrong with a request or a key is
/// told, and hides behind no other model. One that was found down is asked last for a while, so that it does
/// not cost its timeout at each turn; a turn that goes on after a call of tools stays with the one that made
/// the call. Usage::by says which of them answered. `now` is for tests.
/// Precondition: there is at least one. provider() and model() are the first one's.
std::unique_ptr<ChatModel> make_fallback_models(
    std::vector<std::unique_ptr<ChatModel>> models,
    std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now);

}  // namespace llm
