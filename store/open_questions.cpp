#include "store/open_questions.h"

#include "store/statement.h"

namespace store {

std::vector<DecisionRecord> open_questions(Database& db, ConversationId conversation, PersonId person) {
  std::vector<DecisionRecord> open;
  for (const auto id :
       Statement(db,
                 "SELECT id FROM decisions WHERE conversation_id = ? AND question = 'open' AND person_id = ? "
                 "ORDER BY id",
                 conversation, person)
           .all<DecisionId>()) {
    open.push_back(DispatchLog(db).decision(id));
  }
  return open;
}

}  // namespace store
