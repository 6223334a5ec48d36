#include "bot/web/chat_api.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/chat/commands.h"
#include "bot/console/api.h"
#include "bot/console/query.h"
#include "bot/demo/model.h"
#include "bot/texts/page.h"
#include "bot/web/chat_files.h"
#include "bot/web/chat_judgements.h"
#include "bot/web/chat_list.h"
#include "bot/web/chat_uploads.h"
#include "bot/web/page_address.h"
#include "bot/web/page_data.h"
#include "store/job_queue.h"

namespace bot::web {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using nlohmann::json;

constexpr std::size_t kMaxText = 512 * 1024;
constexpr std::size_t kMaxId = 128;
constexpr std::string_view kChats = "chats/";
constexpr std::string_view kFiles = "files/";
constexpr std::string_view kDiffs = "diff/";

/// One stream carries what happens in all chats of a person.
std::string topic(const std::string& user) {
  return "page:" + user;
}

std::string chat_of(const HttpRequest& request) {
  return request.query.get("chat").value_or("main");
}

bool is_json(const HttpRequest& request) {
  return request.headers.get("Content-Type").value_or("").starts_with("application/json");
}

HttpResponse wrong_method(std::string_view path) {
  return console::wrong_method(
      path.starts_with(kChats) ? "GET, HEAD, PATCH, DELETE"
      : path == "messages"     ? "GET, HEAD, POST"
      : path == "actions" || path == "files" || path == "feedback" || path == "timezone" ? "POST"
                                                                                         : "GET, HEAD");
}

json examples() {
  json list = json::array();
  for (const auto& example : demo::demo_examples()) {
    list.push_back({{"label", example.label}, {"text", example.text}});
  }
  return list;
}

json commands() {
  json list = json::array();
  for (const auto& command : chat::command_usages()) {
    list.push_back({{"name", "/" + std::string(command.word)},
                    {"usage", std::string(command.usage)},
                    {"about", std::string(command.help)}});
  }
  return list;
}

/// What both kinds of calls have; false where something is missing.
bool read_common(const json& body, const std::string& user, chat::IncomingMessage& incoming) {
  const auto chat = base::json_string(body, "chat").value_or("main");
  const auto id = base::json_string(body, "id").value_or("");
  // Two persons may give the same id, and neither may take the other's: an id cannot hold what stands between
  // a person and an id.
  incoming.external_id = stored_chat(user, id);
  incoming.chat_id = stored_chat(user, chat);
  incoming.room = room_of(user);
  incoming.user_id = user;
  incoming.user_name = user == kLocalUser ? "" : user;
  return !id.empty() && id.size() <= kMaxId && id.find('/') == std::string::npos && is_chat_id(chat);
}

}  // namespace

ChatApi::ChatApi(runtime::Services& services, messages::Intake& intake, std::string section,
                 store::Database db)
    : services_(services), intake_(intake), section_(std::move(section)), db_(std::move(db)) {
  // Before this version each chat had its own projects.
  db_.with([this](store::Database& database) {
    store::PageChats(database).share_room(owner_of(section_, kLocalUser), room_of(kLocalUser));
  });
}

HttpResponse ChatApi::handle(const HttpRequest& request, std::string_view path, const std::string& user) {
  if (path.starts_with(kChats) && (request.method == "GET" || request.method == "HEAD")) {
    return db_.with([&](store::Database& db) {
      return ChatList(db, section_, user).about(std::string(path.substr(kChats.size())));
    });
  }
  if (path.starts_with(kChats)) {
    return change_chat(request, std::string(path.substr(kChats.size())), user);
  }
  if (request.method == "DELETE" && path == "files") {
    return db_.with([&](store::Database& db) {
      return ChatUploads(services_, db, user).remove(request.query.get("file").value_or(""));
    });
  }
  return request.method == "POST"                              ? post(request, path, user)
         : request.method == "GET" || request.method == "HEAD" ? get(request, path, user)
                                                               : wrong_method(path);
}

HttpResponse ChatApi::get(const HttpRequest& request, std::string_view path, const std::string& user) {
  if (path.starts_with(kDiffs)) {
    return db_.with([&](store::Database& db) {
      return ChatFiles(services_, db, section_, user).diff(path.substr(kDiffs.size()));
    });
  }
  if (path.starts_with(kFiles)) {
    return db_.with([&](store::Database& db) {
      return ChatFiles(services_, db, section_, user)
          .get(path.substr(kFiles.size()), request.query.get("download").has_value());
    });
  }
  if (path == "search") {
    return db_.with([&](store::Database& db) {
      return ChatList(db, section_, user).search(request.query.get("q").value_or(""));
    });
  }
  if (path == "why") {
    return db_.with([&](store::Database& db) {
      return ChatJudgements(services_, db, section_, user)
          .why({console::id_parameter(request, "message").value_or(0)});
    });
  }
  if (path == "events") {
    HttpResponse response;
    response.event_stream = base::EventStream{topic(user)};
    return response;
  }
  if (path == "state" || path == "messages") {
    const auto chat = chat_of(request);
    return !is_chat_id(chat) ? HttpResponse::error(400, texts::kNoChatName)
           : path == "state" ? state(chat, user)
                             : history(request, user);
  }
  const bool only_post = path == "actions" || path == "files" || path == "feedback" || path == "timezone";
  return only_post ? wrong_method(path) : HttpResponse::error(404, texts::kNotFound);
}

