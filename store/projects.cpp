#include "store/projects.h"

#include <sstream>

#include "base/error.h"
#include "store/like_pattern.h"
#include "store/statement.h"

namespace store {
namespace {

std::string select_project(const std::string& rest) {
  return "SELECT p.id, p.slug, p.conversation_id, p.description, p.updated_at, c.section, c.room "
         "FROM projects p LEFT JOIN conversations c ON c.id = p.conversation_id " +
         rest;
}

/// Binds section and room.
constexpr const char* kOfTheChat = "WHERE c.section = ? AND c.room = ?";
constexpr const char* kNewestFirst = " ORDER BY p.updated_at DESC, p.id DESC";

Project read_project(Statement& row) {
  Project p;
  row.read(p.id, p.slug, p.conversation, p.description, p.updated, p.section, p.room);
  return p;
}

}  // namespace

bool is_of(const Project& project, const Conversation& conversation) {
  return project.conversation && project.section == conversation.section && project.room == conversation.room;
}

std::optional<Project> Projects::find(const std::string& slug) {
  return Statement(db_, select_project("WHERE p.slug = ?"), slug).first(read_project);
}

Project Projects::get(ProjectId id) {
  auto found = Statement(db_, select_project("WHERE p.id = ?"), id).first(read_project);
  if (!found) {
    throw base::PermanentError("there is no such project");
  }
  return *std::move(found);
}

Project Projects::create(const std::string& slug, std::optional<ConversationId> conversation,
                         const std::string& description, base::Timestamp now) {
  Statement(db_,
            "INSERT INTO projects(slug, conversation_id, description, created_at, updated_at) "
            "VALUES (?, ?, ?, ?4, ?4)",
            slug, conversation, description, now)
      .execute();
  return get({db_.last_row_id()});
}

void Projects::touch(ProjectId id, base::Timestamp now) {
  Statement(db_, "UPDATE projects SET updated_at = ? WHERE id = ?", now, id).execute();
}

std::vector<Project> Projects::of(const Conversation& conversation, int limit) {
  // Without a limit: with one, SQLite makes a B-tree for the first of them each time, even where there is
  // none.
  static const auto kSql = select_project(kOfTheChat) + kNewestFirst;
  Statement rows(db_, kSql, conversation.section, conversation.room);
  std::vector<Project> projects;
  while (static_cast<int>(projects.size()) < limit && rows.next()) {
    projects.push_back(read_project(rows));
  }
  return projects;
}

std::vector<Project> Projects::search(const Conversation& conversation, const std::string& query, int limit) {
  constexpr const char* kHolds =
      " AND p.slug || ' ' || p.description || ' ' || coalesce((SELECT result FROM dispatches d WHERE "
      "d.project_id = p.id AND d.state = 'finished' ORDER BY d.id DESC LIMIT 1), '') LIKE ? ESCAPE '\\'";
  auto sql = select_project(kOfTheChat);
  std::vector<std::string> patterns;
  std::istringstream stream(query);
  for (std::string word; patterns.size() < kMostLikeWords && stream >> word;) {
    patterns.push_back(like_pattern(word));
    sql += kHolds;
  }
  return Statement(db_, sql + kNewestFirst + " LIMIT ?", conversation.section, conversation.room, patterns,
                   limit)
      .all(read_project);
}

}  // namespace store
