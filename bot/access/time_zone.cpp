#include "bot/access/time_zone.h"

#include "base/clock.h"
#include "store/people.h"

namespace bot::access {

std::string time_zone_of(const runtime::Services& services, store::Database& db, store::PersonId person) {
  // The machine may have lost a zone that it knew once.
  const auto own = store::People(db).time_zone(person);
  return own && base::is_time_zone(*own) ? *own : services.settings.secretary.timezone;
}

}  // namespace bot::access
