#include "bot/console/people.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "bot/access/permissions.h"
#include "bot/console/calls.h"
#include "bot/console/pairing.h"
#include "bot/console/query.h"
#include "bot/reporting/erasing.h"
#include "bot/reporting/people_items.h"
#include "bot/texts/console_operations.h"
#include "bot/texts/page.h"
#include "store/operations_view.h"

namespace bot::console {
namespace {

using nlohmann::json;
using Filter = store::OperationsView::PeopleFilter;

Filter filter_since(const Call& call) {
  Filter filter;
  filter.since = reporting::cost_since(call.services.clock.now(), call.services.settings.secretary.timezone);
  return filter;
}

base::HttpResponse people(const Call& call) {
  allow_only(call.request, {"q", "limit", "cursor"});
  auto filter = filter_since(call);
  filter.words = text_parameter(call.request, "q");
  filter.before = below(call.request).value_or(INT64_MAX);
  filter.limit = limit_of(call.request);
  const auto known = store::OperationsView(call.db).people(filter);
  auto items = json::array();
  const auto policy = call.services.policy();
  for (const auto& person : known) {
    items.push_back(reporting::person_json(call.db, *policy, person));
  }
  const bool more = static_cast<int>(known.size()) == filter.limit;
  return list_of(std::move(items), more ? std::optional(known.back().id.value) : std::nullopt);
}

/// Throws Refusal 404.
store::OperationsView::Known person_of(const Call& call, const std::string& id) {
  auto filter = filter_since(call);
  const auto colon = std::min(id.find(':'), id.size());
  filter.section = id.substr(0, colon);
  filter.user_id = colon < id.size() ? id.substr(colon + 1) : std::string();
  auto found = filter.section.empty() ? std::vector<store::OperationsView::Known>()
                                      : store::OperationsView(call.db).people(filter);
  if (found.empty()) {
    throw Refusal{404, texts::kNoSuchPerson};
  }
  return std::move(found.front());
}

runtime::Access access_of(const Call& call, const std::string& section) {
  const auto policy = call.services.policy();
  const auto found = policy->access.find(section);
  return found == policy->access.end() ? runtime::Access() : found->second;
}

void set_role(const Call& call, const store::OperationsView::Known& person, const std::string& role) {
  if (person.blocked) {
    throw Refusal{409, texts::kIsBlocked};
  }
  const auto access = access_of(call, person.section);
  const auto of_file = access::role_of(access, person.user_id);
  std::optional<store::PersonRole> wanted;
  if (role != "user") {
    wanted = store::parse<store::PersonRole>(role);
    if (!wanted) {
      throw Refusal{400, texts::unknown_value("role", "user, approver, admin")};
    }
  }
  const auto as = !wanted                                  ? access::Role::user
                  : *wanted == store::PersonRole::approver ? access::Role::approver
                                                           : access::Role::admin;
  if (as < of_file) {
    throw Refusal{409, texts::role_in_file(to_string(of_file),
                                           fmt::format("chat.{}.{}s", person.section, to_string(of_file)))};
  }
  store::People(call.db).set_role(person.id, as == of_file ? std::nullopt : wanted);
  record(call, "person.role", "person " + person.section + ":" + person.user_id,
         person.role ? to_string(*person.role) : "user", role);
}

void set_blocked(const Call& call, const store::OperationsView::Known& person, bool blocked) {
  const auto access = access_of(call, person.section);
  const auto keys = reporting::keys_that_admit(access, person.section, person.user_id);
  if (blocked && !keys.empty()) {
    throw Refusal{409, texts::listed_in_file(fmt::format("{}", fmt::join(keys, ", ")))};
  }
  store::People(call.db).set_blocked(person.id,
                                     blocked ? std::optional(call.services.clock.now()) : std::nullopt);
  record(call, "person.blocked", "person " + person.section + ":" + person.user_id,
         person.blocked.has_value(), blocked);
}

base::HttpResponse change_person(const Call& call) {
  const auto body = body_of(call, {"role", "blocked"});
  const auto& id = call.ids.at(0);
  const auto* const role = base::json_member(body, "role");
  const auto* const blocked = base::json_member(body, "blocked");
  if ((role != nullptr && !role->is_string()) || (blocked != nullptr && !blocked->is_boolean())) {
    throw Refusal{400, texts::unknown_value(
                           role != nullptr && !role->is_string() ? "role" : "blocked",
                           role != nullptr && !role->is_string() ? "user, approver, admin" : "true, false")};
  }
  {
    store::Transaction transaction(call.db, call.services.notifier);
    if (blocked != nullptr) {
      set_blocked(call, person_of(call, id), blocked->get<bool>());
    }
    if (role != nullptr) {
      set_role(call, person_of(call, id), role->get<std::string>());
    }
    transaction.commit();
  }
  const auto policy = call.services.policy();
  return base::HttpResponse::json(
      base::dump_json(reporting::person_json(call.db, *policy, person_of(call, id))));
}

base::HttpResponse erase(const Call& call) {
  const auto body = body_of(call, {"confirm"});
  const auto& id = call.ids.at(0);
  const auto person = person_of(call, id);
  if (base::json_text(body, "confirm") != id) {
    throw Refusal{400, texts::kConfirmErase};
  }
  if (const auto hindered = store::Erasure(call.db).hindered_by(person.id)) {
    throw Refusal{409, texts::cannot_erase_now(*hindered)};
  }
  const auto erased = reporting::erase_person(call.db, call.services.settings.dispatch.projects_dir,
                                              person.id, call.services.clock.now());
  store::Transaction transaction(call.db, call.services.notifier);
  record(call, "person.erase", "person " + id, nullptr, reporting::erased_json(erased));
  transaction.commit();
  return base::HttpResponse::json(base::dump_json(reporting::erased_json(erased)));
}

json request_json(const store::PairingRequest& request) {
  return {{"id", request.id},
          {"person", request.person.section + ":" + request.person.user_id},
          {"name", request.person.name},
          {"place", request.place},
          {"at", base::format_rfc3339(request.made)},
          {"expires", base::format_rfc3339(request.expires)}};
}

base::HttpResponse pairing(const Call& call) {
  allow_only(call.request, {});
  auto items = json::array();
  for (const auto& request : store::People(call.db).pairing_requests(call.services.clock.now())) {
    items.push_back(request_json(request));
  }
  return list_of(std::move(items));
}

base::HttpResponse answer_pairing(const Call& call) {
  const auto body = body_of(call, {"admit", "place"});
  const auto admit = base::json_bool(body, "admit");
  if (!admit) {
    throw Refusal{400, texts::unknown_value("admit", "true, false")};
  }
  const auto person = person_of(call, call.ids.at(0));
  const auto place = base::json_text(body, "place");
  for (const auto& request : store::People(call.db).pairing_requests(call.services.clock.now())) {
    if (request.person.id == person.id && (place.empty() || request.place == place)) {
      settle_pairing(call, request.id, *admit);
      return done();
    }
  }
  throw Refusal{409, texts::kNoPairing};
}

}  // namespace

void settle_pairing(const Call& call, std::int64_t request, bool admit) {
  store::Transaction transaction(call.db, call.services.notifier);
  const auto settled = store::People(call.db).settle_pairing(request, admit, call.services.clock.now());
  if (!settled) {
    throw Refusal{409, texts::kSettledAlready};
  }
  const auto& person = settled->person;
  record(call, admit ? "pairing.admit" : "pairing.refuse", "person " + person.section + ":" + person.user_id,
         nullptr, {{"place", settled->place}});
  transaction.commit();
}

std::vector<Route> people_routes() {
  return {{"GET", "/people", Role::viewer, people},
          {"PUT", "/people/{person}", Role::admin, change_person},
          {"POST", "/people/{person}/erase", Role::admin, erase, Pace::slow},
          {"GET", "/pairing", Role::viewer, pairing},
          {"POST", "/pairing/{person}", Role::admin, answer_pairing}};
}

}  // namespace bot::console
