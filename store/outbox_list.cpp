#include <nlohmann/json.hpp>

#include "base/json.h"
#include "store/outbox.h"
#include "store/statement.h"

namespace store {
namespace {

constexpr const char* kDead =
    "o.state = 'dead' AND NOT EXISTS (SELECT 1 FROM inbox_done WHERE item = 'outbox-' || o.id)";

std::string select_listed(const std::string& rest) {
  return "SELECT o.id, o.key, c.section, c.chat_id, o.message_id, o.kind, o.state, coalesce(o.error, ''), o.body, "
         "o.created_at FROM outbox o JOIN conversations c ON c.id = o.conversation_id " +
         rest;
}

Outbox::Listed read_listed(Statement& row) {
  Outbox::Listed call;
  std::string body;
  row.read(call.id, call.key, call.section, call.chat_id, call.message, call.kind, call.state, call.error,
           body, call.created);
  call.text = base::json_text(base::parse_json(body).value_or(nlohmann::json()), "text");
  return call;
}

}  // namespace

std::vector<Outbox::Listed> Outbox::list(Which which, const std::string& section, std::int64_t before,
                                         int limit) {
  // What waits is found by its job, of which there are few beside the calls that were made.
  const std::string among =
      which == Which::dead ? kDead
      : which == Which::waiting
          ? "o.id IN (SELECT ref FROM jobs WHERE kind >= 'deliver:' AND kind < 'deliver;')"
          : "TRUE";
  return Statement(
             db_,
             select_listed("WHERE " + among +
                           " AND o.id < ?1 AND (?2 = '' OR c.section = ?2) ORDER BY o.id DESC LIMIT ?3"),
             before, section, limit)
      .all(read_listed);
}

bool Outbox::put_away(OutboxId id, base::Timestamp now) {
  return Statement(
             db_,
             std::string("INSERT INTO inbox_done(item, done_at) SELECT 'outbox-' || o.id, ?2 FROM outbox o "
                         "WHERE o.id = ?1 AND ") +
                 kDead,
             id, now)
             .execute() > 0;
}

int Outbox::dead_count() {
  return Statement(db_, std::string("SELECT count(*) FROM outbox o WHERE ") + kDead).first<int>().value_or(0);
}

std::optional<Outbox::Listed> Outbox::listed(const std::string& key) {
  return Statement(db_, select_listed("WHERE o.key = ?"), key).first(read_listed);
}

std::map<std::string, Outbox::Counts> Outbox::counts_since(base::Timestamp since) {
  // Ids grow with time, and there is no index by it: the first one since then is found by halving.
  const auto newest =
      Statement(db_, "SELECT coalesce(max(id), 0) FROM outbox").first<std::int64_t>().value_or(0);
  std::int64_t from = 0;
  for (std::int64_t until = newest + 1; from + 1 < until;) {
    const auto middle = from + (until - from) / 2;
    const auto at =
        Statement(db_, "SELECT created_at FROM outbox WHERE id <= ? ORDER BY id DESC LIMIT 1", middle)
            .first<base::Timestamp>();
    (at && *at >= since ? until : from) = middle;
  }
  std::map<std::string, Counts> counts;
  Statement rows(db_,
                 "SELECT c.section, sum(o.state = 'delivered'), sum(o.state = 'dead'), "
                 "sum(o.state IN ('new', 'attempted')) FROM outbox o JOIN conversations c ON c.id = "
                 "o.conversation_id WHERE o.id > ? GROUP BY c.section",
                 from);
  while (rows.next()) {
    std::string section;
    Counts of;
    rows.read(section, of.delivered, of.dead, of.waiting);
    counts.emplace(std::move(section), of);
  }
  return counts;
}

}  // namespace store
