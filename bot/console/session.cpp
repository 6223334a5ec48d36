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

/// Whose sessions a call is about.
enum class Of { everybody, caller };

bool is_meant(const Call& call, const store::SessionRecord& session, Of whose) {
  return whose == Of::everybody || session.user == call.caller.name;
}

HttpResponse list(const Call& call, Of whose) {
  allow_only(call.request, {});
  const auto policy = call.services.policy();
  json items = json::array();
  for (const auto& session : store::Sessions(call.db).open(call.services.clock.now())) {
    if (is_meant(call, session, whose)) {
      items.push_back(to_json(session, policy->admin));
      items.back()["own"] = session.id == call.caller.session;
    }
  }
  return HttpResponse::json(base::dump_json({{"items", items}, {"next", nullptr}}));
}

/// In the transaction of the caller.
void end_session(const Call& call, const store::SessionRecord& session) {
  store::Sessions(call.db).end(session.id);
  record(call, "session.end", "user " + session.user, to_json(session, call.services.policy()->admin),
         nullptr);
}

HttpResponse end(const Call& call, Of whose) {
  body_of(call, {});
  const auto id = whole(call.ids.at(0));
  store::Transaction transaction(call.db);
  const auto session = id ? store::Sessions(call.db).get(*id, call.services.clock.now()) : std::nullopt;
  if (!session || !is_meant(call, *session, whose)) {
    throw Refusal{404, texts::kNoSuchSession};
  }
  end_session(call, *session);
  transaction.commit();
  return done();
}

/// All of the caller's but the one that asks.
HttpResponse end_others(const Call& call) {
  body_of(call, {});
  store::Transaction transaction(call.db);
  for (const auto& session : store::Sessions(call.db).open(call.services.clock.now())) {
    if (is_meant(call, session, Of::caller) && session.id != call.caller.session) {
      end_session(call, session);
    }
  }
  transaction.commit();
  return done();
}

template <typename Handler>
auto about(Of whose, const Handler& handler) {
  return [whose, handler](const Call& call) { return handler(call, whose); };
}

}  // namespace

std::vector<Route> session_routes() {
  return {{"GET", "/me", Role::viewer, me},
          {"POST", "/logout", Role::viewer, log_out},
          {"GET", "/me/sessions", Role::viewer, about(Of::caller, list)},
          {"DELETE", "/me/sessions", Role::viewer, end_others},
          {"DELETE", "/me/sessions/{id}", Role::viewer, about(Of::caller, end)},
          {"GET", "/sessions", Role::admin, about(Of::everybody, list)},
          {"DELETE", "/sessions/{id}", Role::admin, about(Of::everybody, end)}};
}

}  // namespace bot::console
