#include "llm/bare_calls.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/code_spans.h"
#include "base/json.h"
#include "base/utf8.h"
#include "llm/tool_arguments.h"
#include "llm/written_calls.h"

namespace llm {
namespace {

using Tools = std::vector<std::string>;
using Calls = std::vector<ToolCall>;

/// A text full of brackets is read in vain this often, as a whole.
constexpr std::size_t kMaxInVain = 16;

constexpr std::string_view kWhite = " \t\r\n";

struct Fence {
  std::string_view language, body;
};

Fence fence_of(std::string_view code) {
  const auto ticks = std::min(code.find_first_not_of(code.front()), code.size());
  code = code.substr(ticks, code.size() - ticks - std::min(ticks, code.size() - ticks));
  const auto head = std::min(code.find_first_of("\n{["), code.size());
  return {base::trim(code.substr(0, head)), base::trim(code.substr(head))};
}

/// JSON calls that can hardly be data, and nothing else.
std::optional<Calls> calls_alone(std::string_view text, const Tools& tools) {
  Calls calls;
  while (!text.empty()) {
    if (text.front() != '{' && text.front() != '[') {
      return std::nullopt;
    }
    const auto value = take_value(text, Extent::whole);
    const auto parsed = value ? base::parse_json(*value) : std::nullopt;
    auto more = parsed && is_surely_call(*parsed) ? calls_of(*parsed, tools) : std::nullopt;
    if (!more) {
      return std::nullopt;
    }
    std::move(more->begin(), more->end(), std::back_inserter(calls));
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n,;")));
  }
  return calls.empty() ? std::nullopt : std::optional(std::move(calls));
}

std::optional<Calls> calls_in_fence(std::string_view code, const Tools& tools) {
  const auto fence = fence_of(code);
  const auto language = base::ascii_lower(fence.language);
  // Such code is never meant to be read.
  const bool is_call = language.starts_with("tool") || language.starts_with("function");
  return is_call ? read_written_calls(fence.body, tools) : calls_alone(fence.body, tools);
}

/// The calls that the whole text is.
std::optional<Calls> calls_of_whole(std::string_view text, const Tools& tools) {
  text = base::trim(text);
  const bool is_code = !text.empty() && text.front() == '`' && text.back() == '`';
  const auto body = is_code ? fence_of(text).body : text;
  const bool is_json = !body.empty() && (body.front() == '{' || body.front() == '[') &&
                       (body.back() == '}' || body.back() == ']');
  if (is_json) {
    return read_written_calls(body, tools);
  }
  // As in Python: the name of a tool right before a bracket.
  const auto bracket = body.find('(');
  const auto name =
      bracket == std::string_view::npos ? std::string() : offered_name(body.substr(0, bracket), tools);
  return body.ends_with(')') && std::find(tools.begin(), tools.end(), name) != tools.end()
             ? read_written_calls(body, tools)
             : std::nullopt;
}

/// Whether the whole text is calls, but not all of them of tools that were offered.
bool is_unknown_call(std::string_view text) {
  text = base::trim(text);
  if (text.starts_with("```") && base::end_of_code(text, 0) == text.size()) {
    text = fence_of(text).body;
  }
  bool any = false;
  while (!text.empty()) {
    const auto value =
        text.front() == '{' || text.front() == '[' ? take_value(text, Extent::whole) : std::nullopt;
    const auto parsed = value ? base::parse_json(*value) : std::nullopt;
    if (!parsed || !is_call_of_anything(*parsed)) {
      return false;
    }
    any = true;
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n,;")));
  }
  return any;
}

class Taker {
 public:
  Taker(std::string_view text, const Tools& tools) : text_(text), tools_(tools) {}

  BareCalls taken() {
    for (std::size_t at = 0; at < text_.size();) {
      const char c = text_[at];
      const auto behind = c == '{' || c == '[' ? behind_json(at) : behind_code(at);
      at = behind > at ? behind : keep(at, at + 1);
    }
    return std::move(found_);
  }

