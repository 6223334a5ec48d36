#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "llm/chat_model.h"

namespace llm {

/// Whether the API takes it as a block: not without visible characters.
bool is_sendable(const Text& text);

/// The object of that JSON text; an empty one where it is none.
nlohmann::json object_of(const std::string& text);

/// The bodies of requests to Anthropic's Messages API. The tools and the guide are marked as cacheable, in
/// this order, as the provider puts them in front of the context and the messages; what is the same in
/// request after request is written once. What the assistant said in this turn goes back as it was received.
/// Thread rule: any thread.
class AnthropicRequests {
 public:
  /// `left_out` are members that the server refuses. Throws AttemptError for a tool whose schema is no
  /// object.
  std::string write(const ChatRequest& request, const std::string& model,
                    const std::set<std::string>& left_out);

 private:
  struct FixedParts {
    std::string guide;
    std::vector<ToolSpec> specs;
    bool cached = false;
    std::string tools;   ///< JSON; empty where there are none
    std::string system;  ///< the block of the guide; empty where there is none
  };
  std::shared_ptr<const FixedParts> fixed_parts(const ChatRequest& request, bool cached);

  std::mutex mutex_;
  std::vector<std::shared_ptr<const FixedParts>> known_;
};

/// One such body.
std::string anthropic_request(const ChatRequest& request, const std::string& model,
                              const std::set<std::string>& left_out = {});

}  // namespace llm
