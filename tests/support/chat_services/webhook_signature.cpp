#include "tests/support/chat_services/webhook_signature.h"

#include <cstdlib>
#include <ctime>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace support {
namespace {

std::string decoded(const std::string& base64) {
  std::string bytes(base64.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(base64.data()), static_cast<int>(base64.size()));
  std::size_t padding = 0;
  while (padding < base64.size() && base64[base64.size() - 1 - padding] == '=') {
    ++padding;
  }
  bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size) - padding);
  return bytes;
}

std::string encoded(const unsigned char* bytes, unsigned size) {
  std::string text((size + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace

std::string webhook_signature(const std::string& secret, const std::string& id, const std::string& timestamp,
                              const std::string& body) {
  const auto key = decoded(secret.substr(std::string("whsec_").size()));
  const auto message = id + "." + timestamp + "." + body;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest, &size);
  return "v1," + encoded(digest, size);
}

base::HttpFields sign(const std::string& secret, const std::string& id, const std::string& body,
                      std::int64_t at) {
  const auto timestamp = std::to_string(at == 0 ? static_cast<std::int64_t>(std::time(nullptr)) : at);
  return {{"webhook-id", id},
          {"webhook-timestamp", timestamp},
          {"webhook-signature", webhook_signature(secret, id, timestamp, body)}};
}

bool is_signed(const std::string& secret, const base::HttpFields& headers, const std::string& body) {
  const auto id = headers.get("webhook-id").value_or("");
  const auto timestamp = headers.get("webhook-timestamp").value_or("");
  const auto distance =
      std::llabs(std::atoll(timestamp.c_str()) - static_cast<long long>(std::time(nullptr)));
  return !id.empty() && distance <= 300 &&
         headers.get("webhook-signature").value_or("") == webhook_signature(secret, id, timestamp, body);
}

}  // namespace support
