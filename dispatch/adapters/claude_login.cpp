#include "dispatch/adapters/claude_login.h"

#include <algorithm>
#include <system_error>
#include <tuple>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/held_folder.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/wait.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kFile = ".credentials.json";
constexpr const char* kCopies = "frontdesk-logins";
constexpr const char* kLease = "renewal.lock";
constexpr const char* kSettling = "settling.lock";
constexpr std::string_view kInUse = ".lock";
constexpr const char* kAccount = "claudeAiOauth";
constexpr const char* kRenewing = "refreshToken";
/// What a renewal changes.
constexpr const char* kChanging[] = {"accessToken", kRenewing, "expiresAt", "refreshTokenExpiresAt"};
/// What says whose login it is, where it says so.
constexpr const char* kIdentity[] = {"scopes", "accountUuid", "organizationUuid", "emailAddress"};
constexpr std::size_t kMostOfLogin = 256 * 1024;
constexpr std::size_t kMostOfToken = 4096;
constexpr std::size_t kMostCopies = 1'000;
constexpr std::chrono::seconds kLongestWait{60};
constexpr std::chrono::milliseconds kLook{200};
/// The waits for persons, which the time of a run does not count, and some more.
constexpr std::chrono::hours kMargin{1};
constexpr std::chrono::hours kLatestEnd{24 * 400};

/// The login behind a link, such as one into a folder of dotfiles.
fs::path login_file(const fs::path& state) {
  std::error_code ec;
  const auto real = fs::canonical(state / kFile, ec);
  return ec ? state / kFile : real;
}

std::string stored_login(const fs::path& state) {
  return base::read_regular_file(login_file(state), kMostOfLogin).value_or("");
}

std::optional<base::Timestamp> end_of(const json& account) {
  const auto at = base::json_integer(account, "expiresAt");
  return at ? std::optional(base::from_unix_ms(*at)) : std::nullopt;
}

/// "sk-ant-oat01-" of a token; empty where there is none.
std::string kind_of(const std::string& token) {
  const auto end = token.find('-', std::min<std::size_t>(token.size(), 7));
  return token.substr(0, end == std::string::npos ? 0 : end);
}

