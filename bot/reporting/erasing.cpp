#include "bot/reporting/erasing.h"

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "dispatch/project/run_logs.h"
#include "dispatch/specialist_transcripts.h"

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
  for (const auto& session : erasure.sessions_of(person)) {
    files += dispatch::remove_transcripts(projects / session.slug, session.id);
  }
  for (const auto& name : erasure.page_files_of(person)) {
    std::error_code ignored;  // gone already, with what was never sent
    files += std::filesystem::remove(db.path().parent_path() / "page-files" / name, ignored) ? 1 : 0;
  }
  ErasedPerson result;
  for (const auto& project : erasure.projects_of(person)) {
    if (project.is_theirs) {
      dispatch::forget_description(projects, project.slug);
    }
    result.projects.push_back(project.slug);
  }
  const auto erased = erasure.erase(person, now);
  if (erased.traces) {
    base::log_warning(
        "others read the database all the time: its write-ahead log may hold erased words until it is "
        "written over");
  }
  result.messages = erased.messages;
  result.decisions = erased.decisions;
  result.notes = erased.notes;
  result.files = files;
  return result;
}

nlohmann::json erased_json(const ErasedPerson& erased) {
  return {{"messages", erased.messages},
          {"decisions", erased.decisions},
          {"notes", erased.notes},
          {"files", erased.files},
          {"projects", erased.projects}};
}

}  // namespace bot::reporting
