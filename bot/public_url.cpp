#include "bot/public_url.h"

#include <fmt/core.h>

#include "base/http.h"

namespace bot {

Finding check_public_url(const std::string& public_url) {
  base::HttpCall call;
  call.method = "GET";
  call.url = base::join_url(public_url, "healthz");
  call.connect_timeout = call.read_timeout = call.deadline = std::chrono::seconds(10);
  try {
    const auto response = base::http_call(call);
    if (response.status == 200) {
      return {Finding::Mark::ok, fmt::format("server.public_url {} is reached", public_url)};
    }
    return {
        Finding::Mark::failure,
        fmt::format("server.public_url {} answers with status {} at /healthz; does the proxy lead to this "
                    "program?",
                    public_url, response.status)};
  } catch (const std::exception& e) {
    return {Finding::Mark::failure,
            fmt::format("server.public_url {} is not reached: {}; is the program running, and the proxy?",
                        public_url, e.what())};
  }
}

}  // namespace bot
