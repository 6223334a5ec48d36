#include "dispatch/task/usage_meter.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace dispatch {
namespace {

using nlohmann::json;

/// What the CLI takes for a model that it does not know (measured with 2.1.330).
constexpr TokenPrice kPriceOfUnknown{4, 20};
constexpr std::size_t kMostModels = 100;

/// A count that the CLI reports: 0 where there is none, and never so large that a sum of them overflows.
std::int64_t count_of(const json& holder, const char* key) {
  constexpr std::int64_t kMost = 1'000'000'000'000;
  return std::clamp<std::int64_t>(base::json_integer(holder, key).value_or(0), 0, kMost);
}

Tokens operator+(Tokens a, const Tokens& b) {
  return a += b;
}

/// The part of `count` that a sum was left with.
std::int64_t share(std::int64_t count, std::int64_t sum, std::int64_t left_of_sum) {
  return left_of_sum >= sum
             ? count
             : static_cast<std::int64_t>(static_cast<double>(count) * static_cast<double>(left_of_sum) /
                                         static_cast<double>(sum));
}

}  // namespace

UsageMeter::UsageMeter(std::optional<TokenPrice> price, Session session, const Claims& claims)
    : price_(price), claims_(claims) {
  if (session == Session::fresh) {
    before_.emplace();
  }
}

Tokens UsageMeter::tokens_of(const json& usage) {
  Tokens tokens;
  tokens.input = count_of(usage, "input_tokens");
  tokens.cache_read = count_of(usage, "cache_read_input_tokens");
  tokens.cache_write = count_of(usage, "cache_creation_input_tokens");
  tokens.cache_write_hour = count_of(base::json_object(usage, "cache_creation"), "ephemeral_1h_input_tokens");
  tokens.output = count_of(usage, "output_tokens");
  return tokens;
}

bool UsageMeter::see_call(const std::string& id, const std::string& model, const json& usage) {
  if (!usage.is_object() || usage.empty()) {
    return false;
  }
  const auto [it, is_new] = open_.try_emplace(id, Call{model, {}});
  calls_ += is_new ? 1 : 0;
  auto& tokens = it->second.tokens;
  const auto before = sum_of_tokens(settled_) + sum_of_tokens(estimated());
  tokens += claims_.believed(before + tokens_of(usage).since(tokens)).since(before);
  return true;
}

UsageMeter::ByModel UsageMeter::read(const json& model_usage) const {
  ByModel models;
  for (const auto& [name, used] : model_usage.items()) {
    if (models.size() >= kMostModels) {
      break;
    }
    auto& counted = models[name];
    auto& tokens = counted.tokens;
    tokens.input = count_of(used, "inputTokens");
    tokens.cache_read = count_of(used, "cacheReadInputTokens");
    tokens.cache_write = count_of(used, "cacheCreationInputTokens");
    tokens.cache_write_hour = count_of(used, "cacheCreationEphemeral1hInputTokens");
    tokens.output = count_of(used, "outputTokens");
    counted.usd = price_ ? price_->usd(tokens) : base::json_number(used, "costUSD").value_or(0);
    counted.made_up = !price_ && base::json_text(used, "costBasis") == "unknown";
  }
  return models;
}

/// What is believed of them, as a part of all that this process claims.
UsageMeter::ByModel UsageMeter::believed(ByModel models, const ByModel& before) {
  const auto earlier = sum_of_tokens(before);
  const auto claimed = sum_of_tokens(models);
  const auto granted = claims_.believed(earlier + claimed).since(earlier);
  for (auto& [name, counted] : models) {
    auto& tokens = counted.tokens;
    tokens.input = share(tokens.input, claimed.input, granted.input);
    tokens.cache_read = share(tokens.cache_read, claimed.cache_read, granted.cache_read);
    tokens.cache_write = share(tokens.cache_write, claimed.cache_write, granted.cache_write);
    tokens.cache_write_hour =
        share(tokens.cache_write_hour, claimed.cache_write_hour, granted.cache_write_hour);
    tokens.output = share(tokens.output, claimed.output, granted.output);
    counted.usd = price_ ? price_->usd(tokens) : claims_.believed(counted.usd, tokens, name);
  }
  if (const auto usd = sum(models); !price_ && usd > 0) {
    const auto spent = sum(before);
    const auto rest = claims_.believed(spent + usd, earlier + granted, {}) - spent;
    for (auto& [name, counted] : models) {
      counted.usd *= rest < usd ? std::max(0.0, rest) / usd : 1;
    }
  }
  return models;
}

