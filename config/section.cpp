#include "config/section.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "config/section_state.h"
#include "config/unread_secrets.h"

namespace config {
namespace {

/// Of the form of a token, and of a key of Standard Webhooks.
constexpr const char* kUnreadSecret = "whsec_bm90cmVhZHNub3RyZWFkc25vdHJlYWRz";
constexpr const char* kMissingSecret = "is missing; write \"env:NAME\" or \"file:PATH\"";

std::string one_of_list(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) {
    list += (list.empty() ? "" : ", ") + name;
  }
  return list;
}

/// Of a node that is a number.
double number_of(const toml::node& node) {
  return node.is_integer() ? static_cast<double>(node.as_integer()->get()) : node.as_floating_point()->get();
}

}  // namespace

Section::Section(std::shared_ptr<State> state) : state_(std::move(state)) {}

const std::string& Section::path() const {
  return state_->path;
}

bool Section::has(const std::string& key) const {
  return state_->table->contains(key);
}

void Section::fail(const std::string& key, const std::string& problem) const {
  const auto* node = state_->table->get(key);
  const auto line = node != nullptr ? node->source().begin.line : state_->table->source().begin.line;
  const auto where = key.empty() ? state_->path : key_path(state_->path, key);
  throw base::ConfigError(line > 0 ? fmt::format("{}:{}: {}: {}", state_->file_name, line, where, problem)
                                   : fmt::format("{}: {}: {}", state_->file_name, where, problem));
}

void Section::fail_as_missing(const std::string& key, const std::string& problem) const {
  if (!has(key)) {
    for (const auto& other : keys()) {
      if (!state_->asked.contains(other) && base::nearest(other, {key})) {
        fail(other, fmt::format("unknown key; did you mean \"{}\"?", key));
      }
    }
  }
  fail(key, problem);
}

std::optional<std::string> Section::optional_string(const std::string& key) {
  state_->asked.insert(key);
  const auto* node = state_->table->get(key);
  if (node == nullptr) {
    return std::nullopt;
  }
  if (!node->is_string()) {
    fail(key, "must be a quoted string");
  }
  return node->as_string()->get();
}

std::string Section::string(const std::string& key, std::string fallback) {
  return optional_string(key).value_or(std::move(fallback));
}

std::string Section::required_string(const std::string& key) {
  const auto value = optional_string(key);
  if (!value || value->empty()) {
    fail_as_missing(key, "is missing");
  }
  return *value;
}

std::int64_t Section::integer(const std::string& key, std::int64_t fallback, std::int64_t min,
                              std::int64_t max) {
  state_->asked.insert(key);
  const auto* node = state_->table->get(key);
  if (node == nullptr) {
    return fallback;
  }
  if (!node->is_integer()) {
    fail(key, "must be a whole number");
  }
  const auto value = node->as_integer()->get();
  if (value < min || value > max) {
    fail(key, fmt::format("must be between {} and {}", min, max));
  }
  return value;
}

std::optional<double> Section::optional_number(const std::string& key, double min, double max) {
  state_->asked.insert(key);
  const auto* node = state_->table->get(key);
  if (node == nullptr) {
    return std::nullopt;
  }
  if (!node->is_number()) {
    fail(key, "must be a number");
  }
  const double value = number_of(*node);
  if (!(value >= min && value <= max)) {
    fail(key, fmt::format("must be between {} and {}", min, max));
  }
  return value;
}

std::vector<double> Section::numbers(const std::string& key, std::vector<double> fallback, double min,
                                     double max) {
  state_->asked.insert(key);
  const auto* node = state_->table->get(key);
  if (node == nullptr) {
    return fallback;
  }
  std::vector<double> values;
  if (!node->is_array()) {
    fail(key, "must be a list of numbers");
  }
  for (const auto& item : *node->as_array()) {
    if (!item.is_number()) {
      fail(key, "must be a list of numbers");
    }
    values.push_back(number_of(item));
    if (!(values.back() >= min && values.back() <= max)) {
      fail(key, fmt::format("must be numbers between {} and {}", min, max));
    }
  }
  return values;
}

