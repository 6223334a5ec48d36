#!/bin/bash
# toml++ 3.3.0 (Debian 12: libtomlplusplus-dev 3.3.0+ds-1): `value<T>()` and `value_or()` convert between TOML's types, in
# some directions. Seen:
#   - an integer asked for where the file says `port = true`: 1, also by value_or, so that the default is not taken;
#   - a bool where it says `enabled = 300` (or -1): true; 0: false;
#   - an integer where it says 5.0: 5; 2.5: nothing;
#   - but no double from true, no bool from 1.0, no text from 1, and a std::uint8_t from 300: nothing.
# One would guess that a wrong type gives nothing, as `value_or` then hides a mistake of the file at most behind the default;
# here the mistake becomes a value. Ask by `value_exact<T>()`, or `is_integer()` and `as_integer()`, and tell the person who
# wrote the file. Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work

version=3.3.0+ds-1
(
  cd "$work"
  apt-get -qq -o APT::Sandbox::User=root download "libtomlplusplus-dev=$version"
  dpkg -x ./*.deb root
)

cat >"$work/show.cpp" <<'CPP'
#include <toml++/toml.h>

#include <cstdint>
#include <iostream>
#include <sstream>

int failed = 0;

template <typename T>
std::string text(const std::optional<T>& value) {
  std::ostringstream out;
  if (value) {
    out << std::boolalpha << *value;
  } else {
    out << "nothing";
  }
  return out.str();
}

void check(const std::string& what, const std::string& seen, const std::string& expected) {
  const bool same = seen == expected;
  std::cout << (same ? "as described" : "DIFFERENT") << ": " << what << ": " << seen
            << (same ? "" : " (expected: " + expected + ")") << "\n";
  failed |= same ? 0 : 1;
}

int main() {
  const auto file = toml::parse(R"(
yes = true
many = 300
negative = -1
zero = 0
one = 1
whole = 5.0
half = 2.5
)");
  check("integer of true", text(file["yes"].value<std::int64_t>()), "1");
  check("the same by value_or(8080)", std::to_string(file["yes"].value_or(8080)), "1");
  check("bool of 300", text(file["many"].value<bool>()), "true");
  check("bool of -1", text(file["negative"].value<bool>()), "true");
  check("bool of 0", text(file["zero"].value<bool>()), "false");
  check("integer of 5.0", text(file["whole"].value<std::int64_t>()), "5");
  check("integer of 2.5", text(file["half"].value<std::int64_t>()), "nothing");
  check("double of true", text(file["yes"].value<double>()), "nothing");
  check("bool of 5.0", text(file["whole"].value<bool>()), "nothing");
  check("text of 1", text(file["one"].value<std::string>()), "nothing");
  check("std::uint8_t of 300", file["many"].value<std::uint8_t>() ? "a number" : "nothing", "nothing");
  check("value_exact: integer of true", text(file["yes"].value_exact<std::int64_t>()), "nothing");
  check("value_exact: bool of 300", text(file["many"].value_exact<bool>()), "nothing");
  return failed;
}
CPP
g++ -std=c++20 -I"$work/root/usr/include" "$work/show.cpp" -o "$work/show"
echo "toml++: $version"
"$work/show"
