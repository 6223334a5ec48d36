#include "bot/runs/run_spending.h"

#include <algorithm>

namespace bot::runs {
namespace {

struct Sums {
  double usd = 0;
  std::int64_t tokens = 0;
};

Sums sums_of(const std::vector<dispatch::ModelSpending>& models) {
  Sums sums;
  for (const auto& [model, tokens, usd] : models) {
    sums.usd += usd;
    sums.tokens += tokens.input + tokens.cache_read + tokens.cache_write + tokens.output;
  }
  return sums;
}

dispatch::Tokens larger(const dispatch::Tokens& a, const dispatch::Tokens& b) {
  return {std::max(a.input, b.input), std::max(a.cache_read, b.cache_read),
          std::max(a.cache_write, b.cache_write), std::max(a.cache_write_hour, b.cache_write_hour),
          std::max(a.output, b.output)};
}

/// With what is missing to `usd`, at that model.
std::vector<dispatch::ModelSpending> with_rest(std::vector<dispatch::ModelSpending> models, double usd,
                                               const std::string& model) {
  constexpr double kRounding = 1e-9;
  if (const auto rest = usd - sums_of(models).usd; rest > kRounding) {
    const auto row =
        std::find_if(models.begin(), models.end(), [&](const auto& spent) { return spent.model == model; });
    (row != models.end() ? *row : models.emplace_back(dispatch::ModelSpending{model, {}, 0})).usd += rest;
  }
  return models;
}

}  // namespace

RunSpending::RunSpending(store::Database& db, const store::DispatchRecord& dispatch) : db_(db) {
  entry_.conversation = dispatch.conversation;
  entry_.person = dispatch.person;
  entry_.dispatch = dispatch.id;
  entry_.purpose = store::Purpose::specialist;
  entry_.provider = dispatch.specialist;
}

void RunSpending::note(const dispatch::Event& event, base::Timestamp now) {
  if (!event.spent.empty()) {
    known_ = event.spent;
  } else if (event.usd_so_far <= booked_) {
    return;
  }
  const auto models = with_rest(known_, event.spent.empty() ? event.usd_so_far : 0, {});
  const auto sums = sums_of(models);
  if (sums.usd == booked_ && sums.tokens == tokens_) {
    return;
  }
  auto kept = *this;  // what is rolled back was not booked
  store::Transaction transaction(db_);
  kept.book(models, now);
  transaction.commit();
  rows_ = std::move(kept.rows_);
  booked_ = kept.booked_;
  tokens_ = kept.tokens_;
}

void RunSpending::settle(const dispatch::Report& report, base::Timestamp now) {
  if (!report.spent.empty()) {
    known_ = report.spent;
  } else {
    // Only the sum is reported: what each model used stays, and the main one makes up for the difference.
    const auto main = std::find_if(known_.begin(), known_.end(),
                                   [&](const auto& spent) { return spent.model == report.model; });
    auto& row =
        main != known_.end() ? *main : known_.emplace_back(dispatch::ModelSpending{report.model, {}, 0});
    row.tokens = larger(row.tokens, report.tokens);
    row.usd = report.usd > 0 ? std::max(0.0, report.usd - (sums_of(known_).usd - row.usd)) : row.usd;
  }
  book(with_rest(known_, report.usd > 0 ? report.usd : booked_, report.model), now);
}

void RunSpending::book(const std::vector<dispatch::ModelSpending>& models, base::Timestamp now) {
  std::vector<store::LedgerEntry> entries;
  for (const auto& [model, tokens, usd] : models) {
    auto entry = entry_;
    entry.model = model;
    entry.input_tokens = tokens.input;
    entry.cache_read_tokens = tokens.cache_read;
    entry.cache_write_tokens = tokens.cache_write;
    entry.output_tokens = tokens.output;
    entry.usd = usd;
    entries.push_back(std::move(entry));
  }
  auto rows = rows_;
  store::Ledger(db_).keep(rows, entries, now);
  rows_ = std::move(rows);
  const auto sums = sums_of(models);
  booked_ = sums.usd;
  tokens_ = sums.tokens;
}

}  // namespace bot::runs
