#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/http.h"

namespace bot::shared {

/// Makes a call to a chat service. Throws NotSent where no connection came about, base::TransientError where
/// no answer came (what was sent may have arrived), base::Stopped. Every status is returned.
base::HttpResponse call_service(const base::HttpCall& call, std::stop_token stop);

/// One field of a form (RFC 7578).
struct FormField {
  std::string name;
  std::string content;
  std::string file_name = {};  ///< empty: not a file
};
/// Makes it the call's body and content type.
void set_multipart(base::HttpCall& call, const std::vector<FormField>& fields);

/// Gives `sink` what a GET of the address answers. Redirects are not followed. Throws base::PermanentError
/// for more than `max_bytes` and for every status but 2xx, 408, 429 and 5xx, base::TransientError for those
/// and where no answer came, base::Stopped.
void fetch_file(const std::string& url, const base::HttpFields& headers, std::uint64_t max_bytes,
                const std::function<void(std::string_view)>& sink, std::stop_token stop);

/// "host:port" or "host" of an http:// or https:// address, in lower case; empty where it is none, or where
/// anything but a host and a port, such as a user name, stands before the first slash.
std::string host_of(std::string_view url);

}  // namespace bot::shared
