#pragma once

#include <memory>

#include "bot/runtime/metrics.h"
#include "llm/chat_model.h"

namespace bot::runtime {

/// The same model; each of its calls is counted with its time. `metrics` must outlive it; without one the
/// model comes back as it is.
std::unique_ptr<llm::ChatModel> make_measured_model(std::unique_ptr<llm::ChatModel> model, Metrics* metrics);

}  // namespace bot::runtime
