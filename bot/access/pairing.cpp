#include "bot/access/pairing.h"

#include <ostream>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "bot/access/person_name.h"
#include "store/conversations.h"
#include "store/people.h"

namespace bot::access {

namespace {

constexpr const char* kUnknownCode =
    "This code is unknown or too old. The person gets a new one by writing again.";

/// `name` is shown as it is.
std::string admitted_text(const store::People::Admitted& admitted, const std::string& name) {
  const auto& person = admitted.person;
  return fmt::format("{}:{}{} is admitted{}.", person.section, person.user_id,
                     name.empty() ? "" : " (" + name + ")",
                     admitted.place == store::kDirect ? "" : " in the group " + admitted.place);
}

}  // namespace

std::string pairing_answer(const std::optional<store::People::Admitted>& admitted) {
  return admitted ? admitted_text(*admitted, literal_markdown(admitted->person.name)) : kUnknownCode;
}

bool pair(const runtime::Flags& flags, const std::string& code, std::ostream& out) {
  const auto settings = runtime::load_settings(flags);
  store::Database db(settings.database);
  store::Transaction transaction(db);
  const auto admitted = store::People(db).admit(code, base::SystemClock().now());
  transaction.commit();
  out << (admitted ? admitted_text(*admitted, base::one_line(admitted->person.name)) : kUnknownCode) << '\n';
  return admitted.has_value();
}

}  // namespace bot::access
