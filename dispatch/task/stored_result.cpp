#include "dispatch/task/stored_result.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/json_lines.h"
#include "dispatch/task/texts.h"
#include "dispatch/task/transcript.h"

namespace dispatch {
namespace {

using nlohmann::json;

std::vector<json> events_in(std::string_view written) {
  const auto stored = base::with_escaped_controls(written);
  if (auto value = base::parse_json(stored)) {
    return value->is_array() ? value->get<std::vector<json>>() : std::vector<json>{*std::move(value)};
  }
  std::vector<json> events;
  for (std::size_t begin = 0; begin < stored.size();) {
    const auto end = std::min(stored.find('\n', begin), stored.size());
    if (auto event = base::parse_json(std::string_view(stored).substr(begin, end - begin))) {
      events.push_back(*std::move(event));
    }
    begin = end + 1;
  }
  return events;
}

bool is_of_type(const json& event, const char* type) {
  return base::json_string(event, "type") == std::optional<std::string>(type);
}

}  // namespace

Report report_of_result(std::string_view stored, const std::filesystem::path& folder) {
  Transcript transcript(folder, {}, {});
  const auto events = events_in(stored);
  if (events.size() == 1) {
    transcript.take_result(base::dump_json(events.front()));  // expert-dispatch's may have no type
  }
  const auto last = std::find_if(events.rbegin(), events.rend(),
                                 [](const json& event) { return is_of_type(event, "result"); });
  for (auto event = events.begin(); events.size() > 1 && last != events.rend() && event != last.base();
       ++event) {
    if (is_of_type(*event, "assistant") || event + 1 == last.base()) {
      transcript.take(base::dump_json(*event));
    }
  }
  auto report = transcript.report();
  if (!transcript.has_result()) {
    report.problem = texts::kUnreadableResult;
  }
  return report;
}

}  // namespace dispatch
