#include <string>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "bot/web/sign_in_throttle.h"

namespace {

using bot::web::SignInThrottle;
using namespace std::chrono_literals;

const SignInThrottle::Time kStart{};
constexpr const char* kOwner = "192.0.2.1";
constexpr const char* kUser = "ada";

void guess(SignInThrottle& throttle, const std::string& client, int times, SignInThrottle::Time at = kStart) {
  for (int i = 0; i < times; ++i) {
    throttle.count(client, fmt::format("user {}", i), at);
  }
}

TEST_CASE("ten wrong guesses in a minute close the page to their address, and to no other") {
  SignInThrottle throttle;
  guess(throttle, kOwner, 9);
  CHECK_FALSE(throttle.is_closed_to(kOwner, kUser, kStart));
  guess(throttle, kOwner, 1, kStart + 30s);
  CHECK(throttle.is_closed_to(kOwner, kUser, kStart + 30s));
  CHECK_FALSE(throttle.is_closed_to("192.0.2.2", kUser, kStart + 30s));
  CHECK_FALSE(throttle.is_closed_to(kOwner, kUser, kStart + 61s));
}

TEST_CASE("a /64 of IPv6 is one address") {
  SignInThrottle throttle;
  for (int i = 0; i < 10; ++i) {
    throttle.count(fmt::format("2001:db8::{:x}", i), kUser, kStart);
  }
  CHECK(throttle.is_closed_to("2001:db8::ffff", kUser, kStart));
  CHECK_FALSE(throttle.is_closed_to("2001:db8:0:1::1", kUser, kStart));
}

TEST_CASE("guesses from however many addresses lock nobody else out") {
  for (const bool one_network : {true, false}) {
    CAPTURE(one_network);
    SignInThrottle throttle;
    for (int i = 0; i < 10'050; ++i) {
      throttle.count(one_network ? fmt::format("2001:db8::{:x}", i) : fmt::format("2001:db8:{:x}::1", i),
                     "somebody else", kStart);
    }
    CHECK_FALSE(throttle.is_closed_to(kOwner, kUser, kStart));
  }
}

TEST_CASE("where there are too many networks, the one that guessed longest ago is forgotten") {
  SignInThrottle throttle;
  guess(throttle, kOwner, 10);
  guess(throttle, "192.0.2.2", 10);
  for (int i = 0; i < 9'998; ++i) {
    throttle.count(fmt::format("2001:db8:{:x}::1", i), "somebody else", kStart + 1s);
  }
  CHECK(throttle.is_closed_to(kOwner, kUser, kStart + 1s));
  throttle.count("192.0.2.2", "somebody else", kStart + 2s);
  throttle.count("192.0.2.3", "somebody else", kStart + 2s);
  CHECK_FALSE(throttle.is_closed_to(kOwner, kUser, kStart + 2s));
  CHECK(throttle.is_closed_to("192.0.2.2", kUser, kStart + 2s));
}

TEST_CASE("of a user on whom others guess, a place has one guess, unless they signed in from there before") {
  SignInThrottle throttle;
  throttle.note_owner(kOwner, kUser);
  throttle.note_owner("192.0.2.77", "bob");
  for (int i = 0; i < 30; ++i) {
    CHECK_FALSE(throttle.is_closed_to("192.0.2.77", kUser, kStart));
    throttle.count(fmt::format("2001:db8:{:x}::1", i), kUser, kStart);
  }
  // Their owner is not locked out, wherever they are.
  CHECK_FALSE(throttle.is_closed_to("192.0.2.77", kUser, kStart + 59s));
  throttle.count("192.0.2.77", kUser, kStart + 59s);
  CHECK(throttle.is_closed_to("192.0.2.77", kUser, kStart + 59s));
  CHECK_FALSE(throttle.is_closed_to("192.0.2.77", "bob", kStart + 59s));
  CHECK_FALSE(throttle.is_closed_to(kOwner, kUser, kStart + 59s));
  CHECK_FALSE(throttle.is_closed_to("192.0.2.77", kUser, kStart + 120s));
}

TEST_CASE("whoever signed in before is bound by the guesses from their own network all the same") {
  SignInThrottle throttle;
  throttle.note_owner(kOwner, kUser);
  guess(throttle, kOwner, 10);
  CHECK(throttle.is_closed_to(kOwner, kUser, kStart));
}

TEST_CASE("of guesses ten in a minute are told, and of the others how many there were") {
  SignInThrottle throttle;
  for (int i = 0; i < 10; ++i) {
    CHECK(throttle.may_tell(kStart));
  }
  CHECK(throttle.take_untold() == 0);
  for (int i = 0; i < 5; ++i) {
    CHECK_FALSE(throttle.may_tell(kStart + 1s));
  }
  CHECK(throttle.may_tell(kStart + 61s));
  CHECK(throttle.take_untold() == 5);
  CHECK(throttle.take_untold() == 0);
}

}  // namespace
