#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/file.h"

namespace dispatch {

/// The operator's login of the Claude Code CLI (.credentials.json) for one run in the sandbox: a copy, so
/// that nothing that runs there can change the login itself. Only a copy for a run that may outlast the login
/// has what renews it, and only one run at a time has such a copy: a second renewal with the same key would
/// end both. Thread rule: one thread.
class LoginCopy {
 public:
  /// Copies the login in `state`, which must last for `needed_for`, where that is said. Where it does not and
  /// another run renews it, waits for that, a minute at most; then the copy is one that cannot be renewed.
  LoginCopy(const std::filesystem::path& state, std::optional<std::chrono::seconds> needed_for,
            base::Timestamp now, const std::stop_token& stop);
  /// Takes over, and removes the copy.
  ~LoginCopy();
  LoginCopy(const LoginCopy&) = delete;
  LoginCopy& operator=(const LoginCopy&) = delete;

  /// The copy; empty where there is no login.
  const std::filesystem::path& path() const { return path_; }
  /// Whether it has what renews the login.
  bool may_renew() const { return lease_.has_value(); }
  /// Where the run has renewed its copy, makes that the login, which others that wait for it then have. Cheap
  /// where nothing changed; never throws.
  void take_over();

 private:
  void make_copy(const std::string& text);

  const std::filesystem::path state_;
  std::filesystem::path path_;
  std::string given_;   ///< the text of the copy, as the run last left it
  std::string kept_;    ///< what renews it, in there
  std::string stored_;  ///< that of the login that it is a copy of
  std::optional<base::FileLock> in_use_;
  std::optional<base::FileLock> lease_;
};

/// The text of the login after a run that was given `given` left `left`; nothing where that is no renewal of
/// the same account: another account, organisation or scope, an older or an absurdly late end, a token of
/// another kind.
std::optional<std::string> renewed_login(const std::string& stored, const std::string& given,
                                         const std::string& left, base::Timestamp now);

/// The login as a run gets it that need not renew it: the account's tokens alone, without what renews them.
/// Nothing where the text is no login.
std::optional<std::string> login_for_run(const std::string& stored, bool may_renew);

}  // namespace dispatch
