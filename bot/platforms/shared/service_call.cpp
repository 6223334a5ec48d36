#include "bot/platforms/shared/service_call.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/error.h"
#include "base/id.h"
#include "base/utf8.h"
#include "bot/chat/errors.h"

namespace bot::shared {
namespace {

constexpr std::chrono::seconds kFetchDeadline{120};

/// In a quoted value of a header (RFC 7578 section 4.2 follows the browsers here).
std::string header_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "%22";
        break;
      case '\r':
        out += "%0D";
        break;
      case '\n':
        out += "%0A";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

base::HttpResponse call_service(const base::HttpCall& call, std::stop_token stop) {
  try {
    return base::http_call(call, std::move(stop));
  } catch (const base::HttpError& e) {
    switch (e.kind) {
      case base::HttpError::Kind::stopped:
        throw base::Stopped();
      case base::HttpError::Kind::connect:
        throw chat::NotSent(e.what());
      default:
        throw base::TransientError(e.what());
    }
  }
}

void set_multipart(base::HttpCall& call, const std::vector<FormField>& fields) {
  const auto boundary = "frontdesk-" + base::random_hex(16);
  call.body.clear();
  for (const auto& field : fields) {
    call.body += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"", boundary, field.name);
    if (!field.file_name.empty()) {
      call.body += fmt::format("; filename=\"{}\"\r\nContent-Type: application/octet-stream",
                               header_value(field.file_name));
    }
    call.body += "\r\n\r\n" + field.content + "\r\n";
  }
  call.body += "--" + boundary + "--\r\n";
  call.content_type = "multipart/form-data; boundary=" + boundary;
}

void fetch_file(const std::string& url, const base::HttpFields& headers, std::uint64_t max_bytes,
                const std::function<void(std::string_view)>& sink, std::stop_token stop) {
  base::HttpCall call;
  call.method = "GET";
  call.url = url;
  call.headers = headers;
  call.deadline = kFetchDeadline;
  call.max_response_bytes = max_bytes;
  call.on_body = [&](std::string_view bytes) {
    sink(bytes);
    return true;
  };
  base::HttpResponse response;
  try {
    response = base::http_call(call, std::move(stop));
  } catch (const base::HttpError& e) {
    switch (e.kind) {
      case base::HttpError::Kind::stopped:
        throw base::Stopped();
      case base::HttpError::Kind::too_large:
        throw base::PermanentError(fmt::format("it is larger than {} MB", max_bytes >> 20));
      default:
        throw base::TransientError(e.what());
    }
  }
  if (response.status == 408 || response.status == 429 || response.status >= 500) {
    throw base::TransientError(fmt::format("the service answered with status {}", response.status),
                               base::retry_after(response));
  }
  if (response.status < 200 || response.status >= 300) {
    throw base::PermanentError(fmt::format("the service answered with status {}", response.status));
  }
}

std::string host_of(std::string_view url) {
  const auto lower = base::ascii_lower(url.substr(0, 2048));
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (lower.starts_with(scheme)) {
      const auto host = lower.substr(scheme.size(), lower.find('/', scheme.size()) - scheme.size());
      // Where a host ends is not the same for every reader once other characters are in it.
      const bool plain = std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
               c == ':' || c == '[' || c == ']';
      });
      return plain && !host.starts_with(':') ? host : std::string();
    }
  }
  return {};
}

}  // namespace bot::shared
