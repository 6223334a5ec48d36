#include "base/log.h"

#include <doctest/doctest.h>

TEST_CASE("a secret is replaced wherever it stands, in JSON, too") {
  base::redact("a\"secret\\with-marks");
  CHECK(base::redacted("it is a\"secret\\with-marks.") == "it is [secret].");
  CHECK(base::redacted(R"({"text":"a\"secret\\with-marks"})") == R"({"text":"[secret]"})");
  CHECK(base::redacted("a secret") == "a secret");
  base::redact("ollama");
  CHECK(base::redacted("what is ollama?") == "what is ollama?");
}
