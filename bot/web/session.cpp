#include "bot/web/session.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/crypto.h"
#include "base/id.h"
#include "base/log.h"
#include "base/network.h"
#include "base/password_hash.h"
#include "base/utf8.h"
#include "bot/texts/page.h"
#include "store/sessions.h"

namespace bot::web {
namespace {

constexpr std::size_t kMaxClient = 64;
/// How exactly it is known when a session was last used: a write for each request would cost too much.
constexpr std::chrono::minutes kSeenEvery{1};

std::string authority(const std::string& url) {
  const auto begin = url.find("://");
  return begin == std::string::npos ? "" : url.substr(begin + 3, url.find('/', begin + 3) - begin - 3);
}

/// What is kept of a password, so that another one can be told from it. Of one that is a hash already a
/// digest: the hash itself is a secret of the configuration, which nothing stores.
std::string kept(const std::string& password) {
  return password.empty()                   ? ""
         : base::is_password_hash(password) ? base::to_hex(base::sha256(password))
                                            : base::hash_password(password);
}

/// Whether that was kept of the password.
bool is_still(const std::string& password, const std::string& kept_of_it) {
  return base::is_password_hash(password) ? kept(password) == kept_of_it
                                          : base::is_password_of(kept_of_it, password);
}

std::string in_url(const std::string& host) {
  return host.find(':') != std::string::npos ? "[" + host + "]" : host;
}

}  // namespace

Session::Session(const runtime::ServerSettings& server, int port, runtime::AdminSettings admin,
                 store::Database db, const base::Clock& clock)
    : host_(server.host),
      port_(port),
      secure_(server.public_url.starts_with("https://")),
      public_url_(server.public_url),
      trusted_proxies_(server.behind_proxy ? server.trusted_proxies : std::vector<std::string>()),
      token_(base::random_hex(24)),
      clock_(clock),
      users_(std::make_shared<const runtime::AdminSettings>(std::move(admin))),
      db_(std::move(db)),
      sign_in_(*users(), token_) {
  // The token is meant to be printed once; everywhere else in the log it would be a leak, so only address()
  // shows it.
  for (const auto& host : {host_, std::string("127.0.0.1"), std::string("localhost"), std::string("::1")}) {
    own_hosts_.insert(fmt::format("{}:{}", in_url(host), port_));
    if (port_ == 80) {
      own_hosts_.insert(in_url(host));
    }
  }
  for (const auto& host : own_hosts_) {
    own_origins_.insert("http://" + host);
  }
  if (const auto name = authority(server.public_url); !name.empty()) {
    own_hosts_.insert(base::ascii_lower(name));
    own_origins_.insert(
        base::ascii_lower(server.public_url.substr(0, server.public_url.find("://") + 3) + name));
  }
  end_changed();
}

std::string Session::address() const {
  // An address that listens everywhere is no address to open.
  const auto host = host_ == "0.0.0.0" ? "127.0.0.1" : host_ == "::" ? "::1" : host_;
  auto base = public_url_.empty() ? fmt::format("http://{}:{}/", in_url(host), port_) : public_url_;
  base += base.ends_with('/') ? "" : "/";
  return has_password() ? base : base + "?token=" + token_;
}

std::optional<std::string> Session::foreign(const base::HttpRequest& request) const {
  const auto host = base::ascii_lower(request.headers.get("Host").value_or(""));
  if (!own_hosts_.contains(host)) {
    return texts::kUnknownHost;
  }
  const auto site = request.headers.get("Sec-Fetch-Site").value_or("");
  const auto origin = request.headers.get("Origin");
  // A browser that keeps referrers to itself sends "null" along with our own forms, too; no page can make it
  // say "same-origin".
  const bool is_hidden = origin == "null" && site == "same-origin";
  if (origin && !is_hidden && !own_origins_.contains(base::ascii_lower(*origin))) {
    return texts::kForeignOrigin;
  }
  if (request.method != "GET" && (site == "cross-site" || site == "same-site")) {
    return texts::kForeignOrigin;
  }
  return std::nullopt;
}

std::string Session::cookie_name() const {
  // Cookies do not tell ports apart, so two programs on one machine need two names.
  return fmt::format("frontdesk_{}", port_);
}

std::string Session::client_of(const base::HttpRequest& request) const {
  std::string forwarded;  // a proxy may add a line of its own instead of a word; the last is what it says
  for (const auto& [name, value] : request.headers.all()) {
    if (base::ascii_lower(name) == "x-forwarded-for") {
      forwarded = value;
    }
  }
  const auto peer = base::plain_address(request.remote_address);
  const bool trusted = std::any_of(trusted_proxies_.begin(), trusted_proxies_.end(),
                                   [&](const auto& proxy) { return base::plain_address(proxy) == peer; });
  if (!trusted || forwarded.empty()) {
    return request.remote_address;
  }
  const auto last = base::trim(std::string_view(forwarded).substr(forwarded.rfind(',') + 1));
  return base::is_address(last) ? std::string(last) : request.remote_address;
}

std::optional<Visitor> Session::visitor(const base::HttpRequest& request) {
  const auto secret = request.cookie(cookie_name());
  if (!secret || secret->empty()) {
    return std::nullopt;
  }
  const auto now = clock_.now();
  const auto session = db_.with([&](store::Database& db) { return store::Sessions(db).find(*secret, now); });
  if (!session) {
    return std::nullopt;
  }
  const auto user = this->user(session->user);
  if (!user) {
    return std::nullopt;
  }
  if (now - session->seen >= kSeenEvery) {
    note_seen(session->id, now);
  }
  return Visitor{{.name = user->name,
                  .role = user->role,
                  .chat = user->chat,
                  .session = session->id,
                  .csrf = base::to_hex(base::hmac_sha256(*secret, "csrf"))},
                 runtime::page_person(*user)};
}

bool Session::is_open(std::int64_t session) {
  const auto found =
      db_.with([&](store::Database& db) { return store::Sessions(db).get(session, clock_.now()); });
  return found && user(found->user);
}

std::optional<runtime::AdminUser> Session::user(const std::string& name) const {
  const auto users = this->users();
  if (users->empty()) {
    auto holder = token_holder();
    return holder.name == name ? std::optional(std::move(holder)) : std::nullopt;
  }
  const auto* const found = users->find(name);
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

void Session::note_seen(std::int64_t session, base::Timestamp now) {
  try {
    db_.with([&](store::Database& db) {
      store::Transaction transaction(db, store::Transaction::Promise::soon);
      store::Sessions(db).note_seen(session, now);
      transaction.commit();
    });
  } catch (const std::exception& e) {
    // A page must be readable when the disk is full.
    base::log_warning("sign-in: when a session was last used could not be stored: {}", e.what());
  }
}

Session::Users Session::users() const {
  return users_.with([](const Users& users) { return users; });
}

bool Session::has_password() const {
  return !users()->empty();
}

bool Session::has_names() const {
  const auto users = this->users();
  return std::any_of(users->users.begin(), users->users.end(),
                     [](const auto& user) { return !runtime::is_built_in(user.name); });
}

Session::Login Session::log_in(const SignInAttempt& attempt) {
  // Those who wait for their turn wait on a thread of the server.
  if (!places_.try_acquire()) {
    return {std::nullopt, true};
  }
  struct Place {
    Places& places;
    ~Place() { places.release(); }
  } const place{places_};
  // One guess at a time: the hash of a password takes memory and a tenth of a second, and guesses made at the
  // same time must all count.
  const std::lock_guard one(sign_in_mutex_);
  const auto result = sign_in_.check(attempt);
  if (result.user == nullptr) {
    return {std::nullopt, result.too_many};
  }
  return {begin(*result.user, attempt.client), false, *result.user};
}

/// Under sign_in_mutex_.
std::string Session::begin(const runtime::AdminUser& user, const std::string& client) {
  const auto secret = base::random_hex(32);
  db_.with([&](store::Database& db) {
    store::Sessions sessions(db);
    std::optional<std::string> hash;
    if (sessions.users().count(user.name) == 0) {
      hash = kept(user.password);
    }
    store::Transaction transaction(db);
    if (hash) {
      sessions.keep_user(user.name, *hash);
    }
    sessions.add(secret, user.name, base::strip_controls(client.substr(0, kMaxClient)), clock_.now());
    transaction.commit();
  });
  return cookie(secret, store::Sessions::kLongest);
}

void Session::reload(const runtime::AdminSettings& admin) {
  const std::lock_guard one(sign_in_mutex_);
  users_.with([&](Users& users) { users = std::make_shared<const runtime::AdminSettings>(admin); });
  sign_in_.replace(admin);
  end_changed();
}

/// Under sign_in_mutex_, or alone.
void Session::end_changed() {
  const auto users = this->users();
  db_.with([&](store::Database& db) {
    store::Sessions sessions(db);
    for (const auto& [name, hash] : sessions.users()) {
      const auto* const user = users->find(name);
      const auto holder = token_holder();
      const bool holds = users->empty() ? name == holder.name && hash.empty()
                                        : user != nullptr && is_still(user->password, hash);
      if (holds) {
        continue;
      }
      store::Transaction transaction(db);
      const int ended = sessions.drop_user(name);
      transaction.commit();
      if (ended > 0) {
        base::log_info("sign-in: {} of {} ended, because the password is another or the user is gone",
                       ended == 1 ? "the session" : fmt::format("{} sessions", ended), name);
      }
    }
    for (const auto& session : sessions.open(clock_.now())) {
      sign_in_.note_owner(session.user, session.address);
    }
  });
}

std::string Session::cookie(const std::string& value, std::chrono::seconds max_age) const {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", cookie_name(), value,
                     max_age.count(), secure_ ? "; Secure" : "");
}

std::string Session::no_cookie() const {
  return cookie("", std::chrono::seconds(0));
}

}  // namespace bot::web
