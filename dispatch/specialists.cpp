#include "dispatch/specialists.h"

#include <fmt/core.h>

#include "base/error.h"
#include "base/nearest.h"
#include "dispatch/claude_code.h"

namespace dispatch {
namespace {

struct Row {
  const char* name;
  std::unique_ptr<Specialist> (*make)(config::Section, const SpecialistDefaults&);
};

constexpr Row kSpecialists[] = {{"claude-code", make_claude_code}};

}  // namespace

std::string to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::success:
      return "success";
    case Outcome::error:
      return "error";
    case Outcome::blocked:
      return "blocked";
    case Outcome::timeout:
      return "timeout";
    case Outcome::cancelled:
      return "cancelled";
  }
  return "error";
}

std::vector<std::string> specialist_names() {
  std::vector<std::string> names;
  for (const auto& row : kSpecialists) {
    names.emplace_back(row.name);
  }
  return names;
}

std::unique_ptr<Specialist> make_specialist(const std::string& name, config::Section section,
                                            const SpecialistDefaults& defaults) {
  for (const auto& row : kSpecialists) {
    if (name == row.name) {
      return row.make(std::move(section), defaults);
    }
  }
  const auto near = base::nearest(name, specialist_names());
  throw base::ConfigError(fmt::format("dispatch.specialist: \"{}\" is not known{}", name,
                                      near ? fmt::format("; did you mean \"{}\"?", *near) : std::string()));
}

}  // namespace dispatch
