#include "bot/platforms/shared/api_address.h"

#include <utility>

#include "base/http_address.h"
#include "bot/platforms/shared/service_call.h"

namespace bot::shared {
namespace {

/// From the first slash behind the host; empty without one.
std::string path_of(const std::string& url) {
  const auto slash = url.find('/', url.find("://") + 3);
  return slash == std::string::npos ? std::string() : url.substr(slash);
}

}  // namespace

std::string read_api_base_url(config::Section& section, const std::string& usual) {
  auto url = section.string("api_base_url", usual);
  while (url.ends_with('/')) {
    url.pop_back();
  }
  if (const auto problem = base::address_problem(url)) {
    section.fail("api_base_url", *problem);
  }
  return url;
}

ApiAddress::ApiAddress(std::string url, const std::string& usual, IsUnknown is_unknown)
    : url_(std::move(url)), usual_path_(path_of(usual)), is_unknown_(std::move(is_unknown)) {
  if (path_of(url_).empty() && !usual_path_.empty()) {
    place_ = host_of(url_) == host_of(usual) ? Place::usual_path : Place::unknown;
  }
}

bool ApiAddress::is_unknown(const base::HttpResponse& response) const {
  return response.status == 404 || (is_unknown_ && is_unknown_(response));
}

base::HttpResponse ApiAddress::call(base::HttpCall call, const std::string& path,
                                    std::stop_token stop) const {
  const auto place = place_.load();
  call.url = url_ + (place == Place::usual_path ? usual_path_ : "") + path;
  auto response = call_service(call, stop);
  if (place != Place::unknown) {
    return response;
  }
  if (!is_unknown(response)) {
    place_ = Place::root;
    return response;
  }
  call.url = url_ + usual_path_ + path;
  auto other = call_service(call, std::move(stop));
  if (is_unknown(other)) {
    return response;
  }
  place_ = Place::usual_path;
  return other;
}

}  // namespace bot::shared
