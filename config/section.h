#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace config {

/// A secret and whether there is one. Its text is known to base::redact() from the moment it is read.
using Secret = std::string;

/// One table of the configuration, such as [secretary] or [chat.tg]. Whoever owns a section reads its keys
/// here; every key that is asked for is a key of the section, and finish() refuses all others. A wrong type,
/// a value out of range or an unknown key is a base::ConfigError that names file, line, key path and, where
/// there is one, the nearest valid key. Thread rule: one thread at a time. A Section is cheap to copy; copies
/// share what has been asked for.
class Section {
 public:
  struct State;
  explicit Section(std::shared_ptr<State> state);

  /// "secretary", "chat.tg"; empty for the file itself.
  const std::string& path() const;
  bool has(const std::string& key) const;

  std::string string(const std::string& key, std::string fallback);
  std::optional<std::string> optional_string(const std::string& key);
  /// Like string(), and there must be one.
  std::string required_string(const std::string& key);
  std::int64_t integer(const std::string& key, std::int64_t fallback, std::int64_t min, std::int64_t max);
  double number(const std::string& key, double fallback, double min, double max);
  std::optional<double> optional_number(const std::string& key, double min, double max);
  bool boolean(const std::string& key, bool fallback);
  std::vector<std::string> strings(const std::string& key, std::vector<std::string> fallback);
  std::vector<double> numbers(const std::string& key, std::vector<double> fallback, double min, double max);
  /// A text, or a list of texts; empty where there is none.
  std::vector<std::string> texts(const std::string& key);
  std::string one_of(const std::string& key, std::string fallback, const std::vector<std::string>& valid);
  std::chrono::seconds seconds(const std::string& key, std::chrono::seconds fallback);
  /// A path; "~/" is the home folder, a relative one is relative to the configuration file's folder.
  std::filesystem::path file_path(const std::string& key, const std::string& fallback);

  /// "env:NAME" or "file:PATH", resolved; a literal is refused, and so is one that resolves to nothing. No
  /// key, or an empty string: nothing.
  std::optional<Secret> optional_secret(const std::string& key);
  Secret required_secret(const std::string& key);

  /// The secret of `key`, or those of the list `<key>s`: while one is being changed, the new one stands first
  /// and the old one behind it. Not both keys, and no empty list. None: nothing stands there.
  std::vector<Secret> secrets(const std::string& key);
  /// Like secrets(), and there must be one.
  std::vector<Secret> required_secrets(const std::string& key);

  /// Makes every secret that is named anywhere in this table known to base::redact(), for whoever does not
  /// read the sections they stand in. What cannot be read is passed over.
  void redact_all() const;

  /// The tables below `key`, by name, in the order of the file: [chat.tg] and [chat.web] for "chat".
  std::vector<std::pair<std::string, Section>> children(const std::string& key);
  /// The names of everything in it, in the order of the file; none of it counts as asked for.
  std::vector<std::string> keys() const;
  /// The table `key`, empty where the file has none.
  Section child(const std::string& key);

  /// The tables of the list `key` ([[secretary.fallback]]), with paths such as "secretary.fallback[0]".
  std::vector<Section> tables(const std::string& key);

  /// Refuses every key that nobody asked for. Call it when the section has been read.
  void finish();

  /// Throws the ConfigError for `key`: "<file>:<line>: <path>.<key>: <problem>".
  [[noreturn]] void fail(const std::string& key, const std::string& problem) const;

  /// The same for a key that has to be there, or the ConfigError for one that looks like `key` misspelt.
  [[noreturn]] void fail_as_missing(const std::string& key, const std::string& problem) const;

 private:
  Secret resolve(const std::string& key, const std::string& value) const;

  std::shared_ptr<State> state_;
};

}  // namespace config
