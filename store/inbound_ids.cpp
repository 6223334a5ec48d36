#include "store/inbound_ids.h"

#include "store/statement.h"

namespace store {

void forget_inbound_id(Database& db, const std::string& section, const std::string& external_id) {
  Statement(db, "DELETE FROM inbound_ids WHERE section = ? AND external_id = ?", section, external_id)
      .execute();
}

}  // namespace store
