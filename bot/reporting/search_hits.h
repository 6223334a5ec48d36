#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"

namespace bot::reporting {

/// Where words stand in the log.
struct SearchHit {
  store::DecisionId decision;
  base::Timestamp at;
  std::string where;    ///< message, task, tool, result or answer
  std::string excerpt;  ///< the words with some text around the first of them
};

/// The newest decisions that hold all these words, one hit each text that holds one. Thread rule: that of the
/// Database.
std::vector<SearchHit> search_hits(store::Database& db, const std::vector<std::string>& words, int decisions);
nlohmann::json to_json(const SearchHit& hit);

}  // namespace bot::reporting
