#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "llm/chat_model.h"

namespace llm {

/// The offered tool that a model means by `written`, which may have white space, another case, a namespace in
/// front ("functions.dispatch") or remains of the model's own marks behind it; else what it wrote, trimmed.
std::string offered_name(std::string_view written, const std::vector<std::string>& tools);

/// The calls in a text that is nothing but calls, in one of the notations that models are trained on: JSON
/// with a name and arguments, XML-like parameters, Python, or a tool's name with an object behind it. Nothing
/// where one of them cannot be read or is of a tool that was not offered. `arguments` is JSON of an object,
/// ids are empty.
std::optional<std::vector<ToolCall>> read_written_calls(std::string_view text,
                                                        const std::vector<std::string>& tools);

/// The calls that a JSON value is: an object with a name and arguments, a list of them, or an object that
/// holds such a list. Nothing where any of it is none.
std::optional<std::vector<ToolCall>> calls_of(const nlohmann::json& value,
                                              const std::vector<std::string>& tools);

/// Whether such a value has arguments and no member that calls have not, so that it can hardly be data.
bool is_surely_call(const nlohmann::json& value);

/// Whether such a value is surely a call, or a list of them, of whatever tool.
bool is_call_of_anything(const nlohmann::json& value);

}  // namespace llm
