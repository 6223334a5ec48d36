#include "dispatch/task/tool_detail.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"

namespace dispatch {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDetail = 120;

std::string one_line(std::string_view text, std::size_t max_bytes) {
  return base::ellipsize(base::trim(text.substr(0, text.find('\n'))), max_bytes);
}

int lines_in(const json& input, const char* key) {
  const auto text = base::json_string(input, key).value_or("");
  return static_cast<int>(std::count(text.begin(), text.end(), '\n')) +
         (text.empty() || text.ends_with('\n') ? 0 : 1);
}

}  // namespace

void count_lines(const json& input, Event& event) {
  if (event.tool == "Write") {
    event.lines_added = lines_in(input, "content");
  } else if (event.tool == "Edit") {
    event.lines_added = lines_in(input, "new_string");
    event.lines_removed = lines_in(input, "old_string");
  }
}

std::string detail_of(std::string_view tool, const json& input, const std::filesystem::path& folder) {
  for (const char* key : {"file_path", "notebook_path", "path"}) {
    if (const auto value = base::json_string(input, key)) {
      const std::filesystem::path path(*value);
      const auto relative = path.is_absolute() ? path.lexically_relative(folder) : path;
      const bool inside = !relative.empty() && *relative.begin() != "..";
      return base::ellipsize((inside ? relative : path).string(), kMaxDetail);
    }
  }
  for (const char* key : {"command", "pattern", "url", "query", "description", "prompt"}) {
    if (const auto value = base::json_string(input, key)) {
      return one_line(*value, kMaxDetail);
    }
  }
  return std::string(tool == "TodoWrite" ? "plan" : "");
}

std::string tool_detail(std::string_view tool, std::string_view input_json,
                        const std::filesystem::path& folder) {
  const auto input = base::parse_json(input_json);
  return input ? detail_of(tool, *input, folder) : std::string();
}

}  // namespace dispatch
