#pragma once

#include <string>

#include "base/http.h"

namespace support {

/// What a server of one provider's protocol says, for fakes. Both have the same members, so that one suite
/// can run over both.
struct AnthropicDialect {
  static constexpr const char* kProvider = "anthropic";
  static constexpr const char* kPath = "/v1/messages";
  /// The header that carries the key, and its value.
  static constexpr const char* kKeyHeader = "x-api-key";
  static constexpr const char* kKeyPrefix = "";

  static std::string stream(const std::string& text);
  static std::string unfinished_stream();
  static std::string stream_with_error(const std::string& type, const std::string& message);
  static std::string stream_with_broken_tool_call();
  static std::string document(const std::string& text);
  static std::string error(const std::string& type, const std::string& message);
};

struct OpenAiDialect {
  static constexpr const char* kProvider = "openai";
  static constexpr const char* kPath = "/v1/chat/completions";
  static constexpr const char* kKeyHeader = "Authorization";
  static constexpr const char* kKeyPrefix = "Bearer ";

  static std::string stream(const std::string& text);
  static std::string unfinished_stream();
  static std::string stream_with_error(const std::string& type, const std::string& message);
  static std::string stream_with_broken_tool_call();
  static std::string document(const std::string& text);
  static std::string error(const std::string& type, const std::string& message);
};

base::HttpResponse event_stream(std::string body);
base::HttpResponse status(int status, std::string body);
base::HttpResponse status_with_retry_after(int status, std::string body, const std::string& seconds);
base::HttpResponse web_page();

}  // namespace support
