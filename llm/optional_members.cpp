#include "llm/optional_members.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "llm/attempt_error.h"

namespace llm {
namespace {

constexpr int kUnprocessable = 422;

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

/// The member that the refusal is about, of those that are still in the request.
std::optional<std::string> refused_member(const AttemptError& error, const std::vector<std::string>& names,
                                          const std::string& unnamed,
                                          const OptionalMembers::Names& left_out) {
  if (error.kind != ModelError::Kind::misconfigured || error.status < 400 || error.status > kUnprocessable) {
    return std::nullopt;
  }
  const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
    return !left_out.contains(name) && names_it(error.response, name);
  });
  if (found != names.end()) {
    return *found;
  }
  return error.status == kUnprocessable && !unnamed.empty() && !left_out.contains(unnamed)
             ? std::optional(unnamed)
             : std::nullopt;
}

}  // namespace

Completion OptionalMembers::attempt(const std::vector<std::string>& names, const std::string& unnamed,
                                    std::chrono::milliseconds time, const Attempt& attempt) {
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + time;
  auto left_out = refused_.with([](const Names& refused) { return refused; });
  std::optional<AttemptError> first;
  for (;;) {
    try {
      auto completion = attempt(left_out, time);
      refused_.with([&](Names& refused) { refused.insert(left_out.begin(), left_out.end()); });
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
      left_out.insert(*member);
    }
  }
}

}  // namespace llm
