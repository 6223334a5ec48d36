#include "dispatch/task/review.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/id.h"
#include "base/json.h"
#include "dispatch/task/texts.h"

namespace dispatch {
namespace {

constexpr const char* kPrompt =
    "Review the work in this folder with fresh eyes: correctness, missing parts, security, tests. Change "
    "nothing. Report each finding with its severity, its place (file and line) and how to fix it, the worst "
    "first. Say plainly if there is nothing to find.";

constexpr std::array kSeverities = {"critical", "high", "medium", "low"};

constexpr const char* kSchema = R"json({"type":"object","properties":{
"summary":{"type":"string","description":"What was looked at and the overall judgement, in a few sentences."},
"findings":{"type":"array","items":{"type":"object","properties":{
"severity":{"type":"string","enum":["critical","high","medium","low"]},
"file":{"type":"string","description":"path relative to the project folder"},
"line":{"type":"integer"},
"problem":{"type":"string"},
"fix":{"type":"string","description":"how to fix it"}},
"required":["severity","file","problem","fix"]}}},
"required":["summary","findings"]})json";

struct Finding {
  std::size_t rank;  ///< in kSeverities
  std::string line;
};

Finding read_finding(const nlohmann::json& json) {
  const auto severity = base::json_string(json, "severity").value_or("low");
  const auto file = base::json_string(json, "file").value_or("?");
  const auto line = base::json_integer(json, "line");
  const auto place = line && *line > 0 ? fmt::format("{}:{}", file, *line) : file;
  const auto rank = static_cast<std::size_t>(std::find(kSeverities.begin(), kSeverities.end(), severity) -
                                             kSeverities.begin());
  return {rank, texts::finding(severity, place, base::json_string(json, "problem").value_or(""),
                               base::json_string(json, "fix").value_or(""))};
}

}  // namespace

void make_review(Task& task, const std::string& wishes) {
  task.prompt = wishes.empty() ? kPrompt : fmt::format("{}\n\nIn particular: {}", kPrompt, wishes);
  task.permission = "plan";
  task.result_schema = kSchema;
  task.continues_session = false;
  task.session_id = base::random_uuid();
}

std::optional<std::string> review_text(std::string_view structured) {
  const auto json = base::parse_json(structured);
  const auto* list = json ? base::json_member(*json, "findings") : nullptr;
  if (list == nullptr || !list->is_array()) {
    return std::nullopt;
  }
  std::vector<Finding> findings;
  for (const auto& finding : *list) {
    findings.push_back(read_finding(finding));
  }
  std::stable_sort(findings.begin(), findings.end(),
                   [](const auto& a, const auto& b) { return a.rank < b.rank; });
  auto text = base::json_string(*json, "summary").value_or("") + "\n\n";
  for (const auto& finding : findings) {
    text += finding.line;
  }
  return text + (findings.empty() ? texts::kNoFindings : "");
}

}  // namespace dispatch
