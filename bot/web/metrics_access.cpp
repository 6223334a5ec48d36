#include "bot/web/metrics_access.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/network.h"
#include "base/utf8.h"
#include "bot/texts/page.h"

namespace bot::web {
namespace {

constexpr const char* kForwarded[] = {"Forwarded",         "X-Forwarded-For", "X-Forwarded-Host",
                                      "X-Forwarded-Proto", "X-Real-IP",       "Via"};

/// Against a page whose name was made to point here (DNS rebinding).
bool names_loopback(const std::string& host) {
  const auto name =
      base::ascii_lower(host.substr(0, host.starts_with('[') ? std::string::npos : host.find(':')));
  return name == "localhost" || base::is_loopback(host);
}

}  // namespace

std::optional<base::HttpResponse> refuse_metrics(const base::HttpRequest& request,
                                                 const std::optional<std::string>& token) {
  if (const auto given = request.headers.get("Authorization"); token && given) {
    const auto space = given->find(' ');
    const bool is_bearer =
        space != std::string::npos && base::ascii_lower(given->substr(0, space)) == "bearer";
    if (is_bearer && base::constant_time_equal(std::string(base::trim(given->substr(space + 1))), *token)) {
      return std::nullopt;
    }
    auto response = base::HttpResponse::error(401, texts::kWrongMetricsToken);
    response.headers.add("WWW-Authenticate", "Bearer");
    return response;
  }
  const bool is_forwarded = std::any_of(std::begin(kForwarded), std::end(kForwarded), [&](const char* name) {
    return request.headers.get(name).has_value();
  });
  if (base::is_loopback(request.remote_address) && !is_forwarded &&
      names_loopback(request.headers.get("Host").value_or(""))) {
    return std::nullopt;
  }
  return base::HttpResponse::error(403, texts::kMetricsElsewhere);
}

}  // namespace bot::web
