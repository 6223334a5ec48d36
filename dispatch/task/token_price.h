#pragma once

#include <string_view>

#include "dispatch/task/specialist.h"

namespace dispatch {

/// US dollars per million tokens.
struct TokenPrice {
  double input = 0;
  double output = 0;

  /// What these tokens cost, in US dollars. As Anthropic prices them, a cache read costs a tenth of an input
  /// token, a cache write five quarters for five minutes and twice as much for an hour.
  double usd(const Tokens& tokens) const;
};

/// The list price of the model's family at the time of writing; zero where it is not known.
TokenPrice price_of(std::string_view model);

}  // namespace dispatch
