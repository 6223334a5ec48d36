#include "llm/written_calls.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <iterator>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "llm/tool_arguments.h"

namespace llm {
namespace {

using nlohmann::json;
using Tools = std::vector<std::string>;
using Calls = std::vector<ToolCall>;

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

constexpr std::initializer_list<const char*> kNameKeys = {"name",          "tool",     "tool_name",
                                                          "function_name", "function", "action"};
constexpr std::initializer_list<const char*> kArgumentKeys = {"arguments", "parameters",   "args",
                                                              "input",     "params",       "tool_input",
                                                              "tool_args", "action_input", "kwargs"};

/// Whether these are no arguments but the schema of some, as where a model repeats which tools there are.
bool is_schema(const std::string& arguments) {
  const auto object = base::parse_json(arguments);
  return object && base::json_text(*object, "type") == "object" && object->contains("properties");
}

/// {"name": …, "arguments": …}, also within {"function": …}, and {"<name>": {…}}.
std::optional<ToolCall> call_of(const json& object, const Tools& tools) {
  if (object.is_object() && object.size() == 1 && is_offered(object.begin().key(), tools) &&
      object.begin()->is_object()) {
    return ToolCall{{}, object.begin().key(), base::dump_json(*object.begin())};
  }
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
  if (!is_offered(offered, tools) || !arguments || is_schema(*arguments)) {
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
std::optional<Calls> calls_in_json(std::string_view text, const Tools& tools) {
  Calls calls;
  while (text.find_first_of("{[") != std::string_view::npos) {
    const auto value = take_value(text, Extent::whole);
    const auto parsed = value ? base::parse_json(*value) : std::nullopt;
    auto more = parsed ? calls_of(*parsed, tools) : std::nullopt;
    if (!more) {
      return std::nullopt;
    }
    std::move(more->begin(), more->end(), std::back_inserter(calls));
  }
  return calls.empty() ? std::nullopt : std::optional(std::move(calls));
}

/// What stands in the brackets that a text begins with, with a colon for each sign of equality between a
/// parameter and its value; `text` is left with what stands behind them.
std::optional<std::string> take_keyword_arguments(std::string_view& text) {
  std::string object = "{";
  char quote = 0;
  int depth = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      object += c;
      if (c == '\\' && i + 1 < text.size()) {
        object += text[++i];
      } else if (c == quote) {
        quote = 0;
      }
      continue;
    }
    if (c == ')' && depth == 0) {
      text.remove_prefix(i + 1);
      return object + "}";
    }
    quote = c == '"' || c == '\'' ? c : '\0';
    depth += c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
    object += c == '=' && depth == 0 ? ':' : c;
  }
  return std::nullopt;
}

/// NAME(key="value", …), as Llama 4 and Gemma write it: in a list, with default_api. in front, .call behind
/// the name, or within print().
std::optional<Calls> calls_as_in_python(std::string_view text, const Tools& tools) {
  Calls calls;
  if (text.starts_with('[') && text.ends_with(']')) {
    text = text.substr(1, text.size() - 2);
  }
  for (text = base::trim(text); !text.empty(); text = base::trim(text)) {
    const bool printed = text.starts_with("print(");
    text.remove_prefix(printed ? 6 : 0);
    const auto bracket = text.find('(');
    if (bracket == std::string_view::npos) {
      return std::nullopt;
    }
    auto name = base::trim(text.substr(0, bracket));
    name.remove_suffix(name.ends_with(".call") ? 5 : 0);
    auto offered = offered_name(name, tools);
    text.remove_prefix(bracket);
    const auto written = take_keyword_arguments(text);
    std::string_view rest = written ? std::string_view(*written) : std::string_view();
    auto arguments = written ? take_value(rest, Extent::cut_off) : std::nullopt;
    if (!is_offered(offered, tools) || !arguments || !rest.empty()) {
      return std::nullopt;
    }
    calls.push_back({{}, std::move(offered), std::move(*arguments)});
    text = base::trim(text);
    text.remove_prefix(printed && text.starts_with(')') ? 1 : 0);
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(",; \t\r\n")));
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

std::optional<Calls> read_written_calls(std::string_view text, const Tools& tools) {
  text = base::trim(text);
  for (const auto* mark : {"<invoke name=", "<function=", "<arg_key>"}) {
    if (text.find(mark) == std::string_view::npos) {
      continue;
    }
    Calls calls;
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
  if (auto calls = calls_as_in_python(text, tools)) {
    return calls;
  }
  Calls calls;
  while (text.find('{') != std::string_view::npos) {
    auto call = call_behind_name(text, tools);
    if (!call) {
      return std::nullopt;
    }
    calls.push_back(std::move(*call));
  }
  return calls.empty() ? std::nullopt : std::optional(std::move(calls));
}

std::optional<Calls> calls_of(const json& value, const Tools& tools) {
  if (const auto* list = first_member(value, {"tool_calls", "function_calls", "calls"});
      list != nullptr && list->is_array()) {
    return calls_of(*list, tools);
  }
  Calls calls;
  const auto take = [&](const json& object) {
    auto call = call_of(object, tools);
    if (call) {
      calls.push_back(std::move(*call));
    }
    return call.has_value();
  };
  const bool all = value.is_array() ? std::all_of(value.begin(), value.end(), take) : take(value);
  return all && !calls.empty() ? std::optional(std::move(calls)) : std::nullopt;
}

bool is_surely_call(const json& value) {
  if (value.is_array()) {
    return !value.empty() && std::all_of(value.begin(), value.end(), is_surely_call);
  }
  if (const auto* inner =
          first_member(value, {"function", "tool_call", "function_call", "tool_calls", "function_calls"});
      inner != nullptr && inner->is_structured()) {
    return is_surely_call(*inner);
  }
  const auto* arguments = first_member(value, kArgumentKeys);
  const auto is_known = [](std::string_view key) {
    const auto is_key = [&](const char* known) { return key == known; };
    return std::any_of(kNameKeys.begin(), kNameKeys.end(), is_key) ||
           std::any_of(kArgumentKeys.begin(), kArgumentKeys.end(), is_key) || key == "id" || key == "type" ||
           key == "index" || key == "call_id" || key == "tool_call_id" || key == "thought" || key == "reason";
  };
  const auto items = value.items();
  return arguments != nullptr && (arguments->is_object() || arguments->is_string()) &&
         std::all_of(items.begin(), items.end(), [&](const auto& item) { return is_known(item.key()); });
}

bool is_call_of_anything(const json& value) {
  if (value.is_array()) {
    return !value.empty() && std::all_of(value.begin(), value.end(), is_call_of_anything);
  }
  if (const auto* inner = first_member(
          value, {"function", "tool_call", "function_call", "tool_calls", "function_calls", "calls"});
      inner != nullptr && inner->is_structured()) {
    return is_call_of_anything(*inner);
  }
  const auto* name = first_member(value, kNameKeys);
  if (name == nullptr || !name->is_string() || !is_surely_call(value)) {
    return false;
  }
  const auto& text = name->get_ref<const std::string&>();
  const bool is_name = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-.:/").find(c) != std::string_view::npos;
  });
  return is_name && call_of(value, {text}).has_value();
}

}  // namespace llm
