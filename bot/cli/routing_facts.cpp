#include "bot/cli/routing_facts.h"

#include <cstdlib>
#include <string_view>

#include "base/clock.h"
#include "config/config_file.h"

namespace bot::cli {
namespace {

bool has_key(config::Section& secretary) {
  const char* const given = std::getenv("ANTHROPIC_API_KEY");
  return secretary.has("api_key") || secretary.has("base_url") ||
         (given != nullptr && !std::string_view(given).empty());
}

}  // namespace

RoutingFacts read_routing_facts(const std::string& config_flag) {
  auto root = config::load_config_file(config::find_config_file(config_flag));
  root.redact_all();
  auto secretary = root.child("secretary");
  RoutingFacts facts;
  facts.timezone = secretary.string("timezone", base::machine_time_zone());
  if (!base::is_time_zone(facts.timezone)) {
    secretary.fail("timezone", "is not a time zone; write a name such as \"Europe/Zurich\"");
  }
  const auto provider = secretary.string("provider", "anthropic");
  facts.is_demo = provider == "demo";
  facts.lacks_key = provider == "anthropic" && !has_key(secretary);
  auto routing = root.child("routing");
  if (routing.has("prices")) {
    auto prices = routing.child("prices");
    facts.prices = {prices.number("needless_dispatch", facts.prices.needless_dispatch, 0, 1e9),
                    prices.number("missed_dispatch", facts.prices.missed_dispatch, 0, 1e9)};
  }
  return facts;
}

}  // namespace bot::cli
