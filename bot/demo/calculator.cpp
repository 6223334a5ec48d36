#include <cctype>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/utf8.h"
#include "bot/demo/lookup.h"

namespace bot::demo {
namespace {

/// Recursive descent over  sum = product (("+"|"-") product)*, product = factor (("*"|"/") factor)*,
/// factor = "-" factor | "(" sum ")" | number.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  /// The value where all of the text is one sum; infinite or NaN where there is none.
  std::optional<double> parse() {
    const double value = sum(0);
    skip_spaces();
    return failed_ || !rest_.empty() ? std::nullopt : std::optional(value);
  }

 private:
  static constexpr int kMaxDepth = 100;  ///< so that no text can exhaust the stack

  double sum(int depth) {
    double value = product(depth);
    while (!failed_) {
      if (take('+')) {
        value += product(depth);
      } else if (take('-')) {
        value -= product(depth);
      } else {
        break;
      }
    }
    return value;
  }

  double product(int depth) {
    double value = factor(depth);
    while (!failed_) {
      if (take('*')) {
        value *= factor(depth);
      } else if (take('/')) {
        value /= factor(depth);
      } else {
        break;
      }
    }
    return value;
  }

  double factor(int depth) {
    if (depth > kMaxDepth) {
      failed_ = true;
      return 0;
    }
    if (take('-')) {
      return -factor(depth + 1);
    }
    if (take('(')) {
      const double value = sum(depth + 1);
      failed_ = failed_ || !take(')');
      return value;
    }
    return number();
  }

  double number() {
    skip_spaces();
    std::string digits;
    while (!rest_.empty() && (std::isdigit(static_cast<unsigned char>(rest_[0])) != 0 || rest_[0] == '.')) {
      digits.push_back(rest_[0]);
      rest_.remove_prefix(1);
    }
    char* end = nullptr;
    const double value = std::strtod(digits.c_str(), &end);
    failed_ = failed_ || digits.empty() || digits == "." || *end != '\0';
    return value;
  }

  bool take(char c) {
    skip_spaces();
    if (!rest_.starts_with(c)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  void skip_spaces() {
    while (rest_.starts_with(' ')) {
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
  bool failed_ = false;
};

std::string format_number(double value) {
  if (value == 0) {
    return "0";  // not "-0"
  }
  if (std::abs(value) < 1e15 && value == std::floor(value)) {
    return fmt::format("{:.0f}", value);
  }
  return fmt::format("{:.10g}", value);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// The text in lower case without the words around the sum, with one sign per operation.
std::string bare_expression(std::string_view text) {
  auto lower = base::ascii_lower(base::trim(text));
  static const std::pair<std::string_view, std::string_view> kFolds[] = {
      {"\xE2\x80\x99", "'"}, {"multiplied by", "*"}, {"divided by", "/"},     {"times", "*"},
      {"plus", "+"},         {"minus", "-"},         {"\xC3\x97", "*"},       {"\xC3\xB7", "/"},
      {" x ", " * "},        {"\xE2\x88\x92", "-"},  {" percent of", "% of"}, {"\xC2\xB7", "*"},
  };
  for (const auto& [from, to] : kFolds) {
    replace_all(lower, from, to);
  }
  static const std::string_view kLeading[] = {
      "hi,",       "hello,",  "please",   "can you",     "could you", "tell me",
      "calculate", "compute", "work out", "how much is", "what's",    "what is",
      "what does", "whats",   "and",      "ok,",         "how much",  "the value of"};
  std::string_view rest = lower;
  for (bool again = true; again;) {
    again = false;
    rest = base::trim(rest);
    for (const auto lead : kLeading) {
      if (rest.starts_with(lead)) {
        rest.remove_prefix(lead.size());
        again = true;
      }
    }
  }
  static const std::string_view kTrailing[] = {"?", "=", ".", "!", "equal", "please", "make", ","};
  for (bool again = true; again;) {
    again = false;
    rest = base::trim(rest);
    for (const auto trail : kTrailing) {
      if (rest.ends_with(trail)) {
        rest.remove_suffix(trail.size());
        again = true;
      }
    }
  }
  // "1,000" is a thousand.
  std::string bare;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const bool thousands = rest[i] == ',' && i > 0 &&
                           std::isdigit(static_cast<unsigned char>(rest[i - 1])) != 0 &&
                           i + 1 < rest.size() && std::isdigit(static_cast<unsigned char>(rest[i + 1])) != 0;
    if (!thousands) {
      bare.push_back(rest[i]);
    }
  }
  return bare;
}

}  // namespace

std::optional<std::string> calculate(std::string_view expression) {
  if (expression.size() > 400 || expression.find_first_of("+-*/") == std::string_view::npos) {
    return std::nullopt;
  }
  const auto value = Parser(expression).parse();
  if (!value) {
    return std::nullopt;
  }
  return std::isfinite(*value) ? format_number(*value) : "not defined (a division by zero, or far too large)";
}

std::optional<std::string> answer_sum(std::string_view text) {
  const auto bare = bare_expression(text);
  if (const auto of = bare.find("% of "); of != std::string::npos) {
    const auto percent = bare.substr(0, of);
    const auto whole = bare.substr(of + 5);
    const auto value = calculate("(" + percent + ")/100*(" + whole + ")");
    return value ? std::optional(percent + "% of " + whole + " is " + *value + ".") : std::nullopt;
  }
  // A lone negative number is no question.
  if (bare.find_first_of("+-*/", 1) == std::string::npos) {
    return std::nullopt;
  }
  const auto value = calculate(bare);
  return value ? std::optional(bare + " is " + *value + ".") : std::nullopt;
}

}  // namespace bot::demo
