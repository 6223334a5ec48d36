#include "dispatch/task/model_problem.h"

#include <string_view>

#include "base/utf8.h"
#include "dispatch/task/texts.h"

namespace dispatch {
namespace {

constexpr std::size_t kLongestQuoted = 300;

std::string first_line(const std::string& text) {
  const auto words = base::trim(text);
  return words.empty() ? std::string(texts::kUnexplained)
                       : base::ellipsize(base::trim(words.substr(0, words.find('\n'))), kLongestQuoted);
}

}  // namespace

std::string login_problem(const std::string& cli) {
  return texts::not_logged_in(cli);
}

std::string model_problem(const std::string& cli, std::int64_t status, const std::string& text) {
  const auto says = [&](std::string_view words) { return text.find(words) != std::string::npos; };
  // Its advice, to start a new session, is for people at its terminal.
  if (says("API Error") && (says("legal/aup") || says("Start a new session") || says("help with this"))) {
    return texts::kDeclined;
  }
  if (says("output token maximum")) {
    return texts::kCutOff;
  }
  if (status == 401 || status == 403 || says("Invalid API key") || says("/login") ||
      says("authentication_error") || says("401 Unauthorized") || says("403 Forbidden")) {
    return login_problem(cli);
  }
  if (says("Credit balance is too low") || says("credit balance")) {
    return texts::out_of_credit(cli);
  }
  if (status == 429 || says("(429)") || says("rate limit")) {
    return texts::kRateLimited;
  }
  if (status >= 500 || says("529") || says("Overloaded")) {
    return texts::kOverloaded;
  }
  if (says("Unable to connect") || says("ConnectionRefused") || says("timed out")) {
    return texts::kUnreachable;
  }
  if (status == 404) {
    return texts::kUnknownModel;
  }
  return first_line(text);
}

std::string command_problem(const std::string& cli, const std::string& text) {
  const auto says = [&](std::string_view words) { return text.find(words) != std::string::npos; };
  if (says("401 Unauthorized") || says("403 Forbidden") || says("authentication_error") ||
      says("Incorrect API key") || says("API key not valid")) {
    return login_problem(cli);
  }
  if (says("429 Too Many Requests") || says("rate_limit_exceeded")) {
    return model_problem(cli, 429, "");
  }
  return first_line(text);
}

}  // namespace dispatch
