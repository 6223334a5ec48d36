#include "bot/console/decisions.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/console/calls.h"
#include "bot/console/log_query.h"
#include "bot/console/project_file.h"
#include "bot/console/query.h"
#include "bot/markup/markdown.h"
#include "bot/reporting/log_csv.h"
#include "bot/reporting/log_detail.h"
#include "bot/reporting/log_items.h"
#include "bot/texts/console_log.h"
#include "store/dispatch_log.h"
#include "store/log_view.h"
#include "store/routing_log.h"

namespace bot::console {
namespace {

using base::HttpResponse;
using nlohmann::json;

constexpr std::size_t kLongestNote = 4000;
/// What the HTTP server holds of one response, with room for others.
constexpr std::size_t kLargestExport = 12 * 1024 * 1024;

const std::filesystem::path& projects_of(const Call& call) {
  return call.services.settings.dispatch.projects_dir;
}

HttpResponse list(const Call& call) {
  auto filter = log_filter(call.request);
  const auto limit = static_cast<std::size_t>(limit_of(call.request));
  filter.limit = static_cast<int>(limit) + 1;
  store::LogView view(call.db);
  auto places = view.places(filter);
  json next;
  if (places.size() > limit) {
    places.resize(limit);
    next = cursor_of(filter.order, places.back());
  }
  auto items = json::array();
  for (const auto& place : places) {
    items.push_back(reporting::to_json(view.row(place.decision).value()));
  }
  return HttpResponse::json(base::dump_json({{"items", items}, {"next", next}}));
}

HttpResponse detail(const Call& call) {
  allow_only(call.request, {});
  auto object = reporting::detail_json(call.db, decision_of(call), projects_of(call));
  for (const char* const name : {"result", "posted"}) {
    const auto& text = object.at(name);
    object[std::string(name) + "_html"] =
        text.is_string() ? markup::markdown_to_html(text.get_ref<const std::string&>()) : "";
  }
  for (auto& approval : object.at("approvals")) {
    approval["detail_html"] = markup::markdown_to_html(approval.at("detail").get_ref<const std::string&>());
  }
  return HttpResponse::json(base::dump_json(object));
}

HttpResponse diff(const Call& call) {
  allow_only(call.request, {"path"});
  const auto path = parameter(call.request, "path");
  if (!path) {
    throw Refusal{400, texts::must_be("path", "the path of a file in the project")};
  }
  auto text = reporting::recorded_diff(call.db, decision_of(call), projects_of(call), *path);
  if (text.empty()) {
    throw Refusal{404, texts::kNoDiff};
  }
  HttpResponse response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(text);
  return response;
}

/// A file that the run made or changed, as it is now. No other one of the project: who sees the log sees what
/// was done.
HttpResponse file(const Call& call) {
  allow_only(call.request, {"path", "download"});
  const auto path = parameter(call.request, "path");
  if (!path) {
    throw Refusal{400, texts::must_be("path", "the path of a file in the project")};
  }
  const auto row = decision_of(call);
  const auto facts =
      base::parse_json(row.dispatch ? store::DispatchLog(call.db).dispatch(*row.dispatch).facts : "")
          .value_or(json::object());
  for (const auto& made : base::json_list(facts, "files")) {
    if (base::json_text(made, "path") == *path) {
      return project_file(projects_of(call) / row.project, *path,
                          parameter(call.request, "download").has_value());
    }
  }
  throw Refusal{404, texts::kNoSuchFile};
}

HttpResponse judge(const Call& call) {
  const auto row = decision_of(call);
  const auto body = body_of(call, {"verdict", "note"});
  const auto verdict = store::parse<store::Verdict>(text_of(body, "verdict"));
  if (!verdict || *verdict == store::Verdict::withdrawn) {
    throw Refusal{400, texts::kNoSuchVerdict};
  }
  const auto words = text_of(body, "note");
  if (words.size() > kLongestNote) {
    throw Refusal{400, texts::kNoteNotText};
  }
  // As the buttons do: what is judged is the question, where somebody said yes to one.
  store::VerdictRecord given{row.follows.value_or(row.decision), *verdict, words, std::nullopt,
                             call.services.clock.now()};
  given.reviewer = call.caller.name;
  store::Transaction transaction(call.db);
  store::RoutingLog(call.db).add(given);
  record(
      call, "decision.verdict", "decision " + std::to_string(row.decision.value), nullptr,
      {{"verdict", to_string(*verdict)}});  // the note stands in the verdict alone, which an erasure empties
  transaction.commit();
  return HttpResponse::json(base::dump_json({{"verdicts", reporting::verdicts_json(call.db, row.decision)}}));
}

/// Takes back what the caller said last, by another row: nothing leaves the chain.
HttpResponse withdraw(const Call& call) {
  const auto row = decision_of(call);
  const auto decision = row.follows.value_or(row.decision);
  store::Transaction transaction(call.db);
  store::RoutingLog log(call.db);
  const auto verdicts = log.verdicts(decision);
  const auto last = std::find_if(verdicts.rbegin(), verdicts.rend(), [](const store::VerdictRecord& verdict) {
    return verdict.source == store::VerdictSource::said;
  });
  if (last == verdicts.rend() || last->verdict == store::Verdict::withdrawn) {
    throw Refusal{404, texts::kNoVerdict};
  }
  if (last->reviewer != call.caller.name) {
    throw Refusal{409, texts::kVerdictOfAnother};
  }
  store::VerdictRecord back{decision, store::Verdict::withdrawn, {}, std::nullopt, call.services.clock.now()};
  back.reviewer = call.caller.name;
  log.add(back);
  record(call, "decision.verdict", "decision " + std::to_string(row.decision.value),
         {{"verdict", to_string(last->verdict)}}, nullptr);
  transaction.commit();
  return HttpResponse::json(base::dump_json({{"verdicts", reporting::verdicts_json(call.db, row.decision)}}));
}

HttpResponse exported(const Call& call, bool csv) {
  // Of everything, unless it is asked for a page as a list is.
  const auto filter = log_filter(call.request);
  store::LogView view(call.db);
  HttpResponse response;
  response.content_type = csv ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8";
  response.headers.add("Content-Disposition", csv ? "attachment; filename=\"decisions.csv\""
                                                  : "attachment; filename=\"decisions.jsonl\"");
  response.body = csv ? reporting::csv_header() : "";
  for (const auto& place : view.places(filter)) {
    const auto item = reporting::to_json(view.row(place.decision).value());
    response.body += csv ? reporting::csv_line(item) : base::dump_json(item) + "\n";
    if (response.body.size() > kLargestExport) {
      throw Refusal{413, texts::kExportTooLarge};
    }
  }
  return response;
}

}  // namespace

store::LogRow decision_of(const Call& call) {
  const auto id = reporting::decision_of_id(call.db, call.ids.front());
  auto row = id ? store::LogView(call.db).row(*id) : std::nullopt;
  if (!row) {
    throw Refusal{404, texts::kNoSuchDecision};
  }
  return *std::move(row);
}

std::vector<Route> decision_routes() {
  return {{"GET", "/decisions", Role::viewer, list},
          {"GET", "/decisions/{id}", Role::viewer, detail},
          {"GET", "/decisions/{id}/diff", Role::viewer, diff},
          {"GET", "/decisions/{id}/file", Role::viewer, file},
          {"POST", "/decisions/{id}/verdict", Role::editor, judge},
          {"DELETE", "/decisions/{id}/verdict", Role::editor, withdraw},
          {"GET", "/export.csv", Role::viewer, [](const Call& call) { return exported(call, true); }},
          {"GET", "/export.jsonl", Role::viewer, [](const Call& call) { return exported(call, false); }}};
}

}  // namespace bot::console
