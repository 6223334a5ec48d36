#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace dispatch {

/// Names a value in JSON, in one line of text: conditions `path=value`, all of which must hold, and the path
/// of the value, with spaces between them, such as `type=item.completed item.type=agent_message item.text`.
/// A path is member names with "." between them; `*` stands for every member or element. A value; thread
/// rule: none.
class Selector {
 public:
  /// Nothing where the text is no selector: it is empty, or has two paths.
  static std::optional<Selector> parse(std::string_view text);

  /// Whether it also names a value, besides conditions.
  bool has_value() const { return !value_.empty(); }
  /// Whether the conditions hold.
  bool matches(const nlohmann::json& event) const;
  /// The texts it names, a line each, or nothing. Numbers and the like are given as JSON.
  std::optional<std::string> text(const nlohmann::json& event) const;
  /// The sum of the numbers it names, or nothing.
  std::optional<double> sum(const nlohmann::json& event) const;

 private:
  using Path = std::vector<std::string>;
  struct Condition {
    Path path;
    std::string value;
  };
  static Path read_path(std::string_view text);
  static void visit(const nlohmann::json& json, const Path& path, std::size_t depth,
                    const std::function<void(const nlohmann::json&)>& take);

  std::vector<Condition> conditions_;
  Path value_;
};

}  // namespace dispatch
