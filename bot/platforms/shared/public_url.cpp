#include "bot/platforms/shared/public_url.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/http.h"
#include "base/json.h"
#include "bot/platforms/shared/service_call.h"

namespace bot::shared {
namespace {

constexpr std::chrono::seconds kTimeout{10};
constexpr std::size_t kMaxAnswer = 64 * 1024;

bool is_on_this_machine(const std::string& url) {
  const auto host = host_of(url);
  return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

}  // namespace

chat::CheckResult check_public_url(const std::string& public_url, PlainHttp plain) {
  using Mark = chat::CheckResult::Mark;
  base::HttpCall call;
  call.method = "GET";
  call.url = base::join_url(public_url, "healthz");
  call.connect_timeout = call.read_timeout = call.deadline = kTimeout;
  call.max_response_bytes = kMaxAnswer;
  try {
    const auto response = call_service(call, {});
    if (response.status != 200) {
      return {
          Mark::failure,
          fmt::format("server.public_url {} does not lead to this program: status {} at /healthz; check the "
                      "proxy",
                      public_url, response.status)};
    }
    const auto health = base::parse_json(response.body);
    if (!health || !base::json_string(*health, "status")) {
      return {Mark::warning,
              fmt::format("something answers at server.public_url {}, but not as this program does at "
                          "/healthz; does the proxy lead here?",
                          public_url)};
    }
  } catch (const std::exception& e) {
    return {Mark::failure, fmt::format("server.public_url {} does not lead to this program: {}; is the "
                                       "program running, and the proxy?",
                                       public_url, e.what())};
  }
  if (plain == PlainHttp::refused && !public_url.starts_with("https://") && !is_on_this_machine(public_url)) {
    return {Mark::warning,
            fmt::format("server.public_url {} is reached, but chat services call https addresses only",
                        public_url)};
  }
  return {Mark::ok, fmt::format("server.public_url {} is reached", public_url)};
}

}  // namespace bot::shared
