#include "llm/optional_members.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/utf8.h"
#include "llm/attempt_error.h"
#include "llm/images.h"

namespace llm {
namespace {

constexpr int kNotFound = 404, kUnprocessable = 422, kInternalError = 500, kNotImplemented = 501;

bool is_part_of_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// What stands in a member, of which a server may complain instead.
constexpr std::pair<std::string_view, std::string_view> kInside[] = {{"stream_options", "include_usage"}};

bool has_name(std::string_view text, std::string_view name) {
  for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const auto end = at + name.size();
    if ((at == 0 || !is_part_of_name(text[at - 1])) && (end == text.size() || !is_part_of_name(text[end]))) {
      return true;
    }
  }
  return false;
}

bool names_it(std::string_view text, std::string_view name) {
  return has_name(text, name) || std::any_of(std::begin(kInside), std::end(kInside), [&](const auto& member) {
           return member.first == name && has_name(text, member.second);
         });
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

/// Whether a server says that it, or its model, has no tools; not that one of them is wrong.
bool has_no_tools(std::string_view response) {
  const auto text = base::ascii_lower(response);
  const bool speaks_of_tools =
      has_name(text, kToolsMember) || has_name(text, "functions") ||
      has_any(text, {"tool use", "tool call", "tool_call", "tool-call", "tool_use", "tool-use", "tool choice",
                     "tool_choice", "function call", "function_call", "function-call"});
  const bool denies =
      has_any(text, {"support", "not enabled", "isn't enabled", "disabled", "not available", "unavailable",
                     "not permitted", "not allowed", "forbidden", "unrecognized", "unrecognised", "unknown",
                     "unexpected", "not implemented", "requires --", "no endpoints found"});
  return speaks_of_tools && denies && !has_any(text, {"tools[", "tools.", "schema"});
}

/// The member that the refusal is about, of those that are still in the request.
std::optional<std::string> refused_member(const AttemptError& error, const std::vector<std::string>& names,
                                          const std::string& unnamed,
                                          const OptionalMembers::Names& left_out) {
  const bool may_leave_tools =
      !left_out.contains(kToolsMember) && std::find(names.begin(), names.end(), kToolsMember) != names.end();
  const auto no_tools = [&]() -> std::optional<std::string> {
    return may_leave_tools && has_no_tools(error.response) ? std::optional(kToolsMember) : std::nullopt;
  };
  const bool may_leave_images = !left_out.contains(kImagesMember) &&
                                std::find(names.begin(), names.end(), kImagesMember) != names.end();
  if (may_leave_images && is_refusal(error.status) && says_no_images(error.response)) {
    return kImagesMember;
  }
  if (error.status == kInternalError || error.status == kNotImplemented) {
    return no_tools();  // as some say it
  }
  if (may_leave_images && error.kind == ModelError::Kind::too_long) {
    return kImagesMember;
  }
  if (!error.refuses_request()) {
    return std::nullopt;
  }
  const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
    return name != kToolsMember && name != kImagesMember && !left_out.contains(name) &&
           names_it(error.response, name);
  });
  if (found != names.end()) {
    return *found;
  }
  if (auto tools = no_tools()) {
    return tools;
  }
  // Whatever is wrong with it, the words are worth an answer.
  if (may_leave_images && error.status != kNotFound) {
    return kImagesMember;
  }
  return error.status == kUnprocessable && !unnamed.empty() && !left_out.contains(unnamed)
             ? std::optional(unnamed)
             : std::nullopt;
}

}  // namespace

OptionalMembers::OptionalMembers(Endpoint::Images images) : images_(images) {
  if (images == Endpoint::Images::none) {
    refused_.with([](Names& refused) { refused.insert(kImagesMember); });
  }
}

bool OptionalMembers::leaves_out(const std::string& name) const {
  return refused_.with([&](const Names& refused) { return refused.contains(name); });
}

void OptionalMembers::remember(const Names& left_out, const std::optional<AttemptError>& why) {
  const bool loses_images = refused_.with([&](Names& refused) {
    const bool had_images = !refused.contains(kImagesMember);
    refused.insert(left_out.begin(), left_out.end());
    return had_images && refused.contains(kImagesMember);
  });
  if (loses_images && why) {
    base::log_warning("the secretary's model takes no pictures and is not sent any from now on: {}",
                      why->what());
  }
}

Completion OptionalMembers::attempt(const ChatRequest& request, const std::vector<std::string>& names,
                                    const std::string& unnamed, std::chrono::milliseconds time,
                                    const Attempt& attempt) {
  return refused_tools_.attempt(request, time, [&](const ChatRequest& taken, std::chrono::milliseconds left) {
    return attempt_without(taken, names, unnamed, left, attempt);
  });
}

Completion OptionalMembers::attempt_without(const ChatRequest& request, const std::vector<std::string>& names,
                                            const std::string& unnamed, std::chrono::milliseconds time,
                                            const Attempt& attempt) {
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + time;
  auto left_out = refused_.with([](const Names& refused) { return refused; });
  std::optional<AttemptError> first;
  bool images_once = false;  // whether they are left out of this request alone
  for (;;) {
    try {
      auto completion = attempt(request, left_out, time);
      if (images_once) {
        left_out.erase(kImagesMember);
      }
      remember(left_out, first);
      return completion;
    } catch (const AttemptError& error) {
      const auto member = refused_member(error, names, unnamed, left_out);
      time = std::chrono::floor<std::chrono::milliseconds>(until - steady_clock::now());
      if (!member || time <= std::chrono::milliseconds(0)) {
        // It did not help, so the request as it was meant is what the provider's words are about.
        throw error.kind == ModelError::Kind::misconfigured ? first.value_or(error) : error;
      }
      if (!first) {
        first = error;
      }
      images_once = images_once || (*member == kImagesMember &&
                                    (images_ == Endpoint::Images::taken || !says_no_images(error.response)));
      left_out.insert(*member);
    }
  }
}

}  // namespace llm
