#include "base/http_response_head.h"

#include <charconv>
#include <string>

#include "base/utf8.h"

namespace base {

std::optional<HttpResponse> read_response_head(std::string_view lines) {
  HttpResponse head;
  const auto code = lines.find(' ');
  const auto line_end = lines.find("\r\n");
  if (!lines.starts_with("HTTP/1.") || line_end == std::string_view::npos || code + 4 > line_end ||
      std::from_chars(lines.data() + code + 1, lines.data() + code + 4, head.status).ec != std::errc() ||
      head.status < 100) {
    return std::nullopt;
  }
  for (auto at = line_end + 2; at < lines.size();) {
    const auto line = lines.substr(at, lines.find("\r\n", at) - at);
    at += line.size() + 2;
    if (const auto colon = line.find(':'); colon != std::string_view::npos) {
      head.headers.add(std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
    }
  }
  head.content_type = head.headers.get("Content-Type").value_or("");
  return head;
}

}  // namespace base
