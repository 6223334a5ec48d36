#include "bot/pair.h"

#include <ostream>

#include <fmt/core.h>

#include "base/clock.h"
#include "store/conversations.h"
#include "store/people.h"

namespace bot {

std::string admitted_text(const store::People::Admitted& admitted) {
  const auto& person = admitted.person;
  return fmt::format("{}:{}{} is admitted{}.", person.section, person.user_id,
                     person.name.empty() ? "" : " (" + person.name + ")",
                     admitted.place == store::kDirect ? "" : " in the group " + admitted.place);
}

std::string pairing_answer(const std::optional<store::People::Admitted>& admitted) {
  return admitted ? admitted_text(*admitted)
                  : "This code is unknown or too old. The person gets a new one by writing again.";
}

bool pair(const Flags& flags, const std::string& code, std::ostream& out) {
  const auto settings = load_settings(flags);
  store::Database db(settings.database);
  store::Transaction transaction(db);
  const auto admitted = store::People(db).admit(code, base::SystemClock().now());
  transaction.commit();
  out << pairing_answer(admitted) << '\n';
  return admitted.has_value();
}

}  // namespace bot
