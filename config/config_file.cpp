#include "config/config_file.h"

#include <cstdlib>

#include <fmt/core.h>

#include "base/error.h"
#include "base/file.h"
#include "config/section_state.h"

namespace config {

namespace fs = std::filesystem;

std::optional<fs::path> find_config_file(const std::string& explicit_path) {
  const auto asked_for = [](const std::string& name, const std::string& source) -> fs::path {
    const auto path = base::expand_home(name);
    std::error_code ec;
    if (!fs::is_regular_file(path, ec)) {
      throw base::ConfigError(fmt::format("{} ({}): no such file", path.string(), source));
    }
    return fs::absolute(path);
  };
  if (!explicit_path.empty()) {
    return asked_for(explicit_path, "--config");
  }
  if (const char* path = std::getenv("FRONTDESK_CONFIG"); path != nullptr && *path != '\0') {
    return asked_for(path, "FRONTDESK_CONFIG");
  }
  const char* xdg = std::getenv("XDG_CONFIG_HOME");
  const fs::path folder = xdg != nullptr && *xdg != '\0' ? fs::path(xdg) : base::home_directory() / ".config";
  for (const auto& path : {fs::path("frontdesk.toml"), folder / "frontdesk" / "frontdesk.toml"}) {
    std::error_code ec;
    if (fs::is_regular_file(path, ec)) {
      return fs::absolute(path);
    }
  }
  return std::nullopt;
}

Section parse_config(const std::string& text, const std::string& name, const fs::path& folder) {
  try {
    auto file = std::make_shared<const toml::table>(toml::parse(text, name));
    auto state = std::make_shared<Section::State>();
    state->table = file.get();
    state->file = std::move(file);
    state->file_name = name;
    state->folder = folder;
    return Section(std::move(state));
  } catch (const toml::parse_error& e) {
    throw base::ConfigError(fmt::format("{}:{}:{}: {}", name, e.source().begin.line, e.source().begin.column,
                                        std::string(e.description())));
  }
}

Section load_config_file(const std::optional<fs::path>& path) {
  if (!path) {
    return parse_config("", "embedded defaults", fs::current_path());
  }
  std::string text;
  try {
    text = base::read_file(*path);
  } catch (const std::exception& e) {
    throw base::ConfigError(e.what());
  }
  return parse_config(text, path->string(), path->parent_path());
}

}  // namespace config
