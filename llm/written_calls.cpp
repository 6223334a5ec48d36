#include "llm/written_calls.h"

#include <algorithm>
#include <initializer_list>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "llm/tool_arguments.h"

namespace llm {
namespace {

using nlohmann::json;
using Tools = std::vector<std::string>;

/// For comparison: models mix up case, and hyphens with underscores.
std::string folded(std::string_view name) {
  auto text = base::ascii_lower(name);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

bool is_offered(const std::string& name, const Tools& tools) {
  return std::find(tools.begin(), tools.end(), name) != tools.end();
}

const json* first_member(const json& object, std::initializer_list<const char*> keys) {
  for (const auto* key : keys) {
    if (const auto* member = base::json_member(object, key)) {
      return member;
    }
  }
  return nullptr;
}

constexpr std::initializer_list<const char*> kNameKeys = {"name", "tool", "tool_name", "function_name",
                                                          "function"};
constexpr std::initializer_list<const char*> kArgumentKeys = {"arguments", "parameters", "args", "input",
                                                              "params"};

/// {"name": …, "arguments": …}, also within {"function": …}.
std::optional<ToolCall> call_of(const json& object, const Tools& tools) {
  if (const auto* inner = first_member(object, {"function", "tool_call", "function_call"});
      inner != nullptr && inner->is_object()) {
    return call_of(*inner, tools);
  }
  const auto* name = first_member(object, kNameKeys);
  if (name == nullptr || !name->is_string()) {
    return std::nullopt;
  }
  auto offered = offered_name(name->get_ref<const std::string&>(), tools);
  const auto* given = first_member(object, kArgumentKeys);
  const auto arguments = given == nullptr ? "{}"
                                          : read_arguments(given->is_string() ? given->get<std::string>()
                                                                              : base::dump_json(*given),
                                                           Extent::whole);
  if (!is_offered(offered, tools) || !arguments) {
    return std::nullopt;
  }
  return ToolCall{{}, std::move(offered), *arguments};
}

std::string_view between(std::string_view& text, std::string_view open, std::string_view close) {
  const auto begin = text.find(open);
  if (begin == std::string_view::npos) {
    text = {};
    return {};
  }
  text.remove_prefix(begin + open.size());
  const auto end = std::min(text.find(close), text.size());
  const auto found = text.substr(0, end);
  text.remove_prefix(std::min(text.size(), end + close.size()));
  return found;
}

void set_parameter(json& arguments, std::string_view key, std::string_view value) {
  const auto name = std::string(base::trim(key));
  const auto text = base::trim(value);
  auto parsed =
      !text.empty() && (text.front() == '{' || text.front() == '[') ? base::parse_json(text) : std::nullopt;
  arguments[name] = parsed ? std::move(*parsed) : json(std::string(text));
}

/// A name up to '>' or a quote, without the quotes around it.
std::string_view quoted_name(std::string_view text) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of("\"' ")));
  return base::trim(text.substr(0, text.find_first_of("\"'")));
}

/// <function=NAME><parameter=KEY>VALUE</parameter></function>, the same as <invoke name="NAME"><parameter
/// name="KEY">, and NAME<arg_key>KEY</arg_key><arg_value>VALUE</arg_value>.
std::optional<ToolCall> call_in_marks(std::string_view text, const Tools& tools) {
  json arguments = json::object();
  std::string_view name;
  if (text.find("<arg_key>") != std::string_view::npos) {
    name = text.substr(0, text.find("<arg_key>"));
    while (text.find("<arg_key>") != std::string_view::npos) {
      const auto key = between(text, "<arg_key>", "</arg_key>");
      set_parameter(arguments, key, between(text, "<arg_value>", "</arg_value>"));
    }
  } else {
    const bool invoke = text.find("<invoke name=") != std::string_view::npos;
    auto body = text;
    name = quoted_name(between(body, invoke ? "<invoke name=" : "<function=", ">"));
    const std::string_view open = invoke ? "<parameter name=" : "<parameter=";
    if (body.find(open) == std::string_view::npos && body.find('{') != std::string_view::npos) {
      arguments = base::parse_json(take_value(body, Extent::whole).value_or("null")).value_or(json());
    }
    while (body.find(open) != std::string_view::npos) {
      const auto key = quoted_name(between(body, open, ">"));
      set_parameter(arguments, key, between(body, "", "</parameter>"));
    }
  }
  auto offered = offered_name(name, tools);
  if (!is_offered(offered, tools) || !arguments.is_object()) {
    return std::nullopt;
  }
  return ToolCall{{}, std::move(offered), base::dump_json(arguments)};
}

