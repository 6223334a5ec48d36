#include <string>

#include <doctest/doctest.h>

#include "bot/memory/secret_words.h"

using bot::memory::holds_secret;

TEST_CASE("what looks like a secret is one, however it is written") {
  for (const char* text : {"my password is hunter2",
                           "The wifi password: correct-horse",
                           "mein Passwort lautet Schwertfisch",
                           "mot de passe : azerty99",
                           "пароль: qwerty",
                           "密码是abc123",
                           "パスワードはsakura9",
                           "PIN 4711",
                           "the pin code of my card is 0815",
                           "cvv: 123",
                           "api key = a1b2c3",
                           ("use sk-"
                            "ant-abcdefghijklmnop for it"),
                           "token ghp_0123456789abcdefghij0123456789abcdef",
                           "xoxb-123456789012-abcdefghijkl",
                           "AKIAIOSFODNN7EXAMPLE",
                           "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
                           "-----BEGIN OPENSSH PRIVATE KEY----- b3Bl",
                           "it is q7Zp2LmX9vTb4Kd8Rw1Y",
                           "card 4111 1111 1111 1111",
                           "4111-1111-1111-1111 expires in May",
                           "IBAN DE89 3704 0044 0532 0130 00",
                           "pay to CH9300762011623852957",
                           "my password is correct horse battery staple",
                           "the wifi password is blue elephants, and the router is in the hall",
                           "mein Passwort ist grüne Katzen tanzen",
                           "password hunter2",
                           "密码abc123",
                           "my password: blue elephants dance slowly",
                           "The wifi password at home: correct horse battery staple",
                           "mot de passe azerty99",
                           "the API token is 0f3a9c1e7b5d2468ace013579bdf2468",
                           "secret: 0f3a9c1e7b5d2468ace013579bdf2468",
                           "Bearer 0f3a9c1e7b5d2468ace013579bdf2468"}) {
    CAPTURE(std::string(text));
    CHECK(holds_secret(text));
  }
}

TEST_CASE("keys, accounts and codes are secrets, in several languages") {
  for (const char* text : {"the license key is ABCD-1234-EFGH",
                           "postgres://bob:hunter22@db/prod",
                           "clone https://ada:pa$s@git.example.org/x.git",
                           "login: bob / s3cr3t!",
                           "Zugangsdaten: bob / Schwertfisch",
                           "login: bob s3cr3t",
                           "recovery code 83kd-92ka",
                           "backup codes: 8391 2207",
                           "my SSN is 078-05-1120",
                           "Kontonummer 12345678",
                           "my account number is 12 345 678",
                           "The door code is 8842",
                           "Türcode: 8842",
                           "the pin of the door is 4711",
                           "PIN code for the bank card: 0420",
                           "die Geheimzahl der Karte lautet 0420",
                           "mon code pin est 4711",
                           "ПИН от карты: 4711",
                           "код от двери 4711",
                           "пароль от вайфая котик77",
                           "Пароль от почты котик77",
                           "the password of the wifi at home katze77",
                           "contraseña del wifi gatito77",
                           "the PIN is 12 34"}) {
    CAPTURE(std::string(text));
    CHECK(holds_secret(text));
  }
}

TEST_CASE("what only speaks of secrets, numbers and keys is none") {
  for (const char* text : {"I like short answers",
                           "the password is on the fridge",
                           "my password manager is Bitwarden",
                           "the password is very hard to guess",
                           "my password is not good enough",
                           "the password at work is changed by the admins",
                           "das Passwort ist im blauen Ordner",
                           "the password is changed every month by Ben",
                           "call me at +41 44 668 18 00",
                           "my desk is number 4711",
                           "order 1234567890123456",
                           "I was born on 24 December 1985",
                           "the keys are under the mat",
                           "the meeting is in room PIN-up",
                           "the project is github.com/example/some-Long-Name-2024-Edition",
                           "commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
                           "spin 4711 times",
                           "ich mag kurze Antworten",
                           "I forgot my password",
                           "remind me to change the password",
                           "the secret of good coffee is patience",
                           "my login name is on the badge",
                           "the API token is on page 12",
                           "the password changes in 2 weeks",
                           "a key fact: I was born in 1985",
                           "the PIN is in the drawer, room 4711",
                           "the password of room B12 is on the fridge",
                           "the password changes on 2026-11-28 or so",
                           "пинг 4711 раз",
                           "the door code is behind the plant",
                           "see https://example.org/login?to=a@b",
                           "login: see https://example.org/sso",
                           "my account is with the bank",
                           "the door code changed on 3 May",
                           "the combination of 2 drugs",
                           "mail bob@example.org at 10:30",
                           "答えは短く",
                           "meet at 10:30, 11:45 and 12:15",
                           "DE is where I live since 2001"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(holds_secret(text));
  }
}
