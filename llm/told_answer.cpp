#include "llm/told_answer.h"

#include <string>
#include <utility>

#include "base/utf8.h"

namespace llm {

ToldAnswer::ToldAnswer(const Asked& asked)
    : asked_(asked), visible_(asked.tools, asked.thinks_first != nullptr && *asked.thinks_first) {}

ToldAnswer::~ToldAnswer() {
  if (told_ && !whole_) {
    asked_.listener->withdraw();
  }
}

void ToldAnswer::add(std::string_view piece) {
  if (asked_.listener == nullptr) {
    return;
  }
  const auto news = visible_.add(piece);
  if (news.withdrawn && std::exchange(told_, false)) {
    asked_.listener->withdraw();
  }
  if (!news.text.empty()) {
    told_ = true;
    asked_.listener->add(news.text);
  }
}

void ToldAnswer::whole() {
  whole_ = true;
  if (asked_.listener != nullptr && asked_.thinks_first != nullptr) {
    *asked_.thinks_first = visible_.closed_unopened();
  }
}

bool may_think_first(std::string_view model) {
  const auto name = base::ascii_lower(model);
  const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  return has("-r1") || has("r1-") || has("qwq") || has("think") || has("reason");
}

}  // namespace llm
