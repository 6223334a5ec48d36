#include "store/spending.h"

#include "store/statement.h"
#include "store/states.h"

namespace store {
namespace {

constexpr const char* kSums =
    "coalesce(sum(CASE WHEN l.at >= ?1 THEN l.usd ELSE 0 END), 0), coalesce(sum(l.usd), 0) ";

}  // namespace

Spent Spending::all() {
  return Statement(db_, std::string("SELECT ") + kSums + "FROM ledger l WHERE l.at >= ?2", today_, month_)
      .first([](Statement& row) {
        Spent spent;
        row.read(spent.today, spent.month);
        return spent;
      })
      .value_or(Spent());
}

std::vector<Spending::OfPerson> Spending::by_person(int most) {
  return Statement(db_,
                   std::string("SELECT p.id, p.section || ':' || p.user_id, p.name, ") + kSums +
                       "FROM ledger l JOIN people p ON p.id = l.person_id WHERE l.at >= ?2 "
                       "GROUP BY p.id ORDER BY 5 DESC, p.id LIMIT ?3",
                   today_, month_, most)
      .all([](Statement& row) {
        OfPerson of;
        row.read(of.id, of.person, of.name, of.spent.today, of.spent.month);
        return of;
      });
}

std::vector<Spending::OfPlace> Spending::by_place(const std::string& from, int most) {
  return Statement(db_, from, today_, month_, most).all([](Statement& row) {
    OfPlace of;
    row.read(of.name, of.spent.today, of.spent.month);
    return of;
  });
}

std::vector<Spending::OfPlace> Spending::by_chat(int most) {
  return by_place(std::string("SELECT c.section || ':' || c.room, ") + kSums +
                      "FROM ledger l JOIN conversations c ON c.id = l.conversation_id WHERE l.at >= ?2 "
                      "GROUP BY c.section, c.room ORDER BY 3 DESC, 1 LIMIT ?3",
                  most);
}

std::vector<Spending::OfPlace> Spending::by_project(int most) {
  return by_place(std::string("SELECT j.slug, ") + kSums +
                      "FROM ledger l JOIN dispatches d ON d.id = l.dispatch_id "
                      "JOIN projects j ON j.id = d.project_id WHERE l.at >= ?2 "
                      "GROUP BY j.id ORDER BY 3 DESC, 1 LIMIT ?3",
                  most);
}

Spent Spending::of_chat(const std::string& chat) {
  return Statement(
             db_,
             std::string("SELECT ") + kSums +
                 "FROM ledger l WHERE l.at >= ?2 AND l.conversation_id IN (SELECT id FROM conversations "
                 "WHERE section = substr(?3, 1, instr(?3, ':') - 1) AND room = substr(?3, instr(?3, ':') "
                 "+ 1))",
             today_, month_, chat)
      .first([](Statement& row) {
        Spent spent;
        row.read(spent.today, spent.month);
        return spent;
      })
      .value_or(Spent());
}

std::vector<TimedTurns> turns_by_time(Database& db, base::Timestamp since) {
  return Statement(db,
                   "SELECT min(decided_at) / 900000 * 900000, count(*), sum(action = 'dispatch') "
                   "FROM decisions WHERE decided_at >= ? GROUP BY decided_at / 900000 ORDER BY 1",
                   since)
      .all([](Statement& row) {
        TimedTurns timed;
        row.read(timed.at, timed.turns, timed.dispatched);
        return timed;
      });
}

std::vector<ModelOfDecision> models_of_decisions(Database& db, base::Timestamp since) {
  return Statement(db,
                   "SELECT decision_id, max(model) FROM ledger WHERE at >= ? AND decision_id IS NOT NULL AND "
                   "purpose = ? GROUP BY decision_id ORDER BY decision_id",
                   since, Purpose::secretary)
      .all([](Statement& row) {
        ModelOfDecision of;
        row.read(of.decision, of.model);
        return of;
      });
}

}  // namespace store
