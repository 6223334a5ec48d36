#include "base/form.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/utf8.h"

namespace base {
namespace {

int hex_digit(char c) {
  return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/// The value of a parameter in a header, with or without quotation marks; empty where there is none.
std::string_view parameter_of(std::string_view header, const std::string& name) {
  const auto lower = ascii_lower(header);
  auto at = lower.find(name + "=");
  while (at != std::string::npos && (at == 0 || (lower[at - 1] != ' ' && lower[at - 1] != ';'))) {
    at = lower.find(name + "=", at + 1);
  }
  if (at == std::string::npos) {
    return {};
  }
  auto value = header.substr(at + name.size() + 1);
  const bool quoted = value.starts_with('"');
  value.remove_prefix(quoted ? 1 : 0);
  return value.substr(0, value.find_first_of(quoted ? "\"" : "; \r\n"));
}

std::string multipart_field(std::string_view body, std::string_view boundary, std::string_view name) {
  const auto border = "--" + std::string(boundary);
  for (auto at = body.find(border); at != std::string_view::npos;) {
    const auto begin = at + border.size();
    const auto end = body.find("\r\n" + border, begin);
    const auto part = body.substr(begin, end == std::string_view::npos ? end : end - begin);
    const auto head = part.find("\r\n\r\n");
    if (head != std::string_view::npos && end != std::string_view::npos &&
        parameter_of(part.substr(0, head), "name") == name) {
      return std::string(part.substr(head + 4));
    }
    at = end == std::string_view::npos ? end : end + 2;
  }
  return {};
}

}  // namespace

std::optional<std::string> field_of_form(std::string_view content_type, std::string_view body,
                                         std::string_view name) {
  const auto type = ascii_lower(trim(content_type.substr(0, content_type.find(';'))));
  if (type.empty() || type == "application/x-www-form-urlencoded") {
    return form_field(body, name);
  }
  const auto boundary = parameter_of(content_type, "boundary");
  return type == "multipart/form-data" && !boundary.empty()
             ? std::optional(multipart_field(body, boundary, name))
             : std::nullopt;
}

std::string form_field(std::string_view body, std::string_view name) {
  while (!body.empty()) {
    const auto end = std::min(body.find('&'), body.size());
    const auto pair = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (pair.substr(0, pair.find('=')) != name) {
      continue;
    }
    std::string value;
    const auto raw = pair.substr(std::min(name.size() + 1, pair.size()));
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] == '%' && i + 2 < raw.size() && hex_digit(raw[i + 1]) >= 0 && hex_digit(raw[i + 2]) >= 0) {
        value.push_back(static_cast<char>(hex_digit(raw[i + 1]) * 16 + hex_digit(raw[i + 2])));
        i += 2;
      } else {
        value.push_back(raw[i] == '+' ? ' ' : raw[i]);
      }
    }
    return value;
  }
  return {};
}

std::string url_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace base
