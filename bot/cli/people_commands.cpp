#include "bot/cli/people_commands.h"

#include <iostream>
#include <memory>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/money.h"
#include "base/utf8.h"
#include "bot/reporting/erasing.h"
#include "bot/reporting/people_items.h"
#include "bot/runtime/whole_configuration.h"
#include "store/changes.h"
#include "store/existing_database.h"
#include "store/operations_view.h"
#include "store/people.h"

namespace bot::cli {
namespace {

using nlohmann::json;

struct PeopleOptions {
  runtime::Flags flags;
  std::string words;
  std::string person;
  int limit = 50;
  bool json = false;
  bool yes = false;
};

std::string line_of(const json& person) {
  const auto known_by = person.at("admitted").get<bool>()
                            ? "admitted (" + base::json_text(person, "admitted_from") + ")"
                        : person.at("blocked").get<bool>() ? std::string("blocked")
                                                           : std::string("not admitted");
  const auto name = base::json_text(person, "name");
  return fmt::format("{}  {}{}  {}  {} messages, last {}  {} this month", base::json_text(person, "person"),
                     name.empty() ? "" : base::one_line(name) + ", ", base::json_text(person, "role"),
                     known_by, person.at("messages").get<std::int64_t>(),
                     person.at("last_seen").is_null() ? "never" : base::json_text(person, "last_seen"),
                     base::format_usd(person.at("usd_month").get<double>()));
}

int list_people(const PeopleOptions& options, std::ostream& out) {
  const auto settings = runtime::load_settings_without_secrets(options.flags);
  auto db = store::open_existing(settings.database);
  store::OperationsView::PeopleFilter filter;
  filter.words = options.words;
  filter.limit = options.limit;
  filter.since = reporting::cost_since(base::SystemClock().now(), settings.secretary.timezone);
  auto items = json::array();
  for (const auto& person : store::OperationsView(db).people(filter)) {
    items.push_back(reporting::person_json(db, settings.policy, person));
  }
  if (options.json) {
    out << base::dump_json(items) << "\n";
    return 0;
  }
  for (const auto& item : items) {
    out << line_of(item) << "\n";
  }
  return 0;
}

/// At a terminal the id must be written once more.
bool is_meant(const PeopleOptions& options, std::istream& in, std::ostream& err) {
  if (options.yes || ::isatty(STDIN_FILENO) == 0) {
    return true;
  }
  err << "This takes out all that " << options.person
      << " wrote, for good. Write the id again to confirm: " << std::flush;
  std::string again;
  std::getline(in, again);
  return base::trim(again) == options.person;
}

int erase_person(const PeopleOptions& options, std::istream& in, std::ostream& out, std::ostream& err) {
  const auto settings = runtime::load_settings_without_secrets(options.flags);
  const auto colon = options.person.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == options.person.size()) {
    throw base::ConfigError(fmt::format("\"{}\" is not SECTION:ID", options.person));
  }
  auto db = store::open_existing(settings.database);
  const auto person =
      store::People(db).find(options.person.substr(0, colon), options.person.substr(colon + 1));
  if (!person) {
    err << "Nobody of the id " << options.person << " has written yet.\n";
    return 1;
  }
  if (const auto hindered = store::Erasure(db).hindered_by(person->id)) {
    err << *hindered << " of theirs is still at work; wait for its end, or cancel it first.\n";
    return 1;
  }
  if (!is_meant(options, in, err)) {
    err << "Nothing was erased.\n";
    return 1;
  }
  const auto now = base::SystemClock().now();
  const auto erased = reporting::erase_person(db, settings.dispatch.projects_dir, person->id, now);
  auto change = store::change_by_shell(now, "person.erase", "person " + options.person);
  change.after = base::dump_json(reporting::erased_json(erased));
  store::Transaction transaction(db);
  store::Changes(db).add(change);
  transaction.commit();
  out << fmt::format(
      "{}: the words of {} messages and {} decisions are erased, {} notes are deleted, and {} files are removed\n",
      options.person, erased.messages, erased.decisions, erased.notes, erased.files);
  if (!erased.projects.empty()) {
    out << fmt::format("What specialists made for them is still in {}: {}\n",
                       settings.dispatch.projects_dir.string(), fmt::join(erased.projects, ", "));
  }
  return 0;
}

}  // namespace

void add_people_commands(CLI::App& cli, Commands& commands) {
  auto* people = cli.add_subcommand("people", "See who writes to the bot, and erase what somebody wrote");
  people->require_subcommand(1);
  const auto listing = std::make_shared<PeopleOptions>();
  auto* list = people->add_subcommand("list", "List who has written, the newest first");
  add_option(list, "WORDS", "", listing->words, "only those whose name or id holds this");
  add_option(list, "--limit", "N", listing->limit, "at most this many lines (default: 50)")
      ->check(in_range(1, 1'000'000));
  add_config(list, listing->flags.config);
  add_json(list, listing->json);
  commands.push_back({list, [listing] { return list_people(*listing, std::cout); }});
  const auto erasing = std::make_shared<PeopleOptions>();
  auto* erase = people->add_subcommand("erase", "Take out all that a person wrote; the log stays verifiable");
  add_option(erase, "PERSON", "", erasing->person, "whose words: SECTION:ID")->required();
  add_config(erase, erasing->flags.config);
  erase->add_flag("--yes", erasing->yes, "do not ask at a terminal");
  commands.push_back({erase, [erasing] { return erase_person(*erasing, std::cin, std::cout, std::cerr); }});
}

}  // namespace bot::cli
