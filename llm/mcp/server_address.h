#pragma once

#include <string>

namespace llm::mcp {

/// A server that is reached over HTTP.
struct ServerAddress {
  std::string url;           ///< https://, or http:// to this machine
  std::string bearer_token;  ///< empty: none
};

}  // namespace llm::mcp
