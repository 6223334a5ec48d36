#include "llm/refused_tools.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/utf8.h"
#include "llm/attempt_error.h"

namespace llm {
namespace {

bool is_of_a_server(const ToolSpec& tool) {
  return tool.name.find("__") != std::string::npos;
}

/// The number that follows one of the words, as providers point into a request: "tools.11.custom"
/// (Anthropic), "tools[11].function" (OpenAI), "tools[0].function_declarations[11]" (Gemini).
std::optional<std::size_t> place_in(std::string_view text) {
  for (const std::string_view word : {"function_declarations[", "tools[", "tools."}) {
    if (const auto at = text.find(word); at != std::string_view::npos) {
      const auto rest = text.substr(at + word.size());
      std::size_t place = 0;
      if (std::from_chars(rest.data(), rest.data() + rest.size(), place).ec == std::errc()) {
        return place;
      }
    }
  }
  return std::nullopt;
}

/// The tool that the refusal is about.
std::optional<std::size_t> refused_tool(const AttemptError& error, const std::vector<ToolSpec>& tools) {
  if (!error.refuses_request()) {
    return std::nullopt;
  }
  if (const auto place = place_in(error.response); place && *place < tools.size()) {
    return is_of_a_server(tools[*place]) ? place : std::nullopt;
  }
  const auto named = std::find_if(tools.begin(), tools.end(), [&](const ToolSpec& tool) {
    return is_of_a_server(tool) && error.response.find("'" + tool.name + "'") != std::string::npos;
  });
  return named == tools.end() ? std::nullopt : std::optional(static_cast<std::size_t>(named - tools.begin()));
}

}  // namespace

Completion RefusedTools::attempt(const ChatRequest& request, std::chrono::milliseconds time,
                                 const Attempt& attempt) {
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + time;
  const auto known = names_.with([](const auto& names) { return names; });
  std::optional<ChatRequest> without;
  const auto leave_out = [&](const auto& is_refused) {
    if (!without) {
      without = request;
    }
    std::erase_if(without->tools, is_refused);
  };
  if (!known.empty()) {
    leave_out([&](const ToolSpec& tool) { return known.contains(tool.name); });
  }
  std::set<std::string> refused;
  for (;;) {
    const auto& now = without ? *without : request;
    try {
      auto completion = attempt(now, time);
      for (const auto& name : refused) {
        if (names_.with([&](auto& names) { return names.insert(name).second; })) {
          base::log_warning(
              "the model's provider refuses the schema of the tool {}; it is left out until the next start",
              name);
        }
      }
      return completion;
    } catch (const AttemptError& error) {
      const auto place = refused_tool(error, now.tools);
      time = std::chrono::floor<std::chrono::milliseconds>(until - steady_clock::now());
      if (!place || time <= std::chrono::milliseconds(0)) {
        throw;
      }
      const auto name = now.tools[*place].name;
      refused.insert(name);
      leave_out([&](const ToolSpec& tool) { return tool.name == name; });
    }
  }
}

}  // namespace llm
