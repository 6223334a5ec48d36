#pragma once

#include <string>

#include "base/http.h"
#include "tests/support/program/desk.h"

namespace support {

/// A browser as far as HTTP goes: signs in, keeps the cookie, and sends along with changes of /api/v1 what
/// the page would. Thread rule: one thread.
class PageClient {
 public:
  explicit PageClient(const Desk& desk) : desk_(&desk) {}

  /// POST /login; the cookie of the answer is kept, where it has one.
  base::HttpResponse sign_in(const std::string& password, const std::string& name = {},
                             const std::string& more = {});
  /// The cookie of an answer, "name=value"; empty where it has none.
  static std::string cookie_of(const base::HttpResponse& response);
  void keep(const base::HttpResponse& response) { cookie_ = cookie_of(response); }

  const std::string& cookie() const { return cookie_; }
  /// The token in the meta element of the console's page; empty where there is none.
  std::string csrf() const;

  base::HttpResponse get(const std::string& path, const base::HttpFields& more = {}) const;
  /// With the token, where `path` is of /api/v1. A body is JSON.
  base::HttpResponse send(const std::string& method, const std::string& path,
                          const std::string& body = {}) const;
  /// Exactly these headers and the cookie.
  base::HttpResponse send_plain(const std::string& method, const std::string& path, const std::string& body,
                                base::HttpFields headers) const;

 private:
  const Desk* desk_;
  std::string cookie_;
};

}  // namespace support
