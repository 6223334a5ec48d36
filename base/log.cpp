#include "base/log.h"

#include <algorithm>
#include <vector>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "base/guarded.h"
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

void log(LogLevel level, std::string_view text) {
  auto line = redacted(text);
  // One event is one line, whatever a user or a model put into it.
  std::replace(line.begin(), line.end(), '\n', ' ');
  logger().log(to_spdlog(level), "{}", strip_controls(line));
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

}  // namespace base
