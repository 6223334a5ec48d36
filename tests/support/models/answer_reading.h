#pragma once

#include <optional>
#include <string>
#include <vector>

#include "llm/attempt_error.h"
#include "llm/exchange.h"

namespace support {

/// What the reader makes of these events, given their data.
inline llm::Completion read_events(llm::AnswerReader& reader, const std::vector<std::string>& events) {
  for (const auto& data : events) {
    reader.take_event({"message", data});
  }
  return reader.completion();
}

/// The kind of the AttemptError that the action throws; nothing where it throws none.
template <typename Action>
std::optional<llm::ModelError::Kind> failure_of(const Action& action) {
  try {
    action();
  } catch (const llm::AttemptError& error) {
    return error.kind;
  }
  return std::nullopt;
}

}  // namespace support
