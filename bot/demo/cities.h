#pragma once

#include <span>
#include <string_view>

namespace bot::demo {

/// A city or a country, folded as Words folds, and its zone. A country with several zones has its capital's.
struct Place {
  std::string_view name;   ///< "new york"
  std::string_view label;  ///< "New York"
  std::string_view tz;     ///< "America/New_York"
};

std::span<const Place> places();

}  // namespace bot::demo
