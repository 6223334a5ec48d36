#include "bot/memory/secret_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/utf8.h"

namespace bot::memory {
namespace {

/// How keys and tokens of well-known services begin.
constexpr std::array<std::string_view, 28> kKeys = {
    "sk-",   "sk_live_", "sk_test_",    "rk_live_", "pk_live_", "ghp_",  "gho_",
    "ghu_",  "ghs_",     "github_pat_", "glpat-",   "xoxb-",    "xoxp-", "xoxa-",
    "xoxs-", "xapp-",    "AKIA",        "ASIA",     "AIza",     "ya29.", "npm_",
    "hf_",   "dop_v1_",  "whsec_",      "shpat_",   "SG.",      "pypi-", "AGE-SECRET-KEY-"};

/// In the languages of those who write most; folded to lower case as far as it is ASCII.
constexpr std::array<std::string_view, 33> kNames = {
    "password",   "passwd",       "passphrase",    "passcode", "passwort",   "kennwort",   "mot de passe",
    "contraseña", "clave",        "senha",         "parola",   "wachtwoord", "hasło",      "пароль",
    "密码",       "密碼",         "パスワード",    "暗証番号", "비밀번호",   "รหัสผ่าน",     "पासवर्ड",
    "كلمة السر",  "كلمة المرور",  "şifre",         "mật khẩu", "κωδικός",    "secret key", "api key",
    "api-key",    "access token", "recovery code", "cvv",      "cvc"};

constexpr std::array<std::string_view, 3> kNumbers = {"pin", "tan", "pin code"};

/// What stands between a name and its value.
constexpr std::array<std::string_view, 14> kLinks = {
    ":", "=", "：", " is ", " ist ", " lautet ", " est ", " es ", " è ", "是", "は", "는 ", "은 ", " is: "};

bool is_word_char(char c) {
  const auto u = static_cast<unsigned char>(c);
  return std::isalnum(u) != 0 || u >= 0x80 || c == '_';
}

bool is_token_char(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u < 0x80 &&
         (std::isalnum(u) != 0 || c == '_' || c == '-' || c == '.' || c == '+' || c == '/' || c == '=');
}

std::vector<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::string_view> tokens;
  for (std::size_t i = 0; i < text.size();) {
    auto end = i;
    while (end < text.size() && is_token_char(text[end])) {
      ++end;
    }
    if (end > i) {
      tokens.push_back(text.substr(i, end - i));
    }
    i = end + 1;
  }
  return tokens;
}

bool is_key(std::string_view token) {
  constexpr std::size_t kShortest = 16;
  const bool known = std::any_of(kKeys.begin(), kKeys.end(), [&](std::string_view key) {
    return token.starts_with(key) && token.size() >= kShortest;
  });
  return known || (token.starts_with("eyJ") && std::count(token.begin(), token.end(), '.') == 2);
}

/// Letters of both cases and digits, all mixed, as no word or path has them.
bool looks_random(std::string_view token) {
  constexpr std::size_t kShortest = 20;
  constexpr int kChanges = 6;
  if (token.size() < kShortest || token.find('/') != std::string_view::npos ||
      token.find('.') != std::string_view::npos) {
    return false;
  }
  const auto kind = [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return std::isdigit(u) != 0 ? 0 : std::isupper(u) != 0 ? 1 : std::islower(u) != 0 ? 2 : 3;
  };
  std::array<int, 4> seen{};
  int changes = 0;
  for (std::size_t i = 0; i < token.size(); ++i) {
    ++seen.at(static_cast<std::size_t>(kind(token[i])));
    changes += i > 0 && kind(token[i]) != kind(token[i - 1]) ? 1 : 0;
  }
  return seen[0] > 1 && seen[1] > 1 && seen[2] > 1 && changes >= kChanges;
}

/// A payment card's number, whose last digit checks the others.
bool is_card(const std::string& digits) {
  constexpr std::size_t kShortest = 13, kLongest = 19;
  if (digits.size() < kShortest || digits.size() > kLongest) {
    return false;
  }
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = digits[digits.size() - 1 - i] - '0';
    const int twice = digit * 2;
    sum += i % 2 == 0 ? digit : twice > 9 ? twice - 9 : twice;
  }
  return sum % 10 == 0 && digits.find_first_not_of('0') != std::string::npos;
}

bool holds_card(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0) {
      digits += text[i];
    } else if (i == text.size() || (text[i] != ' ' && text[i] != '-')) {
      if (is_card(digits)) {
        return true;
      }
      digits.clear();
    }
  }
  return false;
}

