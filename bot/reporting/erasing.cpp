#include "bot/reporting/erasing.h"

#include <nlohmann/json.hpp>

#include "dispatch/project/run_logs.h"

namespace bot::reporting {

ErasedPerson erase_person(store::Database& db, const std::filesystem::path& projects, store::PersonId person,
                          base::Timestamp now) {
  store::Erasure erasure(db);
  // Before the rows go that name them: done again after a crash, it would not find them.
  int files = 0;
  for (const auto& file : erasure.attachments_of(person)) {
    files += dispatch::remove_project_file(projects, file.slug, file.path) ? 1 : 0;
  }
  for (const auto& run : erasure.runs_of(person)) {
    files += dispatch::remove_run_logs(projects, run.slug, run.record, run.is_last);
  }
  for (const auto& name : erasure.page_files_of(person)) {
    std::error_code ignored;  // gone already, with what was never sent
    files += std::filesystem::remove(db.path().parent_path() / "page-files" / name, ignored) ? 1 : 0;
  }
  const auto erased = erasure.erase(person, now);
  return {erased.messages, erased.decisions, erased.notes, files};
}

nlohmann::json erased_json(const ErasedPerson& erased) {
  return {{"messages", erased.messages},
          {"decisions", erased.decisions},
          {"notes", erased.notes},
          {"files", erased.files}};
}

}  // namespace bot::reporting
