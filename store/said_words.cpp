#include "store/said_words.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "store/log_words.h"
#include "store/statement.h"

namespace store {
namespace {

/// What was decided just now is found, too; the rest is in the index already, or being added.
constexpr int kIndexedFirst = 50;
/// More of one person's chats say little more and cost a look each.
constexpr int kMostRooms = 200;
/// What begins with three letters is so much in a large log that putting it together takes long.
constexpr std::size_t kWholeBelow = 4;

constexpr const char* kFind =
    "SELECT n.id, n.conversation_id, m.id, m.person_id, m.created_at, n.decided_at, coalesce(m.external_id, ''), "
    "snippet(log_words, 1, char(1), char(2), '…', 32), snippet(log_words, 3, char(1), char(2), '…', 32), "
    "snippet(log_words, 4, char(1), char(2), '…', 32) FROM log_words CROSS JOIN decisions n ON n.id = "
    "log_words.rowid LEFT JOIN decisions q ON q.id = n.follows_id CROSS JOIN messages m ON m.id = "
    "coalesce(q.message_id, n.message_id) WHERE log_words MATCH ? AND log_words.rowid > 0 ORDER BY log_words.rowid "
    "DESC LIMIT ?";

/// What has no decision, see LogWords.
constexpr const char* kFindPosts =
    "SELECT m.id, m.conversation_id, m.created_at, snippet(log_words, 4, char(1), char(2), '…', 32) FROM log_words "
    "CROSS JOIN messages m ON m.id = -log_words.rowid WHERE log_words MATCH ? AND log_words.rowid < 0 ORDER BY "
    "log_words.rowid LIMIT ?";

std::string in_rooms(const std::vector<ConversationId>& rooms) {
  std::string any;
  for (const auto room : rooms) {
    any += (any.empty() ? "" : " OR ") + room_in_index(room);
  }
  return "chat : (" + any + ")";
}

bool has_word(const std::string& snippet) {
  return snippet.find(SaidWords::kBegin) != std::string::npos;
}

}  // namespace

std::vector<SaidWords::Hit> SaidWords::find(const std::vector<ConversationId>& rooms,
                                            const std::vector<std::string>& words, int decisions) {
  const auto match = words_to_match(words, kWholeBelow);
  if (match.empty() || rooms.empty()) {
    return {};
  }
  LogWords(db_).add(kIndexedFirst);
  const auto wanted = in_rooms(rooms) + " AND {message result answer} : (" + match + ")";
  auto posts = this->posts(wanted, decisions);
  std::vector<Hit> hits;
  std::set<MessageId> told;
  Statement rows(db_, kFind, wanted, decisions);
  while (rows.next()) {
    Hit hit;
    base::Timestamp decided;
    std::optional<PersonId> person;
    std::string texts[3];
    rows.read(hit.decision, hit.conversation, hit.message, person, hit.at, decided, hit.external_id, texts[0],
              texts[1], texts[2]);
    hit.person = person.value_or(PersonId());
    for (; !posts.empty() && posts.front().at > decided; posts.pop_front()) {
      hits.push_back(std::move(posts.front()));
    }
    // Newest first: what came of a message before the message.
    for (const auto by : {By::specialist, By::bot, By::person}) {
      auto& text = texts[by == By::person ? 0 : by == By::specialist ? 1 : 2];
      if (has_word(text) && (by != By::person || told.insert(hit.message).second)) {
        auto& one = hits.emplace_back(hit);
        one.by = by;
        one.at = by == By::person ? hit.at : decided;
        one.snippet = text_from_index(text);
      }
    }
  }
  std::move(posts.begin(), posts.end(), std::back_inserter(hits));
  return hits;
}

std::deque<SaidWords::Hit> SaidWords::posts(const std::string& wanted, int most) {
  std::deque<Hit> posts;
  Statement rows(db_, kFindPosts, wanted, most);
  while (rows.next()) {
    auto& hit = posts.emplace_back();
    hit.by = By::bot;
    std::string snippet;
    rows.read(hit.message, hit.conversation, hit.at, snippet);
    hit.snippet = text_from_index(snippet);
  }
  return posts;
}

std::vector<ConversationId> SaidWords::rooms_of(const Conversation& conversation, bool personal) {
  const auto slash = conversation.chat_id.find('/');
  if (!personal || slash == std::string::npos) {
    return {Conversations(db_).room_of(conversation)};
  }
  return Statement(db_,
                   "SELECT id FROM conversations WHERE section = ?1 AND chat_id >= ?2 AND chat_id < ?3 AND "
                   "room = chat_id ORDER BY id DESC LIMIT ?4",
                   conversation.section, conversation.chat_id.substr(0, slash + 1),
                   conversation.chat_id.substr(0, slash) + static_cast<char>('/' + 1), kMostRooms)
      .all<ConversationId>();
}

}  // namespace store
