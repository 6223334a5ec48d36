#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/http.h"
#include "bot/console/caller.h"
#include "bot/runtime/settings.h"
#include "bot/web/sign_in.h"
#include "store/database.h"

namespace bot::web {

/// Who sent a request: somebody who is signed in.
struct Visitor {
  console::Caller caller;
  std::string person;  ///< as the page's chat section calls them, where the caller may chat
};

/// Who may use the pages: whoever has the token that was printed at the start, or the users of [admin].
/// Sessions are rows of the database (store/sessions.h), so that they outlive the program. Thread rule: any
/// thread.
class Session {
 public:
  /// `port` is the one that is really bound. Ends the sessions of users who are gone or have another password
  /// since they signed in. `db` is its own.
  Session(const runtime::ServerSettings& server, int port, runtime::AdminSettings admin, store::Database db,
          const base::Clock& clock);

  /// "http://127.0.0.1:8787/?token=…", or without a token where users have passwords.
  std::string address() const;

  /// Whether the request may reach the pages at all: its Host is one of ours, and, where it says where it
  /// comes from (Origin, Sec-Fetch-Site), it comes from our own page. Otherwise a sentence. Against DNS
  /// rebinding and cross-site requests.
  std::optional<std::string> foreign(const base::HttpRequest& request) const;

  /// Who sent the request: the peer, or behind a trusted proxy whom the proxy names last (X-Forwarded-For).
  std::string client_of(const base::HttpRequest& request) const;

  /// Who is signed in by the cookie of the request, with the role that the settings give now.
  std::optional<Visitor> visitor(const base::HttpRequest& request);

  /// Users have passwords; else there is the token.
  bool has_password() const;
  /// There are users beside those who sign in without a name.
  bool has_names() const;

  /// The Set-Cookie value of a new session if the token or the password is right; nothing if not.
  /// `too_many`: guesses come too fast, from this client or altogether, and this one was not checked.
  struct Login {
    std::optional<std::string> cookie;
    bool too_many = false;
    runtime::AdminUser user = {};  ///< who it is, where there is a cookie
  };
  Login log_in(const SignInAttempt& attempt);

  /// Whether it has not ended, and its user may still sign in.
  bool is_open(std::int64_t session);

  /// The Set-Cookie value that takes the cookie away.
  std::string no_cookie() const;

  /// The users of a changed [admin]; ends the sessions that it does not allow.
  void reload(const runtime::AdminSettings& admin);

 private:
  static constexpr std::ptrdiff_t kMaxAtOnce = 8;
  using Places = std::counting_semaphore<kMaxAtOnce>;
  using Users = std::shared_ptr<const runtime::AdminSettings>;

  std::string cookie_name() const;
  std::string cookie(const std::string& value, std::chrono::seconds max_age) const;
  Users users() const;
  /// The user of that name, as configured now; nothing where there is none.
  std::optional<runtime::AdminUser> user(const std::string& name) const;
  void end_changed();
  void note_seen(std::int64_t session, base::Timestamp now);
  std::string begin(const runtime::AdminUser& user, const std::string& client);

  const std::string host_;
  const int port_;
  const bool secure_;
  const std::string public_url_;
  const std::vector<std::string> trusted_proxies_;
  const std::string token_;
  const base::Clock& clock_;
  std::set<std::string> own_hosts_;
  std::set<std::string> own_origins_;   ///< with their scheme
  mutable base::Guarded<Users> users_;  ///< as configured; empty: the token
  base::Guarded<store::Database> db_;
  std::mutex sign_in_mutex_;
  Places places_{kMaxAtOnce};  ///< for those who sign in, whose turn comes next
  SignIn sign_in_;             ///< under sign_in_mutex_
};

}  // namespace bot::web
