#include "base/http_request_head.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "base/http_field_syntax.h"
#include "base/utf8.h"

namespace base {
namespace {

using Body = HttpRequestHead::Body;
using Refusal = std::optional<HttpRefusal>;

constexpr std::size_t kMaxFields = 100;
constexpr std::size_t kMaxTarget = 8'000;  // httplib itself takes 8192

constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"};

constexpr HttpRefusal kNoRequestLine{400, "The request line is malformed."};
constexpr HttpRefusal kNoTarget{400, "The address in the request line is malformed."};
constexpr HttpRefusal kTargetTooLong{414, "The address is too long."};
constexpr HttpRefusal kBadField{400, "A header field is malformed."};
constexpr HttpRefusal kTooManyFields{431, "There are too many header fields."};
constexpr HttpRefusal kNoHost{400, "The Host header is missing."};
constexpr HttpRefusal kBadHost{400, "The Host header is malformed, or there is more than one."};
constexpr HttpRefusal kOtherHost{400, "The address names another host than the Host header."};
constexpr HttpRefusal kBadLength{400, "The Content-Length header is malformed, or there is more than one."};
constexpr HttpRefusal kNoLength{400, "The Content-Length header is missing."};
constexpr HttpRefusal kBadEncoding{400, "Only \"Transfer-Encoding: chunked\" in HTTP/1.1 is understood."};
constexpr HttpRefusal kTwoLengths{400, "Content-Length and Transfer-Encoding exclude each other."};
constexpr HttpRefusal kCompressed{415, "Compressed bodies are not accepted."};
constexpr HttpRefusal kTooLarge{413, "The body is too large."};
constexpr HttpRefusal kBadExpectation{417, "Only \"Expect: 100-continue\" can be met."};

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The values under a name, and how many there are.
struct Values {
  std::size_t count = 0;
  std::string_view first;
};

Values values_of(const HttpFields& fields, std::string_view lower_name) {
  Values found;
  for (const auto& [name, value] : fields.all()) {
    if (name.size() == lower_name.size() && ascii_lower(name) == lower_name) {
      found.first = found.count == 0 ? std::string_view(value) : found.first;
      ++found.count;
    }
  }
  return found;
}

bool lists_token(const HttpFields& fields, std::string_view lower_name, std::string_view token) {
  for (const auto& [name, value] : fields.all()) {
    if (ascii_lower(name) != lower_name) {
      continue;
    }
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(','), rest.size());
      if (ascii_lower(trim(rest.substr(0, end))) == token) {
        return true;
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return false;
}

/// A host with or without a port (RFC 3986 section 3.2.2), without the comma that a list of two would have.
bool is_authority(std::string_view text) {
  std::string_view host = text;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos ||
        text.substr(1, end - 1).find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos ||
        text.substr(1, end - 1).find(':') == std::string_view::npos) {
      return false;
    }
    host = text.substr(0, end + 1);
  } else {
    host = text.substr(0, text.find(':'));
    const bool valid = !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
             (c != '\0' &&
              std::string_view("-._~!$&'()*+;=%").find(static_cast<char>(c)) != std::string_view::npos);
    });
    if (!valid) {
      return false;
    }
  }
  const auto port = text.substr(host.size());
  unsigned number = 0;
  return port.empty() || port == ":" ||
         (port.starts_with(':') && is_digits(port.substr(1)) && port.size() <= 6 &&
          std::from_chars(port.data() + 1, port.data() + port.size(), number).ec == std::errc() &&
          number <= 65'535);
}

/// In lower case, without the port that the scheme has anyway.
std::string plain_authority(std::string_view text, std::string_view scheme) {
  auto authority = ascii_lower(text);
  const std::string_view usual = scheme == "https" ? ":443" : ":80";
  for (const std::string_view port : {usual, std::string_view(":")}) {
    if (authority.ends_with(port)) {
      authority.resize(authority.size() - port.size());
      break;
    }
  }
  return authority;
}

Refusal read_request_line(std::string_view line, HttpRequestHead& head) {
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) {
    return kNoRequestLine;
  }
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, second - first - 1);
  head.version = line.substr(second + 1);
  if (std::find(std::begin(kMethods), std::end(kMethods), head.method) == std::end(kMethods) ||
      (head.version != "HTTP/1.1" && head.version != "HTTP/1.0")) {
    return kNoRequestLine;
  }
  if (head.target.size() > kMaxTarget) {
    return kTargetTooLong;
  }
  const bool visible = std::all_of(head.target.begin(), head.target.end(),
                                   [](unsigned char c) { return c > ' ' && c < 0x7f && c != '#'; });
  return head.target.empty() || !visible ? Refusal(kNoTarget) : std::nullopt;
}

