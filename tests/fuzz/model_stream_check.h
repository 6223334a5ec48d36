#pragma once

#include <memory>
#include <string_view>

#include "llm/exchange.h"

namespace fuzz {

/// Reads the body of a model's answer with readers made by `make`: it gives a completion or an
/// llm::AttemptError, and the same one wherever the bytes are cut.
void check_answer(std::unique_ptr<llm::AnswerReader> (*make)(), std::string_view body);

}  // namespace fuzz
