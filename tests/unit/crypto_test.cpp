#include "base/crypto.h"

#include <string>

#include <doctest/doctest.h>

namespace base {
namespace {

TEST_CASE("HMAC-SHA256 signs as the published example of Standard Webhooks") {
  const auto secret = base64_decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  REQUIRE(secret);
  const std::string signed_text = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
  CHECK(base64_encode(hmac_sha256(*secret, signed_text)) == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("HMAC-SHA256 agrees with RFC 4231, test cases 1 and 6 (a key longer than a block)") {
  CHECK(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(to_hex(hmac_sha256(std::string(131, '\xaa'),
                           "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("SHA-256 agrees with FIPS 180-4") {
  CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("base64 agrees with RFC 4648 section 10") {
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& row : rows) {
    const std::string plain = row.first;
    CAPTURE(plain);
    CHECK(base64_encode(plain) == row.second);
    CHECK(base64_decode(row.second) == plain);
  }
}

TEST_CASE("every byte survives base64") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
  }
  CHECK(base64_decode(base64_encode(bytes)) == bytes);
}

TEST_CASE("text that is not base64 with padding is refused") {
  for (const char* text :
       {"Zg", "Zg=", "Z===", "Zm9v\n", "Zm9v====", "Z!==", "====", "=", "Zg==Zg==", "Zm 9v"}) {
    CAPTURE(text);
    CHECK_FALSE(base64_decode(text).has_value());
  }
}

TEST_CASE("constant_time_equal compares whole texts") {
  CHECK(constant_time_equal("", ""));
  CHECK(constant_time_equal("abc", "abc"));
  CHECK_FALSE(constant_time_equal("abc", "abd"));
  CHECK_FALSE(constant_time_equal("abc", "abcd"));
  CHECK_FALSE(constant_time_equal("abc", ""));
}

}  // namespace
}  // namespace base
