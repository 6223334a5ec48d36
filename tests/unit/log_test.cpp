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

TEST_CASE("a secret that comes in pieces is replaced, and its beginning waits") {
  base::redact("the-long-secret");
  base::RedactedPieces pieces;
  CHECK(pieces.add("It is the-") == "It is ");
  CHECK(pieces.add("long") == "");
  CHECK(pieces.add("-secret; the-") == "[secret]; ");
  CHECK(pieces.add("longer") == "the-longer");
  CHECK(pieces.add("the-long-secrets, twice the-long-secret") == "[secret]s, twice [secret]");
  CHECK(pieces.add("the-long-secre") == "");
  pieces.clear();
  CHECK(pieces.add("t") == "");
  CHECK(pieces.add("o") == "to");
}
