#include "llm/attempt_error.h"

#include <algorithm>
#include <initializer_list>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"

namespace llm {
namespace {

using nlohmann::json;
using Kind = ModelError::Kind;

constexpr std::size_t kMaxMessageBytes = 300;
constexpr std::size_t kMaxResponseBytes = 16'000;
constexpr int kBadRequest = 400, kUnprocessable = 422, kInternalError = 500, kNotImplemented = 501;

/// Without what a server repeats of a picture that it was sent, or of anything like it.
std::string without_base64(std::string_view text) {
  constexpr std::size_t kLongestWord = 80;
  const auto is_base64 = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '/' || c == '=';
  };
  std::string kept;
  for (auto at = text.begin(); at != text.end();) {
    const auto end = std::find_if_not(at, text.end(), is_base64);
    if (static_cast<std::size_t>(end - at) > kLongestWord) {
      kept += "…";
    } else {
      kept.append(at, end);
    }
    at = std::find_if(end, text.end(), is_base64);
    kept.append(end, at);
  }
  return kept;
}

/// One line of at most kMaxMessageBytes bytes. The secrets go before the cut, which could leave half of one.
std::string presentable(std::string_view text) {
  auto line = base::strip_controls(base::to_valid_utf8(text));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return base::ellipsize(base::trim(without_base64(base::redacted(line))), kMaxMessageBytes);
}

/// What the provider said, and the machine-readable words beside it.
struct Complaint {
  std::string message;
  std::string labels;  ///< "type code", where given
  int status = 0;      ///< where the complaint itself names one
};

Complaint read_complaint(const json& error) {
  Complaint complaint;
  if (error.is_string()) {
    complaint.message = error.get<std::string>();
    return complaint;
  }
  complaint.message = base::json_string(error, "message").value_or("");
  if (complaint.message.empty()) {
    complaint.message = base::json_string(error, "detail").value_or(base::dump_json(error));
  }
  for (const auto* key : {"type", "code"}) {
    if (const auto label = base::json_string(error, key); label && *label != complaint.labels) {
      complaint.labels += (complaint.labels.empty() ? "" : " ") + *label;
    }
  }
  const auto code =
      base::json_integer(error, "code").value_or(base::json_integer(error, "status").value_or(0));
  if (code >= 400 && code <= 599) {
    complaint.status = static_cast<int>(code);
  }
  return complaint;
}

Complaint read_body(const std::string& body) {
  auto parsed = base::parse_json(body);
  if (!parsed) {
    const auto text = base::trim(body);
    return {text.empty() ? "no explanation" : text.front() == '<' ? "a web page" : std::string(text), {}, 0};
  }
  // Google's compatible endpoint wraps its error into a list.
  const json& top = parsed->is_array() && !parsed->empty() ? parsed->front() : *parsed;
  const auto* error = base::json_member(top, "error");
  return read_complaint(error != nullptr && !error->is_null() ? *error : top);
}

bool mentions(const Complaint& complaint, std::initializer_list<std::string_view> words) {
  const auto text = base::ascii_lower(complaint.labels + " " + complaint.message);
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

bool is_about_credit(const Complaint& complaint) {
  return mentions(complaint, {"credit balance is too low", "insufficient_quota", "billing_hard_limit_reached",
                              "billing_error"});
}

// In this order: Anthropic, OpenAI and vLLM, llama.cpp, others.
bool is_about_length(const Complaint& complaint) {
  return mentions(complaint,
                  {"prompt is too long", "exceed context limit", "context_length_exceeded", "maximum context",
                   "exceed_context_size", "exceeds the available context size", "context window"});
}

/// A filter stood before or behind the model. In this order: OpenAI and Azure, Anthropic, DeepSeek, Alibaba,
/// OpenRouter, others.
bool is_about_content(const Complaint& complaint) {
  return mentions(complaint, {"content_filter", "content_policy_violation", "content management policy",
                              "responsibleaipolicy", "content filtering policy", "content exists risk",
                              "data_inspection_failed", "input was flagged", "requires moderation",
                              "prohibited_content", "sensitive content"});
}

AttemptError judge(int status, const Complaint& complaint,
                   std::optional<std::chrono::milliseconds> retry_after) {
  const auto what = fmt::format("status {}{}{}: {}", status, complaint.labels.empty() ? "" : ", ",
                                complaint.labels, complaint.message);
  if (status == 402 || is_about_credit(complaint)) {
    return {Kind::out_of_credit, Repeat::never, what};
  }
  if (status == 413 || ((status == 400 || status == 422) && is_about_length(complaint))) {
    return {Kind::too_long, Repeat::never, what};
  }
  if (status >= 400 && status < 500 && status != 429 && is_about_content(complaint)) {
    return {Kind::refused, Repeat::never, what};
  }
  switch (base::status_meaning(status)) {
    case base::StatusMeaning::unauthorized:
      return {Kind::unauthorized, Repeat::never, what};
    case base::StatusMeaning::rate_limited:
      return {Kind::overloaded, Repeat::often, what, retry_after};
    case base::StatusMeaning::temporary:
      return {status == 408 ? Kind::unreachable : Kind::overloaded, Repeat::often, what, retry_after};
    case base::StatusMeaning::success:
    case base::StatusMeaning::permanent:
      break;
  }
  return {Kind::misconfigured, Repeat::never, what};
}

/// The status that Anthropic (https://docs.anthropic.com/en/api/errors) and OpenAI answer with for that type
/// of error. What nobody knows counts as an error of the server.
int status_for(const std::string& labels) {
  struct Row {
    std::string_view label;
    int status;
  };
  static constexpr Row kRows[] = {{"invalid_request_error", 400}, {"content_filter", 400},
                                  {"authentication_error", 401},  {"invalid_api_key", 401},
                                  {"billing_error", 402},         {"permission_error", 403},
                                  {"not_found_error", 404},       {"model_not_found", 404},
                                  {"request_too_large", 413},     {"rate_limit", 429},
                                  {"timeout_error", 504},         {"overloaded_error", 529}};
  for (const auto& row : kRows) {
    if (labels.find(row.label) != std::string::npos) {
      return row.status;
    }
  }
  return 500;
}

}  // namespace

AttemptError::AttemptError(Kind why, Repeat how_often, std::string_view what,
                           std::optional<std::chrono::milliseconds> wait)
    : std::runtime_error(presentable(what)), kind(why), repeat(how_often), retry_after(wait) {}

bool AttemptError::refuses_request() const {
  return kind == Kind::misconfigured && is_refusal(status) && status < kInternalError;
}

bool is_refusal(int status) {
  return (status >= kBadRequest && status <= kUnprocessable) || status == kInternalError ||
         status == kNotImplemented;
}

AttemptError refused(const base::HttpResponse& response) {
  if (response.status < 400) {
    return {Kind::misconfigured, Repeat::never,
            fmt::format("status {}: the address redirects to {}", response.status,
                        response.headers.get("Location").value_or("nowhere"))};
  }
  auto error = judge(response.status, read_body(response.body), base::retry_after(response));
  error.status = response.status;
  error.response = response.body.substr(0, kMaxResponseBytes);
  return error;
}

AttemptError refused_inside(const json& error) {
  const auto complaint = read_complaint(error);
  const int status = complaint.status != 0 ? complaint.status : status_for(complaint.labels);
  auto judged = judge(status, complaint, std::nullopt);
  judged.status = status;
  judged.response = base::dump_json(error).substr(0, kMaxResponseBytes);
  return judged;
}

AttemptError not_answered(const base::HttpError& error) {
  if (error.kind == base::HttpError::Kind::too_large) {
    return {Kind::malformed, Repeat::never, error.what()};
  }
  return {Kind::unreachable, Repeat::often, error.what()};
}

AttemptError malformed(std::string_view what) {
  return {Kind::malformed, Repeat::rarely, what};
}

}  // namespace llm
