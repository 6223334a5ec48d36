#include "tests/support/chat_services/generic_service.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "tests/support/chat_services/webhook_signature.h"

namespace support {

using nlohmann::json;

GenericService::GenericService() {
  open();
}

GenericService::~GenericService() {
  close();
}

void GenericService::configure(Desk& desk) const {
  desk.config.set("chat.svc", "platform", "\"webhook\"")
      .set("chat.svc", "repair_buttons", "false")
      .set("chat.svc", "secret", "\"file:ops.secret\"")
      .set("chat.svc", "callback_url", toml_text(url() + "/frontdesk"));
}

base::HttpRequest GenericService::call_with(const std::string& body) const {
  base::HttpRequest request;
  request.method = "POST";
  request.path = "/webhooks/svc";
  request.body = body;
  request.headers = sign(Desk::kSecret, "in-" + std::to_string(next_), body);
  return request;
}

base::HttpRequest GenericService::message(const Said& said) {
  const auto id = said.id.empty() ? "m-" + std::to_string(next_++) : said.id;
  return call_with(base::dump_json({{"type", "message"},
                                    {"message_id", id},
                                    {"chat_id", said.chat.empty() ? "c-" + said.user : said.chat},
                                    {"user_id", said.user},
                                    {"text", said.text}}));
}

base::HttpRequest GenericService::click(const Shown& message, const std::string& label,
                                        const std::string& user) {
  return call_with(base::dump_json({{"type", "action"},
                                    {"message_id", "m-" + std::to_string(next_++)},
                                    {"chat_id", message.chat},
                                    {"user_id", user},
                                    {"action_id", message.action(label)}}));
}

base::HttpRequest GenericService::forged(base::HttpRequest request) const {
  request.body += " ";
  return request;
}

base::HttpResponse GenericService::answer(const ServiceCall& call) {
  const auto id = call.request.headers.get("webhook-id").value_or("");
  const auto body = base::parse_json(call.request.body).value_or(json::object());
  if (!seen_.insert(id).second) {
    return base::HttpResponse::json("{}");
  }
  const auto target = body.value("target", id);
  auto known = std::find_if(screen_.begin(), screen_.end(),
                            [&](const Shown& message) { return message.id == target; });
  if (known == screen_.end()) {
    screen_.push_back({target, body.value("chat_id", ""), {}, body.value("reply_to", ""), {}, {}, -1});
    known = std::prev(screen_.end());
  }
  known->text = body.value("text", "");
  known->actions = actions_of(body);
  ++known->edits;
  return base::HttpResponse::json("{}");
}

base::HttpResponse GenericService::refusal(int status, const std::string& retry_after) const {
  base::HttpResponse response;
  response.status = status;
  if (!retry_after.empty()) {
    response.headers.add("Retry-After", retry_after);
  }
  return response;
}

}  // namespace support
