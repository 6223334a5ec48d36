#include "router/read_proposal.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"

namespace router {

ReadProposal read_proposal(const llm::ToolCall& call, const std::vector<std::string>& specialists) {
  const auto json = base::parse_json(call.arguments).value_or(nlohmann::json());
  ReadProposal read;
  auto& p = read.proposal;
  const auto unreadable = [&](std::string problem) {
    read.problem = std::move(problem);
    return std::move(read);
  };
  // A member that is missing has its usual value; one of a wrong type has none.
  const auto choice = [&](const char* key, const char* usual) {
    return base::ascii_lower(
        base::trim(base::json_member(json, key) == nullptr ? usual : base::json_text(json, key)));
  };
  const auto action = store::parse<store::DispatchAction>(choice("action", "run"));
  p.slug = std::string(base::trim(base::json_string(json, "slug").value_or("")));
  p.description = base::ellipsize(base::trim(base::json_string(json, "description").value_or("")), 200);
  p.prompt = std::string(base::trim(base::json_string(json, "prompt").value_or("")));
  p.reason = base::ellipsize(base::trim(base::json_string(json, "reason").value_or("")), 300);
  p.specialist = std::string(base::trim(base::json_text(json, "specialist")));
  const auto specialist = std::find_if(specialists.begin(), specialists.end(), [&](const std::string& name) {
    return base::ascii_lower(name) == base::ascii_lower(p.specialist);
  });
  const auto* const number = base::json_member(json, "confidence");
  const auto confidence = parse_confidence(
      number != nullptr && number->is_number() ? number->dump() : choice("confidence", "medium"));
  if (!call.problem.empty()) {
    return unreadable(call.problem);
  }
  if (!action) {
    return unreadable("The argument \"action\" must be \"run\", \"resume\" or \"review\".");
  }
  p.action = *action;
  if (!p.specialist.empty()) {
    if (specialist == specialists.end()) {
      return unreadable(
          fmt::format("The argument \"specialist\" must be one of: {}.", fmt::join(specialists, ", ")));
    }
    p.specialist = *specialist;
  }
  if (p.slug.empty()) {
    return unreadable("The argument \"slug\" is missing: the project's short name.");
  }
  if (p.prompt.empty() && p.action != store::DispatchAction::review) {
    return unreadable("The argument \"prompt\" is missing: the complete task.");
  }
  if (!confidence) {
    return unreadable("The argument \"confidence\" must be \"low\", \"medium\" or \"high\".");
  }
  p.confidence = *confidence;
  return read;
}

}  // namespace router
