#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "config/section.h"

namespace bot::runtime {

/// [retention]: what is kept how long. Nothing set: for ever.
struct RetentionSettings {
  std::optional<std::chrono::hours> messages = {};  ///< texts, calls and what runs left in their log folders
  std::optional<std::chrono::hours> events = {};    ///< raw events of runs
  /// In use in the database, in bytes: above it the oldest texts go, even if they are younger.
  std::optional<std::uint64_t> database_bytes = {};

  bool keeps_all() const { return !messages && !events && !database_bytes; }
};

/// Throws base::ConfigError.
RetentionSettings read_retention(config::Section section);

}  // namespace bot::runtime
