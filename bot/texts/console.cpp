#include "bot/texts/console.h"

#include <fmt/core.h>

#include "base/utf8.h"

namespace bot::texts {
namespace {

std::string shown(const std::string& name) {
  constexpr std::size_t kShown = 80;
  return base::ellipsize(base::one_line(name), kShown);
}

}  // namespace

std::string unknown_parameter(const std::string& name) {
  return fmt::format("There is no parameter \"{}\" here.", shown(name));
}

std::string unknown_member(const std::string& name) {
  return fmt::format("There is no member \"{}\" here.", shown(name));
}

}  // namespace bot::texts
