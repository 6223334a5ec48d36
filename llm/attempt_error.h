#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/http.h"
#include "llm/chat_model.h"

namespace llm {

/// How often the failed attempt is worth repeating.
enum class Repeat {
  never,
  rarely,  ///< twice: the same answer probably comes again
  often    ///< as often as the endpoint allows
};

/// An attempt failed. Thrown by adapters, turned into a ModelError by with_retries().
/// `what()` is one line, without secrets.
class AttemptError : public std::runtime_error {
 public:
  AttemptError(ModelError::Kind why, Repeat how_often, std::string_view what,
               std::optional<std::chrono::milliseconds> wait = std::nullopt);

  ModelError::Kind kind;
  Repeat repeat;
  std::optional<std::chrono::milliseconds> retry_after;  ///< how long the provider asked us to wait
  int status = 0;                                        ///< of a response other than 2xx
  std::string response;  ///< the beginning of its body, as it came; not for people, it may hold secrets

  /// Whether the provider refused this request, of which it may take a part: with 400 to 422, and for none of
  /// the reasons that have a kind of their own.
  bool refuses_request() const;
};

/// Whether servers refuse requests with that status that they do not understand: 400 to 422, and 500 and 501,
/// which some answer in their place.
bool is_refusal(int status);

/// What a response other than 2xx means.
AttemptError refused(const base::HttpResponse& response);

/// What an error object inside an answer means, which providers send once the status is already out. `error`
/// is the object under "error", or whatever is in its place.
AttemptError refused_inside(const nlohmann::json& error);

/// What a missing response means.
AttemptError not_answered(const base::HttpError& error);

/// The answer is not what the protocol promises.
AttemptError malformed(std::string_view what);

}  // namespace llm
