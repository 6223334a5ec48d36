#pragma once

#include <stop_token>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/error.h"
#include "base/http.h"

namespace bot::mattermost {

/// Mattermost understood a call and refuses it for good. what() says what to do.
class Refusal : public base::PermanentError {
 public:
  Refusal(int http_status, const std::string& error_id);
  /// Whether every other call would be refused as well, until somebody mends the token or the way to
  /// Mattermost.
  bool is_about_access() const { return status == 401 || id.empty(); }
  const int status;
  const std::string id;  ///< Mattermost's own name of the error; empty where something else answered
};

/// Whether it is one of Mattermost's ids: 26 of a-z and 0-9 (server/public/model/utils.go, NewId).
bool is_id(std::string_view text);

/// Mattermost's REST API (https://api.mattermost.com) under the access token of one bot account. Every
/// function throws NotSent where the call certainly had no effect (with retry_after after a 429),
/// base::TransientError where nobody knows, Refusal, or base::Stopped. Thread rule: any thread.
class Api {
 public:
  /// `url` is the server's, without a slash at its end.
  Api(std::string url, std::string token) : url_(std::move(url)), token_(std::move(token)) {}

  /// `path` begins behind /api/v4.
  nlohmann::json get(const std::string& path, std::stop_token stop) const;
  nlohmann::json send(const std::string& method, const std::string& path, const nlohmann::json& body,
                      std::stop_token stop) const;
  /// Uploads a file that nobody sees before a post names it. Returns its id.
  std::string upload(const std::string& channel, const std::string& name, const std::string& content,
                     std::stop_token stop) const;

  std::string file_url(const std::string& file_id) const;
  base::HttpFields authorization() const;

 private:
  nlohmann::json make(base::HttpCall call, const std::string& path, std::stop_token stop) const;

  const std::string url_;
  const std::string token_;
};

}  // namespace bot::mattermost