double Section::number(const std::string& key, double fallback, double min, double max) {
  return optional_number(key, min, max).value_or(fallback);
}

bool Section::boolean(const std::string& key, bool fallback) {
  state_->asked.insert(key);
  const auto* node = state_->table->get(key);
  if (node == nullptr) {
    return fallback;
  }
  if (!node->is_boolean()) {
    fail(key, "must be true or false");
  }
  return node->as_boolean()->get();
}

std::vector<std::string> Section::strings(const std::string& key, std::vector<std::string> fallback) {
  state_->asked.insert(key);
  const auto* node = state_->table->get(key);
  if (node == nullptr) {
    return fallback;
  }
  if (!node->is_array()) {
    fail(key, "must be a list of quoted strings");
  }
  std::vector<std::string> values;
  for (const auto& item : *node->as_array()) {
    if (!item.is_string()) {
      fail(key, "must be a list of quoted strings");
    }
    values.push_back(item.as_string()->get());
  }
  return values;
}

std::vector<std::string> Section::texts(const std::string& key) {
  const auto* node = state_->table->get(key);
  return node != nullptr && node->is_array() ? strings(key, {})
         : has(key)                          ? std::vector{string(key, "")}
                                             : std::vector<std::string>{};
}

std::string Section::one_of(const std::string& key, std::string fallback,
                            const std::vector<std::string>& valid) {
  auto value = string(key, std::move(fallback));
  for (const auto& name : valid) {
    if (value == name) {
      return value;
    }
  }
  const auto near = base::nearest(value, valid);
  fail(key, near ? fmt::format("\"{}\" is not valid; did you mean \"{}\"? Valid: {}", value, *near,
                               one_of_list(valid))
                 : fmt::format("\"{}\" is not valid; choose one of: {}", value, one_of_list(valid)));
}

std::chrono::seconds Section::seconds(const std::string& key, std::chrono::seconds fallback) {
  return std::chrono::seconds(integer(key, fallback.count(), 0, 30 * 24 * 3600));
}

std::filesystem::path Section::file_path(const std::string& key, const std::string& fallback) {
  const auto path = base::expand_home(string(key, fallback));
  return path.empty() || path.is_absolute() ? path : (state_->folder / path).lexically_normal();
}

Secret Section::resolve(const std::string& key, const std::string& value) const {
  if (value.empty()) {
    fail(key, "is empty; write \"env:NAME\" or \"file:PATH\", or remove the key");
  }
  if (base::trim(value) == "env:" || base::trim(value) == "file:") {
    fail(key, value.starts_with("env:") ? "\"env:\" names no variable; write \"env:NAME\""
                                        : "\"file:\" names no file; write \"file:PATH\"");
  }
  if (UnreadSecrets::in_force() && (value.starts_with("env:") || value.starts_with("file:"))) {
    return kUnreadSecret;
  }
  std::string secret;
  if (value.starts_with("env:")) {
    const auto name = value.substr(4);
    const char* text = std::getenv(name.c_str());
    if (text == nullptr || *text == '\0') {
      fail(key, fmt::format("the environment variable {} is not set", name));
    }
    secret = std::string(base::trim(text));
  } else if (value.starts_with("file:")) {
    auto path = base::expand_home(value.substr(5));
    if (path.is_relative()) {
      path = state_->folder / path;
    }
    try {
      secret = std::string(base::trim(base::read_file(path)));
    } catch (const std::exception& e) {
      fail(key, e.what());
    }
  } else {
    fail(key, "secrets do not go into this file; write \"env:NAME\" or \"file:PATH\"");
  }
  if (secret.empty()) {
    fail(key, "the secret is empty");
  }
  base::redact(secret);
  return secret;
}

std::optional<Secret> Section::optional_secret(const std::string& key) {
  const auto value = optional_string(key);
  return value ? std::optional(resolve(key, *value)) : std::nullopt;
}

Secret Section::required_secret(const std::string& key) {
  auto secret = optional_secret(key);
  if (!secret) {
    fail_as_missing(key, kMissingSecret);
  }
  return *std::move(secret);
}

