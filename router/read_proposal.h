#pragma once

#include <string>
#include <vector>

#include "llm/chat_model.h"
#include "router/decision.h"

namespace router {

/// What the model said in a call of `dispatch`.
struct ReadProposal {
  Proposal proposal;    ///< as far as it could be read
  std::string problem;  ///< what is wrong with it, a sentence for the model; empty where it is whole
};

/// `specialists`: their names, the usual one first.
ReadProposal read_proposal(const llm::ToolCall& call, const std::vector<std::string>& specialists);

}  // namespace router
