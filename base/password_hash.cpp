#include "base/password_hash.h"

#include <charconv>
#include <optional>
#include <stdexcept>

#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/crypto.h"

namespace base {
namespace {

constexpr std::string_view kName = "$scrypt$";
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;

/// What one guess costs. These are of OWASP's list; a larger `r` or `ln` would hold more memory.
struct Cost {
  unsigned ln = 14;
  unsigned r = 8;
  unsigned p = 5;
};
/// A hash from elsewhere must not stop the program that checks it.
constexpr Cost kHighest{.ln = 17, .r = 8, .p = 16};

struct Parts {
  Cost cost;
  std::string salt;
  std::string hash;
};

std::string without_padding(std::string text) {
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

std::optional<std::string> bytes_of(std::string_view text) {
  std::string padded(text);
  padded.append((4 - padded.size() % 4) % 4, '=');
  return base64_decode(padded);
}

/// "ln=14" and what follows the comma; nothing where it is anything else or too much.
std::optional<unsigned> take(std::string_view& text, std::string_view name, unsigned most) {
  if (!text.starts_with(name)) {
    return std::nullopt;
  }
  text.remove_prefix(name.size());
  unsigned value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || value < 1 || value > most) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return value;
}

std::optional<Parts> parse(std::string_view text) {
  if (!text.starts_with(kName)) {
    return std::nullopt;
  }
  text.remove_prefix(kName.size());
  const auto ln = take(text, "ln=", kHighest.ln);
  const auto r = take(text, ",r=", kHighest.r);
  const auto p = take(text, ",p=", kHighest.p);
  const auto second = text.find('$', 1);
  if (!ln || !r || !p || !text.starts_with('$') || second == std::string_view::npos) {
    return std::nullopt;
  }
  const auto salt = bytes_of(text.substr(1, second - 1));
  const auto hash = bytes_of(text.substr(second + 1));
  if (!salt || !hash || salt->size() < kSaltBytes || hash->size() != kHashBytes) {
    return std::nullopt;
  }
  return Parts{{*ln, *r, *p}, *salt, *hash};
}

std::string derive(std::string_view password, const std::string& salt, const Cost& cost) {
  constexpr std::uint64_t kMemory = 512ULL << 20;
  std::string hash(kHashBytes, '\0');
  if (EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                     salt.size(), 1ULL << cost.ln, cost.r, cost.p, kMemory,
                     reinterpret_cast<unsigned char*>(hash.data()), hash.size()) != 1) {
    throw std::runtime_error("scrypt failed: no memory is left for it");
  }
  return hash;
}

}  // namespace

std::string hash_password(std::string_view password) {
  std::string salt(kSaltBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), static_cast<int>(salt.size())) != 1) {
    throw std::runtime_error("the system has no random bytes");
  }
  const Cost cost;
  return fmt::format("{}ln={},r={},p={}${}${}", kName, cost.ln, cost.r, cost.p,
                     without_padding(base64_encode(salt)),
                     without_padding(base64_encode(derive(password, salt, cost))));
}

bool is_password_hash(std::string_view text) {
  return parse(text).has_value();
}

bool is_password_of(std::string_view hash, std::string_view password) {
  const auto parts = parse(hash);
  return parts && constant_time_equal(derive(password, parts->salt, parts->cost), parts->hash);
}

}  // namespace base