HttpResponse ChatApi::post(const HttpRequest& request, std::string_view path, const std::string& user) {
  if (path == "files") {
    return db_.with([&](store::Database& db) { return ChatUploads(services_, db, user).post(request); });
  }
  if (path == "state" || path == "events" || path == "search" || path == "why") {
    return wrong_method(path);
  }
  if (!is_json(request)) {
    return HttpResponse::error(415, texts::kNotJson);
  }
  return path == "messages"   ? post_message(request, user)
         : path == "actions"  ? post_action(request, user)
         : path == "feedback" ? post_feedback(request, user)
         : path == "timezone" ? post_timezone(request, user)
                              : HttpResponse::error(404, texts::kNotFound);
}

HttpResponse ChatApi::change_chat(const HttpRequest& request, const std::string& chat,
                                  const std::string& user) {
  if (request.method != "PATCH" && request.method != "DELETE") {
    return wrong_method(kChats);
  }
  if (request.method == "PATCH" && !is_json(request)) {
    return HttpResponse::error(415, texts::kNotJson);
  }
  const auto response = db_.with([&](store::Database& db) {
    ChatList list(db, section_, user);
    return request.method == "PATCH" ? list.rename(chat, request.body)
                                     : list.remove(chat, services_.clock.now());
  });
  if (response.ok()) {
    const auto stored = stored_chat(user, chat);
    if (request.method == "DELETE") {
      publish(stored, R"({"type":"deleted"})");
    }
    tell_chats(stored);
  }
  return response;
}

HttpResponse ChatApi::history(const HttpRequest& request, const std::string& user) {
  const auto before = console::id_parameter(request, "before");
  return db_.with([&](store::Database& db) {
    return HttpResponse::json(base::dump_json(
        PageData(db).history(section_, stored_chat(user, chat_of(request)),
                             before ? std::optional(store::MessageId{*before}) : std::nullopt)));
  });
}

HttpResponse ChatApi::state(const std::string& chat, const std::string& user) {
  return db_.with([&](store::Database& db) {
    const auto stored = stored_chat(user, chat);
    auto state = PageData(db).history(section_, stored, std::nullopt);
    ChatList list(db, section_, user);
    state["demo"] = services_.settings.secretary.demo;
    state["version"] = FRONTDESK_VERSION;
    state["model"] = services_.settings.secretary.model;
    state["me"] = user;
    const auto person = store::People(db).find(section_, user);
    const auto zone = person ? store::People(db).time_zone(person->id) : std::nullopt;
    state["time_zone"] = zone ? json(*zone) : json();
    state["usual_time_zone"] = services_.settings.secretary.timezone;
    state["chat"] = chat;
    state["examples"] = services_.settings.secretary.demo ? examples() : json::array();
    state["commands"] = commands();
    state["chats"] = list.chats();
    state["projects"] = list.projects();
    state["waiting"] = list.waiting();
    auto* const drafts = chat::capability<chat::ShowsDrafts>(services_.platform(section_));
    state["stream"] =
        drafts == nullptr ? json() : base::parse_json(drafts->draft_state(stored)).value_or(json());
    state["now"] = base::to_unix_ms(services_.clock.now());
    state["max_file"] = services_.settings.dispatch.max_attachment_bytes;
    auto* const work = chat::capability<chat::ShowsWork>(services_.platform(section_));
    state["doing"] = work == nullptr ? std::string() : work->work_in(stored);
    const auto conversation = store::Conversations(db).find(section_, stored);
    state["thinking"] =
        conversation && store::JobQueue(db).has_open(runtime::kTurnJob, conversation->id.value);
    return HttpResponse::json(base::dump_json(state));
  });
}

HttpResponse ChatApi::post_message(const HttpRequest& request, const std::string& user) {
  const auto body = base::parse_json(request.body);
  if (!body) {
    return HttpResponse::error(400, texts::kMalformedJson);
  }
  chat::IncomingMessage incoming;
  if (!read_common(*body, user, incoming)) {
    return HttpResponse::error(400, texts::kMessageIncomplete);
  }
  incoming.text = base::strip_controls(base::json_string(*body, "text").value_or(""));
  if (const auto* files = base::json_member(*body, "files")) {
    try {
      incoming.attachments =
          db_.with([&](store::Database& db) { return ChatUploads(services_, db, user).attachments(*files); });
    } catch (const base::PermanentError& e) {
      return HttpResponse::error(400, e.what());
    }
  }
  if (base::trim(incoming.text).empty() && incoming.attachments.empty()) {
    return HttpResponse::error(400, texts::kMessageEmpty);
  }
  if (incoming.text.size() > kMaxText) {
    return HttpResponse::error(413, texts::kMessageTooLong);
  }
  return take(incoming, user);
}

