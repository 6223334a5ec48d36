#pragma once

#include <string_view>

namespace bot::memory {

/// Whether the text seems to hold a secret that must not be kept: one of the configuration's, a key or token
/// by its form, an address with a password in it, a card or account number whose check digits are right, or
/// what it calls a password, PIN, code, token, account or personal number. A heuristic: what it misses is
/// kept. Any thread.
bool holds_secret(std::string_view text);

}  // namespace bot::memory
