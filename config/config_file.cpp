#include "config/config_file.h"

#include <cstdlib>
#include <functional>
#include <sstream>
#include <string_view>
#include <system_error>

#include <fmt/core.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "config/section_state.h"

namespace config {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kFile = "file:";

/// Where "file:PATH" points; nothing for any other value.
std::optional<fs::path> secret_file(const toml::node& node, const fs::path& folder) {
  const auto* text = node.as_string();
  return text != nullptr && text->get().starts_with(kFile)
             ? std::optional(folder / base::expand_home(text->get().substr(kFile.size())))
             : std::nullopt;
}

toml::table parse(const fs::path& path) {
  try {
    return toml::parse(base::read_file(path), path.string());
  } catch (const toml::parse_error& e) {
    throw base::ConfigError(fmt::format("{}:{}:{}: {}", path.string(), e.source().begin.line,
                                        e.source().begin.column, std::string(e.description())));
  }
}

using Visit = std::function<void(const std::string& path, const toml::node& value)>;

/// Calls it for every value; those of a list have the path of the list.
void visit_values(const toml::table& table, const std::string& path, const Visit& visit) {
  for (const auto& [name, node] : table) {
    const auto at = key_path(path, std::string(name.str()));
    if (const auto* below = node.as_table()) {
      visit_values(*below, at, visit);
    } else if (const auto* list = node.as_array()) {
      if (list->empty()) {
        visit(at, node);
      }
      for (std::size_t i = 0; i < list->size(); ++i) {
        const auto* inner = list->get(i)->as_table();
        inner != nullptr ? visit_values(*inner, fmt::format("{}[{}]", at, i), visit)
                         : visit(at, *list->get(i));
      }
    } else {
      visit(at, node);
    }
  }
}

}  // namespace

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

Values configured_values(const std::optional<fs::path>& path) {
  Values values;
  if (!path) {
    return values;
  }
  visit_values(parse(*path), "", [&](const std::string& key, const toml::node& value) {
    std::ostringstream text;
    value.visit([&](const auto& concrete) { text << concrete; });
    if (const auto file = secret_file(value, path->parent_path())) {
      try {
        text << " " << base::to_hex(base::sha256(base::read_file(*file)));
      } catch (const std::system_error&) {
        // That there is no file is a value, too.
      }
    }
    values[key] += text.str() + "\n";
  });
  return values;
}

std::vector<std::pair<std::string, fs::path>> secret_files(const fs::path& path) {
  std::vector<std::pair<std::string, fs::path>> files;
  visit_values(parse(path), "", [&](const std::string& key, const toml::node& value) {
    if (auto file = secret_file(value, path.parent_path())) {
      files.emplace_back(key, *std::move(file));
    }
  });
  return files;
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
