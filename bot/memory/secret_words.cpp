#include "bot/memory/secret_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/utf8.h"
#include "bot/memory/secret_names.h"
#include "bot/memory/secret_phrase.h"

namespace bot::memory {
namespace {

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

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
}

/// Whether one of the words up to the end of the sentence is letters and digits in one, as few words are.
bool has_mixed_word(std::string_view rest) {
  constexpr std::size_t kBetween = 60, kShortest = 6;
  rest = rest.substr(0, std::min(rest.find_first_of(".,;!?"), kBetween));
  while (!rest.empty()) {
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    const bool letter = std::any_of(word.begin(), word.end(), [](char c) {
      return std::isalpha(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
    });
    const bool plain = word.find_first_of("/-:") == std::string_view::npos;
    if (word.size() >= kShortest && letter && plain && has_digit(word)) {
      return true;
    }
  }
  return false;
}

/// The first word, without marks around it.
std::string_view first_word(std::string_view text) {
  constexpr std::string_view kAround = " \t\"'`*:=";
  text.remove_prefix(std::min(text.find_first_not_of(kAround), text.size()));
  text = text.substr(0, text.find_first_of(" \t"));
  return text.substr(0, text.find_last_not_of("\"'`*.,;:!?)") + 1);
}

/// As no word has it: letters and digits in one, or digits alone, of `shortest` characters and more.
bool is_odd(std::string_view word, std::size_t shortest) {
  return word.size() >= shortest && has_digit(word) && word.find("://") == std::string_view::npos;
}

/// Scripts without blanks join their words.
bool is_joined(std::string_view name) {
  return static_cast<unsigned char>(name[0]) >= 0x80;
}

/// Calls `is_it` with what stands behind the name, wherever it stands as a word of its own, until it says
/// yes.
template <typename IsIt>
bool any_behind(std::string_view lower, std::string_view name, const IsIt& is_it) {
  for (auto at = lower.find(name); at != std::string_view::npos; at = lower.find(name, at + 1)) {
    const auto rest = lower.substr(at + name.size());
    if ((is_joined(name) || at == 0 || !is_word_char(lower[at - 1])) && is_it(rest)) {
      return true;
    }
  }
  return false;
}

bool is_apart(std::string_view rest) {
  return rest.empty() || !is_word_char(rest.front());
}

/// Whether what is said of a password is one: one word, more with a digit or a mark in them, or a phrase.
bool is_value(std::string_view rest) {
  if (is_phrase(rest)) {
    return true;
  }
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

/// "my password is swordfish", "password hunter2", "the password at home: correct horse", but not "the
/// password manager is in the folder Tools".
bool names_value(std::string_view lower, std::string_view name) {
  constexpr std::size_t kBetween = 40, kShortest = 4;
  return any_behind(lower, name, [&](std::string_view rest) {
    const auto near = rest.substr(0, kBetween);
    if (near.starts_with(" manager")) {
      return false;
    }
    const auto colon = std::min(near.find_first_of(":="), near.find("："));
    if (colon != std::string_view::npos &&
        near.substr(0, colon).find_first_of(".,;!?") == std::string_view::npos &&
        !first_word(rest.substr(colon)).empty()) {
      return true;  // a phrase of several words, too
    }
    return ((is_apart(rest) || is_joined(name)) &&
            (is_odd(first_word(rest), kShortest) || has_mixed_word(rest))) ||
           std::any_of(kLinks.begin(), kLinks.end(), [&](std::string_view link) {
             const auto found = near.find(link);
             return found != std::string_view::npos && is_value(rest.substr(found + link.size()));
           });
  });
}

/// "the token is 0f3a…", "Bearer 0f3a…", but not "the secret of good coffee is patience".
bool may_name_value(std::string_view lower, std::string_view name) {
  constexpr std::size_t kBetween = 40, kShortest = 8;
  return any_behind(lower, name, [&](std::string_view rest) {
    const auto near = rest.substr(0, kBetween);
    return is_apart(rest) && (is_odd(first_word(rest), kShortest) ||
                              std::any_of(kLinks.begin(), kLinks.end(), [&](std::string_view link) {
                                const auto found = near.find(link);
                                return found != std::string_view::npos &&
                                       is_odd(first_word(rest.substr(found + link.size())), kShortest);
                              }));
  });
}

/// "login: bob / s3cr3t!"
bool names_pair(std::string_view lower, std::string_view name) {
  constexpr std::size_t kBetween = 20, kShortest = 5;
  return any_behind(lower, name, [&](std::string_view rest) {
    const auto colon = rest.substr(0, kBetween).find_first_of(":=");
    if (!is_apart(rest) || colon == std::string_view::npos) {
      return false;
    }
    auto pair = base::trim(rest.substr(colon + 1));
    if (const auto slash = pair.find_first_of("/|");
        slash != std::string_view::npos && slash > 0 && pair.find("//") == std::string_view::npos &&
        pair.find(' ') >= slash - 1 && !first_word(pair.substr(slash + 1)).empty()) {
      return true;
    }
    const auto gap = std::min(pair.find(' '), pair.size());
    return is_odd(first_word(pair.substr(gap)), kShortest);
  });
}

/// The first digit of a value, as in " of the door is 4711"; nothing where there is none so near, or another
/// sentence begins before.
std::size_t digit_behind_link(std::string_view rest) {
  constexpr std::size_t kBetween = 40;
  const auto near = rest.substr(0, std::min(rest.substr(0, kBetween).find_first_of(".,;!?"), kBetween));
  for (const auto link : kLinks) {
    const auto found = near.find(link);
    const auto value =
        found == std::string_view::npos ? found : rest.find_first_not_of(' ', found + link.size());
    if (value != std::string_view::npos && std::isdigit(static_cast<unsigned char>(rest[value])) != 0) {
      return value;
    }
  }
  return std::string_view::npos;
}

/// "PIN 4711", "the door code is 8842", "the PIN of the door is 4711", "recovery code 83kd-92ka", "SSN
/// 078-05-1120"
bool names_number(std::string_view lower, const Numbered& number) {
  constexpr std::size_t kBetween = 15;
  return any_behind(lower, number.name, [&](std::string_view rest) {
    rest.remove_prefix(rest.starts_with('s') ? 1 : 0);  // "codes"
    auto digit = rest.find_first_of("0123456789");
    digit = digit <= kBetween ? digit : digit_behind_link(rest);
    if (!is_apart(rest) || digit == std::string_view::npos) {
      return false;
    }
    auto begin = digit;
    while (begin > 0 && is_word_char(rest[begin - 1])) {
      --begin;
    }
    std::size_t digits = 0;
    for (auto i = begin; i < rest.size() && (is_token_char(rest[i]) || rest[i] == ' '); ++i) {
      // A word without a digit ends a number that is written with blanks.
      if (rest[i] == ' ' &&
          (i + 1 == rest.size() || std::isdigit(static_cast<unsigned char>(rest[i + 1])) == 0)) {
        break;
      }
      digits += std::isdigit(static_cast<unsigned char>(rest[i])) != 0 ? 1 : 0;
    }
    return digits >= number.digits;
  });
}

/// "postgres://bob:hunter22@db/prod"
bool holds_signed_in_address(std::string_view text) {
  for (auto at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 1)) {
    const auto rest = text.substr(at + 3);
    const auto host = rest.substr(0, rest.find_first_of(" \t/?#"));
    const auto sign = host.rfind('@');
    const auto colon = host.find(':');
    if (sign != std::string_view::npos && colon + 1 < sign && colon != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool holds_secret(std::string_view text) {
  if (base::redacted(text) != text || holds_card(text) || holds_iban(text) || holds_signed_in_address(text) ||
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
  const auto any = [&](const auto& names, const auto& is_it) {
    return std::any_of(names.begin(), names.end(), [&](const auto& name) { return is_it(lower, name); });
  };
  return any(kNames, names_value) || any(kMaybeNames, may_name_value) || any(kPairs, names_pair) ||
         any(kNumbers, names_number);
}

}  // namespace bot::memory
