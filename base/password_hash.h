#pragma once

#include <string>
#include <string_view>

namespace base {

/// "$scrypt$ln=14,r=8,p=5$<salt>$<hash>" with a new salt: RFC 7914 with N = 2^ln, 16 bytes of salt and 32 of
/// hash in base64 without padding, as the PHC string format writes it. Takes some 0.2 s and 16 MiB.
std::string hash_password(std::string_view password);

/// Whether the text is one that hash_password() could have made. What begins with "$scrypt$" and is not such
/// a hash is more likely a broken one than a password.
bool is_password_hash(std::string_view text);

/// Whether it is the password of that hash; false for what is no hash. Takes as long as hash_password().
bool is_password_of(std::string_view hash, std::string_view password);

}  // namespace base