HttpResponse ChatApi::post_action(const HttpRequest& request, const std::string& user) {
  const auto body = base::parse_json(request.body);
  chat::IncomingMessage incoming;
  if (!body || !read_common(*body, user, incoming)) {
    return HttpResponse::error(400, texts::kActionIncomplete);
  }
  incoming.button = base::json_string(*body, "action").value_or("");
  // What the person made of what a specialist proposes.
  incoming.text = base::strip_controls(base::json_string(*body, "text").value_or(""));
  if (incoming.button->empty()) {
    return HttpResponse::error(400, texts::kActionIncomplete);
  }
  if (incoming.text.size() > kMaxText) {
    return HttpResponse::error(413, texts::kMessageTooLong);
  }
  return take(incoming, user);
}

HttpResponse ChatApi::post_feedback(const HttpRequest& request, const std::string& user) {
  const auto body = base::parse_json(request.body);
  const auto message = body ? base::json_integer(*body, "message") : std::nullopt;
  const auto good = body ? base::json_bool(*body, "good") : std::nullopt;
  if (!message || !good) {
    return HttpResponse::error(400, texts::kFeedbackIncomplete);
  }
  const auto thumb = db_.with([&](store::Database& db) {
    return ChatJudgements(services_, db, section_, user).thumb({*message}, *good);
  });
  if (!thumb) {
    return HttpResponse::error(404, texts::kNoThumbs);
  }
  chat::IncomingMessage incoming;
  incoming.external_id = stored_chat(user, fmt::format("feedback-{}-{}", *message, *good ? "good" : "bad"));
  incoming.chat_id = thumb->chat_id;
  incoming.room = room_of(user);
  incoming.user_id = user;
  incoming.button = thumb->button;
  return take(incoming, user);
}

/// {"zone"}: the one of the browser, for a person who has none yet; 204.
HttpResponse ChatApi::post_timezone(const HttpRequest& request, const std::string& user) {
  const auto body = base::parse_json(request.body);
  const auto zone = body ? base::json_string(*body, "zone").value_or("") : std::string();
  if (!base::is_time_zone(zone)) {
    return HttpResponse::error(400, texts::kNoTimeZone);
  }
  db_.with([&](store::Database& db) {
    store::Transaction transaction(db);
    store::People people(db);
    const auto person =
        people.remember(section_, user, user == kLocalUser ? "" : user, services_.clock.now());
    if (!people.time_zone(person.id)) {
      people.set_time_zone(person.id, zone);
    }
    transaction.commit();
  });
  HttpResponse response;
  response.status = 204;
  return response;
}

HttpResponse ChatApi::take(const chat::IncomingMessage& incoming, const std::string& user) {
  try {
    const auto taken = intake_.take(section_, incoming);
    if (!taken.repeated && !taken.refused && !incoming.button) {
      publish(incoming.chat_id, message_event(taken.message));
      tell_chats(stored_chat(user, shown_chat(incoming.chat_id)));
    }
    return HttpResponse::json(base::dump_json({{"id", taken.message.value}}));
  } catch (const messages::TooManyWaiting& e) {
    return HttpResponse::error(429, e.what());
  } catch (const messages::BacklogFull&) {
    return HttpResponse::error(429, texts::kTooMuchWaiting);
  } catch (const std::exception& e) {
    base::log_error("{}: a message could not be stored, the page offers to send it again: {}", section_,
                    e.what());
    return HttpResponse::error(503, texts::kMessageNotStored);
  }
}

void ChatApi::tell_chats(const std::string& stored) {
  publish(stored, db_.with([&](store::Database& db) {
    ChatList list(db, section_, user_of_chat(stored));
    return base::dump_json({{"type", "chats"}, {"chats", list.chats()}, {"projects", list.projects()}});
  }));
}

void ChatApi::publish(const std::string& chat_id, const std::string& json) {
  if (publish_) {
    publish_(topic(user_of_chat(chat_id)),
             fmt::format(R"({{"chat":"{}",{})", shown_chat(chat_id), json.substr(1)));
  }
}

std::string ChatApi::message_event(store::MessageId id) {
  return db_.with([&](store::Database& db) {
    const auto stored = store::Conversations(db).message(id);
    const auto waits = store::PageChats(db).waits_in(stored.conversation);
    return base::dump_json({{"type", "message"},
                            {"message", PageData(db).message(id)},
                            {"waits", waits ? json(name_of(*waits)) : json()}});
  });
}

void ChatApi::read_file(const std::string& handle, std::uint64_t max_bytes,
                        const std::function<void(std::string_view)>& sink) {
  ChatUploads::read(services_, handle, max_bytes, sink);
}

}  // namespace bot::web
