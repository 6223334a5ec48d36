#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "store/database.h"
#include "store/erasure.h"

namespace bot::reporting {

struct ErasedPerson {
  int messages = 0;
  int decisions = 0;
  int notes = 0;
  int files = 0;  ///< attachments, logs of runs, transcripts of their sessions
  /// What specialists made for them stays there, for a person to look at and delete: slugs.
  std::vector<std::string> projects = {};
};

/// Takes out what that person wrote and what was written for them: from the database (store::Erasure), and
/// below `projects` the files that they attached and the logs of their runs. What specialists made stays.
/// Whoever calls it has asked hindered_by(). Throws what the database and the file system throw; then it can
/// be done again. Thread rule: that of the Database.
ErasedPerson erase_person(store::Database& db, const std::filesystem::path& projects, store::PersonId person,
                          base::Timestamp now);

nlohmann::json erased_json(const ErasedPerson& erased);

}  // namespace bot::reporting
