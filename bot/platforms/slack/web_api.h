#pragma once

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/error.h"
#include "base/http.h"
#include "bot/platforms/shared/api_address.h"

namespace bot::slack {

/// The folder of Slack's methods.
inline constexpr const char* kApi = "https://slack.com/api";

/// Slack understood a call and refuses it for good. what() says what to do.
class Refusal : public base::PermanentError {
 public:
  explicit Refusal(const std::string& error);
  /// Something before Slack refused it with an HTTP status.
  explicit Refusal(int status);
  /// Whether every other call would be refused as well, until somebody mends the token, the app or the way to
  /// Slack.
  bool is_about_access() const;
  const std::string code;  ///< Slack's own word, such as "not_in_channel"; "status_403" for an HTTP status
};

/// Whether both are addresses of the same host by the same protocol.
bool is_same_origin(const std::string& url, const std::string& other);

/// Slack's Web API (https://docs.slack.dev/apis/web-api) under one bot token. Every function returns the
/// answer to a call that Slack says is "ok", and throws NotSent where it certainly had no effect (with
/// retry_after after a 429), base::TransientError where nobody knows, Refusal, base::PermanentError, or
/// base::Stopped. Thread rule: any thread.
class WebApi {
 public:
  /// The URL is what read_api_base_url() gives for kApi.
  WebApi(std::string url, std::string token);

  /// Calls a method that takes JSON.
  nlohmann::json call(const std::string& method, const nlohmann::json& arguments, std::stop_token stop) const;

  /// Calls a method that takes a form: those that only read do not take JSON. `headers` gets what the answer
  /// has there.
  using Arguments = std::vector<std::pair<std::string, std::string>>;
  nlohmann::json ask(const std::string& method, const Arguments& arguments, std::stop_token stop,
                     base::HttpFields* headers = nullptr) const;

  /// Posts to an address that Slack gave (a response_url or an upload_url) and that needs no token.
  static void post_to(const std::string& url, const std::string& body, const std::string& content_type,
                      std::stop_token stop);

  /// Whether the token may go to that address: one of Slack's own hosts by https, or where the API is.
  bool is_own_host(const std::string& url) const;
  base::HttpFields authorization() const;

 private:
  nlohmann::json make(const std::string& method, const std::string& body, const std::string& content_type,
                      std::stop_token stop, base::HttpFields* headers) const;

  const shared::ApiAddress address_;
  const std::string token_;
};

}  // namespace bot::slack