/// An international bank account number, whose second pair of characters checks the others.
bool is_iban(std::string_view text) {
  constexpr std::size_t kShortest = 15, kLongest = 34;
  std::string number;
  for (std::size_t i = 0; i < text.size() && number.size() <= kLongest; ++i) {
    if (std::isalnum(static_cast<unsigned char>(text[i])) != 0) {
      number += text[i];
    } else if (text[i] != ' ' || (number.size() % 4 != 0)) {
      break;
    }
    if (number.size() < kShortest) {
      continue;
    }
    const auto turned = number.substr(4) + number.substr(0, 4);
    int rest = 0;
    for (const char c : turned) {
      const auto u = static_cast<unsigned char>(c);
      rest = std::isdigit(u) != 0 ? (rest * 10 + (c - '0')) % 97
                                  : (rest * 100 + (std::toupper(u) - 'A' + 10)) % 97;
    }
    const bool ends = i + 1 == text.size() || !is_word_char(text[i + 1]);
    if (rest == 1 && ends) {
      return true;
    }
  }
  return false;
}

bool holds_iban(std::string_view text) {
  const auto upper = [&](std::size_t i) { return std::isupper(static_cast<unsigned char>(text[i])) != 0; };
  const auto digit = [&](std::size_t i) { return std::isdigit(static_cast<unsigned char>(text[i])) != 0; };
  for (std::size_t i = 0; i + 4 < text.size(); ++i) {
    if (upper(i) && upper(i + 1) && digit(i + 2) && digit(i + 3) && (i == 0 || !is_word_char(text[i - 1])) &&
        is_iban(text.substr(i))) {
      return true;
    }
  }
  return false;
}

/// Whether what is said of a password is one: one word, or more with a digit or a mark in them.
bool is_value(std::string_view rest) {
  rest = base::trim(rest);
  while (!rest.empty() && (rest.back() == '.' || rest.back() == '!')) {
    rest.remove_suffix(1);
  }
  const auto first = rest.substr(0, rest.find(' '));
  const bool odd = std::any_of(first.begin(), first.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return std::isdigit(u) != 0 || (std::ispunct(u) != 0 && c != ',' && c != ';');
  });
  return !rest.empty() && (first.size() == rest.size() || odd);
}

/// "my password is swordfish", "pass: a1b2", but not "the password manager is in the folder Tools".
bool names_value(std::string_view lower, std::string_view name) {
  constexpr std::size_t kBetween = 40;
  for (auto at = lower.find(name); at != std::string_view::npos; at = lower.find(name, at + 1)) {
    const bool begins =
        at == 0 || !is_word_char(lower[at - 1]) || static_cast<unsigned char>(name[0]) >= 0x80;
    const auto rest = lower.substr(at + name.size());
    const auto near = rest.substr(0, kBetween);
    for (const auto link : kLinks) {
      const auto found = near.find(link);
      if (begins && found != std::string_view::npos && !near.starts_with(" manager") &&
          is_value(rest.substr(found + link.size()))) {
        return true;
      }
    }
  }
  return false;
}

/// "PIN 4711"
bool names_number(std::string_view lower, std::string_view name) {
  constexpr std::size_t kBetween = 15, kShortest = 4, kLongest = 8;
  for (auto at = lower.find(name); at != std::string_view::npos; at = lower.find(name, at + 1)) {
    const auto rest = lower.substr(at + name.size());
    const auto digit = std::min(rest.find_first_of("0123456789"), rest.size());
    const auto end = std::min(rest.find_first_not_of("0123456789", digit), rest.size());
    const bool apart =
        (at == 0 || !is_word_char(lower[at - 1])) && !rest.empty() && !is_word_char(rest.front());
    if (apart && digit <= kBetween && end - digit >= kShortest && end - digit <= kLongest) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool holds_secret(std::string_view text) {
  if (base::redacted(text) != text || holds_card(text) || holds_iban(text) ||
      (text.find("-----BEGIN ") != std::string_view::npos &&
       text.find("PRIVATE KEY") != std::string_view::npos)) {
    return true;
  }
  const auto tokens = tokens_of(text);
  if (std::any_of(tokens.begin(), tokens.end(),
                  [](std::string_view token) { return is_key(token) || looks_random(token); })) {
    return true;
  }
  const auto lower = base::ascii_lower(text);
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view name) { return names_value(lower, name); }) ||
         std::any_of(kNumbers.begin(), kNumbers.end(),
                     [&](std::string_view name) { return names_number(lower, name); });
}

}  // namespace bot::memory
