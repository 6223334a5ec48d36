#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace base {

/// What is said of a step: a name and a value. Never a text that somebody wrote, nor a secret.
struct LogField {
  std::string_view name;
  std::variant<std::int64_t, double, std::string> value;
};

/// Writes a line about one step of something that is followed through the program, such as a message from
/// "received" to "delivered": `decided message=42 p=0.12`. Fields that are empty texts are left out. Thread
/// rule: any thread.
void log_event(std::string_view event, std::initializer_list<LogField> fields);

/// From now on each line is a JSON object: "at", "level", and "text", or "event" and its fields.
void log_as_json();

}  // namespace base
