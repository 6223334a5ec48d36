#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "llm/attempt_error.h"
#include "llm/chat_model.h"
#include "llm/endpoint.h"
#include "llm/refused_tools.h"

namespace llm {

/// The member that holds the tools. Who has none complains in many words.
inline constexpr const char* kToolsMember = "tools";

/// What a server refuses of a request although it could do without; its pictures are such a member
/// (kImagesMember). It is left out, one after the other as the server complains, and from then on, once the
/// server has answered without it. Pictures of which it does not say that it takes none are left out that
/// once. Thread rule: any thread.
class OptionalMembers {
 public:
  /// What is known of the server beforehand.
  explicit OptionalMembers(Endpoint::Images images = Endpoint::Images::tried);

  using Names = std::set<std::string>;
  /// One attempt with that request without those members, which has to end within the time given. Throws
  /// AttemptError.
  using Attempt = std::function<Completion(const ChatRequest& request, const Names& left_out,
                                           std::chrono::milliseconds time)>;

  /// `names`: the members that may be left out. `unnamed`: the one that is tried where the server refuses the
  /// request as a whole (422) and names none; may be empty. Tools that are refused are left out, see
  /// RefusedTools.
  Completion attempt(const ChatRequest& request, const std::vector<std::string>& names,
                     const std::string& unnamed, std::chrono::milliseconds time, const Attempt& attempt);

  /// Whether that member is left out from now on.
  bool leaves_out(const std::string& name) const;

 private:
  void remember(const Names& left_out, const std::optional<AttemptError>& why);
  Completion attempt_without(const ChatRequest& request, const std::vector<std::string>& names,
                             const std::string& unnamed, std::chrono::milliseconds time,
                             const Attempt& attempt);

  const Endpoint::Images images_;
  RefusedTools refused_tools_;
  mutable base::Guarded<Names> refused_;
};

}  // namespace llm
