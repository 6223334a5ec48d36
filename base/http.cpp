#include "base/http.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include <nlohmann/json.hpp>

#include "base/http_field_syntax.h"
#include "base/json.h"
#include "base/utf8.h"

namespace base {

std::optional<std::string> HttpFields::get(std::string_view name) const {
  const auto wanted = ascii_lower(name);
  for (const auto& [key, value] : fields_) {
    if (ascii_lower(key) == wanted) {
      return value;
    }
  }
  return std::nullopt;
}

void HttpFields::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

std::optional<std::string> HttpRequest::cookie(std::string_view name) const {
  const auto header = headers.get("Cookie").value_or("");
  std::string_view rest = header;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    const auto pair = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (const auto eq = pair.find('='); eq != std::string_view::npos && pair.substr(0, eq) == name) {
      return std::string(pair.substr(eq + 1));
    }
  }
  return std::nullopt;
}

HttpResponse HttpResponse::error(int status, std::string_view sentence) {
  HttpResponse response;
  response.status = status;
  response.body = dump_json({{"error", std::string(sentence)}});
  return response;
}

HttpResponse HttpResponse::json(std::string body) {
  HttpResponse response;
  response.body = std::move(body);
  return response;
}

std::string join_url(std::string_view base, std::string_view path) {
  while (base.ends_with('/')) {
    base.remove_suffix(1);
  }
  return std::string(base) + (path.starts_with('/') ? "" : "/") + std::string(path);
}

StatusMeaning status_meaning(int status) {
  if (status >= 200 && status < 300) {
    return StatusMeaning::success;
  }
  if (status == 401 || status == 403) {
    return StatusMeaning::unauthorized;
  }
  if (status == 429) {
    return StatusMeaning::rate_limited;
  }
  return status == 408 || status >= 500 ? StatusMeaning::temporary : StatusMeaning::permanent;
}

std::optional<std::chrono::milliseconds> retry_after(const HttpResponse& response) {
  const auto value = response.headers.get("Retry-After");
  if (!value) {
    return std::nullopt;
  }
  double seconds = 0;
  const auto* end = value->data() + value->size();
  if (const auto parsed = std::from_chars(value->data(), end, seconds);
      parsed.ec == std::errc() && parsed.ptr == end && seconds >= 0) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(seconds, 86'400.0) * 1000));
  }
  std::tm tm{};
  if (strptime(value->c_str(), "%a, %d %b %Y %H:%M:%S GMT", &tm) != nullptr) {
    // In milliseconds throughout: the system clock's nanoseconds end in the year 2262.
    const std::chrono::milliseconds at = std::chrono::seconds(timegm(&tm));
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::clamp(at - std::chrono::floor<std::chrono::milliseconds>(now), std::chrono::milliseconds(0),
                      std::chrono::milliseconds(86'400'000));
  }
  return std::nullopt;
}

bool is_token(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' &&
            std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos);
  });
}

bool is_field_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(),
                      [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; });
}

bool has_line_break(std::string_view value) {
  return value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

}  // namespace base
