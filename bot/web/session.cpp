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

namespace bot::web {
namespace {

constexpr std::size_t kMaxSessions = 1'000;
constexpr std::size_t kMaxClientShown = 64;

std::string authority(const std::string& url) {
  const auto begin = url.find("://");
  return begin == std::string::npos ? "" : url.substr(begin + 3, url.find('/', begin + 3) - begin - 3);
}

std::string in_url(const std::string& host) {
  return host.find(':') != std::string::npos ? "[" + host + "]" : host;
}

}  // namespace

Session::Session(const runtime::ServerSettings& server, int port, std::optional<std::string> password)
    : host_(server.host),
      port_(port),
      secure_(server.public_url.starts_with("https://")),
      public_url_(server.public_url),
      trusted_proxies_(server.behind_proxy ? server.trusted_proxies : std::vector<std::string>()),
      password_(std::move(password)),
      token_(base::random_hex(24)) {
  // The token is meant to be printed once; everywhere else in the log it would be a leak, so only address()
  // shows it.
  for (const auto& host : {host_, std::string("127.0.0.1"), std::string("localhost"), std::string("::1")}) {
    own_hosts_.insert(fmt::format("{}:{}", in_url(host), port_));
    if (port_ == 80) {
      own_hosts_.insert(in_url(host));
    }
  }
  if (const auto name = authority(server.public_url); !name.empty()) {
    own_hosts_.insert(base::ascii_lower(name));
  }
}

std::string Session::address() const {
  // An address that listens everywhere is no address to open.
  const auto host = host_ == "0.0.0.0" ? "127.0.0.1" : host_ == "::" ? "::1" : host_;
  auto base = public_url_.empty() ? fmt::format("http://{}:{}/", in_url(host), port_) : public_url_;
  base += base.ends_with('/') ? "" : "/";
  return password_ ? base : base + "?token=" + token_;
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
  if (origin && !is_hidden && !own_hosts_.contains(base::ascii_lower(authority(*origin)))) {
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
  const auto forwarded = request.headers.get("X-Forwarded-For").value_or("");
  const auto peer = base::plain_address(request.remote_address);
  const bool trusted = std::any_of(trusted_proxies_.begin(), trusted_proxies_.end(),
                                   [&](const auto& proxy) { return base::plain_address(proxy) == peer; });
  if (!trusted || forwarded.empty()) {
    return request.remote_address;
  }
  return std::string(base::trim(std::string_view(forwarded).substr(forwarded.rfind(',') + 1)));
}

bool Session::is_logged_in(const base::HttpRequest& request) const {
  const auto cookie = request.cookie(cookie_name());
  const std::lock_guard lock(mutex_);
  return cookie && sessions_.contains(*cookie);
}

bool Session::is_right_secret(const std::string& secret) const {
  if (!password_ || !base::is_password_hash(*password_)) {
    return base::constant_time_equal(secret, password_.value_or(token_));
  }
  return base::is_password_of(*password_, secret);
}

Session::Login Session::log_in(const std::string& secret, const std::string& client) {
  // Those who wait for their turn wait on a thread of the server.
  if (!places_.try_acquire()) {
    return {std::nullopt, true};
  }
  struct Place {
    Places& places;
    ~Place() { places.release(); }
  } const place{places_};
  return log_in_in_turn(secret, client);
}

Session::Login Session::log_in_in_turn(const std::string& secret, const std::string& client) {
  const auto now = std::chrono::steady_clock::now();
  // One guess at a time: the hash of a password takes memory and a tenth of a second, and guesses made at the
  // same time must all count.
  const std::lock_guard one(guess_mutex_);
  // Only a password can be guessed; the token is random and long.
  if (password_ && throttle_.is_closed_to(client, now)) {
    return {std::nullopt, true};
  }
  if (!is_right_secret(secret)) {
    throttle_.count(client, now);
    tell_of_failure(client, now);
    return {};
  }
  const std::lock_guard lock(mutex_);
  if (sessions_.size() >= kMaxSessions) {
    sessions_.erase(sessions_.begin());
  }
  const auto id = base::random_hex(32);
  sessions_.insert(id);
  return {
      fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}", cookie_name(), id, secure_ ? "; Secure" : ""),
      false};
}

void Session::tell_of_failure(const std::string& client, std::chrono::steady_clock::time_point now) {
  if (!throttle_.may_tell(now)) {
    return;
  }
  // Behind a proxy it is what the proxy says.
  const auto shown = base::strip_controls(client.substr(0, kMaxClientShown));
  const int untold = throttle_.take_untold();
  base::log_warning("sign-in: a wrong {} from {}{}", password_ ? "password" : "token", shown,
                    untold > 0 ? fmt::format(" (and {} more before it)", untold) : std::string());
}

}  // namespace bot::web
