#include "bot/console/session.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "bot/console/calls.h"
#include "bot/console/query.h"
#include "bot/texts/console.h"
#include "store/sessions.h"

namespace bot::console {
namespace {

using base::HttpResponse;
using nlohmann::json;

HttpResponse me(const Call& call) {
  allow_only(call.request, {});
  const auto& caller = call.caller;
  return HttpResponse::json(base::dump_json({{"name", caller.name},
                                             {"role", to_string(caller.role)},
                                             {"chat", caller.chat},
                                             {"csrf", caller.csrf},
                                             {"version", FRONTDESK_VERSION},
                                             {"demo", call.services.settings.secretary.demo}}));
}

HttpResponse log_out(const Call& call) {
  body_of(call, {});
  store::Sessions(call.db).end(call.caller.session);
  return done();
}

/// What is shown of a session, and kept in the log of changes.
json to_json(const store::SessionRecord& session, const runtime::AdminSettings& admin) {
  const auto* const user = admin.find(session.user);
  // Without users it is the holder of the printed token.
  const auto role = user != nullptr ? user->role : Role::admin;
  return {{"id", session.id},
          {"name", session.user},
          {"role", to_string(role)},
          {"since", base::format_rfc3339(session.began)},
          {"last_seen", base::format_rfc3339(session.seen)},
          {"address", session.address}};
}

HttpResponse list(const Call& call) {
  allow_only(call.request, {});
  const auto policy = call.services.policy();
  json items = json::array();
  for (const auto& session : store::Sessions(call.db).open(call.services.clock.now())) {
    items.push_back(to_json(session, policy->admin));
    items.back()["own"] = session.id == call.caller.session;
  }
  return HttpResponse::json(base::dump_json({{"items", items}, {"next", nullptr}}));
}

HttpResponse end(const Call& call) {
  body_of(call, {});
  const auto& text = call.ids.at(0);
  const auto id = whole(text);
  const auto now = call.services.clock.now();
  store::Transaction transaction(call.db);
  store::Sessions sessions(call.db);
  const auto session = id ? sessions.get(*id, now) : std::nullopt;
  if (!session) {
    throw Refusal{404, texts::kNoSuchSession};
  }
  sessions.end(*id);
  record(call, "session.end", "user " + session->user, to_json(*session, call.services.policy()->admin),
         nullptr);
  transaction.commit();
  return done();
}

}  // namespace

std::vector<Route> session_routes() {
  return {{"GET", "/me", Role::viewer, me},
          {"POST", "/logout", Role::viewer, log_out},
          {"GET", "/sessions", Role::admin, list},
          {"DELETE", "/sessions/{id}", Role::admin, end}};
}

}  // namespace bot::console
