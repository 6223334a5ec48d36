#include "bot/console/overview.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "bot/console/calls.h"
#include "bot/console/inbox.h"
#include "bot/console/query.h"
#include "bot/reporting/gauges.h"
#include "store/operations_view.h"

namespace bot::console {
namespace {

using nlohmann::json;

json queues_json(const runtime::Metrics::Gauges& gauges) {
  auto list = json::array();
  for (const auto& [kind, queue] : gauges.queues) {
    list.push_back({{"kind", kind},
                    {"depth", static_cast<std::int64_t>(queue.depth)},
                    {"oldest_s", queue.depth > 0 ? json(queue.oldest_seconds) : json(nullptr)}});
  }
  return list;
}

/// Why a dispatch that is queued does not run: the state of the machine as far as anybody can tell.
const char* reason_of(runtime::Services& services, const store::OperationsView::OpenDispatch& dispatch) {
  return dispatch.ahead > 0                    ? "project"
         : services.runs.size() == 0           ? "starting"
         : services.slots.is_short_of_memory() ? "memory"
                                               : "place";
}

json dispatch_json(runtime::Services& services, const store::OperationsView::OpenDispatch& dispatch) {
  json item = {{"dispatch", chat::dispatch_name(dispatch.id)},
               {"project", dispatch.project},
               {"chat", dispatch.chat},
               {"person", dispatch.person},
               {"name", dispatch.name}};
  if (dispatch.state == store::DispatchState::queued) {
    item["since"] = base::format_rfc3339(dispatch.created);
    item["reason"] = reason_of(services, dispatch);
    return item;
  }
  const auto now = services.runs.now(dispatch.id);
  item["started"] = dispatch.started ? json(base::format_rfc3339(*dispatch.started)) : json(nullptr);
  item["step"] = now && !now->step.empty() ? json(now->step) : json(nullptr);
  item["usd"] = dispatch.usd + (now ? now->unbooked_usd : 0);
  item["waiting_for"] = dispatch.waits_for ? json(to_string(*dispatch.waits_for)) : json(nullptr);
  return item;
}

/// The smallest value that at least that share of them does not exceed; null without any.
json quantile(const std::vector<double>& ascending, double share) {
  if (ascending.empty()) {
    return nullptr;
  }
  const auto rank = std::ceil(share * static_cast<double>(ascending.size()));
  return ascending[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

json today_json(const Call& call) {
  const auto since = base::start_of_day(call.services.clock.now(), call.services.settings.secretary.timezone);
  const auto day = store::OperationsView(call.db).since(since);
  return {{"since", base::format_rfc3339(since)},
          {"turns", day.turns},
          {"answered", day.answered},
          {"asked", day.asked},
          {"dispatched", day.dispatched},
          {"failed", day.failed},
          {"usd", day.usd},
          {"p50_answer_s", quantile(day.answer_seconds, 0.5)},
          {"p95_answer_s", quantile(day.answer_seconds, 0.95)}};
}

base::HttpResponse overview(const Call& call, std::chrono::steady_clock::time_point started) {
  allow_only(call.request, {});
  auto running = json::array();
  auto waiting = json::array();
  for (const auto& dispatch : store::OperationsView(call.db).open_dispatches()) {
    (dispatch.state == store::DispatchState::queued ? waiting : running)
        .push_back(dispatch_json(call.services, dispatch));
  }
  const auto& secretary = call.services.settings.secretary;
  const auto uptime = std::chrono::steady_clock::now() - started;
  return base::HttpResponse::json(
      base::dump_json({{"version", FRONTDESK_VERSION},
                       {"demo", secretary.demo},
                       {"model", secretary.model},
                       {"uptime_s", std::chrono::duration_cast<std::chrono::seconds>(uptime).count()},
                       {"queues", queues_json(reporting::gauges(call.services, call.db))},
                       {"running", std::move(running)},
                       {"waiting", std::move(waiting)},
                       {"inbox", inbox_counts(call)},
                       {"today", today_json(call)}}));
}

}  // namespace

std::vector<Route> overview_routes() {
  const auto started = std::chrono::steady_clock::now();
  return {
      {"GET", "/overview", Role::viewer, [started](const Call& call) { return overview(call, started); }}};
}

}  // namespace bot::console
