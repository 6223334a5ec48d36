#include "dispatch/task/claims.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/utf8.h"
#include "dispatch/task/token_price.h"

namespace dispatch {
namespace {

/// So much at once, as of one call, and so much a second, as of several quick sub-agents.
struct Allowance {
  double at_once;
  double per_second;

  double after(double seconds) const { return at_once + per_second * seconds; }
};
/// Tokens of input that no cache held, those written into one included.
constexpr Allowance kNewInput{250'000, 100'000};
constexpr Allowance kCachedInput{1'000'000, 500'000};
constexpr Allowance kOutput{128'000, 4'000};
constexpr Allowance kUsd{2, 0.3};
/// Of a run whose tokens are told: beside them, for what is no token.
constexpr Allowance kUsdBesideTokens{0.5, 0.05};
/// Dearer than any list price at the time of writing, in US dollars per million.
constexpr TokenPrice kDearest{30, 150};
/// A search, a faster tier, a model dearer than its family: more than its tokens at the list price.
constexpr double kTimesListPrice = 3;

constexpr std::size_t kMostText = 1024 * 1024;
constexpr std::size_t kMostSaid = 64 * 1024;
constexpr std::size_t kMostProblem = 2'000;
constexpr std::size_t kMostDetail = 500;
constexpr std::size_t kMostName = 80;
constexpr std::size_t kMostRequest = 36'000;
constexpr std::size_t kMostScope = 2'000;
constexpr std::size_t kMostWorks = 20;
constexpr std::size_t kMostDenials = 100;

std::string short_text(const std::string& text, std::size_t most) {
  return text.size() > most ? base::ellipsize(text, most) : text;
}

std::string name_of(const std::string& text) {
  return short_text(base::one_line(text.substr(0, 4 * kMostName)), kMostName);
}

}  // namespace

double Claims::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
}

template <typename Figure>
Figure Claims::at_most(Figure claimed, Figure most) {
  if (claimed >= 0 && claimed <= most) {
    return claimed;
  }
  exceeded_ = true;  // also where it is no number
  return claimed > most ? most : Figure{};
}

Claims Claims::afterwards() {
  Claims claims;
  claims.began_ -= std::chrono::hours(24);
  return claims;
}

Tokens Claims::believed(Tokens claimed) {
  const auto most = [this](const Allowance& allowance) {
    return static_cast<std::int64_t>(allowance.after(seconds()));
  };
  const auto new_input = most(kNewInput);
  claimed.input = at_most(claimed.input, new_input);
  claimed.cache_write = at_most(claimed.cache_write, new_input - claimed.input);
  claimed.cache_write_hour = at_most(claimed.cache_write_hour, new_input - claimed.input);
  claimed.cache_read = at_most(claimed.cache_read, most(kCachedInput));
  claimed.output = at_most(claimed.output, most(kOutput));
  return claimed;
}

double Claims::believed(double usd, const Tokens& tokens, const std::string& model) {
  const auto listed = price_of(model);
  const auto& price = listed.output > 0 ? listed : kDearest;
  const auto worth = price.usd(tokens);
  const auto by_time = kUsd.after(seconds());
  const auto by_tokens = kUsdBesideTokens.after(seconds()) + kTimesListPrice * worth;
  return at_most(usd, worth > 0 ? std::min(by_time, by_tokens) : by_time);
}

void bound_texts(Report& report) {
  if (report.text.size() > kMostText) {
    report.text = base::keep_ends(report.text, kMostText);
  }
  report.problem = short_text(report.problem, kMostProblem);
  report.stop_reason = name_of(report.stop_reason);
  report.model = name_of(report.model);
  report.denials.resize(std::min(report.denials.size(), kMostDenials));
  for (auto& denial : report.denials) {
    denial.tool = name_of(denial.tool);
    denial.detail = short_text(denial.detail, kMostDetail);
  }
  for (auto& spent : report.spent) {
    spent.model = name_of(spent.model);
  }
}

void bound_texts(Event& event) {
  event.tool = name_of(event.tool);
  if (event.text.size() > kMostSaid) {
    event.text = base::keep_ends(event.text, kMostSaid);
  }
  event.background.resize(std::min(event.background.size(), kMostWorks));
  for (auto& work : event.background) {
    work = short_text(work, kMostDetail);
  }
  for (auto& spent : event.spent) {
    spent.model = name_of(spent.model);
  }
  if (event.request) {
    auto request = *event.request;
    request.tool = name_of(request.tool);
    if (request.kind != Request::Kind::plan && request.detail.size() > kMostRequest) {
      request.detail = base::keep_ends(request.detail, kMostRequest);
      request.shown_whole = false;
    }
    if (request.scope.size() > kMostScope) {
      request.scope.clear();  // what is not shown cannot be allowed
      request.rules.clear();
    }
    event.request = std::make_shared<const Request>(std::move(request));
  }
}

}  // namespace dispatch
