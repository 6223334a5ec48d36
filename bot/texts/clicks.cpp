#include "bot/texts/clicks.h"

#include <fmt/core.h>

namespace bot::texts {

std::string asked_about(const std::string& author, const std::string& quoted) {
  return fmt::format("What do you say to this message{}?\n\n{}", author.empty() ? "" : " from " + author,
                     quoted);
}

}  // namespace bot::texts
