#include "base/http_address.h"

#include <algorithm>
#include <charconv>

namespace base {
namespace {

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, port);
  return parsed.ec == std::errc() && parsed.ptr == end && port >= 1 && port <= 65'535;
}

}  // namespace

std::optional<std::string> address_problem(std::string_view url) {
  const auto scheme = url.find("://");
  if (!url.starts_with("https://") && !url.starts_with("http://")) {
    return "must begin with https:// or http://";
  }
  if (std::any_of(url.begin(), url.end(), [](unsigned char c) { return c <= ' ' || c == 0x7F; })) {
    return "must have no white space or control characters";
  }
  const auto rest = url.substr(scheme + 3);
  const auto end = std::min(rest.find_first_of("/?#"), rest.size());
  const auto authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos) {
    return "must hold no user name or password";
  }
  const auto host_end = authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':');
  const auto host = authority.substr(0, host_end);
  // Where a host ends is not the same for every reader once other characters are in it.
  const bool is_plain = std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_:[]").find(c) != std::string_view::npos;
  });
  if (host.empty() || !is_plain || (host.starts_with('[') && host.size() < 4)) {
    return "must name a host";
  }
  const auto port = authority.substr(host.size());
  if (!port.empty() && (!port.starts_with(':') || !is_port(port.substr(1)))) {
    return "must have a port between 1 and 65535 behind its host, or none";
  }
  if (end < rest.size() && rest[end] != '/') {
    return "must have a \"/\" behind its host";
  }
  return std::nullopt;
}

std::string_view query_of(std::string_view url) {
  const auto mark = url.find('?');
  return mark == std::string_view::npos ? std::string_view() : url.substr(mark + 1);
}

}  // namespace base
