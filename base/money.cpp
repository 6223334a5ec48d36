#include "base/money.h"

#include <cmath>
#include <cstddef>

#include <fmt/core.h>

namespace base {
namespace {

/// Without the zeros at the end of a decimal fraction, which keeps at least `least` digits.
std::string without_zeros(std::string number, std::size_t least) {
  const auto shortest = number.find('.') + 1 + least;
  while (number.size() > shortest && number.back() == '0') {
    number.pop_back();
  }
  return number;
}

}  // namespace

std::string format_usd(double usd) {
  constexpr double kCent = 0.01, kSmallest = 0.0001;
  if (usd <= 0 || usd >= kCent - kSmallest / 2) {
    return fmt::format("${:.2f}", usd <= 0 ? 0 : usd);
  }
  if (usd < kSmallest) {
    return "<$0.0001";
  }
  auto text = fmt::format("${:.4f}", usd);
  return text.back() == '0' ? text.substr(0, text.size() - 1) : text;
}

std::string format_usd_closely(double usd) {
  constexpr int kDigits = 4, kMostDigits = 12;
  int digits = kDigits;
  for (double least = 0.001; digits < kMostDigits && usd != 0 && std::abs(usd) < least; least /= 10) {
    ++digits;
  }
  return "$" + without_zeros(fmt::format("{:.{}f}", usd, digits), kDigits);
}

std::string format_set_usd(double usd) {
  return "$" + without_zeros(fmt::format("{:.12f}", usd), 2);
}

}  // namespace base
