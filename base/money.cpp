#include "base/money.h"

#include <fmt/core.h>

namespace base {

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

}  // namespace base
