#include "dispatch/task/token_price.h"

#include <array>

namespace dispatch {

double TokenPrice::usd(const Tokens& tokens) const {
  const double as_input = static_cast<double>(tokens.input) + 0.1 * static_cast<double>(tokens.cache_read) +
                          1.25 * static_cast<double>(tokens.cache_write) +
                          0.75 * static_cast<double>(tokens.cache_write_hour);
  return (as_input * input + static_cast<double>(tokens.output) * output) / 1e6;
}

TokenPrice price_of(std::string_view model) {
  struct Row {
    std::string_view family;
    TokenPrice price;
  };
  // As Claude Code 2.1.330 has them. The first that fits counts; a name alone is the newest of its family.
  constexpr std::array<Row, 8> kRows = {{{"opus-4", {5, 25}},
                                         {"opus", {4, 20}},
                                         {"sonnet-4", {3, 15}},
                                         {"sonnet", {2, 10}},
                                         {"3-5-haiku", {0.8, 4}},
                                         {"haiku-4", {1, 5}},
                                         {"haiku", {0.1, 0.5}},
                                         {"fable", {8, 40}}}};
  for (const auto& row : kRows) {
    if (model.find(row.family) != std::string_view::npos) {
      return row.price;
    }
  }
  return {};
}

}  // namespace dispatch
