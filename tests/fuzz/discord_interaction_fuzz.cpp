#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

#include "base/crypto.h"
#include "tests/fuzz/chat_platform_check.h"
#include "tests/fuzz/targets.h"

namespace fuzz {
namespace {

void check(int result) {
  if (result != 1) {
    throw std::runtime_error("OpenSSL failed");
  }
}

/// An Ed25519 key of this run.
class SigningKey {
 public:
  std::string public_key() const {
    std::string bytes(32, '\0');
    auto size = bytes.size();
    check(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size));
    return bytes;
  }
  std::string sign(std::string_view message) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    std::string bytes(64, '\0');
    auto size = bytes.size();
    check(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()));
    check(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size,
                         reinterpret_cast<const unsigned char*>(message.data()), message.size()));
    return bytes;
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                                                           &EVP_PKEY_free};
};

}  // namespace

void discord_interaction(std::string_view input) {
  static const SigningKey kKey;
  static const auto kPlatform =
      make_platform("discord",
                    "application_id = \"440000000000000001\"\nbot_token = \"env:FUZZ_DISCORD_TOKEN\"\n"
                    "api_base_url = \"http://127.0.0.1:9\"\npublic_key = \"" +
                        base::to_hex(kKey.public_key()) + "\"",
                    {{"FUZZ_DISCORD_TOKEN", "token-in-the-tests"}});
  const std::string time = "1795363500";
  base::HttpRequest request;
  request.method = "POST";
  request.body = input;
  request.headers.add("Content-Type", "application/json");
  request.headers.add("X-Signature-Timestamp", time);
  request.headers.add("X-Signature-Ed25519", base::to_hex(kKey.sign(time + request.body)));
  check_receive(*kPlatform, request);
}

}  // namespace fuzz