std::vector<Secret> Section::secrets(const std::string& key) {
  const auto several = key + "s";
  const auto one = optional_secret(key);
  const auto values = strings(several, {});
  if (one && has(several)) {
    fail(several, fmt::format("stands beside {}; keep one of the two", key));
  }
  if (has(several) && values.empty()) {
    fail(several, "is empty; write \"env:NAME\" or \"file:PATH\" into it");
  }
  if (one) {
    return {*one};
  }
  std::vector<Secret> list;
  for (const auto& value : values) {
    list.push_back(resolve(several, value));
  }
  return list;
}

std::vector<Secret> Section::required_secrets(const std::string& key) {
  auto list = secrets(key);
  if (list.empty()) {
    fail_as_missing(key, kMissingSecret);
  }
  return list;
}

void Section::redact_all() const {
  const auto redact = [this](const auto& again, const toml::node& node) -> void {
    if (const auto* table = node.as_table()) {
      for (const auto& [name, value] : *table) {
        again(again, value);
      }
    } else if (const auto* list = node.as_array()) {
      for (const auto& value : *list) {
        again(again, value);
      }
    } else if (const auto* text = node.as_string();
               text != nullptr && (text->get().starts_with("env:") || text->get().starts_with("file:"))) {
      try {
        resolve("", text->get());
      } catch (const base::ConfigError&) {
        // Whoever needs it says so.
      }
    }
  };
  redact(redact, *state_->table);
}

std::vector<std::string> Section::keys() const {
  // The library keeps them by name; their places in the text give the order back.
  std::vector<std::pair<std::pair<std::uint32_t, std::uint32_t>, std::string>> placed;
  for (const auto& [key, node] : *state_->table) {
    placed.emplace_back(std::pair(key.source().begin.line, key.source().begin.column), key.str());
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> keys;
  for (auto& [place, key] : placed) {
    keys.push_back(std::move(key));
  }
  return keys;
}

Section Section::child(const std::string& key) {
  static const toml::table kEmpty;
  state_->asked.insert(key);
  const auto* node = state_->table->get(key);
  if (node != nullptr && !node->is_table()) {
    fail(key, fmt::format("must be a table: [{}]", key_path(state_->path, key)));
  }
  auto state = std::make_shared<State>();
  state->file = state_->file;
  state->table = node != nullptr ? node->as_table() : &kEmpty;
  state->path = key_path(state_->path, key);
  state->file_name = state_->file_name;
  state->folder = state_->folder;
  return Section(std::move(state));
}

std::vector<std::pair<std::string, Section>> Section::children(const std::string& key) {
  auto parent = child(key);
  std::vector<std::pair<std::string, Section>> sections;
  for (const auto& name : parent.keys()) {
    sections.emplace_back(name, parent.child(name));
  }
  return sections;
}

std::vector<Section> Section::tables(const std::string& key) {
  state_->asked.insert(key);
  const auto* node = state_->table->get(key);
  const auto* list = node != nullptr ? node->as_array() : nullptr;
  if (node != nullptr &&
      (list == nullptr || (!list->empty() && !list->is_homogeneous(toml::node_type::table)))) {
    fail(key, fmt::format("must be a list of tables: [[{}]]", key_path(state_->path, key)));
  }
  std::vector<Section> sections;
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    auto state = std::make_shared<State>();
    state->file = state_->file;
    state->table = list->get(i)->as_table();
    state->path = fmt::format("{}[{}]", key_path(state_->path, key), i);
    state->file_name = state_->file_name;
    state->folder = state_->folder;
    sections.push_back(Section(std::move(state)));
  }
  return sections;
}

void Section::finish() {
  for (const auto& [name, node] : *state_->table) {
    const std::string key(name.str());
    if (state_->asked.contains(key)) {
      continue;
    }
    const std::vector<std::string> valid(state_->asked.begin(), state_->asked.end());
    const auto near = base::nearest(key, valid);
    fail(key, near ? fmt::format("unknown key; did you mean \"{}\"?", *near)
                   : fmt::format("unknown key; valid here: {}", one_of_list(valid)));
  }
}

}  // namespace config
