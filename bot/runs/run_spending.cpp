#include "bot/runs/run_spending.h"

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

}  // namespace

RunSpending::RunSpending(store::Database& db, const store::DispatchRecord& dispatch) : db_(db) {
  entry_.conversation = dispatch.conversation;
  entry_.person = dispatch.person;
  entry_.dispatch = dispatch.id;
  entry_.purpose = store::Purpose::specialist;
  entry_.provider = dispatch.specialist;
}

void RunSpending::note(const dispatch::Event& event, base::Timestamp now) {
  auto models = event.spent;
  if (models.empty() && event.usd_so_far > booked_) {
    models.push_back({"", {}, event.usd_so_far});
  }
  const auto sums = sums_of(models);
  if (models.empty() || (sums.usd == booked_ && sums.tokens == tokens_)) {
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
  book(report.spent.empty() ? std::vector<dispatch::ModelSpending>{{report.model, report.tokens, report.usd}}
                            : report.spent,
       now);
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
