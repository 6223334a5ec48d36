#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace llm::mcp {

/// What a server says of itself is a hint: it may be missing, and it may be wrong.
struct ToolHints {
  std::optional<bool> only_reads;
  std::optional<bool> destroys;
  std::optional<bool> open_world;
};

/// A tool as a server lists it.
struct Tool {
  std::string name;
  std::string description;
  std::string schema;  ///< of its arguments: one JSON object as text, its keys in order
  ToolHints hints;
  /// 16 hexadecimal digits of what it says of itself: name, description, schema and hints.
  std::string hash;
};

/// The tool, or nothing where it has no name, or its schema is not that of an object, or wants an argument
/// whose name no model API takes.
std::optional<Tool> read_tool(const nlohmann::json& item);

/// "reads", "writes, may destroy, reaches outside", "says nothing of what it does".
std::string to_text(const ToolHints& hints);

}  // namespace llm::mcp
