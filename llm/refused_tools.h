#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>

#include "base/guarded.h"
#include "llm/chat_model.h"

namespace llm {

/// Tools of other servers ("server__tool") whose schemas a provider refuses, which would otherwise fail every
/// turn that is offered them. They are left out as the provider names them, and from then on, once it has
/// answered without them; a warning names them. Thread rule: any thread.
class RefusedTools {
 public:
  /// One attempt with that request, which has to end within the time given. Throws AttemptError.
  using Attempt = std::function<Completion(const ChatRequest& request, std::chrono::milliseconds time)>;

  Completion attempt(const ChatRequest& request, std::chrono::milliseconds time, const Attempt& attempt);

 private:
  base::Guarded<std::set<std::string>> names_;
};

}  // namespace llm