Tokens UsageMeter::sum_of_tokens(const ByModel& models) {
  Tokens tokens;
  for (const auto& [name, counted] : models) {
    tokens += counted.tokens;
  }
  return tokens;
}

bool UsageMeter::settle(const json& result) {
  const auto* since = base::json_member(result, "model_usage_since_last_result");
  const auto* totals = base::json_member(result, "modelUsage");
  if (since != nullptr && since->is_object()) {
    add(settled_, believed(read(*since), settled_));
  } else if (totals != nullptr && totals->is_object() && !totals->empty() && before_) {
    take_totals(*totals);  // an older CLI, in a session that is known from its start
    add(settled_, polled_);
  } else {
    return false;
  }
  if (totals != nullptr && totals->is_object()) {
    before_ = read(*totals);
  }
  open_.clear();
  polled_.clear();
  return true;
}

bool UsageMeter::take_totals(const json& model_usage) {
  if (!model_usage.is_object()) {
    return false;
  }
  const auto totals = read(model_usage);
  if (!before_) {
    if (calls_ == 0) {
      before_ = totals;
    }
    return false;
  }
  const auto known = usd();
  ByModel models;
  for (const auto& [name, now] : totals) {
    const auto it = before_->find(name);
    const auto earlier = it != before_->end() ? it->second : Counted{};
    Counted since;
    since.tokens = now.tokens.since(earlier.tokens);
    since.usd = std::max(0.0, now.usd - earlier.usd);
    since.made_up = now.made_up;
    if (since.usd > 0 || since.tokens.input + since.tokens.output > 0) {
      models[name] = since;
    }
  }
  polled_ = believed(std::move(models), settled_);
  return usd() > known;
}

UsageMeter::ByModel UsageMeter::estimated() const {
  ByModel models;
  for (const auto& [id, call] : open_) {
    auto& model = models[call.model];
    const auto listed = price_of(call.model);
    const auto price = price_ ? *price_ : listed.output > 0 ? listed : kPriceOfUnknown;
    model.tokens += call.tokens;
    model.usd += price.usd(call.tokens);
    model.made_up = !price_ && listed.output <= 0;
  }
  return models;
}

void UsageMeter::add(ByModel& to, const ByModel& more) {
  for (const auto& [name, counted] : more) {
    auto& model = to[name];
    model.tokens += counted.tokens;
    model.usd += counted.usd;
    model.made_up = model.made_up || counted.made_up;
  }
}

double UsageMeter::sum(const ByModel& models) {
  double usd = 0;
  for (const auto& [name, counted] : models) {
    usd += counted.usd;
  }
  return usd;
}

UsageMeter::ByModel UsageMeter::current() const {
  auto models = settled_;
  // Of a call that goes on the CLI counts nothing yet, and of a sub-agent's the events show no output.
  const auto seen = estimated();
  add(models, polled_.empty() || sum(seen) > sum(polled_) ? seen : polled_);
  if (const auto usd = sum(models), counted = claims_.counted(usd); counted < usd) {
    for (auto& [name, model] : models) {
      model.usd *= counted / usd;
    }
  }
  return models;
}

double UsageMeter::usd() const {
  return sum(current());
}

std::vector<ModelSpending> UsageMeter::spending() const {
  std::vector<ModelSpending> models;
  for (const auto& [name, counted] : current()) {
    models.push_back({name, counted.tokens, counted.usd});
  }
  return models;
}

Tokens UsageMeter::tokens() const {
  return sum_of_tokens(current());
}

bool UsageMeter::is_estimate() const {
  const auto models = current();
  return !open_.empty() ||
         std::any_of(models.begin(), models.end(), [](const auto& model) { return model.second.made_up; });
}

}  // namespace dispatch
