#include "dispatch/task/result_problem.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "dispatch/task/model_problem.h"
#include "dispatch/task/texts.h"

namespace dispatch {
namespace {

using nlohmann::json;

std::string first_error(const json& result) {
  const auto& errors = base::json_list(result, "errors");
  const auto first =
      std::find_if(errors.begin(), errors.end(), [](const json& error) { return error.is_string(); });
  return first == errors.end() ? std::string() : first->get<std::string>();
}

}  // namespace

std::string result_problem(const std::string& cli, const json& result) {
  const auto subtype = base::json_string(result, "subtype").value_or("");
  if (subtype == "error_max_turns") {
    return texts::kTurnLimit;
  }
  if (subtype == "error_max_budget_usd") {
    return texts::kSpendingLimit;
  }
  if (base::json_string(result, "stop_reason") == std::optional<std::string>("refusal")) {
    return texts::kDeclined;
  }
  auto text = first_error(result);
  if (text.empty()) {
    text = base::json_text(result, "result");
  }
  return model_problem(cli, base::json_integer(result, "api_error_status").value_or(0), text);
}

bool has_words_beside_error(const json& result) {
  return base::json_text(result, "subtype") == "error_during_execution" && !first_error(result).empty() &&
         !base::json_text(result, "result").empty();
}

}  // namespace dispatch
