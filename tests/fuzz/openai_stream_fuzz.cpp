#include "llm/openai_compatible.h"
#include "tests/fuzz/model_stream_check.h"
#include "tests/fuzz/targets.h"

namespace fuzz {

void openai_stream(std::string_view input) {
  check_answer(llm::openai_compatible_reader, input);
}

}  // namespace fuzz
