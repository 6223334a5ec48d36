#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace bot::memory {

// By what a secret is known in a text (secret_words.cpp).

/// How keys and tokens of well-known services begin.
inline constexpr std::array<std::string_view, 28> kKeys = {
    "sk-",   "sk_live_", "sk_test_",    "rk_live_", "pk_live_", "ghp_",  "gho_",
    "ghu_",  "ghs_",     "github_pat_", "glpat-",   "xoxb-",    "xoxp-", "xoxa-",
    "xoxs-", "xapp-",    "AKIA",        "ASIA",     "AIza",     "ya29.", "npm_",
    "hf_",   "dop_v1_",  "whsec_",      "shpat_",   "SG.",      "pypi-", "AGE-SECRET-KEY-"};

/// In the languages of those who write most; folded to lower case as far as it is ASCII.
inline constexpr std::array<std::string_view, 35> kNames = {
    "password",   "passwd",  "passphrase", "passcode",     "passwort",      "kennwort", "mot de passe",
    "contraseña", "clave",   "senha",      "parola",       "wachtwoord",    "hasło",    "пароль",
    "Пароль",     "ПАРОЛЬ",  "密码",       "密碼",         "パスワード",    "暗証番号", "비밀번호",
    "รหัสผ่าน",     "पासवर्ड",  "كلمة السر",  "كلمة المرور",  "şifre",         "mật khẩu", "κωδικός",
    "secret key", "api key", "api-key",    "access token", "recovery code", "cvv",      "cvc"};

/// What is as often only spoken of: followed by a secret only where it looks like one.
inline constexpr std::array<std::string_view, 16> kMaybeNames = {
    "secret", "client secret", "token",     "api-token", "bearer", "api_key", "apikey", "key",
    "jwt",    "geheimnis",     "schlüssel", "clé",       "chiave", "otp",     "seed",   "令牌"};

/// Names of a pair: who signs in, and with what.
inline constexpr std::array<std::string_view, 9> kPairs = {"login",        "log-in",       "credentials",
                                                           "zugangsdaten", "anmeldung",    "logindaten",
                                                           "identifiants", "credenciales", "user/pass"};

/// Names of what is a number, or a code with digits, and the fewest digits that make one.
struct Numbered {
  std::string_view name;
  std::size_t digits;
};
inline constexpr std::array<Numbered, 47> kNumbers = {{{"pin", 4},
                                                       {"geheimzahl", 4},
                                                       {"code pin", 4},
                                                       {"código pin", 4},
                                                       {"codice pin", 4},
                                                       {"pincode", 4},
                                                       {"pin-code", 4},
                                                       {"пин-код", 4},
                                                       {"пин код", 4},
                                                       {"пин", 4},
                                                       {"ПИН", 4},
                                                       {"Пин", 4},
                                                       {"код от", 3},
                                                       {"pin code", 4},
                                                       {"tan", 4},
                                                       {"door code", 3},
                                                       {"gate code", 3},
                                                       {"alarm code", 3},
                                                       {"entry code", 3},
                                                       {"access code", 3},
                                                       {"security code", 3},
                                                       {"garage code", 3},
                                                       {"safe code", 3},
                                                       {"lock code", 3},
                                                       {"key code", 3},
                                                       {"unlock code", 3},
                                                       {"recovery code", 4},
                                                       {"backup code", 4},
                                                       {"reset code", 4},
                                                       {"login code", 4},
                                                       {"verification code", 4},
                                                       {"combination", 4},
                                                       {"türcode", 3},
                                                       {"zugangscode", 3},
                                                       {"sicherheitscode", 3},
                                                       {"ssn", 6},
                                                       {"social security", 6},
                                                       {"national insurance", 6},
                                                       {"sozialversicherungsnummer", 6},
                                                       {"ahv", 6},
                                                       {"steuer-id", 6},
                                                       {"account number", 6},
                                                       {"account no", 6},
                                                       {"kontonummer", 6},
                                                       {"numéro de compte", 6},
                                                       {"número de cuenta", 6},
                                                       {"passport number", 6}}};

/// What stands between a name and its value.
inline constexpr std::array<std::string_view, 14> kLinks = {
    ":", "=", "：", " is ", " ist ", " lautet ", " est ", " es ", " è ", "是", "は", "는 ", "은 ", " is: "};

}  // namespace bot::memory
