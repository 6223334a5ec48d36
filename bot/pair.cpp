#include "bot/pair.h"

#include <ostream>

#include <fmt/core.h>

#include "base/clock.h"
#include "store/conversations.h"
#include "store/people.h"

namespace bot {

bool pair(const Flags& flags, const std::string& code, std::ostream& out) {
  const auto settings = load_settings(flags);
  store::Database db(settings.database);
  store::Transaction transaction(db);
  const auto person = store::People(db).admit(code, base::SystemClock().now());
  transaction.commit();
  out << (person ? fmt::format("{}:{}{} is admitted.\n", person->section, person->user_id,
                               person->name.empty() ? "" : " (" + person->name + ")")
                 : std::string(
                       "This code is unknown or too old. The person gets a new one by writing again.\n"));
  return person.has_value();
}

}  // namespace bot
