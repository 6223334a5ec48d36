#include "base/log.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/json.h"
#include "base/log_event.h"
#include "base/rfc3339.h"
#include "base/utf8.h"

namespace base {
namespace {

/// A shorter one, such as the "ollama" that some servers want for a key, is a word of people's texts and ids.
constexpr std::size_t kShortestSecret = 8;

Guarded<std::vector<std::string>>& secrets() {
  static Guarded<std::vector<std::string>> instance;
  return instance;
}

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = spdlog::stderr_color_mt("frontdesk");
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

namespace {

std::atomic<bool> as_json = false;

nlohmann::json json_line(LogLevel level) {
  return {{"at", format_rfc3339(SystemClock().now())},
          {"level", spdlog::level::to_string_view(to_spdlog(level)).data()}};
}

void write_json(LogLevel level, const nlohmann::json& line) {
  if (logger().should_log(to_spdlog(level))) {
    logger().log(to_spdlog(level), "{}", redacted(dump_json(line)));
  }
}

nlohmann::json json_of(const LogField& field) {
  return std::visit([](const auto& value) { return nlohmann::json(value); }, field.value);
}

std::string text_of(const LogField& field) {
  if (const auto* text = std::get_if<std::string>(&field.value)) {
    const bool plain = text->find_first_of(" \"=") == std::string::npos;
    return plain ? *text : dump_json(nlohmann::json(*text));
  }
  return dump_json(json_of(field));
}

bool is_empty(const LogField& field) {
  const auto* text = std::get_if<std::string>(&field.value);
  return text != nullptr && text->empty();
}

}  // namespace

void log(LogLevel level, std::string_view text) {
  auto line = redacted(text);
  // One event is one line, whatever a user or a model put into it.
  std::replace(line.begin(), line.end(), '\n', ' ');
  if (as_json) {
    auto object = json_line(level);
    object["text"] = strip_controls(line);
    write_json(level, object);
    return;
  }
  logger().log(to_spdlog(level), "{}", strip_controls(line));
}

void log_event(std::string_view event, std::initializer_list<LogField> fields) {
  if (!as_json) {
    std::string line(event);
    for (const auto& field : fields) {
      line += is_empty(field) ? "" : fmt::format(" {}={}", field.name, text_of(field));
    }
    log(LogLevel::info, line);
    return;
  }
  auto object = json_line(LogLevel::info);
  object["event"] = event;
  for (const auto& field : fields) {
    if (!is_empty(field)) {
      object[std::string(field.name)] = json_of(field);
    }
  }
  write_json(LogLevel::info, object);
}

void log_as_json() {
  logger().set_pattern("%v");
  as_json = true;
}

void set_log_level(LogLevel level) {
  logger().set_level(to_spdlog(level));
}

namespace {

/// As it stands in a row or a message that is JSON.
std::string in_json(const std::string& secret) {
  std::string text;
  for (const char c : secret) {
    text += c == '"' || c == '\\' ? "\\" : "";
    text += c;
  }
  return text;
}

}  // namespace

void redact(const std::string& secret) {
  if (secret.size() < kShortestSecret) {
    return;
  }
  secrets().with([&](auto& list) {
    for (const auto& text : {secret, in_json(secret)}) {
      if (std::find(list.begin(), list.end(), text) == list.end()) {
        list.push_back(text);
      }
    }
  });
}

std::string redacted(std::string_view text) {
  std::string out(text);
  secrets().with([&](const auto& list) {
    for (const auto& secret : list) {
      for (auto at = out.find(secret); at != std::string::npos; at = out.find(secret, at)) {
        out.replace(at, secret.size(), "[secret]");
      }
    }
  });
  return out;
}

std::string RedactedPieces::add(std::string_view piece) {
  auto text = redacted(held_ + std::string(piece));
  std::size_t hold = 0;
  secrets().with([&](const auto& list) {
    for (const std::string_view secret : list) {
      for (auto length = std::min(secret.size() - 1, text.size()); length > hold; --length) {
        if (text.ends_with(secret.substr(0, length))) {
          hold = length;
        }
      }
    }
  });
  held_ = text.substr(text.size() - hold);
  text.resize(text.size() - hold);
  return text;
}

}  // namespace base
