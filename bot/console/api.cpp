#include "bot/console/api.h"

#include <optional>

#include "bot/console/chain.h"
#include "bot/console/decisions.h"
#include "bot/console/deliveries.h"
#include "bot/console/events.h"
#include "bot/console/health.h"
#include "bot/console/inbox.h"
#include "bot/console/log_actions.h"
#include "bot/console/log_tables.h"
#include "bot/console/openapi.h"
#include "bot/console/overview.h"
#include "bot/console/people.h"
#include "bot/console/routing.h"
#include "bot/console/session.h"
#include "bot/texts/console.h"
#include "store/commit_group.h"

namespace bot::console {
namespace {

using base::HttpResponse;

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    parts.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return parts;
}

/// What stands in the places of "{…}"; nothing where the path is another one.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  // The id of a person may hold any character, and no path with one has other places.
  constexpr std::string_view kPerson = "{person}";
  if (const auto at = pattern.find(kPerson); at != std::string_view::npos) {
    const auto before = pattern.substr(0, at), behind = pattern.substr(at + kPerson.size());
    if (path.size() <= before.size() + behind.size() || !path.starts_with(before) ||
        !path.ends_with(behind)) {
      return std::nullopt;
    }
    return std::vector{std::string(path.substr(before.size(), path.size() - before.size() - behind.size()))};
  }
  const auto wanted = segments(pattern);
  const auto given = segments(path);
  if (wanted.size() != given.size()) {
    return std::nullopt;
  }
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      ids.emplace_back(given[i]);
    } else if (wanted[i] != given[i]) {
      return std::nullopt;
    }
  }
  return ids;
}

std::vector<Route> all_routes() {
  std::vector<Route> routes = {{"GET", "/openapi.json", Role::viewer,
                                [](const Call&) { return HttpResponse::json(openapi_document()); }}};
  for (const auto& of_resource :
       {session_routes, routing_routes, effective_routes, try_routes, spending_routes, overview_routes,
        inbox_routes, delivery_routes, people_routes, health_routes, event_routes, decision_routes,
        log_table_routes, log_action_routes, chain_routes}) {
    const auto more = of_resource();
    routes.insert(routes.end(), more.begin(), more.end());
  }
  return routes;
}

}  // namespace

Api::Api(runtime::Services& services, store::Database db)
    : services_(services), db_(std::move(db)), routes_(all_routes()) {}

Api::~Api() = default;

void Api::tell_changes(std::function<void(const std::string&, std::string_view)> publish) {
  events_ = std::make_unique<Events>(*services_.commits, std::move(publish));
}

HttpResponse wrong_method(const std::string& allowed) {
  auto response = HttpResponse::error(405, texts::kWrongMethod);
  response.headers.add("Allow", allowed);
  return response;
}

HttpResponse Api::handle(const base::HttpRequest& request, std::string_view path, const Caller& caller) {
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  std::string allowed;
  for (const auto& route : routes_) {
    const auto ids = match(route.path, path);
    if (ids) {
      allowed +=
          (allowed.empty() ? "" : ", ") + std::string(route.method) + (route.method == "GET" ? ", HEAD" : "");
    }
    if (!ids || route.method != method) {
      continue;
    }
    if (caller.role < route.least) {
      return HttpResponse::error(403, texts::kRoleMayNot);
    }
    const auto carry_out = [&](store::Database& db) {
      return route.handler({request, caller, *ids, db, services_});
    };
    try {
      if (route.pace == Pace::slow) {
        auto own = services_.commits != nullptr ? store::Database(*services_.commits)
                                                : store::Database(services_.settings.database);
        return carry_out(own);
      }
      return db_.with(carry_out);
    } catch (const Refusal& refusal) {
      return HttpResponse::error(refusal.status, refusal.sentence);
    }
  }
  return allowed.empty() ? HttpResponse::error(404, texts::kNotFound) : wrong_method(allowed);
}

}  // namespace bot::console
