#include "store/section_troubles.h"

#include "store/statement.h"

namespace store {

void SectionTroubles::note(const std::string& section, const Trouble& trouble) {
  Statement(db_,
            "INSERT INTO section_troubles(section, at, text) VALUES (?1, ?2, ?3) "
            "ON CONFLICT(section) DO UPDATE SET at = ?2, text = ?3",
            section, trouble.at, trouble.text)
      .execute();
}

std::map<std::string, SectionTroubles::Trouble> SectionTroubles::all() {
  std::map<std::string, Trouble> troubles;
  Statement rows(db_, "SELECT section, at, text FROM section_troubles");
  while (rows.next()) {
    std::string section;
    Trouble trouble;
    rows.read(section, trouble.at, trouble.text);
    troubles.emplace(std::move(section), std::move(trouble));
  }
  return troubles;
}

std::map<std::string, base::Timestamp> SectionTroubles::last_events() {
  std::map<std::string, base::Timestamp> events;
  Statement rows(db_,
                 "SELECT section, max(at) FROM (SELECT c.section, (SELECT created_at FROM messages WHERE "
                 "conversation_id = c.id AND author = 'user' ORDER BY id DESC LIMIT 1) AS at "
                 "FROM conversations c) WHERE at IS NOT NULL GROUP BY section");
  while (rows.next()) {
    std::string section;
    base::Timestamp at;
    rows.read(section, at);
    events.emplace(std::move(section), at);
  }
  return events;
}

bool InboxDone::has(const std::string& item) {
  return Statement(db_, "SELECT 1 FROM inbox_done WHERE item = ?", item).any();
}

bool InboxDone::add(const std::string& item, base::Timestamp now) {
  return Statement(db_, "INSERT INTO inbox_done(item, done_at) VALUES (?, ?) ON CONFLICT DO NOTHING", item,
                   now)
             .execute() > 0;
}

}  // namespace store
