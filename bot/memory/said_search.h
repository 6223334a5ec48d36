#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "bot/memory/scope.h"
#include "router/tool_source.h"

namespace bot::memory {

/// The answer to /search: where these words stand in what was said in the chat, newest first.
std::string search_answer(const Scope& scope, const std::string& words);

/// The tool `search_conversation`, which finds the same. Thread rule: that of the Database.
class SaidTools : public router::ToolSource {
 public:
  explicit SaidTools(const Scope& scope) : scope_(scope) {}

  std::vector<llm::ToolSpec> specs() override;
  std::optional<Result> call(const llm::ToolCall& call, std::stop_token stop) override;

 private:
  const Scope scope_;
};

}  // namespace bot::memory
