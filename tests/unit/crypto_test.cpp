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
  CHECK(to_hex(hmac_sha256("", "")) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
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

TEST_CASE("hexadecimal of either case becomes bytes, and nothing else does") {
  CHECK(from_hex("00ff7F") == std::string("\0\xff\x7f", 3));
  CHECK(from_hex("") == "");
  for (const char* text : {"0", "0g", "g0", "0x00", " 00", "00 ", "-1", "00\n"}) {
    CAPTURE(text);
    CHECK_FALSE(from_hex(text).has_value());
  }
}

struct Ed25519Vector {
  const char* key;
  const char* message;
  const char* signature;
};

// RFC 8032, section 7.1, TEST 1, 2, 3 and SHA(abc).
const Ed25519Vector kEd25519[] = {{"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                                   "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb882159"
                                   "0a33bacc61e39701cf9b46bd25bf5f0595"
                                   "bbe24655141438e7a100b"},
                                  {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                                   "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43"
                                   "e15996e458f3613d0f11d8c387b2eaeb43"
                                   "02aeeb00d291612bb0c00"},
                                  {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                                   "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538"
                                   "d16f290ae67f760984dc6594a7c15e9716"
                                   "ed28dc027beceea1ec40a"},
                                  {"ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
                                   "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a2"
                                   "74fc1a836ba3c23a3feebbd454d442364"
                                   "3ce80e2a9ac94fa54ca49f",
                                   "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9a"
                                   "c90b3ecfdfbc7c66431e0303dca179c138"
                                   "ac17ad9bef1177331a704"}};

TEST_CASE("Ed25519 agrees with RFC 8032") {
  for (const auto& vector : kEd25519) {
    CAPTURE(vector.message);
    CHECK(ed25519_verify(*from_hex(vector.key), *from_hex(vector.message), *from_hex(vector.signature)));
  }
}

TEST_CASE("Ed25519 verifies a request as Discord signs it") {
  const auto key = *from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const auto signature = *from_hex(
      "1695961a47c91a1ec033b819b7e87e3dbc583dd0cee6d1fd0216f58ac87b6228ae531ddbf91fb7bc28d7edf7f08604da16f546"
      "24f38"
      "a6bc0614e4dc13cd47f0f");
  CHECK(ed25519_verify(key, "1700000000{\"type\":1}", signature));
  CHECK_FALSE(ed25519_verify(key, "1700000001{\"type\":1}", signature));
}

TEST_CASE("Ed25519 notices every flipped bit of signature, message and key") {
  const auto& vector = kEd25519[2];
  const auto key = *from_hex(vector.key);
  const auto message = *from_hex(vector.message);
  const auto signature = *from_hex(vector.signature);
  const auto flipped = [](std::string bytes, std::size_t bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    return bytes;
  };
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    CAPTURE(bit);
    CHECK_FALSE(ed25519_verify(key, message, flipped(signature, bit)));
  }
  for (std::size_t bit = 0; bit < key.size() * 8; ++bit) {
    CAPTURE(bit);
    CHECK_FALSE(ed25519_verify(flipped(key, bit), message, signature));
  }
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    CAPTURE(bit);
    CHECK_FALSE(ed25519_verify(key, flipped(message, bit), signature));
  }
}

TEST_CASE("a key of Ed25519 for which anybody can sign is known in each of its encodings") {
  const std::string middle(60, 'f');
  const std::string zeros(60, '0');
  const std::string first = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc";
  const std::string second = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03";
  for (const auto& weak : {"00" + zeros + "00", "00" + zeros + "80", "01" + zeros + "00", "01" + zeros + "80",
                           "ec" + middle + "7f", "ec" + middle + "ff", "ed" + middle + "7f",
                           "ed" + middle + "ff", "ee" + middle + "7f", "ee" + middle + "ff", first + "05",
                           first + "85", second + "7a", second + "fa"}) {
    CAPTURE(weak);
    CHECK(is_weak_ed25519_key(*from_hex(weak)));
  }
  // The neutral element as a key: s = 0 and R = the neutral element satisfy any message.
  const auto neutral = *from_hex("01" + zeros + "00");
  CHECK(ed25519_verify(neutral, "anything", neutral + std::string(32, '\0')));
  for (const auto& vector : kEd25519) {
    CHECK_FALSE(is_weak_ed25519_key(*from_hex(vector.key)));
  }
  for (const auto& other : {std::string(), "02" + zeros + "00", std::string("00"), "00" + zeros + "0000"}) {
    CAPTURE(other);
    CHECK_FALSE(is_weak_ed25519_key(*from_hex(other)));
  }
}

TEST_CASE("Ed25519 refuses keys and signatures of any other size") {
  const auto& vector = kEd25519[2];
  const auto key = *from_hex(vector.key);
  const auto message = *from_hex(vector.message);
  const auto signature = *from_hex(vector.signature);
  for (const auto size : {0, 1, 31, 33, 64}) {
    auto other = key;
    other.resize(static_cast<std::size_t>(size), '\0');
    CHECK_FALSE(ed25519_verify(other, message, signature));
  }
  for (const auto size : {0, 1, 32, 63, 65, 128}) {
    auto other = signature;
    other.resize(static_cast<std::size_t>(size), '\0');
    CHECK_FALSE(ed25519_verify(key, message, other));
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
