#include "bot/runs/further_tasks.h"

#include "bot/texts/tasks.h"
#include "store/projects.h"

namespace bot::runs {

std::string with_further(std::string text, const std::vector<router::Proposal>& further) {
  if (further.empty()) {
    return text;
  }
  std::vector<std::string> tasks;
  for (const auto& proposal : further) {
    tasks.push_back(texts::suggested_task(proposal.description, proposal.slug));
  }
  return text + (text.empty() ? "" : "\n\n") + texts::also_suggested(tasks);
}

std::string with_further(store::Database& db, const store::DispatchRecord& dispatch, std::string text) {
  store::DispatchLog log(db);
  auto further = router::further_from_json(log.decision(dispatch.decision).proposal);
  std::erase_if(further, [&](const router::Proposal& proposal) {
    const auto project = store::Projects(db).find(proposal.slug);
    const auto last = project ? log.last_of(project->id) : std::nullopt;
    return last && last->id.value > dispatch.id.value;
  });
  return with_further(std::move(text), further);
}

}  // namespace bot::runs