Refusal read_fields(std::string_view lines, HttpRequestHead& head) {
  while (!lines.empty()) {
    const auto end = lines.find("\r\n");
    if (end == std::string_view::npos) {
      return kBadField;
    }
    std::string_view name, value;
    if (!split_field_line(lines.substr(0, end), name, value)) {
      return kBadField;
    }
    if (head.fields.all().size() >= kMaxFields) {
      return kTooManyFields;
    }
    head.fields.add(std::string(name), std::string(value));
    lines.remove_prefix(end + 2);
  }
  return std::nullopt;
}

/// RFC 9112 section 3.2; an absolute target becomes what stands behind its host.
Refusal check_host(HttpRequestHead& head) {
  const auto host = values_of(head.fields, "host");
  if (host.count == 0 && head.version == "HTTP/1.1") {
    return kNoHost;
  }
  if (host.count > 1 || (host.count == 1 && !is_authority(host.first))) {
    return kBadHost;
  }
  if (head.target.starts_with('/') || (head.target == "*" && head.method == "OPTIONS")) {
    return std::nullopt;
  }
  const auto scheme = ascii_lower(head.target.substr(0, head.target.find("://")));
  if (scheme != "http" && scheme != "https") {
    return kNoTarget;
  }
  const auto rest = std::string_view(head.target).substr(scheme.size() + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?"));
  if (!is_authority(authority)) {
    return kNoTarget;
  }
  if (host.count == 1 && plain_authority(authority, scheme) != plain_authority(host.first, scheme)) {
    return kOtherHost;
  }
  auto path = std::string(rest.substr(authority.size()));
  head.target = path.starts_with('/') ? path : "/" + path;
  return std::nullopt;
}

/// RFC 9112 sections 6.1 and 6.3.
Refusal read_framing(HttpRequestHead& head) {
  const auto encoding = values_of(head.fields, "transfer-encoding");
  const auto length = values_of(head.fields, "content-length");
  if (encoding.count > 0) {
    if (length.count > 0) {
      return kTwoLengths;
    }
    if (encoding.count > 1 || ascii_lower(encoding.first) != "chunked" || head.version != "HTTP/1.1") {
      return kBadEncoding;
    }
    head.body = Body::chunked;
  } else if (length.count > 0) {
    if (length.count > 1 || !is_digits(length.first)) {
      return kBadLength;
    }
    const auto* const end = length.first.data() + length.first.size();
    const bool fits = std::from_chars(length.first.data(), end, head.length).ec == std::errc();
    head.length = fits ? head.length : static_cast<std::size_t>(-1);
    head.body = head.length > 0 ? Body::sized : Body::none;
  }
  return std::nullopt;
}

Refusal check_body(HttpRequestHead& head, std::size_t max_body_bytes) {
  if (head.method != "POST" && head.method != "PUT" && head.method != "PATCH") {
    head.body = head.body == Body::none ? Body::none : Body::unread;
    return std::nullopt;
  }
  if (values_of(head.fields, "content-encoding").count > 0) {
    return kCompressed;
  }
  if (head.body == Body::none && values_of(head.fields, "content-length").count == 0) {
    return kNoLength;
  }
  if (head.length > max_body_bytes) {
    return kTooLarge;
  }
  const auto expectation = values_of(head.fields, "expect");
  if (expectation.count > 0 && head.version == "HTTP/1.1") {
    if (expectation.count > 1 || ascii_lower(expectation.first) != "100-continue") {
      return kBadExpectation;
    }
    head.expects = HttpRequestHead::Expects::go_ahead;
  }
  return std::nullopt;
}

}  // namespace

bool split_field_line(std::string_view line, std::string_view& name, std::string_view& value) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) {
    return false;
  }
  name = line.substr(0, colon);
  value = line.substr(colon + 1);
  const auto begin = std::min(value.find_first_not_of(" \t"), value.size());
  value.remove_prefix(begin);
  value.remove_suffix(value.size() - (value.find_last_not_of(" \t") + 1));
  return is_token(name) && is_field_value(value);
}

std::variant<HttpRequestHead, HttpRefusal> parse_request_head(std::string_view head,
                                                              std::size_t max_body_bytes) {
  HttpRequestHead parsed;
  const auto end = head.find("\r\n");
  if (end == std::string_view::npos) {
    return kNoRequestLine;
  }
  auto refusal = read_request_line(head.substr(0, end), parsed);
  refusal = refusal ? refusal : read_fields(head.substr(end + 2), parsed);
  refusal = refusal ? refusal : check_host(parsed);
  refusal = refusal ? refusal : read_framing(parsed);
  refusal = refusal ? refusal : check_body(parsed, max_body_bytes);
  if (refusal) {
    return *refusal;
  }
  parsed.keep_alive = parsed.version == "HTTP/1.1" && !lists_token(parsed.fields, "connection", "close");
  return parsed;
}

}  // namespace base
