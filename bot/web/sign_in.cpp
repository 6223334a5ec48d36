#include "bot/web/sign_in.h"

#include <fmt/core.h>

#include "base/crypto.h"
#include "base/log.h"
#include "base/password_hash.h"
#include "base/utf8.h"

namespace bot::web {
namespace {

using runtime::AdminUser;

constexpr std::size_t kMaxClientShown = 64;

/// Guesses on the built-in users count together, since one guess without a name is one on all of them. A name
/// that nobody has is counted like any other.
std::string counted_name(const std::string& name) {
  return name.empty() || runtime::is_built_in(name) ? "" : base::sha256(name);
}

bool is_same(const std::string& a, const std::string& b) {
  return base::constant_time_equal(base::sha256(a), base::sha256(b));
}

}  // namespace

AdminUser token_holder() {
  return {.name = runtime::kAdminName, .role = runtime::ConsoleRole::admin, .password = "", .chat = true};
}

SignIn::SignIn(runtime::AdminSettings admin, std::string token)
    : token_(std::move(token)), token_holder_(token_holder()) {
  replace(std::move(admin));
}

void SignIn::replace(runtime::AdminSettings admin) {
  admin_ = std::move(admin);
  any_hash_.clear();
  for (const auto& user : admin_.users) {
    if (base::is_password_hash(user.password)) {
      any_hash_ = user.password;
    }
  }
}

bool SignIn::is_right(const AdminUser* user, const std::string& secret) const {
  const bool hashed = user != nullptr && base::is_password_hash(user->password);
  bool right = is_same(secret, user != nullptr && !hashed ? user->password : std::string()) &&
               user != nullptr && !hashed && !user->password.empty();
  if (!any_hash_.empty()) {
    const bool of_hash = base::is_password_of(hashed ? user->password : any_hash_, secret);
    right = hashed ? of_hash : right;
  }
  return right;
}

const AdminUser* SignIn::holder_of(const SignInAttempt& attempt) const {
  if (admin_.empty()) {
    const bool is_admin = attempt.name.empty() || attempt.name == token_holder_.name;
    return is_same(attempt.secret, token_) && is_admin ? &token_holder_ : nullptr;
  }
  if (!attempt.name.empty()) {
    const auto* const user = admin_.find(attempt.name);
    return is_right(user, attempt.secret) ? user : nullptr;
  }
  const AdminUser* holder = nullptr;
  for (const auto& user : admin_.users) {
    // Each is looked at, whoever it was.
    if (runtime::is_built_in(user.name) && is_right(&user, attempt.secret) && holder == nullptr) {
      holder = &user;
    }
  }
  return holder;
}

SignIn::Result SignIn::check(const SignInAttempt& attempt) {
  const auto now = std::chrono::steady_clock::now();
  const auto counted = counted_name(attempt.name);
  if (throttle_.is_closed_to(attempt.client, counted, now)) {
    return {nullptr, true};
  }
  const auto* const user = holder_of(attempt);
  if (user == nullptr) {
    throttle_.count(attempt.client, counted, now);
    tell_of_failure(attempt, now);
    return {};
  }
  note_owner(user->name, attempt.client);
  return {user, false};
}

void SignIn::note_owner(const std::string& name, const std::string& client) {
  throttle_.note_owner(client, counted_name(name));
}

void SignIn::tell_of_failure(const SignInAttempt& attempt, SignInThrottle::Time now) {
  if (!throttle_.may_tell(now)) {
    return;
  }
  // Behind a proxy it is what the proxy says.
  const auto client = base::strip_controls(attempt.client.substr(0, kMaxClientShown));
  // A name that nobody has may be a password in the wrong field.
  const std::string name = attempt.name.empty()                   ? ""
                           : admin_.find(attempt.name) != nullptr ? fmt::format(" of {}", attempt.name)
                                                                  : " of a user who is not there";
  const int untold = throttle_.take_untold();
  base::log_warning("sign-in: a wrong {}{} from {}{}", admin_.empty() ? "token" : "password", name, client,
                    untold > 0 ? fmt::format(" (and {} more before it)", untold) : std::string());
}

}  // namespace bot::web
