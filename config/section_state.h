#pragma once

// Shared by config_file.cpp and section.cpp alone, so that <toml++/toml.h> stays out of every public header.
#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include <toml++/toml.h>

#include "config/section.h"

namespace config {

struct Section::State {
  std::shared_ptr<const toml::table> file;  ///< keeps `table` alive
  const toml::table* table = nullptr;       ///< never null once read; an empty table where the file has none
  std::string path;
  std::string file_name;
  std::filesystem::path folder;
  std::set<std::string> asked;
};

/// The path of a key in the table of that path.
inline std::string key_path(const std::string& path, const std::string& key) {
  // A key that TOML would have to quote is shown quoted, as the person wrote it.
  const bool bare = !key.empty() && key.find_first_not_of(
                                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
                                        std::string::npos;
  const auto shown = bare ? key : "\"" + key + "\"";
  return path.empty() ? shown : path + "." + shown;
}

}  // namespace config
