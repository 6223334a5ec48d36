#include "bot/runs/run_context.h"

#include "bot/runs/repair_buttons.h"

namespace bot::runs {

RunContext::RunContext(runtime::Services& shared, store::Database& database, const store::Job& claimed)
    : services(shared),
      db(database),
      job(claimed),
      record(store::DispatchLog(database).dispatch({claimed.ref})),
      project(store::Projects(database).get(record.project)),
      conversation(store::Conversations(database).get(record.conversation)) {}

std::vector<store::Button> RunContext::buttons() const {
  return note_buttons(services, db, conversation, record);
}

}  // namespace bot::runs