/// The name of an offered tool, whatever stands around it, and an object behind it: Mistral's NAME[ARGS]{…},
/// and how DeepSeek and Kimi write it.
std::optional<ToolCall> call_behind_name(std::string_view& text, const Tools& tools) {
  const auto brace = text.find('{');
  const auto head = folded(text.substr(0, brace));
  const std::string* named = nullptr;
  for (const auto& tool : tools) {
    const bool longer = named == nullptr || tool.size() > named->size();
    named = longer && head.find(folded(tool)) != std::string::npos ? &tool : named;
  }
  if (named == nullptr || brace == std::string_view::npos) {
    return std::nullopt;
  }
  text.remove_prefix(brace);
  auto arguments = take_value(text, Extent::whole);
  return arguments ? std::optional(ToolCall{{}, *named, *arguments}) : std::nullopt;
}

/// Calls as JSON objects, one behind the other or in lists.
std::optional<std::vector<ToolCall>> calls_in_json(std::string_view text, const Tools& tools) {
  std::vector<ToolCall> calls;
  while (text.find_first_of("{[") != std::string_view::npos) {
    const auto value = take_value(text, Extent::whole);
    auto parsed = value ? base::parse_json(*value) : std::nullopt;
    if (!parsed) {
      return std::nullopt;
    }
    const auto list = parsed->is_array() ? std::move(*parsed) : json::array({std::move(*parsed)});
    for (const auto& object : list) {
      auto call = call_of(object, tools);
      if (!call) {
        return std::nullopt;
      }
      calls.push_back(std::move(*call));
    }
  }
  return calls.empty() ? std::nullopt : std::optional(std::move(calls));
}

}  // namespace

std::string offered_name(std::string_view written, const Tools& tools) {
  constexpr std::string_view kAround = " \t\r\n\"'`";
  auto name = written.substr(0, written.find("<|"));
  const auto begin = std::min(name.size(), name.find_first_not_of(kAround));
  name = name.substr(begin, name.find_last_not_of(kAround) + 1 - begin);
  if (is_offered(std::string(name), tools)) {
    return std::string(name);
  }
  auto bare = name;
  if (const auto number = bare.rfind(':');
      number != std::string_view::npos &&
      bare.find_first_not_of("0123456789", number + 1) == std::string_view::npos) {
    bare = bare.substr(0, number);
  }
  const auto last = bare.find_last_of(".:/");
  bare = last == std::string_view::npos ? bare : bare.substr(last + 1);
  for (const auto& tool : tools) {
    if (folded(tool) == folded(name) || folded(tool) == folded(bare)) {
      return tool;
    }
  }
  return std::string(name);
}

std::optional<std::vector<ToolCall>> read_written_calls(std::string_view text, const Tools& tools) {
  text = base::trim(text);
  for (const auto* mark : {"<invoke name=", "<function=", "<arg_key>"}) {
    if (text.find(mark) == std::string_view::npos) {
      continue;
    }
    std::vector<ToolCall> calls;
    const bool several = std::string_view(mark) != "<arg_key>";
    for (auto at = several ? text.find(mark) : 0; at < text.size();) {
      const auto next = several ? std::min(text.find(mark, at + 1), text.size()) : text.size();
      auto call = call_in_marks(text.substr(at, next - at), tools);
      if (!call) {
        return std::nullopt;
      }
      calls.push_back(std::move(*call));
      at = next;
    }
    return calls;
  }
  if (auto calls = calls_in_json(text, tools)) {
    return calls;
  }
  std::vector<ToolCall> calls;
  while (text.find('{') != std::string_view::npos) {
    auto call = call_behind_name(text, tools);
    if (!call) {
      return std::nullopt;
    }
    calls.push_back(std::move(*call));
  }
  return calls.empty() ? std::nullopt : std::optional(std::move(calls));
}

std::optional<std::vector<ToolCall>> read_bare_calls(std::string_view text, const Tools& tools) {
  text = base::trim(text);
  if (text.starts_with("```") && text.ends_with("```")) {
    text = text.substr(0, text.size() - 3);
    text.remove_prefix(std::min(text.size(), text.find_first_of("{[")));
    text = base::trim(text);
  }
  const bool is_json = !text.empty() && (text.front() == '{' || text.front() == '[') &&
                       (text.back() == '}' || text.back() == ']');
  const bool has_arguments =
      std::any_of(kArgumentKeys.begin(), kArgumentKeys.end(), [&](std::string_view key) {
        return text.find('"' + std::string(key) + '"') != std::string_view::npos;
      });
  return is_json && has_arguments ? calls_in_json(text, tools) : std::nullopt;
}

}  // namespace llm
