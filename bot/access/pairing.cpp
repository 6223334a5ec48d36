#include "bot/access/pairing.h"

#include <ostream>

#include "base/clock.h"
#include "base/utf8.h"
#include "bot/markup/literal_markdown.h"
#include "bot/runtime/whole_configuration.h"
#include "bot/texts/access.h"
#include "store/changes.h"
#include "store/conversations.h"
#include "store/existing_database.h"
#include "store/people.h"

namespace bot::access {

namespace {

/// `name` is shown as it is.
std::string admitted_text(const store::People::Admitted& admitted, const std::string& name) {
  const auto& person = admitted.person;
  return texts::admitted(person.section + ":" + person.user_id, name,
                         admitted.place == store::kDirect ? std::string() : admitted.place);
}

}  // namespace

std::string pairing_answer(const std::optional<store::People::Admitted>& admitted) {
  return admitted ? admitted_text(*admitted, markup::literal_markdown(admitted->person.name))
                  : texts::kUnknownCode;
}

bool pair(const runtime::Flags& flags, const std::string& code, std::ostream& out) {
  const auto settings = runtime::load_settings_without_secrets(flags);
  auto db = store::open_existing(settings.database);
  store::Transaction transaction(db);
  const auto now = base::SystemClock().now();
  const auto admitted = store::People(db).admit(code, now);
  if (admitted) {
    store::Changes(db).add(store::change_by_shell(
        now, "pairing.admit", "person " + admitted->person.section + ":" + admitted->person.user_id));
  }
  transaction.commit();
  out << (admitted ? admitted_text(*admitted, base::one_line(admitted->person.name)) : texts::kUnknownCode)
      << '\n';
  return admitted.has_value();
}

}  // namespace bot::access
