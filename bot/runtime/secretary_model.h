#pragma once

#include <cstddef>
#include <memory>

#include "bot/runtime/settings.h"
#include "llm/chat_model.h"
#include "llm/endpoint.h"

namespace bot::runtime {

/// Where that model is.
llm::Endpoint endpoint_of(const ModelSettings& model);

/// The secretary's model with its fallbacks, each of which is asked while those before it are down. One that
/// another one stands behind is waited for less long. Precondition: not demo mode. Throws base::ConfigError
/// for what llm::make_chat_model() refuses.
std::unique_ptr<llm::ChatModel> make_secretary_model(const SecretarySettings& secretary);

}  // namespace bot::runtime