bool is_token(const std::string& token) {
  return !token.empty() && token.size() <= kMostOfToken &&
         std::all_of(token.begin(), token.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

bool same_kind(const json& before, const json& after, const char* key) {
  const auto old = base::json_string(before, key).value_or("");
  const auto now = base::json_string(after, key).value_or("");
  return is_token(now) && kind_of(old) == kind_of(now);
}

bool same_identity(const json& before, const json& after) {
  return std::all_of(std::begin(kIdentity), std::end(kIdentity), [&](const char* key) {
    return !before.contains(key) || before.at(key) == after.value(key, json());
  });
}

/// Nobody uses it who still lives: a run that was killed leaves its copy.
void remove_left_behind(const base::HeldFolder& copies) {
  for (const auto& name : copies.names(kMostCopies)) {
    const auto lock = name + std::string(kInUse);
    if (name.ends_with(".json") && !base::FileLock::is_held(copies.path_of(lock))) {
      copies.remove(name);
      copies.remove(lock);
    }
  }
}

/// Nothing where another process has it for longer than a second, which reading and writing two files never
/// takes.
std::optional<base::FileLock> settle(const base::HeldFolder& copies) {
  std::optional<base::FileLock> lock;
  for (int i = 0; i < 5 && !lock; ++i) {
    lock = base::FileLock::try_acquire(copies.path_of(kSettling), fmt::format("process {}", ::getpid()));
    if (!lock) {
      std::ignore = base::wait_for(kLook, {});
    }
  }
  return lock;
}

}  // namespace

std::optional<std::string> login_for_run(const std::string& stored, bool may_renew) {
  const auto login = base::parse_json(stored);
  const auto* account = login ? base::json_member(*login, kAccount) : nullptr;
  if (account == nullptr || !account->is_object()) {
    return std::nullopt;
  }
  // Not what else stands there, such as the tokens of MCP servers.
  json copy = {{kAccount, *account}};
  if (const auto* organisation = base::json_member(*login, "organizationUuid")) {
    copy["organizationUuid"] = *organisation;
  }
  if (!may_renew) {
    copy[kAccount].erase(kRenewing);
  }
  return base::dump_json(copy);
}

std::optional<std::string> renewed_login(const std::string& stored, const std::string& given,
                                         const std::string& left, base::Timestamp now) {
  auto login = base::parse_json(stored);
  const auto before = base::parse_json(given);
  const auto after = base::parse_json(left);
  if (!login || !login->is_object() || !before || !after || !before->is_object() || !after->is_object()) {
    return std::nullopt;
  }
  const auto* old = base::json_member(*before, kAccount);
  const auto* renewed = base::json_member(*after, kAccount);
  if (old == nullptr || renewed == nullptr || !renewed->is_object() || !old->contains(kRenewing)) {
    return std::nullopt;
  }
  const auto old_end = end_of(*old);
  const auto end = end_of(*renewed);
  const bool later = end && (!old_end || *end > *old_end) && *end < now + kLatestEnd;
  if (!later || !same_kind(*old, *renewed, "accessToken") || !same_kind(*old, *renewed, kRenewing) ||
      !same_identity(*old, *renewed) || !same_identity(*before, *after)) {
    return std::nullopt;
  }
  for (const auto* key : kChanging) {
    if (const auto* value = base::json_member(*renewed, key)) {
      (*login)[kAccount][key] = *value;
    }
  }
  return base::dump_json(*login);
}

LoginCopy::LoginCopy(const fs::path& state, std::optional<std::chrono::seconds> needed_for,
                     base::Timestamp now, const std::stop_token& stop)
    : state_(state) {
  const auto folder = base::HeldFolder::open(state / ".");
  if (!folder || stored_login(state).empty()) {
    return;
  }
  const auto copies = folder->make(kCopies);
  const auto lasts = [&] {
    const auto login = base::parse_json(stored_);
    const auto end = login ? end_of(base::json_object(*login, kAccount)) : std::nullopt;
    return !end || !needed_for || *end > now + *needed_for + kMargin;
  };
  const auto give_up = std::chrono::steady_clock::now() + kLongestWait;
  while (true) {
    stored_ = stored_login(state);
    if (lasts() || stop.stop_requested() || std::chrono::steady_clock::now() > give_up) {
      break;
    }
    lease_ = base::FileLock::try_acquire(copies.path_of(kLease), fmt::format("process {}", ::getpid()));
    if (lease_) {
      stored_ = stored_login(state);  // whoever had it may have renewed it
      if (lasts()) {
        lease_.reset();
      }
      break;
    }
    std::ignore = base::wait_for(kLook, stop);
  }
  if (const auto text = login_for_run(stored_, may_renew())) {
    make_copy(*text);
  }
}

void LoginCopy::make_copy(const std::string& text) {
  const auto copies = base::HeldFolder::open(state_ / kCopies);
  const auto settling = copies ? settle(*copies) : std::nullopt;
  if (!settling) {
    return;
  }
  remove_left_behind(*copies);
  const auto name = base::random_hex(8) + ".json";
  in_use_ = base::FileLock::try_acquire(copies->path_of(name + std::string(kInUse)),
                                        fmt::format("process {}", ::getpid()));
  copies->write(name, text, base::Durability::relaxed, 0600);
  given_ = text;
  if (const auto login = base::parse_json(text)) {
    kept_ = base::json_text(base::json_object(*login, kAccount), kRenewing);
  }
  path_ = state_ / kCopies / name;
}

void LoginCopy::take_over() {
  if (path_.empty() || !lease_) {
    return;
  }
  try {
    const auto left = base::read_regular_file(path_, kMostOfLogin).value_or("");
    // A CLI that writes it in place may be half way through.
    const auto login = left == given_ ? std::nullopt : base::parse_json(left);
    if (!login) {
      return;
    }
    if (base::json_text(base::json_object(*login, kAccount), kRenewing) == kept_) {
      return;  // written anew, but not renewed
    }
    const auto copies = base::HeldFolder::open(state_ / kCopies);
    const auto settling = copies ? settle(*copies) : std::nullopt;
    if (!settling) {
      return;  // the next call does it
    }
    const auto renewed = stored_login(state_) == stored_
                             ? renewed_login(stored_, given_, left, base::SystemClock().now())
                             : std::nullopt;
    if (renewed) {
      const auto file = login_file(state_);
      if (const auto folder = base::HeldFolder::open(file.parent_path() / ".")) {
        folder->write(file.filename().string(), *renewed, base::Durability::synced, 0600);
        stored_ = *renewed;
        base::log_info("a run has renewed the login of Claude Code");
      }
    } else {
      base::log_warning(
          "a run left a login of Claude Code that is no renewal of the one it was given; it is not used");
    }
    given_ = left;
    kept_ = base::json_text(base::json_object(*login, kAccount), kRenewing);
  } catch (const std::system_error& e) {
    base::log_warning("a renewed login of Claude Code cannot be kept now: {}", e.what());
  }
}

LoginCopy::~LoginCopy() {
  take_over();
  if (path_.empty()) {
    return;
  }
  std::error_code ignored;
  fs::remove(path_, ignored);
  fs::remove(path_.string() + std::string(kInUse), ignored);
}

}  // namespace dispatch
