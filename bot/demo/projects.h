#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/demo/conversation.h"

namespace bot::demo {

/// The first slug in the text that is `stem`, or `stem` with a suffix ("task-api-2").
std::optional<std::string> slug_beginning_with(std::string_view text, std::string_view stem);

/// The asker's zone: the first zone name that the text states, else the machine's.
std::string zone_in(std::string_view context);

/// The projects that the secretary can see without a tool: in the context of the request and in what was
/// said.
class Projects {
 public:
  /// Keeps a reference.
  explicit Projects(const Conversation& conversation) : conversation_(conversation) {}

  std::optional<std::string> beginning_with(std::string_view stem) const;
  /// The project that the person names, by its slug or in words ("the countdown").
  std::optional<std::string> named_in(std::string_view text) const;
  /// The demo's project that was spoken of last, else the first one in the context.
  std::optional<std::string> latest() const;
  /// The last answer that passed on a report of the specialist.
  std::optional<std::string> last_report() const;

 private:
  const Conversation& conversation_;
};

}  // namespace bot::demo
