#include <stdexcept>

#include <doctest/doctest.h>

#include "base/crypto.h"
#include "bot/platforms/webhook/standard_webhooks.h"

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// The vector of the specification's reference implementations.
constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr const char* kTimestamp = "1614265330";
constexpr const char* kBody = "{\"test\": 2432232314}";
constexpr const char* kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const auto kNow = base::from_unix_ms(1'614'265'330'000);

base::HttpRequest request(const std::string& signature = kSignature,
                          const std::string& timestamp = kTimestamp, const std::string& id = kId,
                          const std::string& body = kBody) {
  base::HttpRequest r;
  r.body = body;
  r.headers = {{"webhook-id", id}, {"webhook-timestamp", timestamp}, {"webhook-signature", signature}};
  return r;
}

std::string secret_of(std::size_t bytes, char letter) {
  return "whsec_" + base::base64_encode(std::string(bytes, letter));
}

TEST_CASE("the published vector is signed and accepted") {
  const bot::webhook::StandardWebhooks webhooks({kSecret});
  const auto headers = webhooks.sign(kId, kNow, kBody);
  CHECK(headers.get("webhook-id") == kId);
  CHECK(headers.get("webhook-timestamp") == kTimestamp);
  CHECK(headers.get("webhook-signature") == kSignature);
  CHECK_FALSE(webhooks.problem(request(), kNow));
}

TEST_CASE("whatever was tampered with is refused") {
  const bot::webhook::StandardWebhooks webhooks({kSecret});
  CHECK(webhooks.problem(request(kSignature, kTimestamp, kId, "{\"test\": 2432232315}"), kNow));
  CHECK(webhooks.problem(request(kSignature, kTimestamp, kId, ""), kNow));
  CHECK(webhooks.problem(request(kSignature, "1614265331"), kNow));
  CHECK(webhooks.problem(request(kSignature, kTimestamp, "msg_other"), kNow));
  std::string changed = kSignature;
  changed[5] = 'X';
  CHECK(webhooks.problem(request(changed), kNow));
  for (const char* signature :
       {"v1,", "v1", ",", " ",
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "V1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=x"}) {
    CAPTURE(std::string(signature));
    CHECK(webhooks.problem(request(signature), kNow));
  }
  const bot::webhook::StandardWebhooks other({"whsec_" + base::base64_encode(std::string(24, 'k'))});
  CHECK(other.problem(request(), kNow));
}

TEST_CASE("a time is accepted up to five minutes away, on both sides") {
  const bot::webhook::StandardWebhooks webhooks({kSecret});
  CHECK_FALSE(webhooks.problem(request(), kNow + minutes(5)));
  CHECK_FALSE(webhooks.problem(request(), kNow - minutes(5)));
  CHECK(webhooks.problem(request(), kNow + minutes(5) + seconds(1)));
  CHECK(webhooks.problem(request(), kNow - minutes(5) - seconds(1)));
}

TEST_CASE("a time that is no number of seconds is refused, however it is signed") {
  const bot::webhook::StandardWebhooks webhooks({kSecret});
  for (const std::string timestamp :
       {"now", "1614265330.5", " 1614265330", "1614265330x", "0x10", "1e9", "99999999999999999999999",
        "9223372036854775807", "-9223372036854775808"}) {
    CAPTURE(timestamp);
    const auto mac = base::hmac_sha256(*base::base64_decode(std::string(kSecret).substr(6)),
                                       std::string(kId) + "." + timestamp + "." + kBody);
    CHECK(webhooks.problem(request("v1," + base::base64_encode(mac), timestamp), kNow));
  }
}

TEST_CASE("missing headers are refused") {
  const bot::webhook::StandardWebhooks webhooks({kSecret});
  CHECK(webhooks.problem(request(""), kNow));
  CHECK(webhooks.problem(request(kSignature, ""), kNow));
  CHECK(webhooks.problem(request(kSignature, kTimestamp, ""), kNow));
  base::HttpRequest bare;
  bare.body = kBody;
  CHECK(webhooks.problem(bare, kNow));
}

TEST_CASE("header names may be in any case") {
  base::HttpRequest r;
  r.body = kBody;
  r.headers = {{"Webhook-Id", kId}, {"WEBHOOK-TIMESTAMP", kTimestamp}, {"Webhook-Signature", kSignature}};
  CHECK_FALSE(bot::webhook::StandardWebhooks({kSecret}).problem(r, kNow));
}

TEST_CASE("one right signature among several is enough") {
  const bot::webhook::StandardWebhooks webhooks({kSecret});
  const std::string wrong = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  CHECK_FALSE(webhooks.problem(request(wrong + " " + kSignature), kNow));
  CHECK_FALSE(webhooks.problem(request(std::string(kSignature) + " " + wrong), kNow));
  CHECK_FALSE(webhooks.problem(request("v1a,xyz  " + std::string(kSignature) + " "), kNow));
  CHECK(webhooks.problem(request(wrong + " " + wrong), kNow));
}

TEST_CASE("a secret that is none is refused with what would be right") {
  for (const std::string secret : {"", "whsec_", "secret", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!",
                                   "whsec_MfKQ", "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}) {
    CAPTURE(secret);
    CHECK_THROWS_WITH_AS(bot::webhook::StandardWebhooks({secret}), doctest::Contains("whsec_"),
                         std::invalid_argument);
  }
  for (const std::size_t bytes : {24U, 32U, 64U}) {
    CHECK_NOTHROW(bot::webhook::StandardWebhooks({secret_of(bytes, 'k')}));
  }
  for (const std::size_t bytes : {8U, 16U, 23U}) {
    CAPTURE(bytes);
    CHECK_THROWS_WITH_AS(bot::webhook::StandardWebhooks({kSecret, secret_of(bytes, 'k')}),
                         doctest::Contains("24"), std::invalid_argument);
  }
}

TEST_CASE("while a secret is being changed, what is signed with either is taken, and the first signs") {
  const auto fresh = secret_of(24, 'n');
  const bot::webhook::StandardWebhooks before({kSecret}), both({fresh, kSecret}), after({fresh});
  CHECK_FALSE(both.problem(request(), kNow));
  base::HttpRequest answer;
  answer.body = kBody;
  answer.headers = both.sign(kId, kNow, kBody);
  CHECK_FALSE(after.problem(answer, kNow));
  CHECK(before.problem(answer, kNow));
  CHECK(after.problem(request(), kNow));
}

}  // namespace
