#include "bot/platforms/webhook/platform.h"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/crash_point.h"
#include "base/error.h"
#include "base/http_address.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/chat/capabilities.h"
#include "bot/chat/sender_is_told.h"
#include "bot/platforms/shared/ids.h"
#include "bot/platforms/shared/webhook_call.h"
#include "bot/platforms/webhook/standard_webhooks.h"
#include "bot/texts/buttons.h"

namespace bot::webhook {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kCallTimeout{15};
/// After the status; a connection whose response ends soon is used again.
constexpr std::chrono::seconds kBodyWithin{1};
constexpr std::size_t kMaxId = 256;
constexpr std::size_t kMostQuoted = 50;
/// Of an emoji of several characters, or of a name of one.
constexpr std::size_t kLongestEmoji = 64;

class GenericWebhook final : public chat::Platform, public chat::TakesWebhooks, public chat::SenderIsTold {
 public:
  GenericWebhook(StandardWebhooks signing, std::string callback_url)
      : signing_(std::move(signing)), callback_url_(std::move(callback_url)) {}

  chat::Received receive(const base::HttpRequest& request, base::Timestamp now) const override;
  std::string deliver(const store::OutgoingCall& call, store::MessageParts& parts, base::Timestamp now,
                      std::stop_token stop) override;
  /// As after any 429 the caller comes again; people hear it once.
  bool by_answer_alone() const override { return false; }

