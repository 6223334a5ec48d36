#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <semaphore>
#include <set>
#include <string>
#include <vector>

#include "base/http.h"
#include "bot/runtime/settings.h"
#include "bot/web/sign_in_throttle.h"

namespace bot::web {

/// Who may use the pages: whoever has the token that was printed at the start, or the admin's password.
/// Sessions live until the program ends. Thread rule: any thread.
class Session {
 public:
  /// `port` is the one that is really bound; `password` is plain or a hash (base/password_hash.h).
  Session(const runtime::ServerSettings& server, int port, std::optional<std::string> password);

  /// "http://127.0.0.1:8787/?token=…", or without a token where a password is set.
  std::string address() const;

  /// Whether the request may reach the pages at all: its Host is one of ours, and, where it says where it
  /// comes from (Origin, Sec-Fetch-Site), it comes from our own page. Otherwise a sentence. Against DNS
  /// rebinding and cross-site requests.
  std::optional<std::string> foreign(const base::HttpRequest& request) const;

  /// Who sent the request: the peer, or behind a trusted proxy whom the proxy names last (X-Forwarded-For).
  std::string client_of(const base::HttpRequest& request) const;

  bool is_logged_in(const base::HttpRequest& request) const;
  bool has_password() const { return password_.has_value(); }

  /// The Set-Cookie value of a new session if the token or the password is right; nothing if not.
  /// `too_many`: guesses come too fast, from this client or altogether, and this one was not checked.
  struct Login {
    std::optional<std::string> cookie;
    bool too_many = false;
  };
  /// `client` is the address that the guesses are counted for.
  Login log_in(const std::string& secret, const std::string& client);

 private:
  static constexpr std::ptrdiff_t kMaxAtOnce = 8;
  using Places = std::counting_semaphore<kMaxAtOnce>;

  std::string cookie_name() const;
  Login log_in_in_turn(const std::string& secret, const std::string& client);
  void tell_of_failure(const std::string& client, std::chrono::steady_clock::time_point now);
  bool is_right_secret(const std::string& secret) const;

  const std::string host_;
  const int port_;
  const bool secure_;
  const std::string public_url_;
  const std::vector<std::string> trusted_proxies_;
  const std::optional<std::string> password_;
  const std::string token_;
  std::set<std::string> own_hosts_;
  mutable std::mutex mutex_;
  std::set<std::string> sessions_;
  std::mutex guess_mutex_;
  Places places_{kMaxAtOnce};  ///< for those who sign in, whose turn comes next
  SignInThrottle throttle_;    ///< under guess_mutex_
};

}  // namespace bot::web
