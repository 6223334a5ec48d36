#include "llm/anthropic.h"
#include "tests/fuzz/model_stream_check.h"
#include "tests/fuzz/targets.h"

namespace fuzz {

void anthropic_stream(std::string_view input) {
  check_answer(llm::anthropic_reader, input);
}

}  // namespace fuzz