 private:
  const StandardWebhooks signing_;
  const std::string callback_url_;
};

/// What a receiver tells buttons apart by, whatever their labels say.
const char* kind_of(const store::Button& button) {
  switch (button.kind) {
    case store::ButtonKind::yes:
    case store::ButtonKind::remember:
      return "yes";
    case store::ButtonKind::no:
    case store::ButtonKind::leave:
      return "no";
    case store::ButtonKind::give:
      return "give";
    case store::ButtonKind::resume:
      return "continue";
    case store::ButtonKind::cancel:
    case store::ButtonKind::drop:
      return "cancel";
    case store::ButtonKind::allow:  // a plan's, too
      return button.label == texts::kGo ? "go" : "allow_once";
    case store::ButtonKind::allow_for_task:
      return "allow_task";
    case store::ButtonKind::deny:
      return button.label == texts::kStop ? "stop" : "deny";
    case store::ButtonKind::change:
      return "change";
    case store::ButtonKind::option:
      return "choice";
    case store::ButtonKind::file:
      return "file";
    case store::ButtonKind::raise:
      return "raise";
    case store::ButtonKind::just_answer:
      return "just_answer";
    case store::ButtonKind::good:
      return "good";
    case store::ButtonKind::bad:
      return "bad";
    case store::ButtonKind::retry:
      return "retry";
    case store::ButtonKind::snooze:
      return "snooze";
    case store::ButtonKind::change_reminder:
      return "change";
    case store::ButtonKind::delete_reminder:
    case store::ButtonKind::forget:
      return "delete";
    case store::ButtonKind::do_call:
      return "do";
    case store::ButtonKind::change_call:
      return "change";
    case store::ButtonKind::refuse_call:
      return "no";
  }
  return "choice";
}

std::string member(const json& body, const char* key) {
  auto value = base::json_string(body, key);
  if (!value || base::trim(*value).empty()) {
    throw chat::Refused(400, fmt::format("The member \"{}\" must be a text that is not empty.", key));
  }
  return *std::move(value);
}

std::string id_member(const json& body, const char* key) {
  auto value = member(body, key);
  if (value.size() > kMaxId) {
    throw chat::Refused(400, fmt::format("The member \"{}\" must not be longer than {} bytes.", key, kMaxId));
  }
  return value;
}

/// A name on one line: it stands before a person's words in what the model reads.
std::string name_member(const json& body, const char* key) {
  return base::ellipsize(base::one_line(base::json_string(body, key).value_or("")), kMaxId);
}

chat::Quotation quotation(const json& item) {
  if (!item.is_object()) {
    throw chat::Refused(400, "Each item of \"quoted\" must be an object.");
  }
  const auto kind = store::parse<chat::QuotationKind>(base::json_string(item, "kind").value_or(""));
  if (!kind || kind == chat::QuotationKind::thread) {
    throw chat::Refused(
        400, "The member \"kind\" of \"quoted\" must be \"forward\", \"reply\", \"quote\" or \"shared\".");
  }
  const auto text = base::json_string(item, "text");
  if (!text) {
    throw chat::Refused(400, "The member \"text\" of \"quoted\" must be a text.");
  }
  return {*kind, chat::WordsOf::others, name_member(item, "author"), base::strip_controls(*text)};
}

std::vector<chat::Quotation> quotations(const json& body) {
  const auto* list = base::json_member(body, "quoted");
  if (list == nullptr || list->is_null()) {
    return {};
  }
  if (!list->is_array() || list->size() > kMostQuoted) {
    throw chat::Refused(
        400, fmt::format("The member \"quoted\" must be a list of at most {} quotations.", kMostQuoted));
  }
  std::vector<chat::Quotation> quoted;
  std::transform(list->begin(), list->end(), std::back_inserter(quoted), quotation);
  std::erase_if(quoted, [](const chat::Quotation& each) { return base::trim(each.text).empty(); });
  return quoted;
}

/// What the person says, which only beside words of others may be nothing.
void read_words(chat::IncomingMessage& incoming, const json& body) {
  incoming.quotations = quotations(body);
  incoming.text = base::strip_controls(
      incoming.quotations.empty() ? member(body, "text") : base::json_string(body, "text").value_or(""));
  if (incoming.quotations.empty() && base::trim(incoming.text).empty()) {
    throw chat::Refused(400, "The member \"text\" holds nothing that can be read.");
  }
}

void read_reaction(chat::IncomingMessage& incoming, const json& body) {
  incoming.message_id = id_member(body, "target");
  auto emoji = std::string(base::trim(base::strip_controls(member(body, "emoji"))));
  if (emoji.empty() || emoji.size() > kLongestEmoji || emoji.find_first_of("\n\t") != std::string::npos) {
    throw chat::Refused(400, "The member \"emoji\" must be one emoji.");
  }
  incoming.kind = chat::IncomingMessage::Kind::reaction;
  incoming.reaction = chat::Reaction{.emoji = std::move(emoji)};
}

namespace {

json actions_of(const store::Post& post) {
  json actions = json::array();
  for (const auto& button : post.buttons) {
    actions.push_back({{"id", button.id}, {"label", button.label}, {"kind", kind_of(button)}});
  }
  return actions;
}

/// require_post() takes forms, too, for services that send them; of this kind none does.
void refuse_form(const base::HttpRequest& request) {
  if (base::ascii_lower(request.headers.get("Content-Type").value_or("")).find("form") != std::string::npos) {
    throw chat::Refused(415, "The body must be JSON (Content-Type: application/json).");
  }
}

}  // namespace

chat::Received GenericWebhook::receive(const base::HttpRequest& request, base::Timestamp now) const {
  shared::require_post(request);
  refuse_form(request);
  if (const auto problem = signing_.problem(request, now)) {
    throw chat::Refused(401, *problem);
  }
  const auto body = base::parse_json(request.body);
  if (!body || !body->is_object()) {
    throw chat::Refused(400, "The body is not a JSON object in UTF-8.");
  }
  chat::IncomingMessage incoming;
  const auto type = member(*body, "type");
  incoming.external_id = id_member(*body, "message_id");
  incoming.chat_id = id_member(*body, "chat_id");
  incoming.user_id = id_member(*body, "user_id");
  incoming.user_name = name_member(*body, "user_name");
  if (type == "message") {
    read_words(incoming, *body);
    if (body->contains("reply_to")) {
      incoming.reply_to = id_member(*body, "reply_to");
    }
  } else if (type == "action") {
    incoming.button = id_member(*body, "action_id");
  } else if (type == "edit") {
    incoming.kind = chat::IncomingMessage::Kind::edit;
    incoming.message_id = id_member(*body, "target");
    read_words(incoming, *body);
  } else if (type == "reaction") {
    read_reaction(incoming, *body);
  } else {
    throw chat::Refused(400,
                        "The member \"type\" must be \"message\", \"action\", \"edit\" or \"reaction\".");
  }
  return {{std::move(incoming)}, base::HttpResponse::json("{}")};
}

// The receiver drops repeats by the call's id, so that nothing has to be remembered of earlier attempts.
std::string GenericWebhook::deliver(const store::OutgoingCall& call, store::MessageParts&,
                                    base::Timestamp now, std::stop_token stop) {
  const bool edit = call.kind == store::CallKind::edit;
  json body = {{"type", edit ? "edit" : "message"},
               {"chat_id", call.chat_id},
               {"text", call.post.text},
               {"actions", actions_of(call.post)}};
  if (edit) {
    body["target"] = call.target_key;
  }
  if (!call.post.reply_to.empty()) {
    body["reply_to"] = call.post.reply_to;
  }
  if (!edit && call.post.dispatch) {
    body["dispatch_id"] = chat::dispatch_name(*call.post.dispatch);
  }
  base::HttpCall http;
  http.url = callback_url_;
  http.body = base::dump_json(body);
  http.headers = signing_.sign(call.key, now, http.body);
  http.read_timeout = http.deadline = kCallTimeout;
  // A 2xx is all that counts; whatever the receiver says in its body is not read.
  http.on_body = [](std::string_view) { return false; };
  base::HttpResponse response;
  bool answered = false;
  // With the status the receiver has said it all: what follows may be wrong, or never come.
  auto until = std::chrono::steady_clock::now() + kCallTimeout;
  http.on_head = [&](const base::HttpResponse& head) {
    response = head;
    answered = true;
    until = std::min(until, std::chrono::steady_clock::now() + kBodyWithin);
  };
  http.until = [&] { return until; };
  base::crash_point(base::CrashPoint::part_marked, call.id.value);
  try {
    response = base::http_call(http, stop);
    base::crash_point(base::CrashPoint::part_sent, call.id.value);
  } catch (const base::HttpError& e) {
    if (!answered && e.kind == base::HttpError::Kind::stopped) {
      throw base::Stopped();
    }
    if (!answered) {
      throw base::TransientError(e.what());
    }
  }
  if (response.status >= 200 && response.status < 300) {
    return call.key;
  }
  const auto what = fmt::format("the callback answered with status {}", response.status);
  if (response.status == 408 || response.status == 429 || response.status >= 500) {
    throw base::TransientError(what, base::retry_after(response));
  }
  if (edit && (response.status == 404 || response.status == 410)) {
    throw chat::Gone(what);
  }
  throw base::PermanentError(what);
}

std::unique_ptr<chat::Platform> make(config::Section section, const chat::PlatformContext&) {
  const auto secrets = section.required_secrets("secret");
  for (const auto& secret : secrets) {
    base::redact(secret.substr(std::min(secret.find('_') + 1, secret.size())));  // the key without its mark
  }
  const auto callback_url = section.required_string("callback_url");
  section.finish();
  if (const auto problem = base::address_problem(callback_url)) {
    section.fail("callback_url", *problem);
  }
  base::redact(std::string(base::query_of(callback_url)));
  try {
    return std::make_unique<GenericWebhook>(StandardWebhooks(secrets), callback_url);
  } catch (const std::invalid_argument& e) {
    section.fail(section.has("secrets") ? "secrets" : "secret", e.what());
  }
}

constexpr const char* kExample =
    R"(# [chat.ops]                     # your own program, signed as Standard Webhooks
# platform = "webhook"
# secret = "file:ops.secret"     # whsec_ and base64 of 24 random bytes
# callback_url = "https://ops.example.org/frontdesk"
)";

}  // namespace

chat::PlatformType platform_type() {
  return {
      .name = "webhook",
      .default_access = chat::PlatformType::Access::open,
      .make = make,
      .id_problem = shared::any_id_problem,
      .example_section = kExample,
  };
}

}  // namespace bot::webhook
