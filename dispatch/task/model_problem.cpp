#include "dispatch/task/model_problem.h"

#include <string_view>

#include <fmt/core.h>

#include "base/utf8.h"

namespace dispatch {
namespace {

constexpr const char* kAskOperator = "The operator can check it with `frontdesk doctor`.";
constexpr std::size_t kLongestQuoted = 300;

std::string first_line(const std::string& text) {
  const auto words = base::trim(text);
  return words.empty() ? std::string("It ended with an error and did not say which.")
                       : base::ellipsize(base::trim(words.substr(0, words.find('\n'))), kLongestQuoted);
}

}  // namespace

std::string login_problem(const std::string& cli) {
  return fmt::format("{} is not logged in, or its key was refused. {}", cli, kAskOperator);
}

std::string model_problem(const std::string& cli, std::int64_t status, const std::string& text) {
  const auto says = [&](std::string_view words) { return text.find(words) != std::string::npos; };
  if (status == 401 || status == 403 || says("Invalid API key") || says("/login") ||
      says("authentication_error") || says("401 Unauthorized") || says("403 Forbidden")) {
    return login_problem(cli);
  }
  if (says("Credit balance is too low") || says("credit balance")) {
    return fmt::format("The account of {} is out of credit; the operator has to top it up.", cli);
  }
  if (status == 429 || says("(429)") || says("rate limit")) {
    return "The specialist's model refused more requests for now (rate limit). Please try again in some "
           "minutes.";
  }
  if (status >= 500 || says("529") || says("Overloaded")) {
    return "The specialist's model is overloaded. Please try again in some minutes.";
  }
  if (says("Unable to connect") || says("ConnectionRefused") || says("timed out")) {
    return "The specialist's model could not be reached. Please try again; the operator can check the "
           "network.";
  }
  if (status == 404) {
    return fmt::format("The specialist's model does not exist under that name. {}", kAskOperator);
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