 private:
  std::size_t keep(std::size_t from, std::size_t to) {
    found_.text += text_.substr(from, to - from);
    return to;
  }

  void take(Calls calls) { std::move(calls.begin(), calls.end(), std::back_inserter(found_.calls)); }

  std::size_t behind_code(std::size_t at) {
    const auto end = base::end_of_code(text_, at);
    if (end == at) {
      return at;
    }
    const auto code = text_.substr(at, end - at);
    auto calls =
        code.starts_with("```") || code.starts_with("~~~") ? calls_in_fence(code, tools_) : std::nullopt;
    if (!calls || goes_on_in_words(end)) {
      return keep(at, end);
    }
    take(std::move(*calls));
    return end;
  }

  /// Code of which the answer goes on to speak is an example.
  bool goes_on_in_words(std::size_t end) const {
    const auto next = text_.find_first_not_of(kWhite, end);
    return next != std::string_view::npos &&
           std::string_view("`~{[<").find(text_[next]) == std::string_view::npos;
  }

  std::size_t behind_json(std::size_t at) {
    if (in_vain_ > kMaxInVain * text_.size()) {
      return at;
    }
    auto rest = text_.substr(at);
    const auto value = take_value(rest, Extent::cut_off);
    const auto end = text_.size() - rest.size();
    const auto parsed = value ? base::parse_json(*value) : std::nullopt;
    auto calls = parsed && is_surely_call(*parsed) ? calls_of(*parsed, tools_) : std::nullopt;
    if (calls) {
      take(std::move(*calls));
      return without_wrapper(end);
    }
    in_vain_ += parsed ? 0 : end - at;
    if (!parsed && rest.empty() && begins_call(text_.substr(at))) {
      found_.unread_call = true;
      without_wrapper(text_.size());
      return text_.size();
    }
    return parsed ? keep(at, end) : at;
  }

  /// Whether a text that breaks off was meant to be a call.
  bool begins_call(std::string_view text) const {
    const auto head = base::trim(text.substr(1, 200));
    return head.starts_with('"') && std::any_of(tools_.begin(), tools_.end(), [&](const std::string& tool) {
             return head.find("\"" + tool + "\"") != std::string_view::npos &&
                    (head.find("\"arguments\"") != std::string_view::npos ||
                     head.find("\"parameters\"") != std::string_view::npos);
           });
  }

  /// Takes what a model has put around the call out of the text: tags of its own, or a fence that does not
  /// end. Returns where the text goes on behind it.
  std::size_t without_wrapper(std::size_t end) {
    auto& before = found_.text;
    const auto last = before.find_last_not_of(kWhite);
    const auto next = text_.find_first_not_of(kWhite, end);
    if (last == std::string::npos) {
      return end;
    }
    if (before[last] == '>') {
      const auto open = before.rfind('<', last);
      const auto close = open == std::string::npos ? "" : "</" + before.substr(open + 1, last - open);
      if (close.size() > 3 && next != std::string_view::npos && text_.substr(next).starts_with(close)) {
        before.resize(open);
        return next + close.size();
      }
    }
    const auto line = before.rfind('\n', last);
    const auto begin = line == std::string::npos ? 0 : line + 1;
    if (base::trim(std::string_view(before).substr(begin)).starts_with("```")) {
      before.resize(begin);
    }
    return end;
  }

  const std::string_view text_;
  const Tools& tools_;
  BareCalls found_;
  std::size_t in_vain_ = 0;  ///< bytes
};

}  // namespace

BareCalls take_bare_calls(std::string_view text, const Tools& tools) {
  if (auto calls = calls_of_whole(text, tools)) {
    return {.text = {}, .calls = std::move(*calls)};
  }
  if (is_unknown_call(text)) {
    return {.text = {}, .calls = {}, .unread_call = true};
  }
  return Taker(text, tools).taken();
}

}  // namespace llm
