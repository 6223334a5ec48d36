#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace base {

/// The 32 bytes of HMAC-SHA256 (RFC 2104).
std::string hmac_sha256(std::string_view key, std::string_view message);

/// The 32 bytes of SHA-256.
std::string sha256(std::string_view message);

/// RFC 4648 section 4, with padding.
std::string base64_encode(std::string_view bytes);

/// The bytes, or nothing where the text is not base64 with padding.
std::optional<std::string> base64_decode(std::string_view text);

/// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);

/// The bytes that hexadecimal digits of either case stand for, or nothing where the text is anything else.
std::optional<std::string> from_hex(std::string_view text);

/// Whether it is the signature (64 bytes) of the message by the owner of the public key (32 bytes): Ed25519,
/// RFC 8032. False for arguments of any other size.
bool ed25519_verify(std::string_view public_key, std::string_view message, std::string_view signature);

/// Whether the public key (32 bytes) is a point of small order, in any encoding: what such a key "signs",
/// anybody can make without a private key.
bool is_weak_ed25519_key(std::string_view public_key);

/// Compares in a time that depends on the lengths alone.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace base
