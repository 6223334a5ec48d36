#include "bot/platforms/shared/webhook_call.h"

#include "base/utf8.h"
#include "bot/chat/errors.h"

namespace bot::shared {
namespace {

constexpr std::string_view kWebhooks = "/webhooks/";

bool is_json_or_form(const base::HttpRequest& request) {
  const auto type = base::ascii_lower(request.headers.get("Content-Type").value_or(""));
  const auto media = base::trim(std::string_view(type).substr(0, type.find(';')));
  return media.empty() || media == "application/json" || media.ends_with("+json") ||
         media == "application/x-www-form-urlencoded";
}

}  // namespace

std::string_view path_below_webhook(const base::HttpRequest& request) {
  const std::string_view path = request.path;
  const auto end = path.starts_with(kWebhooks) ? path.find('/', kWebhooks.size()) : std::string_view::npos;
  return end == std::string_view::npos ? std::string_view() : path.substr(end);
}

void require_post(const base::HttpRequest& request) {
  if (!path_below_webhook(request).empty()) {
    throw chat::Refused(404, "There is nothing at this address.");
  }
  if (request.method != "POST") {
    throw chat::Refused(405, "This address takes POST alone.", {{"Allow", "POST"}});
  }
  if (!is_json_or_form(request)) {
    throw chat::Refused(415, "The body must be application/json.");
  }
}

}  // namespace bot::shared
