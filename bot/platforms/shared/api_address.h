#pragma once

#include <atomic>
#include <functional>
#include <stop_token>
#include <string>

#include "base/http.h"
#include "config/section.h"

namespace bot::shared {

/// The key api_base_url of a chat's section, without a slash at its end; `usual` where it is not set. Throws
/// base::ConfigError for what is no http:// or https:// address.
std::string read_api_base_url(config::Section& section, const std::string& usual);

/// Where the methods of a service's API are. An address with a path is taken by its word, and one of the
/// service's own host gets the service's own path. One that names only another host may have the methods at
/// its root, as a local server has, or below the service's own path, as a proxy has: the root is tried first,
/// then, where the method is not there, the path, and what was found is kept. Thread rule: any thread.
class ApiAddress {
 public:
  /// Whether an answer says that there is no such method; status 404 always does.
  using IsUnknown = std::function<bool(const base::HttpResponse&)>;
  /// `url` is what read_api_base_url() gives for `usual`.
  ApiAddress(std::string url, const std::string& usual, IsUnknown is_unknown = {});

  /// call_service() for `path`, which begins with a slash; sets the url of `call`. Throws what that throws.
  base::HttpResponse call(base::HttpCall call, const std::string& path, std::stop_token stop) const;

  /// As it was given, for comparing hosts.
  const std::string& url() const { return url_; }

 private:
  enum class Place { unknown, root, usual_path };

  bool is_unknown(const base::HttpResponse& response) const;

  const std::string url_;
  const std::string usual_path_;
  const IsUnknown is_unknown_;
  mutable std::atomic<Place> place_ = Place::root;
};

}  // namespace bot::shared
