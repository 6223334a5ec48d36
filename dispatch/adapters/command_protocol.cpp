#include "dispatch/adapters/command_protocol.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/json_lines.h"
#include "base/process/child_process.h"
#include "base/utf8.h"
#include "dispatch/task/session_id.h"

namespace dispatch {
namespace {

/// What is read of an output that is one JSON value.
constexpr std::size_t kMostJson = base::ChildProcess::max_line_bytes;
constexpr std::size_t kMaxDetail = 120;
constexpr int kMostAttempts = 50;
constexpr std::size_t kMostDenials = 100;
constexpr std::size_t kMostOpen = 1'000;

std::optional<std::string> text_of(const Selectors& selectors, const nlohmann::json& event) {
  for (const auto& selector : selectors) {
    if (auto text = selector.text(event)) {
      return text;
    }
  }
  return std::nullopt;
}

std::optional<double> sum_of(const Selectors& selectors, const nlohmann::json& event) {
  std::optional<double> sum;
  for (const auto& selector : selectors) {
    if (const auto part = selector.sum(event)) {
      sum = sum.value_or(0) + *part;
    }
  }
  return sum;
}

}  // namespace

void CommandProtocol::on_line(const std::string& line) {
  if (settings_.is_one_json) {
    if (whole_.size() + line.size() < kMostJson) {
      whole_ += line + "\n";
    } else {
      unreadable_ = true;
    }
    return;
  }
  const bool is_cut = line.size() >= base::ChildProcess::max_line_bytes;  // so it cannot be read
  if (const auto event = is_cut ? std::nullopt : base::parse_json_leniently(line)) {
    if (event->is_structured()) {
      read(*event);
    }
  } else if (is_cut || base::trim(line).starts_with("{")) {
    unreadable_ = true;  // it may have been the answer
  }
}

void CommandProtocol::finish(const std::string& error_output) {
  const auto read_object = [this](const std::string& text) {
    const auto event = base::parse_json(json_in(text));
    if (event) {
      read(*event);
    }
    return event.has_value();
  };
  if (!read_object(whole_) && whole_.find('{') != std::string::npos) {
    unreadable_ = true;
  }
  if (!answered_ && error_.empty()) {
    read_object(error_output);
  }
}

void CommandProtocol::read(const nlohmann::json& event) {
  if (const auto id = text_of(settings_.session, event); id && is_session_id(*id) && !report_.session_begun) {
    report_.session_begun = true;
    report_.session_id = *id;
    emit({.kind = Event::Kind::session_begun, .text = *id});
  }
  for (const auto& [name, selectors] : settings_.steps) {
    if (const auto detail = text_of(selectors, event)) {
      ++report_.turns;
      emit({.kind = Event::Kind::tool_used,
            .tool = name,
            .text = base::ellipsize(base::trim(detail->substr(0, detail->find('\n'))), kMaxDetail)});
    }
  }
  if (const auto refused = text_of(settings_.refused, event);
      refused && report_.denials.size() < kMostDenials) {
    report_.denials.push_back({"", base::ellipsize(*refused, kMaxDetail)});
  }
  count(event);
  if (const auto text = text_of(settings_.result, event)) {
    report_.text = *text;
    answered_ = true;
    cut_ = false;
    error_.clear();
    emit({.kind = Event::Kind::said, .text = *text});
  }
  if (const auto error = text_of(settings_.error, event)) {
    error_ = *error;
  }
  for (const auto& selector : settings_.ended) {
    if (const auto id = selector.text(event)) {
      open_.erase(*id);
    } else if (!selector.has_value() && selector.matches(event)) {
      open_.clear();
    }
  }
  if (const auto id = text_of(settings_.begun, event); id && open_.size() < kMostOpen) {
    open_.insert(*id);
  }
  const auto matches = [&](const Selector& selector) { return selector.matches(event); };
  cut_ = cut_ || std::any_of(settings_.cut.begin(), settings_.cut.end(), matches);
  done_ = done_ || std::any_of(settings_.done.begin(), settings_.done.end(), matches);
}

void CommandProtocol::count(const nlohmann::json& event) {
  const auto input = sum_of(settings_.input_tokens, event);
  const auto cached = sum_of(settings_.cached_tokens, event);
  const auto output = sum_of(settings_.output_tokens, event);
  const auto dollars = std::max(0.0, sum_of(settings_.usd, event).value_or(0));
  const bool has_tokens = input || cached || output;
  if (!has_tokens && dollars <= 0) {
    return;
  }
  const auto whole = [](std::optional<double> value) {
    return static_cast<std::int64_t>(std::clamp(value.value_or(0), 0.0, 1e12));
  };
  Tokens told;
  told.input = std::max<std::int64_t>(0, whole(input) - whole(cached));
  told.cache_read = whole(cached);
  told.output = whole(output);
  if (settings_.counts_session && has_tokens) {
    tokens_ = without_dollars_ = {};
    dollars_ = 0;
  }
  if (settings_.counts_session && dollars > 0) {
    dollars_ = dollars_alone_ = 0;
  }
  tokens_ += told;
  (has_tokens ? dollars_ : dollars_alone_) += dollars;
  if (dollars <= 0) {
    without_dollars_ += told;
  }
  const auto of_run = settings_.counts_session ? settle_session() : settle_run();
  report_.tokens = tokens_;
  report_.claims_too_much = claims_.exceeded();
  emit({.kind = Event::Kind::used, .spent = {{report_.model, of_run, usd_so_far_}}});
}

/// What the CLI says in dollars, and for the tokens of which it says none the configured price. Dollars that
/// came without tokens are those of all such tokens.
double CommandProtocol::cost() {
  const auto priced = settings_.price.usd(without_dollars_);
  report_.usd_is_estimate = settings_.usd.empty() || (dollars_alone_ <= 0 && priced > 0);
  return dollars_ + (dollars_alone_ > 0 ? dollars_alone_ : priced);
}

Tokens CommandProtocol::settle_run() {
  tokens_ = claims_.believed(tokens_);
  without_dollars_ = claims_.believed(without_dollars_);
  dollars_ = claims_.believed(dollars_, tokens_, settings_.model);
  dollars_alone_ = claims_.believed(dollars_alone_, tokens_, settings_.model);
  report_.usd = usd_so_far_ = claims_.counted(cost());
  return tokens_;
}

Tokens CommandProtocol::settle_session() {
  const auto claimed = counts_earlier() ? tokens_.since(task_.session_tokens) : tokens_;
  const auto of_run = claims_.believed(claimed);
  tokens_ = tokens_.since(claimed.since(of_run));
  without_dollars_ = without_dollars_.since(claimed.since(of_run));
  const auto usd = cost();
  const auto earlier = counts_earlier() ? std::min(usd, task_.session_usd) : 0;
  usd_so_far_ = usd - earlier;
  if (!report_.usd_is_estimate) {
    usd_so_far_ = claims_.believed(usd_so_far_, of_run, settings_.model);
  }
  usd_so_far_ = claims_.counted(usd_so_far_);
  report_.usd = earlier + usd_so_far_;
  report_.usd_is_claim = !report_.usd_is_estimate;
  report_.usd_is_of_session = true;
  report_.session_tokens = tokens_;
  if (!claims_.exceeded()) {
    report_.session_usd = report_.usd;
  }
  return of_run;
}

bool CommandProtocol::counts_earlier() const {
  return settings_.counts_session && task_.continues_session &&
         (report_.session_id.empty() || report_.session_id == task_.session_id);
}

void CommandProtocol::emit(Event event) {
  event.usd_so_far = usd_so_far_;
  if (on_event_) {
    on_event_(event);
  }
}

std::string json_in(std::string_view answer) {
  const auto from = answer.find('{');
  const auto to = answer.rfind('}');
  if (from == std::string_view::npos || to == std::string_view::npos || to < from) {
    return {};
  }
  // Prose may hold braces of its own: the object is looked for from each line that begins with one.
  int attempts = 0;
  for (auto at = from; at != std::string_view::npos && at < to && ++attempts <= kMostAttempts;) {
    if (const auto json = base::parse_json_leniently(answer.substr(at, to - at + 1));
        json && json->is_object()) {
      return base::dump_json(*json);
    }
    const auto line = answer.find("\n{", at);
    at = line == std::string_view::npos ? line : line + 1;
  }
  return {};
}

}  // namespace dispatch
