#pragma once

#include <memory>

#include "llm/chat_model.h"

namespace bot::runtime {

/// The same model, whose listeners hear its words one after the other as from one that has to think, within a
/// second: the demo model has the whole answer at once. Without a listener nothing waits.
std::unique_ptr<llm::ChatModel> make_paced_model(std::unique_ptr<llm::ChatModel> model);

}  // namespace bot::runtime
