#include "bot/runs/answer_text.h"

#include "bot/texts/errors.h"

namespace bot::runs {

std::string answer_text(const router::Secretary::Answer& answer) {
  if (answer.text.empty()) {
    return {};
  }
  switch (answer.ending) {
    case llm::Ending::complete:
      break;
    case llm::Ending::at_max_tokens:
      return answer.text + texts::kCutAtMaxTokens;
    case llm::Ending::at_max_bytes:
      return answer.text + texts::kAnswerTooLong;
    case llm::Ending::declined:
      return answer.text + texts::kDeclinedHalfway;
  }
  return answer.text;
}

}  // namespace bot::runs
