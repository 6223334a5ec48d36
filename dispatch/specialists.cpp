#include "dispatch/specialists.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/nearest.h"
#include "dispatch/adapters/claude_code.h"
#include "dispatch/adapters/command_specialist.h"
#include "dispatch/project/workspace.h"

namespace dispatch {
namespace {

struct Row {
  const char* type;
  std::unique_ptr<Specialist> (*make)(const std::string& name, config::Section, const SpecialistDefaults&);
};

constexpr Row kTypes[] = {{kClaudeCode, make_claude_code}, {"command", make_command_specialist}};

}  // namespace

std::vector<std::string> specialist_names(const config::Section& sections) {
  std::vector<std::string> names = {kClaudeCode};
  for (const auto& name : sections.keys()) {
    // It becomes part of a file's name.
    if (!is_slug(name)) {
      sections.fail(name, "cannot name a specialist; use letters, digits, \".\", \"_\" and \"-\"");
    }
    if (name != kClaudeCode) {
      names.push_back(name);
    }
  }
  return names;
}

std::unique_ptr<Specialist> make_specialist(const std::string& name, config::Section sections,
                                            const SpecialistDefaults& defaults) {
  auto section = sections.child(name);
  std::vector<std::string> types;
  for (const auto& row : kTypes) {
    types.emplace_back(row.type);
  }
  if (name != kClaudeCode && !section.has("type")) {
    const auto near = base::nearest(name, {kClaudeCode});
    section.fail("type", "is missing: \"command\" for another CLI" +
                             (near ? fmt::format("; or did you mean [specialist.{}]?", *near) : ""));
  }
  const auto type = section.one_of("type", name == kClaudeCode ? kClaudeCode : "", types);
  for (const auto& row : kTypes) {
    if (type == row.type) {
      return row.make(name, section, defaults);
    }
  }
  return nullptr;  // one_of() has thrown
}

Specialists::Specialists(const config::Section& sections, const std::string& usual,
                         const SpecialistDefaults& defaults) {
  auto names = specialist_names(sections);
  std::stable_partition(names.begin(), names.end(), [&](const auto& name) { return name == usual; });
  for (const auto& name : names) {
    if (name != usual && !sections.has(name)) {
      continue;  // Claude Code, where only others are configured
    }
    all_.push_back(make_specialist(name, sections, defaults));
  }
}

Specialists::Specialists(std::unique_ptr<Specialist> only) {
  all_.push_back(std::move(only));
}

Specialist* Specialists::find(const std::string& name) const {
  const auto found = std::find_if(all_.begin(), all_.end(),
                                  [&](const auto& specialist) { return specialist->name() == name; });
  return found == all_.end() ? nullptr : found->get();
}

}  // namespace dispatch
