#include "store/page_chats.h"

#include <algorithm>
#include <sstream>

#include "base/utf8.h"
#include "store/dispatch_log.h"
#include "store/like_pattern.h"
#include "store/retention.h"
#include "store/statement.h"

namespace store {
namespace {

constexpr std::size_t kLongestTitle = 80;

/// Binds section (?1) and prefix (?2).
const std::string kOfOwner =
    " c.section = ?1 AND CASE WHEN ?2 = '' THEN instr(c.chat_id, '/') = 0"
    " ELSE substr(c.chat_id, 1, length(?2)) = ?2 END ";

/// "/dispatch build a page" is about building a page.
std::string title_of(std::string text) {
  for (const std::string_view command : {"/dispatch ", "/answer "}) {
    if (text.starts_with(command)) {
      text.erase(0, command.size());
    }
  }
  const std::string_view trimmed = base::trim(text);
  return base::ellipsize(base::trim(trimmed.substr(0, trimmed.find('\n'))), kLongestTitle);
}

}  // namespace

std::vector<ListedChat> PageChats::list(const PageOwner& owner, int limit) {
  return Statement(
             db_,
             "SELECT c.chat_id, coalesce(nullif(p.title, ''),"
             " (SELECT substr(text, 1, 300) FROM messages WHERE conversation_id = c.id AND author = 'user'"
             "  AND button IS NULL AND emptied_at IS NULL AND trim(text) <> ''"
             "  AND (text NOT LIKE '/%' OR text LIKE '/dispatch %' OR text LIKE '/answer %') ORDER BY id LIMIT 1),"
             " ''), m.created_at, iif(m.author = 'assistant', m.id, NULL)"
             " FROM conversations c LEFT JOIN page_chats p ON p.conversation_id = c.id"
             " JOIN messages m ON m.id = (SELECT id FROM messages WHERE conversation_id = c.id ORDER BY id DESC"
             "  LIMIT 1) AND m.id > coalesce(p.deleted_through, 0)"
             " WHERE" +
                 kOfOwner + "ORDER BY m.created_at DESC, m.id DESC LIMIT ?3",
             owner.section, owner.prefix, limit)
      .all([](Statement& row) {
        ListedChat chat;
        row.read(chat.chat_id, chat.title, chat.updated, chat.said_last);
        chat.title = title_of(chat.title);
        return chat;
      });
}

void PageChats::rename(ConversationId conversation, const std::string& title) {
  Statement(db_,
            "INSERT INTO page_chats(conversation_id, title) VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET title = excluded.title",
            conversation, title)
      .execute();
}

bool PageChats::remove(ConversationId conversation, base::Timestamp now) {
  const bool works =
      Statement(
          db_,
          "SELECT 1 WHERE EXISTS (SELECT 1 FROM dispatches WHERE conversation_id = ?1 AND state <> "
          "'finished') OR EXISTS (SELECT 1 FROM jobs WHERE kind IN ('turn', 'quick-turn') AND lane = ?1)"
          " OR EXISTS (SELECT 1 FROM outbox WHERE conversation_id = ?1 AND state IN ('new', 'attempted'))",
          conversation)
          .any();
  if (works) {
    return false;
  }
  const auto questions =
      Statement(db_, "SELECT id FROM decisions WHERE conversation_id = ? AND question = 'open'", conversation)
          .all<DecisionId>();
  for (const auto question : questions) {
    DispatchLog(db_).answer_question(question, QuestionState::expired, now);
  }
  Statement(db_,
            "INSERT INTO page_chats(conversation_id, deleted_through) "
            "VALUES (?1, coalesce((SELECT max(id) FROM messages WHERE conversation_id = ?1), 0)) "
            "ON CONFLICT DO UPDATE SET title = '', deleted_through = excluded.deleted_through",
            conversation)
      .execute();
  Retention(db_).empty_of(conversation, now);
  return true;
}

MessageId PageChats::deleted_through(ConversationId conversation) {
  return Statement(db_, "SELECT deleted_through FROM page_chats WHERE conversation_id = ?", conversation)
      .first<MessageId>()
      .value_or(MessageId{});
}

std::vector<PageChats::Hit> PageChats::search(const PageOwner& owner, const std::string& query, int limit) {
  std::string sql =
      "SELECT c.chat_id, m.id, m.text, m.created_at FROM conversations c "
      "JOIN messages m ON m.conversation_id = c.id WHERE" +
      kOfOwner + "AND m.button IS NULL AND m.emptied_at IS NULL";
  std::vector<std::string> patterns;
  std::istringstream words(query);
  for (std::string word; patterns.size() < kMostLikeWords && words >> word;) {
    patterns.push_back(like_pattern(word));
    sql += " AND m.text LIKE ?" + std::to_string(patterns.size() + 2) + " ESCAPE '\\'";
  }
  if (patterns.empty()) {
    return {};
  }
  sql += " ORDER BY m.id DESC LIMIT ?" + std::to_string(patterns.size() + 3);
  return Statement(db_, sql, owner.section, owner.prefix, patterns, limit).all([](Statement& row) {
    Hit hit;
    row.read(hit.chat_id, hit.message, hit.text, hit.created);
    return hit;
  });
}

std::vector<PageChats::Waiting> PageChats::waiting(const PageOwner& owner) {
  const auto rows =
      Statement(db_,
                "SELECT chat_id, min(waits) FROM ("
                " SELECT c.chat_id, 0 AS waits FROM approvals a JOIN dispatches d ON d.id = a.dispatch_id"
                "  JOIN conversations c ON c.id = d.conversation_id WHERE a.state = 'open' AND" +
                    kOfOwner +
                    " UNION ALL SELECT c.chat_id, 1 FROM decisions q JOIN conversations c ON c.id = "
                    "q.conversation_id WHERE q.question = 'open' AND" +
                    kOfOwner +
                    " UNION ALL SELECT c.chat_id, 2 FROM dispatches d JOIN conversations c ON c.id = "
                    "d.conversation_id WHERE d.state <> 'finished' AND" +
                    kOfOwner + ") GROUP BY chat_id ORDER BY chat_id",
                owner.section, owner.prefix)
          .all([](Statement& row) {
            std::string chat;
            int waits = 0;
            row.read(chat, waits);
            return Waiting{chat, static_cast<Waits>(waits)};
          });
  return rows;
}

std::optional<PageChats::Waits> PageChats::waits_in(ConversationId conversation) {
  const auto found =
      Statement(db_,
                "SELECT min(waits) FROM ("
                " SELECT 0 AS waits FROM approvals a JOIN dispatches d ON d.id = a.dispatch_id"
                "  WHERE a.state = 'open' AND d.conversation_id = ?1"
                " UNION ALL SELECT 1 FROM decisions WHERE question = 'open' AND conversation_id = ?1"
                " UNION ALL SELECT 2 FROM dispatches WHERE state <> 'finished' AND conversation_id = ?1)",
                conversation)
          .first<std::optional<int>>();
  return found && *found ? std::optional(static_cast<Waits>(**found)) : std::nullopt;
}

void PageChats::share_room(const PageOwner& owner, const std::string& room) {
  Statement(db_, "UPDATE conversations AS c SET room = ?3 WHERE c.room <> ?3 AND" + kOfOwner, owner.section,
            owner.prefix, room)
      .execute();
}

}  // namespace store
