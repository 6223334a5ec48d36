#include "tests/support/chat_services/page_service.h"

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace support {

using nlohmann::json;

void PageService::configure(Desk& desk) const {
  desk.config.set("chat.web", "platform", "\"web\"").set("chat.web", "repair_buttons", "false");
}

base::HttpRequest PageService::message(const Said& said) {
  base::HttpRequest request;
  request.method = "POST";
  request.path = "/api/messages";
  const auto id = said.id.empty() ? "page-" + std::to_string(next_++) : said.id;
  request.body = base::dump_json({{"id", id}, {"chat", "main"}, {"text", said.text}});
  return request;
}

base::HttpRequest PageService::click(const Shown& message, const std::string& label, const std::string&) {
  base::HttpRequest request;
  request.method = "POST";
  request.path = "/api/actions";
  request.body = base::dump_json(
      {{"id", "page-" + std::to_string(next_++)}, {"chat", "main"}, {"action", message.action(label)}});
  return request;
}

base::HttpRequest PageService::forged(base::HttpRequest request) const {
  request.headers.add("Cookie", "frontdesk=forged");
  return request;
}

base::HttpResponse PageService::tell(const Desk& desk, const base::HttpRequest& request) {
  desk_ = &desk;
  base::HttpFields fields = {{"Origin", desk.url()}};
  if (const auto cookie = request.headers.get("Cookie")) {
    fields.add("Cookie", *cookie);
  } else {
    const auto login = desk.call("POST", "/login", std::string("password=") + Desk::kAdminPassword, fields);
    cookie_ = login.headers.get("Set-Cookie").value_or("");
    cookie_ = cookie_.substr(0, cookie_.find(';'));
    fields.add("Cookie", cookie_);
  }
  return desk.call(request.method, request.path, request.body, fields);
}

std::vector<Shown> PageService::shown() const {
  std::vector<Shown> screen;
  if (desk_ == nullptr) {
    return screen;
  }
  base::HttpResponse response;
  try {
    response = desk_->call("GET", "/api/messages?chat=main", {}, {{"Cookie", cookie_}});
  } catch (const base::HttpError&) {
    return screen;  // it is just being killed or started
  }
  const auto body = base::parse_json(response.body).value_or(json::object());
  for (const auto& message : body.value("messages", json::array())) {
    if (message.value("author", "") == "assistant") {
      screen.push_back({std::to_string(message.value("id", 0)),
                        "main",
                        message.value("text", ""),
                        {},
                        {},
                        actions_of(message),
                        message["edited"].is_null() ? 0 : 1});
    }
  }
  return screen;
}

}  // namespace support
