#include "bot/web/chat_api.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/demo/model.h"
#include "bot/texts/page.h"
#include "bot/web/page_data.h"
#include "store/job_queue.h"

namespace bot::web {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using nlohmann::json;

constexpr std::size_t kMaxText = 512 * 1024;
constexpr std::size_t kMaxId = 128;

bool is_chat_id(std::string_view id) {
  return !id.empty() && id.size() <= kMaxId &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string_view::npos;
}

std::string chat_of(const HttpRequest& request) {
  return request.query.get("chat").value_or("main");
}

HttpResponse wrong_method() {
  return HttpResponse::error(405, texts::kWrongMethod);
}

/// With the chat and the id of that person, as the store knows them.
chat::IncomingMessage owned(chat::IncomingMessage incoming, const PagePerson& person) {
  incoming.user_id = person.user_id();
  incoming.chat_id = person.stored_chat(incoming.chat_id);
  // Two persons may give the same id, and neither may take the other's.
  incoming.external_id = person.prefix() + incoming.external_id;
  return incoming;
}

}  // namespace

ChatApi::ChatApi(runtime::Services& services, messages::Intake& intake, std::string section,
                 store::Database db)
    : services_(services), intake_(intake), section_(std::move(section)), db_(std::move(db)) {}

HttpResponse ChatApi::handle(const HttpRequest& request, std::string_view path, const PagePerson& person) {
  if (request.method == "POST") {
    if (!request.headers.get("Content-Type").value_or("").starts_with("application/json")) {
      return HttpResponse::error(415, texts::kNotJson);
    }
    return path == "messages"                    ? post_message(request, person)
           : path == "actions"                   ? post_action(request, person)
           : path == "state" || path == "events" ? wrong_method()
                                                 : HttpResponse::error(404, texts::kNotFound);
  }
  if (request.method != "GET") {
    return wrong_method();
  }
  const auto chat = chat_of(request);
  if (!is_chat_id(chat)) {
    return HttpResponse::error(400, texts::kNoChatName);
  }
  if (path == "state") {
    return state(chat, person);
  }
  if (path == "messages") {
    std::int64_t before = 0;
    const auto text = request.query.get("before").value_or("");
    std::from_chars(text.data(), text.data() + text.size(), before);
    return db_.with([&](store::Database& db) {
      return HttpResponse::json(base::dump_json(
          PageData(db).history(section_, person.stored_chat(chat),
                               before > 0 ? std::optional(store::MessageId{before}) : std::nullopt)));
    });
  }
  if (path == "events") {
    HttpResponse response;
    response.event_stream = base::EventStream{topic(person.stored_chat(chat))};
    return response;
  }
  return path == "actions" ? wrong_method() : HttpResponse::error(404, texts::kNotFound);
}

HttpResponse ChatApi::state(const std::string& chat, const PagePerson& person) {
  json examples = json::array();
  if (services_.settings.secretary.demo) {
    for (const auto& example : demo::demo_examples()) {
      examples.push_back({{"label", example.label}, {"text", example.text}});
    }
  }
  return db_.with([&](store::Database& db) {
    PageData data(db);
    auto state = data.history(section_, person.stored_chat(chat), std::nullopt);
    state["demo"] = services_.settings.secretary.demo;
    state["version"] = FRONTDESK_VERSION;
    state["model"] = services_.settings.secretary.model;
    state["chat"] = chat;
    state["examples"] = examples;
    state["chats"] = data.chats(section_, person);
    const auto conversation = store::Conversations(db).find(section_, person.stored_chat(chat));
    state["thinking"] =
        conversation && store::JobQueue(db).has_open(runtime::kTurnJob, conversation->id.value);
    return HttpResponse::json(base::dump_json(state));
  });
}

HttpResponse ChatApi::post_message(const HttpRequest& request, const PagePerson& person) {
  const auto body = base::parse_json(request.body);
  if (!body) {
    return HttpResponse::error(400, texts::kMalformedJson);
  }
  chat::IncomingMessage incoming;
  incoming.external_id = base::json_string(*body, "id").value_or("");
  incoming.chat_id = base::json_string(*body, "chat").value_or("main");
  incoming.text = base::strip_controls(base::json_string(*body, "text").value_or(""));
  if (incoming.external_id.empty() || incoming.external_id.size() > kMaxId || !is_chat_id(incoming.chat_id)) {
    return HttpResponse::error(400, texts::kMessageIncomplete);
  }
  if (base::trim(incoming.text).empty()) {
    return HttpResponse::error(400, texts::kMessageEmpty);
  }
  if (incoming.text.size() > kMaxText) {
    return HttpResponse::error(413, texts::kMessageTooLong);
  }
  return take(owned(std::move(incoming), person), person);
}

HttpResponse ChatApi::post_action(const HttpRequest& request, const PagePerson& person) {
  const auto body = base::parse_json(request.body);
  chat::IncomingMessage incoming;
  if (body) {
    incoming.external_id = base::json_string(*body, "id").value_or("");
    incoming.chat_id = base::json_string(*body, "chat").value_or("main");
    incoming.button = base::json_string(*body, "action").value_or("");
  }
  if (incoming.external_id.empty() || incoming.external_id.size() > kMaxId || !is_chat_id(incoming.chat_id) ||
      !incoming.button || incoming.button->empty()) {
    return HttpResponse::error(400, texts::kActionIncomplete);
  }
  return take(owned(std::move(incoming), person), person);
}

HttpResponse ChatApi::take(const chat::IncomingMessage& incoming, const PagePerson& person) {
  try {
    const auto taken = intake_.take(section_, incoming);
    if (!taken.repeated && !taken.refused && !incoming.button) {
      publish(incoming.chat_id, message_event(taken.message));
      // The list of chats is ordered by use and names a chat by its first message.
      publish(incoming.chat_id, db_.with([&](store::Database& db) {
        return base::dump_json({{"type", "chats"}, {"chats", PageData(db).chats(section_, person)}});
      }));
    }
    return HttpResponse::json(base::dump_json({{"id", taken.message.value}}));
  } catch (const messages::BacklogFull&) {
    return HttpResponse::error(429, texts::kTooMuchWaiting);
  } catch (const std::exception& e) {
    base::log_error("{}: a message could not be stored, the page offers to send it again: {}", section_,
                    e.what());
    return HttpResponse::error(503, texts::kMessageNotStored);
  }
}

void ChatApi::publish(const std::string& chat_id, const std::string& json) {
  if (publish_) {
    publish_(topic(chat_id), json);
  }
}

std::string ChatApi::message_event(store::MessageId id) {
  return db_.with([&](store::Database& db) {
    const auto message = PageData(db).message(id);
    return base::dump_json({{"type", "message"}, {"message", message}});
  });
}

}  // namespace bot::web
