#pragma once

#include <cstdint>
#include <string>

#include "base/http.h"

namespace support {

// Standard Webhooks 1.0.0, written a second time on top of OpenSSL, so that a mistake of the program's own
// code is seen.

/// "v1,<base64 of HMAC-SHA256>" over "id.timestamp.body" with the key behind "whsec_".
std::string webhook_signature(const std::string& secret, const std::string& id, const std::string& timestamp,
                              const std::string& body);

/// The three headers of a call at that time (seconds since 1970; 0: now).
base::HttpFields sign(const std::string& secret, const std::string& id, const std::string& body,
                      std::int64_t at = 0);

/// Whether the headers sign that body with that secret, and their time is within five minutes of now.
bool is_signed(const std::string& secret, const base::HttpFields& headers, const std::string& body);

}  // namespace support
