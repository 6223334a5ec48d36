#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "bot/runtime/admin_settings.h"
#include "bot/web/sign_in_throttle.h"

namespace bot::web {

/// What somebody typed, or had in the address.
struct SignInAttempt {
  std::string name = {};    ///< empty: the secret alone says which of the built-in users it is
  std::string secret = {};  ///< a password; the token where no user has one
  std::string client = {};  ///< the address that wrong ones are counted for
};

/// Checks passwords and the printed token. What an answer takes does not tell whether there is a user of that
/// name, nor whose password it was. Thread rule: one thread at a time.
class SignIn {
 public:
  SignIn(runtime::AdminSettings admin, std::string token);

  /// From now on these may sign in.
  void replace(runtime::AdminSettings admin);

  /// Null where the secret is wrong, or where guesses come too fast (`too_many`) and it was not looked at.
  /// Good until replace().
  struct Result {
    const runtime::AdminUser* user = nullptr;
    bool too_many = false;
  };
  Result check(const SignInAttempt& attempt);

  /// That user signed in from there earlier, see SignInThrottle::note_owner().
  void note_owner(const std::string& name, const std::string& client);

 private:
  const runtime::AdminUser* holder_of(const SignInAttempt& attempt) const;
  bool is_right(const runtime::AdminUser* user, const std::string& secret) const;
  void tell_of_failure(const SignInAttempt& attempt, SignInThrottle::Time now);

  runtime::AdminSettings admin_;
  const std::string token_;
  const runtime::AdminUser token_holder_;
  std::string any_hash_;  ///< of some user's password; what it costs to check is paid for everybody
  SignInThrottle throttle_;
};

/// Whoever has the token, where no user has a password.
runtime::AdminUser token_holder();

}  // namespace bot::web
