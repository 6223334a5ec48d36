#include "store/tool_looks.h"

#include "store/statement.h"

namespace store {
namespace {

/// A server may show others without end.
constexpr int kMostNoted = 500;

}  // namespace

bool ToolLooks::knows(const std::string& server) {
  return Statement(db_, "SELECT 1 FROM tool_looks WHERE server = ? AND accepted LIMIT 1", server)
      .first<int>()
      .has_value();
}

bool ToolLooks::is_accepted(const std::string& server, const std::string& tool, const std::string& hash) {
  return Statement(db_, "SELECT 1 FROM tool_looks WHERE server = ? AND tool = ? AND hash = ? AND accepted",
                   server, tool, hash)
      .first<int>()
      .has_value();
}

void ToolLooks::accept(const std::string& server, const ToolLook& look, base::Timestamp now) {
  if (is_accepted(server, look.tool, look.hash)) {
    return;
  }
  Statement(db_, "DELETE FROM tool_looks WHERE server = ? AND tool = ? AND (accepted OR hash = ?)", server,
            look.tool, look.hash)
      .execute();
  Statement(db_, "INSERT INTO tool_looks VALUES (?, ?, ?, ?, ?, ?, 0, 1, ?)", server, look.tool, look.hash,
            look.only_reads, look.destroys, look.open_world, now)
      .execute();
}

void ToolLooks::note(const std::string& server, const std::vector<ToolLook>& looks, base::Timestamp now) {
  for (const auto& look : looks) {
    Statement(db_, "DELETE FROM tool_looks WHERE server = ? AND tool = ? AND NOT accepted", server, look.tool)
        .execute();
    Statement(db_, "INSERT OR IGNORE INTO tool_looks VALUES (?, ?, ?, ?, ?, ?, 1, 0, ?)", server, look.tool,
              look.hash, look.only_reads, look.destroys, look.open_world, now)
        .execute();
  }
  Statement(db_,
            "DELETE FROM tool_looks WHERE server = ? AND NOT accepted AND tool NOT IN (SELECT tool FROM "
            "tool_looks WHERE server = ? AND NOT accepted ORDER BY seen_at DESC, tool LIMIT ?)",
            server, server, kMostNoted)
      .execute();
}

std::vector<ToolLook> ToolLooks::noted(const std::string& server) {
  return Statement(db_,
                   "SELECT tool, hash, only_reads, destroys, open_world FROM tool_looks WHERE server = ? AND "
                   "noted ORDER BY tool, hash",
                   server)
      .all([](Statement& row) {
        ToolLook look;
        row.read(look.tool, look.hash, look.only_reads, look.destroys, look.open_world);
        return look;
      });
}

void ToolLooks::accept_noted(const std::string& server, const std::string& tool) {
  Statement(db_, "UPDATE tool_looks SET accepted = 1 WHERE server = ? AND tool = ?", server, tool).execute();
}

}  // namespace store
