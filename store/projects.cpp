#include "store/projects.h"

#include <sstream>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/error.h"

namespace store {
namespace {

constexpr const char* kColumns =
    "SELECT p.id, p.slug, p.conversation_id, p.description, p.updated_at, coalesce(c.section, ''), "
    "coalesce(c.room, '') FROM projects p LEFT JOIN conversations c ON c.id = p.conversation_id ";
constexpr const char* kOfTheChat =
    "WHERE p.conversation_id IN (SELECT id FROM conversations WHERE section = ? AND room = ?)";

// SQLite takes a thousand conditions in one expression; nobody looks for that many words.
constexpr std::size_t kMaxWords = 100;

Project read(SQLite::Statement& row) {
  Project p;
  p.id = {row.getColumn(0).getInt64()};
  p.slug = row.getColumn(1).getString();
  if (!row.getColumn(2).isNull()) {
    p.conversation = ConversationId{row.getColumn(2).getInt64()};
  }
  p.description = row.getColumn(3).getString();
  p.updated = base::from_unix_ms(row.getColumn(4).getInt64());
  p.section = row.getColumn(5).getString();
  p.room = row.getColumn(6).getString();
  return p;
}

std::string escape_like(const std::string& word) {
  std::string out;
  for (const char c : word) {
    if (c == '%' || c == '_' || c == '\\') {
      out.push_back('\\');
    }
    out.push_back(c);
  }
  return out;
}

}  // namespace

bool is_of(const Project& project, const Conversation& conversation) {
  return project.conversation && project.section == conversation.section && project.room == conversation.room;
}

std::optional<Project> Projects::find(const std::string& slug) {
  SQLite::Statement s(db_.handle(), std::string(kColumns) + "WHERE p.slug = ?");
  s.bind(1, slug);
  return s.executeStep() ? std::optional(read(s)) : std::nullopt;
}

Project Projects::get(ProjectId id) {
  SQLite::Statement s(db_.handle(), std::string(kColumns) + "WHERE p.id = ?");
  s.bind(1, id.value);
  if (!s.executeStep()) {
    throw base::PermanentError("there is no such project");
  }
  return read(s);
}

Project Projects::create(const std::string& slug, std::optional<ConversationId> conversation,
                         const std::string& description, base::Timestamp now) {
  SQLite::Statement s(db_.handle(),
                      "INSERT INTO projects(slug, conversation_id, description, created_at, updated_at) "
                      "VALUES (?, ?, ?, ?4, ?4)");
  s.bind(1, slug);
  if (conversation) {
    s.bind(2, conversation->value);
  }
  s.bind(3, description);
  s.bind(4, base::to_unix_ms(now));
  s.exec();
  return get({db_.handle().getLastInsertRowid()});
}

void Projects::touch(ProjectId id, base::Timestamp now) {
  SQLite::Statement s(db_.handle(), "UPDATE projects SET updated_at = ? WHERE id = ?");
  s.bind(1, base::to_unix_ms(now));
  s.bind(2, id.value);
  s.exec();
}

std::vector<Project> Projects::of(const Conversation& conversation, int limit) {
  SQLite::Statement s(db_.handle(),
                      std::string(kColumns) + kOfTheChat + " ORDER BY p.updated_at DESC, p.id DESC LIMIT ?");
  s.bind(1, conversation.section);
  s.bind(2, conversation.room);
  s.bind(3, limit);
  std::vector<Project> projects;
  while (s.executeStep()) {
    projects.push_back(read(s));
  }
  return projects;
}

std::vector<Project> Projects::search(const Conversation& conversation, const std::string& query, int limit) {
  constexpr const char* kHolds =
      " AND p.slug || ' ' || p.description || ' ' || coalesce((SELECT result FROM dispatches d WHERE "
      "d.project_id = p.id AND d.state = 'finished' ORDER BY d.id DESC LIMIT 1), '') LIKE ? ESCAPE '\\'";
  std::string sql = std::string(kColumns) + kOfTheChat;
  std::vector<std::string> words;
  std::istringstream stream(query);
  for (std::string word; words.size() < kMaxWords && stream >> word;) {
    words.push_back(word);
    sql += kHolds;
  }
  sql += " ORDER BY p.updated_at DESC, p.id DESC LIMIT ?";
  SQLite::Statement s(db_.handle(), sql);
  int index = 1;
  s.bind(index++, conversation.section);
  s.bind(index++, conversation.room);
  for (const auto& word : words) {
    s.bind(index++, "%" + escape_like(word) + "%");
  }
  s.bind(index, limit);
  std::vector<Project> projects;
  while (s.executeStep()) {
    projects.push_back(read(s));
  }
  return projects;
}

}  // namespace store
