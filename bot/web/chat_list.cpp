#include "bot/web/chat_list.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/texts/page.h"
#include "bot/web/page_address.h"
#include "store/projects.h"
#include "store/reminders.h"

namespace bot::web {
namespace {

using base::HttpResponse;
using nlohmann::json;

constexpr int kChats = 200;
constexpr int kHits = 50;
constexpr int kProjects = 50;
constexpr std::size_t kLongestTitle = 120;
constexpr std::size_t kLongestQuery = 500;
constexpr std::size_t kBefore = 50;
constexpr std::size_t kExcerpt = 160;

HttpResponse no_content() {
  HttpResponse response;
  response.status = 204;
  return response;
}

}  // namespace

const char* name_of(store::PageChats::Waits waits) {
  switch (waits) {
    case store::PageChats::Waits::approval:
      return "approval";
    case store::PageChats::Waits::question:
      return "question";
    case store::PageChats::Waits::run:
      return "run";
  }
  return "run";
}

std::string excerpt(const std::string& text, const std::string& query) {
  const auto lower = base::ascii_lower(text);
  const auto words = base::ascii_lower(query);
  const auto first = std::string(base::trim(words));
  const auto found = lower.find(first.substr(0, first.find(' ')));
  auto from = found == std::string::npos || found < kBefore ? 0 : found - kBefore;
  while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xc0) == 0x80) {
    ++from;
  }
  const auto part = base::ellipsize(base::one_line(std::string_view(text).substr(from)), kExcerpt);
  return from > 0 ? "… " + part : part;
}

json ChatList::chats() {
  json chats = json::array();
  for (const auto& chat : store::PageChats(db_).list(owner_of(section_, user_), kChats)) {
    chats.push_back({{"id", shown_chat(chat.chat_id)},
                     {"title", chat.title},
                     {"updated", base::to_unix_ms(chat.updated)},
                     {"said_last", chat.said_last ? json(chat.said_last->value) : json()}});
  }
  return chats;
}

json ChatList::waiting() {
  json list = json::array();
  for (const auto& waiting : store::PageChats(db_).waiting(owner_of(section_, user_))) {
    list.push_back({{"chat", shown_chat(waiting.chat_id)}, {"kind", name_of(waiting.waits)}});
  }
  return list;
}

json ChatList::projects() {
  store::Conversation room;
  room.section = section_;
  room.room = room_of(user_);
  json list = json::array();
  for (const auto& project : store::Projects(db_).of(room, kProjects)) {
    list.push_back({{"slug", project.slug},
                    {"about", project.description},
                    {"updated", base::to_unix_ms(project.updated)}});
  }
  return list;
}

std::optional<store::Conversation> ChatList::conversation(const std::string& chat) {
  return is_chat_id(chat) ? store::Conversations(db_).find(section_, stored_chat(user_, chat)) : std::nullopt;
}

HttpResponse ChatList::rename(const std::string& chat, const std::string& body) {
  const auto parsed = base::parse_json(body);
  const auto title = parsed ? base::json_string(*parsed, "title") : std::nullopt;
  if (!title) {
    return HttpResponse::error(400, texts::kTitleMissing);
  }
  const auto found = conversation(chat);
  if (!found) {
    return HttpResponse::error(404, texts::kChatNotThere);
  }
  store::PageChats(db_).rename(found->id,
                               base::ellipsize(base::one_line(base::strip_controls(*title)), kLongestTitle));
  return no_content();
}

HttpResponse ChatList::about(const std::string& chat) {
  const auto found = conversation(chat);
  return found
             ? HttpResponse::json(base::dump_json({{"reminders", store::Reminders(db_).count_in(found->id)}}))
             : HttpResponse::error(404, texts::kChatNotThere);
}

void ChatList::move_reminders(const store::Conversation& gone, base::Timestamp now) {
  store::Reminders reminders(db_);
  if (reminders.count_in(gone.id) == 0) {
    return;
  }
  auto others = store::PageChats(db_).list(owner_of(section_, user_), kChats);
  std::string title;
  std::erase_if(others, [&](const store::ListedChat& chat) {
    title = chat.chat_id == gone.chat_id ? chat.title : title;
    return chat.chat_id == gone.chat_id;
  });
  const auto main = stored_chat(user_, "main");
  const auto other = !others.empty()        ? others.front().chat_id
                     : gone.chat_id == main ? stored_chat(user_, "reminders")
                                            : main;
  reminders.move_to(store::Conversations(db_).open(section_, other, now, room_of(user_)).id, gone.id, title);
}

HttpResponse ChatList::remove(const std::string& chat, base::Timestamp now) {
  const auto found = conversation(chat);
  if (!found) {
    return HttpResponse::error(404, texts::kChatNotThere);
  }
  store::Transaction transaction(db_);
  move_reminders(*found, now);
  if (!store::PageChats(db_).remove(found->id, now)) {
    return HttpResponse::error(409, texts::kChatBusy);
  }
  transaction.commit();
  return no_content();
}

HttpResponse ChatList::search(const std::string& query) {
  if (base::trim(query).empty() || query.size() > kLongestQuery) {
    return HttpResponse::error(400, texts::kNoQuery);
  }
  std::map<std::string, std::string> titles;
  for (const auto& chat : store::PageChats(db_).list(owner_of(section_, user_), kChats)) {
    titles[chat.chat_id] = chat.title;
  }
  json hits = json::array();
  for (const auto& hit : store::PageChats(db_).search(owner_of(section_, user_), query, kHits)) {
    hits.push_back({{"chat", shown_chat(hit.chat_id)},
                    {"title", titles[hit.chat_id]},
                    {"message", hit.message.value},
                    {"time", base::to_unix_ms(hit.created)},
                    {"excerpt", excerpt(hit.text, query)}});
  }
  return HttpResponse::json(base::dump_json(hits));
}

}  // namespace bot::web
