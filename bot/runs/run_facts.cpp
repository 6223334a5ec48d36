#include "bot/runs/run_facts.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"

namespace bot::runs {
namespace {

using Kind = dispatch::FileChange::Kind;

constexpr std::size_t kFilesForModel = 40;

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::created:
      return "created";
    case Kind::changed:
      return "changed";
    case Kind::deleted:
      return "deleted";
  }
  return "changed";
}

texts::Files files_of(const RunFacts& facts) {
  texts::Files files;
  for (const auto& file : facts.files) {
    auto& list = file.kind == Kind::created   ? files.created
                 : file.kind == Kind::changed ? files.changed
                                              : files.deleted;
    list.push_back(file.path);
  }
  return files;
}

}  // namespace

std::string outcome_text(store::DispatchOutcome outcome, const std::string& slug,
                         const std::string& problem) {
  using store::DispatchOutcome;
  switch (outcome) {
    case DispatchOutcome::success:
      return texts::done(slug);
    case DispatchOutcome::error:
      return texts::failed(slug, problem);
    case DispatchOutcome::blocked:
      return texts::blocked(slug, problem);
    case DispatchOutcome::timeout:
      return texts::out_of_time(slug, problem);
    case DispatchOutcome::cancelled:
      return texts::cancelled(problem);
    case DispatchOutcome::interrupted:
      return texts::interrupted(slug, problem);
  }
  return problem;
}

std::string facts_text(const RunFacts& facts, const dispatch::Report& report) {
  texts::Result result;
  result.project = facts.slug;
  result.folder = facts.tells_folder ? base::abbreviate_home(facts.folder) : std::string();
  result.is_review = facts.action == store::DispatchAction::review;
  result.files = files_of(facts);
  result.files_complete = facts.files_complete;
  result.duration = report.duration;
  result.usd = report.usd;
  result.usd_is_estimate = report.usd_is_estimate;
  result.demo = facts.demo;
  result.steps = report.turns;
  for (const auto& denial : report.denials) {
    result.denied.push_back({denial.tool, denial.detail});
  }
  result.problems = facts.problems;
  result.session_replaced = facts.session_replaced;
  result.resumed_times = facts.resumed_times;
  result.longest_cut = facts.longest_cut;
  return texts::details(result);
}

std::string facts_for_model(const RunFacts& facts, const dispatch::Report& report) {
  auto text = fmt::format("Outcome: {}\nFiles: {}\nTurns: {}\n", to_string(report.outcome),
                          texts::files_changed(files_of(facts), kFilesForModel), report.turns);
  for (const auto& denial : report.denials) {
    text += fmt::format("Refused action: {} {}\n", denial.tool, denial.detail);
  }
  for (const auto& problem : facts.problems) {
    text += problem + "\n";
  }
  return text;
}

std::string facts_json(const RunFacts& facts, const dispatch::Report& report) {
  nlohmann::json files = nlohmann::json::array();
  for (const auto& file : facts.files) {
    files.push_back({{"path", file.path}, {"change", name_of(file.kind)}});
  }
  nlohmann::json denials = nlohmann::json::array();
  for (const auto& denial : report.denials) {
    denials.push_back({{"tool", denial.tool}, {"detail", denial.detail}});
  }
  return base::dump_json({{"files", files},
                          {"files_complete", facts.files_complete},
                          {"denials", denials},
                          {"turns", report.turns},
                          {"duration_ms", report.duration.count()},
                          {"stop_reason", report.stop_reason},
                          {"model", report.model},
                          {"problem", report.problem},
                          {"session_replaced", facts.session_replaced},
                          {"resumed_times", facts.resumed_times}});
}

}  // namespace bot::runs
