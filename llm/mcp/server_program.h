#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace llm::mcp {

/// A server that is a program and speaks over its standard input and output.
struct ServerProgram {
  std::string command;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  ///< beside PATH, HOME and the like
  std::vector<std::filesystem::path> readable;                   ///< in the sandbox
  std::vector<std::filesystem::path> state;                      ///< in the sandbox; may be written
  bool network = true;                                           ///< in the sandbox: all of it, or none
};

}  // namespace llm::mcp
