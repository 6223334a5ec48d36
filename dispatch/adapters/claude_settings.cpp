#include "dispatch/adapters/claude_settings.h"

#include <cstdlib>
#include <filesystem>
#include <optional>

#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/process/program_path.h"

namespace dispatch {
namespace {

constexpr const char* kAbout =
    "programs, web pages, scripts, tests, reviews, research; asks before it does something risky";

/// Where start.sh puts the CLI: build/npm/specialist beside this program's build/release.
std::optional<std::string> bundled_command(const std::string& command) {
  std::error_code ec;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ec);
  const auto path =
      (program.parent_path().parent_path() / "npm/specialist/node_modules/.bin" / command).string();
  return !ec && ::access(path.c_str(), X_OK) == 0 ? std::optional(path) : std::nullopt;
}

}  // namespace

ClaudeSettings read_claude_settings(const std::string& name, config::Section section,
                                    const SpecialistDefaults& defaults) {
  ClaudeSettings settings;
  settings.name = name;
  settings.about = section.string("about", kAbout);
  settings.command = section.string("command", "claude");
  if (!defaults.command.empty()) {
    settings.command = defaults.command;
  }
  settings.model = section.string("model", "");
  settings.base_url = section.string("base_url", "");
  // Empty means the CLI's own login here; everywhere else it is an error.
  const auto key = section.string("api_key", "").empty() ? std::nullopt : section.optional_secret("api_key");
  const auto input = section.optional_number("usd_per_million_input", 0, 1e6);
  const auto output = section.optional_number("usd_per_million_output", 0, 1e6);
  if (input || output) {
    settings.price = TokenPrice{input.value_or(0), output.value_or(0)};
  }
  section.finish();
  settings.command = base::expand_home(settings.command).string();
  if (settings.command.find('/') != std::string::npos) {
    settings.command = std::filesystem::absolute(settings.command).string();
  }
  if (settings.command.find('/') == std::string::npos && !base::find_program(settings.command)) {
    if (const auto bundled = bundled_command(settings.command)) {
      settings.command = *bundled;
    }
  }
  settings.sandbox = defaults.sandbox;
  if (!defaults.base_url.empty()) {
    // The demo: nothing that costs money may be reached, whatever is configured.
    settings.base_url = defaults.base_url;
    settings.api_key = defaults.api_key;
    settings.state_folder = defaults.state_folder;
  } else if (key) {
    settings.api_key = *key;
  } else if (const char* own = std::getenv("ANTHROPIC_API_KEY"); own != nullptr && *own != '\0') {
    settings.api_key = own;
    base::redact(settings.api_key);
  }
  return settings;
}

}  // namespace dispatch
